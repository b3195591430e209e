#include "oracle/judge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "oracle/explain.h"
#include "oracle/model_create.h"

const char *const mue_outcome_names[MUE_OUTCOMES] = {
	[MUE_AGREE] = "agree", [MUE_DECLARED] = "declared", [MUE_DIVERGE] = "diverge",
	[MUE_SKIP] = "skip",   [MUE_ERROR] = "error",
};

/* One judgement on its way. */
struct court {
	struct mue_verdict *v;
	const struct mue_case *c;
	const struct mue_testimony *t;
	uint32_t n;
	bool modelled; /* the model has a rule for the world it was last asked about */
	struct mue_world world;
	struct mue_observation right;
	struct mue_alternatives also;
};

static bool same_world(const struct mue_world *a, const struct mue_world *b)
{
	return a->version == b->version && a->cpus == b->cpus &&
	       a->built_cpus == b->built_cpus && a->jit == b->jit && a->changes == b->changes;
}

/* Asks the model about a world, unless it was the last. */
static bool ask_model(struct court *k, const struct mue_world *w)
{
	if (same_world(&k->world, w))
		return k->modelled;
	k->world = *w;
	mue_model_answer_also(w, k->c, &k->right, &k->also);
	k->modelled = k->right.status == MUE_ANSWERED;
	return k->modelled;
}

static bool is_right(struct court *k, const struct mue_observation *seen, struct mue_difference *d)
{
	return mue_observation_right(k->c, &k->right, &k->also, seen, d);
}

static bool answered(const struct court *k, uint32_t i)
{
	return k->t[i].seen->status == MUE_ANSWERED;
}

/* The first testimony of a status, or -1; its reason goes to the verdict. */
static int first_with(struct court *k, enum mue_status status)
{
	for (uint32_t i = 0; i < k->n; i++) {
		if (k->t[i].seen->status != status)
			continue;
		snprintf(k->v->why, sizeof(k->v->why), "%s", k->t[i].seen->why);
		return i;
	}
	return -1;
}

/* The difference as the verdict says it: a is the witness's. */
static void swap_sides(struct mue_difference *d)
{
	char text[MUE_TEXT_MAX];

	memcpy(text, d->a, sizeof(text));
	memcpy(d->a, d->b, sizeof(text));
	memcpy(d->b, text, sizeof(text));
}

static bool diverge(struct court *k, uint32_t witness, int other)
{
	k->v->outcome = MUE_DIVERGE;
	k->v->witness = witness;
	k->v->other = other;
	return false;
}

/* C8: of a map so large no rule says whether there is memory for it, and each has its own. */
static bool is_short_of_memory(const struct court *k, uint32_t i)
{
	for (uint32_t map = 0; map < k->c->n_maps; map++)
		if (k->t[i].seen->maps[map].known && k->t[i].seen->maps[map].create == -ENOMEM &&
		    model_create_may_starve(k->t[i].world, &k->c->maps[map]))
			return true;
	return false;
}

static void skip(struct court *k, uint32_t witness, const char *why)
{
	k->v->outcome = MUE_SKIP;
	k->v->witness = witness;
	snprintf(k->v->why, sizeof(k->v->why), "%s", why);
}

/* Each answer against the model of its own world; those that no rule covers against each other. */
static bool all_right(struct court *k)
{
	int unruled = -1, starved = -1;

	for (uint32_t i = 0; i < k->n; i++) {
		if (!answered(k, i))
			continue;
		if (ask_model(k, k->t[i].world)) {
			if (is_right(k, k->t[i].seen, &k->v->difference))
				continue;
			swap_sides(&k->v->difference);
			return diverge(k, i, -1);
		}
		if (is_short_of_memory(k, i)) {
			starved = i;
			continue;
		}
		if (unruled >= 0 && !mue_observation_same(k->c, k->t[i].seen, k->t[unruled].seen,
							  &k->v->difference))
			return diverge(k, i, unruled);
		unruled = i;
	}
	if (starved >= 0)
		skip(k, starved, "memory for the map was short, and how much there is no rule says");
	return starved < 0;
}

static void declare(struct court *k, uint32_t first, uint32_t i)
{
	const struct mue_testimony *a = &k->t[first], *b = &k->t[i];

	if (same_world(a->world, b->world))
		return; /* the same world leaves it free (R2) */
	k->v->outcome = MUE_DECLARED;
	k->v->changes |= mue_explain(k->c, a, b, k->v->why, sizeof(k->v->why));
}

/* All are right: those that still differ do so as declared. */
static void explain_all(struct court *k)
{
	struct mue_difference d;
	int first = -1;

	for (uint32_t i = 0; i < k->n; i++) {
		if (!answered(k, i))
			continue;
		if (first < 0)
			first = i;
		else if (!mue_observation_same(k->c, k->t[first].seen, k->t[i].seen, &d))
			declare(k, first, i);
	}
}

/* An agreement needs two: the model and a target, or two targets. */
static bool is_lonely(struct court *k)
{
	int only = -1;

	for (uint32_t i = 0; i < k->n; i++) {
		if (!answered(k, i))
			continue;
		if (only >= 0)
			return false;
		only = i;
	}
	return only >= 0 && !ask_model(k, k->t[only].world);
}

static void skip_unless_agreed(struct court *k)
{
	struct mue_verdict *v = k->v;
	int i;

	if (v->outcome != MUE_AGREE)
		return;
	i = first_with(k, MUE_UNSUPPORTED);
	if (i < 0 && !is_lonely(k))
		return;
	if (i < 0)
		snprintf(v->why, sizeof(v->why), "%s", k->right.why);
	v->outcome = MUE_SKIP;
	v->witness = i;
}

/* No rule lets a kernel crash: the witness diverges from whatever is right. */
static void crashed(struct court *k)
{
	struct mue_difference *d = &k->v->difference;

	diverge(k, k->v->witness, -1);
	snprintf(d->field, sizeof(d->field), "kernel");
	snprintf(d->a, sizeof(d->a), "%.*s", MUE_TEXT_MAX - 1, k->v->why);
	snprintf(d->b, sizeof(d->b), "an answer");
	d->map = d->op = -1;
}

/*
 * Whether an edited program has told nothing: who refuses it says nothing about what it does (P6), and whether
 * all checkers take the same programs is not asked here; or none was reached at all.
 */
static bool edits_tell_nothing(struct court *k)
{
	bool asked = false, ran = false;

	for (uint32_t i = 0; k->c->n_edits && i < k->n; i++)
		for (uint32_t phase = 0; answered(k, i) && phase < k->c->n_phases; phase++) {
			const struct mue_phase_result *r = &k->t[i].seen->phases[phase];

			asked = true;
			if (!mue_phase_edited(k->c, phase) || !r->known)
				continue;
			ran = true;
			if (!r->load)
				continue;
			k->v->outcome = MUE_SKIP;
			k->v->witness = i;
			snprintf(k->v->why, sizeof(k->v->why), "%.64s refuses the edited program",
				 k->t[i].target);
			return true;
		}
	if (!asked || ran)
		return false;
	k->v->outcome = MUE_SKIP;
	snprintf(k->v->why, sizeof(k->v->why), "no edited program runs");
	return true;
}

void mue_judge(struct mue_verdict *v, const struct mue_case *c, const struct mue_testimony *t,
	       uint32_t n)
{
	struct court k;

	/* Field by field: an observation is too large to zero. */
	k.v = v;
	k.c = c;
	k.t = t;
	k.n = n;
	k.modelled = false;
	memset(&k.world, 0, sizeof(k.world)); /* no target has that one */
	v->outcome = MUE_AGREE;
	v->changes = 0;
	v->other = -1;
	v->why[0] = 0;
	v->witness = first_with(&k, MUE_CRASHED);
	if (v->witness >= 0) {
		crashed(&k);
		return;
	}
	v->witness = first_with(&k, MUE_BROKEN);
	if (v->witness >= 0) {
		v->outcome = MUE_ERROR;
		return;
	}
	if (edits_tell_nothing(&k) || !all_right(&k))
		return;
	explain_all(&k);
	skip_unless_agreed(&k);
}

uint32_t mue_judge_groups(int groups[], const struct mue_case *c, const struct mue_testimony *t,
			  uint32_t n)
{
	struct mue_difference d;
	uint32_t count = 0;

	for (uint32_t i = 0; i < n; i++) {
		groups[i] = t[i].seen->status == MUE_ANSWERED ? (int)i : -1;
		for (uint32_t j = 0; j < i && groups[i] == (int)i; j++)
			if (groups[j] == (int)j && mue_observation_same(c, t[j].seen, t[i].seen, &d))
				groups[i] = j;
		count += groups[i] == (int)i;
	}
	return count;
}
