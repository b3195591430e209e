/* Why two answers differ that are both right: the changes between their worlds that make the difference. */
#ifndef MUE_ORACLE_EXPLAIN_H
#define MUE_ORACLE_EXPLAIN_H

#include "oracle/judge.h"

/*
 * A smallest set of changes that turns the model's answer in a's world into b's answer, of those that
 * tell in one of the two worlds: there, the model answers otherwise without the one. If
 * no such set of up to 3 does, all that tell. Where the worlds differ in more than changes (version, CPUs, JIT),
 * that is b's already, and the set may be empty: then `why` says what else it is, in one line.
 */
uint64_t mue_explain(const struct mue_case *c, const struct mue_testimony *a,
		     const struct mue_testimony *b, char *why, size_t why_size);

#endif
