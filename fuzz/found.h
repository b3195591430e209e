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

/* In a few words what the verdict says: mue_divergence_kind, or "error" and why. */
#define MUE_FOUND_KIND_MAX 400
void mue_found_kind(char *to, size_t size, const struct mue_case *c, const struct mue_verdict *v);

/*
 * Keeps an input in `dir` under the words of its kind, unless one of that
 * kind is there. Gives whether it was new, or -errno.
 */
int mue_found_keep(const char *dir, const char *kind, struct mue_raw in);

/* For targets: keeps the input, or says what differs, prints the case, and aborts. */
void mue_found(const struct mue_case *c, const struct mue_verdict *v, struct mue_raw in);

#endif
