#include "oracle/probe.h"

#include <stdio.h>

#include "cases/suite.h"
#include "oracle/judge.h"

/* A proof's answer may depend on changes further down: it is read again when those are known. */
#define PASSES 2

struct probe {
	struct mue_probed *p;
	struct mue_world *w;
	mue_probe_ask_fn *ask;
	void *ctx;
	enum mue_change change;
	struct mue_observation seen, with, without;
	struct mue_alternatives also;
	struct mue_difference d;
};

static bool fits(struct probe *k, const struct mue_case *c, bool present,
		 struct mue_observation *expected)
{
	struct mue_world w = *k->w;

	w.changes &= ~(UINT64_C(1) << k->change);
	w.changes |= (uint64_t)present << k->change;
	mue_model_answer_also(&w, c, expected, &k->also);
	return expected->status == MUE_ANSWERED &&
	       mue_observation_right(c, expected, &k->also, &k->seen, &k->d);
}

static enum mue_proof read_answer(struct probe *k, const struct mue_case *c)
{
	bool present, absent;
	struct mue_difference d;

	present = fits(k, c, true, &k->with);
	absent = fits(k, c, false, &k->without);
	/* Where both would do (R2), the answer is read as it stands. */
	if (present && absent) {
		present = mue_observation_same(c, &k->with, &k->seen, &d);
		absent = mue_observation_same(c, &k->without, &k->seen, &d);
	}
	if (present != absent)
		return present ? MUE_PROOF_PRESENT : MUE_PROOF_ABSENT;
	return present ? MUE_PROOF_SILENT : MUE_PROOF_UNEXPLAINED;
}

static bool ask_proof(void *ctx, const struct mue_suite_case *s)
{
	struct probe *k = ctx;
	char *why = k->p->why[k->change];

	k->ask(k->ctx, s->question, &k->seen);
	if (k->seen.status != MUE_ANSWERED) {
		snprintf(why, MUE_WHY_MAX, "%s", k->seen.why);
		return false;
	}
	k->p->proof[k->change] = read_answer(k, s->question);
	if (k->p->proof[k->change] == MUE_PROOF_UNEXPLAINED)
		snprintf(why, MUE_WHY_MAX, "%.60s: without it %.60s, seen %.60s", k->d.field, k->d.a,
			 k->d.b);
	return false;
}

static void probe_one(struct probe *k)
{
	const uint64_t bit = UINT64_C(1) << k->change;
	enum mue_proof *proof = &k->p->proof[k->change];

	*proof = MUE_PROOF_UNANSWERED;
	snprintf(k->p->why[k->change], MUE_WHY_MAX, "it has no proof");
	mue_suite_find(mue_change_rows[k->change].proof, ask_proof, k);
	k->p->unproven |= bit;
	if (*proof != MUE_PROOF_PRESENT && *proof != MUE_PROOF_ABSENT)
		return;
	k->p->unproven &= ~bit;
	k->w->changes &= ~bit;
	if (*proof == MUE_PROOF_PRESENT)
		k->w->changes |= bit;
}

void mue_probe(struct mue_probed *p, struct mue_world *w, mue_probe_ask_fn *ask, void *ctx)
{
	struct probe k;

	k.p = p;
	k.w = w;
	k.ask = ask;
	k.ctx = ctx;
	p->unproven = 0;
	for (int pass = 0; pass < PASSES; pass++)
		for (unsigned i = 0; i < MUE_CHANGES; i++) {
			k.change = i;
			probe_one(&k);
		}
}
