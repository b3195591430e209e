/*
 * Histories in short (stories.def): words that make phases and ops, separated by spaces.
 *
 *   u0 p1   a user phase, a program phase, on that CPU
 *   aK nK eK  update of key K with flags any, noexist, exist; in a row, values count up
 *   lK dK   lookup, delete of key K
 *   r       reread
 *   fN      user-side update of the keys 0 .. N-1
 *   z g     freeze, digest
 */
#ifndef MUE_CASES_FAMILIES_STORY_H
#define MUE_CASES_FAMILIES_STORY_H

#include "cases/families/ask.h"
#include "cases/families/cross.h"

enum mue_story_family { MUE_STORY_HISTORY, MUE_STORY_CPUS, MUE_STORY_REREAD };

/* The stories of a family, as numbers that mue_story_build takes. */
extern const struct mue_axis mue_axis_history, mue_axis_cpus, mue_axis_reread;

/* A builder and a filter for crossings of kinds, program types and stories, in that order. */
void mue_story_build(struct mue_case *c, const uint64_t *at);
bool mue_story_fits(const uint64_t *at);

/* Adds a story's phases and ops; program phases are of type `prog`. */
void mue_story_tell(struct mue_case *c, const char *story, unsigned prog);

#endif
