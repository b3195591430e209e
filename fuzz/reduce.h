/*
 * Reducing: the smallest case that still shows the same. Deterministic: one case and one answer
 * of `differs` to each candidate give one result, whatever else happens.
 */
#ifndef MUE_FUZZ_REDUCE_H
#define MUE_FUZZ_REDUCE_H

#include "cases/case.h"
#include "oracle/judge.h"

/* Whether a case, which has passed mue_case_check, still shows what is wanted. */
typedef bool mue_differs_fn(void *ctx, const struct mue_case *c);

/*
 * Makes `c`, which shows it, smaller in place, by passes over its phases, steps, maps, sizes, bytes
 * and times, and then over program types, origins, reaches and flags, until none of them makes it
 * any smaller (fuzz/reduce.c has their table). Map types stay: they are what a finding is about.
 * The name and the note stay, too. Gives how many candidates were asked.
 */
uint32_t mue_reduce(struct mue_case *c, mue_differs_fn *differs, void *ctx);

#define MUE_KIND_MAX 128

/*
 * What kind of divergence the difference `d` between two answers to `c` is: "update step ret
 * -EEXIST, expected 0". Two are the same when these words are. They say
 *   - the field: create, load, run, retval, ret, value, entry, ...
 *   - of an op: its kind, and whether a program makes the call (step) or user space (op);
 *   - of a map and its entries: the map's type;
 *   - the two results, where they are results (create, load, run, ret) or say that one side has
 *     nothing (an absent entry, an op not reached). Bytes, counts and digests are left out.
 * A value that a lookup shows counts as the entry that it is of: what differs is what the map
 * holds.
 */
void mue_divergence_kind(char *to, size_t size, const struct mue_case *c,
			 const struct mue_difference *d);

#endif
