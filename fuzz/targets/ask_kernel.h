/* What targets that ask a live kernel share. */
#ifndef MUE_FUZZ_ASK_KERNEL_H
#define MUE_FUZZ_ASK_KERNEL_H

#include <stdio.h>
#include <stdlib.h>

#include "fuzz/live/live.h"

/* The kernel; where there is none to ask, the process ends: there is nothing to search, and nothing to replay. */
static inline const struct mue_live *kernel(void)
{
	char msg[512];
	const struct mue_live *live = mue_live(msg, sizeof(msg));

	if (!live) {
		fprintf(stderr, "no kernel to ask: %s\n", msg);
		exit(77);
	}
	return live;
}

#endif
