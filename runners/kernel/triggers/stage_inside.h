/* The stage, seen from inside. Only stage*.c include this. */
#ifndef MUE_RUNNERS_KERNEL_TRIGGERS_STAGE_INSIDE_H
#define MUE_RUNNERS_KERNEL_TRIGGERS_STAGE_INSIDE_H

#include "runners/kernel/triggers/stage.h"

/* Where a stage lives: the cgroup hierarchy, and the name and directory of its cgroup there. */
struct mue_stage_home {
	int root, cgroup;
	char name[32];
};

/* Descriptors that come with a message: a program, a map. */
#define MUE_STAGE_FDS 2

/*
 * The life of a new stage: it moves in, says an int (0 or -errno) on the line, pulls triggers as it is told,
 * and when the line ends it cleans up and exits.
 */
void mue_stage_inside(const struct mue_stage_home *home, int line,
		      const struct mue_trigger *const *triggers) __attribute__((noreturn));

#endif
