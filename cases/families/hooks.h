/* The axis of hooks: every program type as it is loaded by default, and every attach type. */
#ifndef MUE_CASES_FAMILIES_HOOKS_H
#define MUE_CASES_FAMILIES_HOOKS_H

#include "cases/families/cross.h"

extern const struct mue_axis mue_axis_hooks;

/* A program phase at that point. Types with a test run are run, attach types only loaded. */
struct mue_phase *mue_ask_hook(struct mue_case *c, uint64_t point);

#endif
