/* What lowering does with a case's edits. Inside cases/ only. */
#ifndef MUE_CASES_LOWER_EDIT_H
#define MUE_CASES_LOWER_EDIT_H

#include "cases/lower.h"

/*
 * Makes one edit. What stands on both halves of a wide instruction (BPF_LD_IMM64) counts as
 * standing on its first. Jumps and calls across an inserted instruction are adjusted; those to its
 * place go to it. 0, or -E2BIG.
 */
int mue_edit_apply(struct mue_program *p, const struct mue_edit *e);

#endif
