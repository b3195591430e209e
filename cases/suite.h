/*
 * The suite: all cases, as a stream in a fixed order. Families generate theirs;
 * curated .case files (compiled in) come with expectations.
 */
#ifndef MUE_CASES_SUITE_H
#define MUE_CASES_SUITE_H

#include "cases/case.h"
#include "cases/observation.h"
#include "cases/world.h"

/* When a curated case's expectations hold: on worlds that fit all of this. */
struct mue_condition {
	uint64_t with, without; /* changes that must be present, absent */
	uint32_t cpus;		/* number of possible CPUs, or 0 for any */
};
bool mue_condition_holds(const struct mue_condition *k, const struct mue_world *w);

/* A case as the suite hands it out. expect is NULL, or what is pinned when the condition holds. */
struct mue_suite_case {
	const struct mue_case *question;
	const struct mue_observation *expect;
	struct mue_condition when;
};
/* Whether there are expectations, and they speak of this world: their condition holds, and it knows the map types. */
bool mue_expectations_hold(const struct mue_suite_case *s, const struct mue_world *w);

/* Receives cases; returns true to go on. */
typedef bool mue_suite_fn(void *ctx, const struct mue_suite_case *s);

struct mue_suite_options {
	/* Over names, as fnmatch(3) without FNM_PATHNAME; NULL: all but the large parts. */
	const char *glob;
	uint64_t seed; /* of the random families */
};

struct mue_sink; /* cases/families/sink.h: what families give their cases to */

struct mue_family {
	const char *name;     /* first part of its cases' names */
	const char *sentence; /* what it asks */
	bool large;	      /* has a part that is only asked when the glob begins with its name */
	void (*each)(struct mue_sink *sink);
};
/* All families, ending with one whose name is NULL. */
extern const struct mue_family mue_families[];

/*
 * Hands out every case that the options choose: the curated ones by name, then family by family.
 * Cases of one shape stand together where a family can arrange it. Families skip work for
 * names that the glob cannot match.
 */
void mue_suite_each(const struct mue_suite_options *opts, mue_suite_fn *fn, void *ctx);

/* How many cases that is. */
uint64_t mue_suite_count(const struct mue_suite_options *opts);

/*
 * Hands out the one case of this exact name, quickly; random ones whatever seed
 * they are of. Gives whether there is one.
 */
bool mue_suite_find(const char *name, mue_suite_fn *fn, void *ctx);

#endif
