/* The load verdict of a program phase, from the case alone (semantics P, V). */
#ifndef MUE_ORACLE_MODEL_LOAD_H
#define MUE_ORACLE_MODEL_LOAD_H

#include "cases/case.h"
#include "cases/world.h"

/* 0 or -errno; 1, with a reason in *why, where no rule says. */
int model_load(const struct mue_world *w, const struct mue_case *c, const struct mue_phase *p,
	       const char **why);

/* What BPF_PROG_TEST_RUN or another trigger gives for a loaded program: 0 or -errno (P3). */
int model_run(const struct mue_phase *p);

#endif
