/* mue probe --check: changes.def held against what targets showed. */
#ifndef MUE_CLI_PROBE_CHECK_H
#define MUE_CLI_PROBE_CHECK_H

#include "cli/target.h"

/*
 * Prints a line a change, with a mark for each surveyed target, and one for whatever is wrong: a
 * change that is there or not, unlike the table has it for the target's version; a proof that gives
 * neither answer; a change that none of the targets showed, with it or without. Gives whether
 * nothing is.
 */
bool mue_probe_check(const struct mue_targets *ts);

#endif
