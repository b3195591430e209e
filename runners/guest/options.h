/* What stands behind "guest:" in a target:
 * WHAT[+nojit][+harden][+noreuse][+smp=N][+mem=MB][+boot=S]. */
#ifndef MUE_GUEST_OPTIONS_H
#define MUE_GUEST_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "runners/guest/image.h"
#include "runners/guest/kernels.h"

#define MUE_GUEST_SMP 2
#define MUE_GUEST_MEMORY_MB 512
#define MUE_GUEST_MEMORY_MIN_MB 16
#define MUE_GUEST_MEMORY_MAX_MB (1 << 20)
#define MUE_GUEST_BOOT_S 90
#define MUE_GUEST_BOOT_MAX_S 3600

struct mue_guest_options {
	struct mue_kernel kernel;
	enum mue_image image;
	bool nojit, harden;
	bool noreuse; /* new maps and programs for every case */
	unsigned smp, memory_mb;
	unsigned boot_s; /* how long booting may take */
};

/*
 * Reads them; modules of a kernel given by its path are looked for in $MUE_MODULES. 0, or -errno and one line in msg (-EINVAL: an option is wrong;
 * -ENOENT, -ENOEXEC, ..: the kernel is not there, or none).
 */
int mue_guest_options_parse(struct mue_guest_options *o, const char *arg, char *msg, size_t msg_size);

#endif
