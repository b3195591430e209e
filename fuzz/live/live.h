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

/*
 * Asks it. Where it tells the coverage of its map code (KCOV), and the engine has counters for
 * that, these say what this answer has reached.
 */
void mue_live_ask(const struct mue_live *l, const struct mue_case *c, struct mue_observation *o);

/*
 * The engine's counters, by fuzz/engines/kernel_*.c; the replay driver has none. `n` of them, a
 * power of two, which the engine zeroes before each input.
 */
uint8_t *mue_engine_counters(uint32_t *n) __attribute__((weak));

#endif
