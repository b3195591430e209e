/* What targets that compare a live kernel with the emulator share. */
#ifndef MUE_FUZZ_ASK_PAIR_H
#define MUE_FUZZ_ASK_PAIR_H

#include "fuzz/found.h"
#include "fuzz/live/live.h"
#include "fuzz/targets/target.h"
#include "oracle/judge.h"

/* A kernel, an emulator of its world, and what they say to one case. */
struct pair {
	const struct mue_live *kernel;
	struct mue_session *emulator;
	struct mue_observation seen[2];
	struct mue_testimony t[2];
	struct mue_verdict v;
};

static inline void pair_open(struct pair *p, const struct mue_live *kernel)
{
	char msg[MUE_WHY_MAX];

	p->kernel = kernel;
	MUE_HOLDS(!mue_runner_emulator.open(&p->emulator, "", &kernel->world, msg, sizeof(msg)));
	p->t[0] = (struct mue_testimony){kernel->name, &kernel->world, &p->seen[0]};
	p->t[1] = (struct mue_testimony){"emulator", &kernel->world, &p->seen[1]};
}

/* Asks both, and judges. A divergence is a find, of the input `raw`, and then this is false. */
static inline bool pair_agrees(struct pair *p, const struct mue_case *c, struct mue_raw raw)
{
	mue_live_ask(p->kernel, c, &p->seen[0]);
	p->emulator->ask(p->emulator, c, &p->seen[1]);
	mue_judge(&p->v, c, p->t, 2);
	if (p->v.outcome != MUE_DIVERGE && p->v.outcome != MUE_ERROR)
		return true;
	mue_found(c, &p->v, raw);
	return false;
}

#endif
