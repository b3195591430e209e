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

#endif
