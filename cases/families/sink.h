/*
 * Where families put their cases: it knows which names are wanted, so that a
 * family can leave out early what would not be.
 */
#ifndef MUE_CASES_FAMILIES_SINK_H
#define MUE_CASES_FAMILIES_SINK_H

#include "cases/suite.h"

struct mue_sink;

/* Whether any name that begins with these n bytes can be wanted. */
bool mue_sink_may(const struct mue_sink *s, const char *prefix, size_t n);

/* Whether this name is wanted. False once the receiver has had enough. */
bool mue_sink_wants(const struct mue_sink *s, const char *name);

/* Whether the glob begins with these n bytes in plain letters: large parts are asked for so. */
bool mue_sink_named(const struct mue_sink *s, const char *prefix, size_t n);

/* The one name that is wanted, or NULL when the glob is a pattern. */
const char *mue_sink_only(const struct mue_sink *s);

uint64_t mue_sink_seed(const struct mue_sink *s);

/* Whether the receiver has had enough. */
bool mue_sink_full(const struct mue_sink *s);

/* Hands over a case whose name is wanted. */
void mue_sink_give(struct mue_sink *s, const struct mue_case *c);

#endif
