/* What becomes of an input on which a property does not hold, wherever it was found. */
#ifndef MUE_FUZZ_FOUND_H
#define MUE_FUZZ_FOUND_H

#include "fuzz/input.h"
#include "oracle/judge.h"

/*
 * Where a campaign collects such inputs (the environment variable MUE_FUZZ_FOUND), or NULL. Without
 * it a target aborts, as fuzzers expect; with it the campaign goes on.
 */
const char *mue_found_dir(void);

/*
 * Keeps an input in `dir` under the words of its kind (mue_divergence_kind), unless one of that
 * kind is there. Gives whether it was new, or -errno.
 */
int mue_found_keep(const char *dir, const char *kind, struct mue_raw in);

/* For targets: keeps the input, or says what differs, prints the case, and aborts. */
void mue_found(const struct mue_case *c, const struct mue_verdict *v, struct mue_raw in);

#endif
