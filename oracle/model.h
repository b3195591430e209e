/*
 * The model: the rules of docs/semantics.md said naively, as a walk over the steps of a
 * case with a sorted list for each map. It executes no instruction and knows nothing of the emulator.
 */
#ifndef MUE_ORACLE_MODEL_H
#define MUE_ORACLE_MODEL_H

#include "cases/case.h"
#include "cases/observation.h"
#include "cases/world.h"

/*
 * What a kernel of world `w` answers to `c` (which has passed mue_case_check). UNSUPPORTED, with
 * a reason, where no rule says.
 */
void mue_model_answer(const struct mue_world *w, const struct mue_case *c, struct mue_observation *o);

/*
 * Where a kernel is free, a small set of answers is right: the one that
 * mue_model_answer gives, or for each op named here the other ret (semantics R2).
 */
struct mue_alternatives {
	uint32_t n;
	struct mue_alternative {
		uint32_t op;
		int64_t ret;
	} rows[MUE_OPS_MAX]; /* in the order of ops, at most one an op */
};
void mue_alternatives_add(struct mue_alternatives *a, uint32_t op, int64_t ret);
/* The other ret of an op, or NULL. */
const int64_t *mue_alternatives_of(const struct mue_alternatives *a, uint32_t op);

/* The same as mue_model_answer; `also` (NULL: nobody minds) is what else is right. */
void mue_model_answer_also(const struct mue_world *w, const struct mue_case *c,
			   struct mue_observation *o, struct mue_alternatives *also);

#endif
