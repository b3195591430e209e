#include "cli/target.h"

#include <stdlib.h>
#include <string.h>

#include "cases/suite.h"
#include "oracle/model.h"

struct probe {
	struct mue_session *session;
	struct mue_world *world;
	enum mue_change change;
	bool told; /* the proof was asked, and its answer is that of exactly one of the worlds */
	struct mue_observation *seen, *expected;
};

/* Whether the answer is the model's for a world with (or without) the change. */
static bool fits(struct probe *p, const struct mue_case *c, bool present)
{
	struct mue_world w = *p->world;
	struct mue_difference d;

	w.changes &= ~(1ULL << p->change);
	w.changes |= (uint64_t)present << p->change;
	mue_model_answer(&w, c, p->expected);
	return p->expected->status == MUE_ANSWERED &&
	       mue_observation_same(c, p->expected, p->seen, &d);
}

static bool ask_proof(void *ctx, const struct mue_suite_case *s)
{
	struct probe *p = ctx;
	bool with, without;

	p->session->ask(p->session, s->question, p->seen);
	if (p->seen->status != MUE_ANSWERED)
		return false;
	with = fits(p, s->question, true);
	without = fits(p, s->question, false);
	p->told = with != without;
	if (p->told) {
		p->world->changes &= ~(1ULL << p->change);
		p->world->changes |= (uint64_t)with << p->change;
	}
	return false;
}

void mue_probe_changes(struct mue_session *s, struct mue_world *w, uint64_t *unproven)
{
	struct probe p = {.session = s, .world = w};

	p.seen = malloc(sizeof(*p.seen));
	p.expected = malloc(sizeof(*p.expected));
	*unproven = 0;
	for (unsigned i = 0; i < MUE_CHANGES; i++) {
		p.change = i;
		p.told = false;
		if (p.seen && p.expected)
			mue_suite_find(mue_change_rows[i].proof, ask_proof, &p);
		if (!p.told)
			*unproven |= 1ULL << i;
	}
	free(p.seen);
	free(p.expected);
}
