/* A live kernel for fuzz targets: the one that MUE_FUZZ_KERNEL names ("host", "guest:6.12"), else this one. */
#ifndef MUE_FUZZ_LIVE_H
#define MUE_FUZZ_LIVE_H

#include "oracle/judge.h"
#include "runners/runner.h"

struct mue_live {
	struct mue_session *session;
	struct mue_world world; /* by its proofs */
	char name[128];
};

/*
 * The kernel, opened and probed when it is first wanted. NULL, and one line in msg, when that cannot be done: what has
 * no privileges has nothing to ask.
 */
const struct mue_live *mue_live(char *msg, size_t msg_size);

#endif
