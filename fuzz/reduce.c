#include "fuzz/reduce.h"

#include <stdio.h>

#include "fuzz/reduce_passes.h"

/* In this order; those that take away most come first, so that the others have less to do. */
static const struct reduce_pass *const passes[] = {
	&reduce_edits,		&reduce_phases,	     &reduce_ops,	&reduce_maps,
	&reduce_merge_maps,	&reduce_join_phases, &reduce_map_sizes, &reduce_map_plain,
	&reduce_bytes_together, &reduce_bytes,	     &reduce_times,	&reduce_phase_plain,
	&reduce_prog_types,	&reduce_origins,     &reduce_reaches,	&reduce_objects,
	&reduce_flags,		&reduce_map_names,
};
enum { PASSES = sizeof(passes) / sizeof(*passes) };

struct reducer {
	struct mue_case *c;
	struct mue_case candidate;
	mue_differs_fn *differs;
	void *ctx;
	uint32_t asked;
};

/* Whether the candidate is a case, and still shows it; then it is the one to go on with. */
static bool take(struct reducer *r)
{
	char msg[256];

	if (mue_case_check(&r->candidate, msg, sizeof(msg)))
		return false;
	r->asked++;
	if (!r->differs(r->ctx, &r->candidate))
		return false;
	mue_case_copy(r->c, &r->candidate);
	return true;
}

/* A pass at the places [first, first + n), from the last on, as places behind a removed one move.
 */
static bool try_places(struct reducer *r, const struct reduce_pass *pass, uint32_t first,
		       uint32_t n)
{
	bool made = false;

	mue_case_copy(&r->candidate, r->c);
	for (uint32_t place = first + n; place-- > first;)
		made |= pass->make(&r->candidate, place);
	return made && take(r);
}

static bool run_pass(struct reducer *r, const struct reduce_pass *pass)
{
	uint32_t places = pass->places(r->c), size = pass->many ? places : 1;
	bool smaller = false;

	for (; size; size /= 2)
		for (uint32_t at = 0; at < pass->places(r->c);) {
			uint32_t left = pass->places(r->c) - at;

			/* What stands there now has not been tried yet. */
			if (try_places(r, pass, at, left < size ? left : size))
				smaller = true;
			else
				at += size;
		}
	return smaller;
}

uint32_t mue_reduce(struct mue_case *c, mue_differs_fn *differs, void *ctx)
{
	struct reducer r = {.c = c, .differs = differs, .ctx = ctx};
	bool smaller;

	do {
		smaller = false;
		for (unsigned i = 0; i < PASSES; i++)
			smaller |= run_pass(&r, passes[i]);
	} while (smaller);
	return r.asked;
}
