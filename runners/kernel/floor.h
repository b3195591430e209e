/*
 * The floor that the host runner's speed is measured against: the bpf(2) calls that a case
 * takes without reuse (creations, loads, runs, user-side calls, dumps, closes), prepared
 * beforehand and then made in a bare loop.
 */
#ifndef MUE_RUNNERS_KERNEL_FLOOR_H
#define MUE_RUNNERS_KERNEL_FLOOR_H

#include "cases/case.h"

struct mue_floor;

/*
 * Prepares the calls of `c`, which has passed mue_case_check. Gives 0, or -errno and one line
 * in msg: also -ENOTSUP for what is not worth a floor (BTF, restricted maps, a parameter block
 * of its own, maps without batch commands, triggers).
 */
int mue_floor_open(struct mue_floor **f, const struct mue_case *c, char *msg, size_t msg_size);
/* Answers the case `rounds` times. Nanoseconds per case into *ns; 0, or -errno of a failed call. */
int mue_floor_run(struct mue_floor *f, uint32_t rounds, double *ns);
/* How many calls a round has. */
uint32_t mue_floor_calls(const struct mue_floor *f);
void mue_floor_close(struct mue_floor *f); /* NULL is fine */

#endif
