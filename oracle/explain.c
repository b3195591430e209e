#include "oracle/explain.h"

#include <stdio.h>

/* Sets up to this size are searched. */
#define EXPLAINING_MAX 3

/* One explanation on its way: how the model gets from a's world to b's answer. */
struct explaining {
	const struct mue_case *c;
	const struct mue_testimony *a, *b;
	struct mue_observation answer, plain;
};

static bool answers(const struct explaining *k, const struct mue_world *w,
		    struct mue_observation *o)
{
	mue_model_answer(w, k->c, o);
	return o->status == MUE_ANSWERED;
}

static bool same(const struct explaining *k, const struct mue_observation *a,
		 const struct mue_observation *b)
{
	struct mue_difference d;

	return mue_observation_same(k->c, a, b, &d);
}

/*
 * Whether world `w` with the changes `set` the other way gives b's answer: the model's own, not one
 * that is right as well (R2), which would hide the change that took the freedom away.
 */
static bool explains(struct explaining *k, struct mue_world w, uint64_t set)
{
	w.changes ^= set;
	return answers(k, &w, &k->answer) && same(k, &k->answer, k->b->seen);
}

/* Those of `from` that, each alone, make the model answer otherwise in world w. */
static uint64_t telling(struct explaining *k, const struct mue_world *w, uint64_t from)
{
	bool ruled = answers(k, w, &k->plain);
	struct mue_world other = *w;
	uint64_t tell = 0;

	for (; from; from &= from - 1) {
		uint64_t bit = from & -from;

		other.changes = w->changes ^ bit;
		if (answers(k, &other, &k->answer) != ruled || (ruled && !same(k, &k->plain, &k->answer)))
			tell |= bit;
	}
	return tell;
}

/* Tries all sets of `size` of the changes in `from`, on top of `set`. */
static bool search(struct explaining *k, const struct mue_world *w, uint64_t from, unsigned size,
		   uint64_t *set)
{
	if (!size)
		return explains(k, *w, *set);
	while (from) {
		uint64_t bit = from & -from, with = *set | bit;

		from ^= bit;
		if (search(k, w, from, size - 1, &with)) {
			*set = with;
			return true;
		}
	}
	return false;
}

static uint64_t changes(struct explaining *k)
{
	uint64_t between = k->a->world->changes ^ k->b->world->changes, set = 0, tell;
	struct mue_world w = *k->b->world;

	w.changes = k->a->world->changes;
	if (explains(k, w, 0))
		return 0;
	tell = telling(k, &w, between) | telling(k, k->b->world, between);
	for (unsigned size = 1; size <= EXPLAINING_MAX; size++)
		if (search(k, &w, tell, size, &set))
			return set;
	return tell ? tell : between;
}

/* What of b's world besides changes turns the answer right in a's into b's. */
static const char *other_reason(struct explaining *k)
{
	const struct mue_world *a = k->a->world, *b = k->b->world;
	struct mue_world w = *a;

	w.jit = b->jit;
	if (w.jit != a->jit && explains(k, w, 0))
		return "whether they have a JIT";
	w = *a;
	w.built_cpus = b->built_cpus;
	if (w.built_cpus != a->built_cpus && explains(k, w, 0))
		return "how many CPUs they are built for";
	w = *a;
	w.cpus = b->cpus;
	if (w.cpus != a->cpus && explains(k, w, 0))
		return "their number of CPUs";
	w.jit = b->jit;
	return explains(k, w, 0) ? "CPUs and JIT" : "what their versions have";
}

uint64_t mue_explain(const struct mue_case *c, const struct mue_testimony *a,
		     const struct mue_testimony *b, char *why, size_t why_size)
{
	struct explaining k;
	uint64_t set;

	/* Field by field: an observation is too large to zero. */
	k.c = c;
	k.a = a;
	k.b = b;
	set = changes(&k);
	if (!set)
		snprintf(why, why_size, "the targets differ in %s", other_reason(&k));
	return set;
}
