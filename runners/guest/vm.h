/* A guest as a child process: QEMU or user-mode Linux. */
#ifndef MUE_GUEST_VM_H
#define MUE_GUEST_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "runners/guest/channel.h"
#include "runners/guest/options.h"

struct mue_vm {
	pid_t pid;	 /* 0 when it is not running */
	bool was_killed; /* it ended by a signal */
	int channel_fd, initramfs_fd, console_fd;
	int vmlinux_fd; /* while it is started: the kernel, unpacked; -1: the image itself is booted
			 */
	struct mue_channel *channel;
	char uml_dir[256]; /* where user-mode Linux keeps its pid while it boots, or "" */
};

/* Makes what every boot shares: the channel and the initramfs. 0, or -errno and one line in msg. */
int mue_vm_open(struct mue_vm *vm, const struct mue_guest_options *o, char *msg, size_t msg_size);

/* Starts it: another, where one runs. 0, or -errno and one line in msg. */
int mue_vm_start(struct mue_vm *vm, const struct mue_guest_options *o, char *msg, size_t msg_size);

/*
 * Waits until the agent of one that was started is ready. 0, or -errno and one line in msg, with the
 * last line of its console where it did not come up; then it is stopped.
 */
int mue_vm_ready(struct mue_vm *vm, const struct mue_guest_options *o, char *msg, size_t msg_size);

/* Whether it still runs; when not, how it ended is written to why. */
bool mue_vm_alive(struct mue_vm *vm, char *why, size_t size);

/* What its console has said that matters: the first splat (then true), else the last line. */
bool mue_vm_console(const struct mue_vm *vm, char *line, size_t size);

/*
 * Keeps the whole console in a new file of the log folder ($MUE_LOGS, or logs beside the kernels),
 * below `head`. `path` is empty when that could not be done.
 */
void mue_vm_keep_log(const struct mue_vm *vm, const char *head, char *path, size_t size);

/* Kills it; the channel stays. Fine on one that does not run. */
void mue_vm_stop(struct mue_vm *vm);

/* Stops it and frees all it has. */
void mue_vm_close(struct mue_vm *vm);

#endif
