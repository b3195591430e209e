/* Closed programs that the kernel has not freed yet: not too many of them. */
#ifndef MUE_RUNNERS_KERNEL_GRACE_H
#define MUE_RUNNERS_KERNEL_GRACE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Programs that may have been closed without an RCU grace period (membarrier(2), GLOBAL) since.
 * Older kernels run 256 items of a work queue at once, later ones 1,024.
 */
#define MUE_GRACE_WAITING_MAX 256

struct mue_grace;

/* Starts the thread that waits, beside the caller's work. 0, or -errno. */
int mue_grace_open(struct mue_grace **g);
/* Says that n programs were closed; returns when no more than MUE_GRACE_WAITING_MAX wait. */
void mue_grace_closed(struct mue_grace *g, uint32_t n);
/* How many wait. */
uint64_t mue_grace_waiting(struct mue_grace *g);
void mue_grace_close(struct mue_grace *g); /* NULL is fine */

#endif
