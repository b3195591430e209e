/* Several answers to one case, in columns, every detail; lines that differ are marked. */
#ifndef MUE_REPORTS_SIDE_BY_SIDE_H
#define MUE_REPORTS_SIDE_BY_SIDE_H

#include <stdio.h>

#include "cases/case.h"
#include "cases/observation.h"
#include "oracle/judge.h"

#define MUE_COLUMNS_MAX (MUE_TARGETS_MAX + 1)

/* 0, or -ENOMEM. n is at most MUE_COLUMNS_MAX. */
int mue_side_by_side(FILE *to, const struct mue_case *c, const char *const *names,
		     const struct mue_observation *const *seen, uint32_t n, bool color);

#endif
