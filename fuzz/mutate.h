/*
 * The structure-aware mutator: one for all engines. The same case, the same other and the same seed
 * give the same case. What comes out has passed mue_case_check.
 */
#ifndef MUE_FUZZ_MUTATE_H
#define MUE_FUZZ_MUTATE_H

#include "cases/case.h"

/* Mutation makes no case larger than this; larger ones stay so. */
#define MUE_MUTATE_OPS 10
#define MUE_MUTATE_PHASES 5
#define MUE_MUTATE_MAPS 3

/* The case that a campaign without a corpus begins with: a map, and nothing done to it. */
void mue_mutate_first(struct mue_case *c);
/* Adds an edit that does nothing, so that the mutator goes on to edit this case's program. */
void mue_mutate_edit(struct mue_case *c);
/* The case that a campaign on edited programs begins with: one whose program does this and that. */
void mue_mutate_first_edited(struct mue_case *c);
/* Changes `c` in one way or a few. `other` (NULL: none) is what splicing takes from. */
void mue_mutate(struct mue_case *c, const struct mue_case *other, uint64_t seed);
/*
 * Changes keys, values and flags only: what comes out has the shape of what went in, so that whoever answers can use
 * its maps and programs again. False where nothing of the kind can be changed.
 */
bool mue_mutate_steady(struct mue_case *c, uint64_t seed);
/* So many of these follow each case for a kernel, where making maps and loading takes ten times as long as asking. */
#define MUE_STEADY_RUN 15
/* Takes away what moves more than 16 MiB of keys and values: one such case would take as long as a million others. */
void mue_case_bound(struct mue_case *c);
/* The same as mue_mutate, and one of the ways is one that takes from the other. */
void mue_splice(struct mue_case *c, const struct mue_case *other, uint64_t seed);

#endif
