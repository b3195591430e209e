/* A guest as a child process: QEMU or user-mode Linux. */
#ifndef MUE_GUEST_VM_H
#define MUE_GUEST_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "runners/guest/channel.h"
#include "runners/guest/image.h"
#include "runners/guest/kernels.h"

#define MUE_GUEST_SMP 2
#define MUE_GUEST_MEMORY_MB 512
#define MUE_BOOT_TIMEOUT_S 90

struct mue_vm_options {
	struct mue_kernel kernel;
	enum mue_image image;
	bool nojit, harden;
	unsigned smp, memory_mb;
};

struct mue_vm {
	pid_t pid; /* 0 when it is not running */
	int channel_fd, initramfs_fd, console_fd;
	struct mue_channel *channel; /* mapped for as long as the vm is */
};

/*
 * Starts it and waits until its agent answers. 0, or -errno and one line in msg, with the
 * last line of its console where it did not come up.
 */
int mue_vm_boot(struct mue_vm *vm, const struct mue_vm_options *o, char *msg, size_t msg_size);

/* Whether it still runs; when not, how it ended is written to why. */
bool mue_vm_alive(struct mue_vm *vm, char *why, size_t size);

/* What its console has said that matters: the first splat, else the last line. */
void mue_vm_console(const struct mue_vm *vm, char *line, size_t size);

/* Kills it and frees all it has. Fine on one that never ran. */
void mue_vm_stop(struct mue_vm *vm);

#endif
