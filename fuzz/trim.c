#include "fuzz/trim.h"

#include "cases/families/dice.h"
#include "fuzz/mutation.h"

/* Phases first: with one go all its ops. */
static uint32_t elements(const struct mue_case *c)
{
	return c->n_phases + c->n_ops;
}

static void take_away(struct mue_case *c, uint32_t at)
{
	uint32_t phase;

	if (at < c->n_phases) {
		mutate_remove_phase(c, c->n_phases - 1 - at);
	} else {
		at = c->n_ops - 1 - (at - c->n_phases);
		for (phase = 0; at >= c->phases[phase].first + c->phases[phase].count; phase++)
			;
		mutate_remove_op(c, phase, at);
	}
	mue_case_mend(c);
}

uint32_t mue_trim_begin(struct mue_trim *t, struct mue_raw in)
{
	mue_input_decode(&t->best, in.data, in.n);
	t->step = t->at = 0;
	t->steps = elements(&t->best.c);
	return t->steps;
}

size_t mue_trim_next(struct mue_trim *t, uint8_t *to, size_t size)
{
	size_t n;

	t->candidate.world = t->best.world;
	mue_case_copy(&t->candidate.c, &t->best.c);
	take_away(&t->candidate.c, t->at);
	n = mue_input_encode(&t->candidate, to, size);
	return n ? n : mue_input_encode(&t->best, to, size);
}

uint32_t mue_trim_took(struct mue_trim *t, bool same)
{
	if (same)
		mue_case_copy(&t->best.c, &t->candidate.c);
	else
		t->at++;
	t->step++;
	if (t->at >= elements(&t->best.c))
		t->step = t->steps;
	return t->step;
}
