/* Reading what the kernel is still moving: until it reads the same twice in a row. */
#ifndef MUE_RUNNERS_KERNEL_STEADY_H
#define MUE_RUNNERS_KERNEL_STEADY_H

#include <stdint.h>

/* Reads all; what it read leaves its digest in *digest. 0, or -errno, which ends it. */
typedef int mue_steady_fn(void *ctx, uint64_t *digest);

/* Calls read, with pauses in which the kernel can go on; the latest reading counts. 0, or -errno: -EBUSY where it never rests. */
int mue_steady_read(mue_steady_fn *read, void *ctx);

#endif
