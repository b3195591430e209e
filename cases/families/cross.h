/*
 * Crossing axes: a family is axes, a filter, and a builder. Names are the words of the
 * points, joined by '/', in the order of the axes; the last axis varies fastest.
 */
#ifndef MUE_CASES_FAMILIES_CROSS_H
#define MUE_CASES_FAMILIES_CROSS_H

#include "cases/families/sink.h"

/* One place on an axis: the word for it in names, and a number that the builder understands. */
struct mue_point {
	const char *word;
	uint64_t n;
};

struct mue_axis {
	const struct mue_point *points; /* ends with a row whose word is NULL */
	bool (*has)(uint64_t n);	/* NULL: all of them */
};

#define MUE_AXES_MAX 8

struct mue_crossing {
	const char *prefix;			       /* what its names begin with, without '/' */
	const struct mue_axis *axes[MUE_AXES_MAX + 1]; /* up to a NULL */
	bool (*fits)(const uint64_t *at);	       /* which points belong together; NULL: all */
	void (*build)(struct mue_case *c, const uint64_t *at); /* `c` has its name */
};

/* Builds and hands over every case that fits and is wanted. */
void mue_cross(struct mue_sink *s, const struct mue_crossing *x);

/*
 * The axes that many families share.
 */

/* The program types that BPF_PROG_TEST_RUN serves; four of them that differ much; one. */
extern const struct mue_axis mue_axis_test_run, mue_axis_four_progs, mue_axis_one_prog;
/* The program types that cannot be test-run; all. */
extern const struct mue_axis mue_axis_load_only, mue_axis_progs;
/* Those that some kernel loads as sleepable, and one that none does. */
extern const struct mue_axis mue_axis_sleepers;
/* Map kinds (ask.h): the plain map types; these and the variants that flags make of them. */
extern const struct mue_axis mue_axis_maps, mue_axis_kinds, mue_axis_lru_kinds;
/* The three flags that plain maps know; all single bits and many that no map knows. */
extern const struct mue_axis mue_axis_three_flags, mue_axis_flags;

#endif
