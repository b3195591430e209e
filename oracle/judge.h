/*
 * Judging: comparing observations field by field, and finding out whether a
 * difference is explained by a change that one of the two worlds has and the other has not.
 */
#ifndef MUE_ORACLE_JUDGE_H
#define MUE_ORACLE_JUDGE_H

#include "cases/case.h"
#include "cases/observation.h"
#include "cases/world.h"
#include "oracle/model.h"

enum mue_outcome {
	MUE_AGREE,
	MUE_DECLARED, /* differs from another target, as rows of changes.def say */
	MUE_DIVERGE,
	MUE_SKIP,
	MUE_ERROR,
	MUE_OUTCOMES
};
extern const char *const mue_outcome_names[MUE_OUTCOMES]; /* "agree", ... */

#define MUE_FIELD_MAX 96
#define MUE_TEXT_MAX 200

/* The first field in which two observations differ, ready to print. */
struct mue_difference {
	char field[MUE_FIELD_MAX];  /* "phase 1 step 2 ret", "map m [01000000]" */
	char a[MUE_TEXT_MAX], b[MUE_TEXT_MAX]; /* "-ENOENT", "0", "absent", "0a00.." */
	int map; /* index, or -1 */
	int op;	 /* index, or -1 */
};

/*
 * Compares two answers to one case, in the order load verdicts, phases, ops, states. Gives true when
 * they are equal; else the first difference in *d. Both must be ANSWERED.
 */
bool mue_observation_same(const struct mue_case *c, const struct mue_observation *a,
			  const struct mue_observation *b, struct mue_difference *d);

/*
 * The same for an answer `b` to be judged by `a`, the model's: what `also` names is right, too.
 */
bool mue_observation_right(const struct mue_case *c, const struct mue_observation *a,
			   const struct mue_alternatives *also, const struct mue_observation *b,
			   struct mue_difference *d);

/*
 * Compares an answer with an expectation: only what is known there is compared (a is the expectation).
 */
bool mue_expectation_met(const struct mue_case *c, const struct mue_observation *expect,
			 const struct mue_observation *got, struct mue_difference *d);

#define MUE_TARGETS_MAX 16

/* One target's answer, to be judged. */
struct mue_testimony {
	const char *target;
	const struct mue_world *world;
	const struct mue_observation *seen;
};

struct mue_verdict {
	enum mue_outcome outcome;
	uint64_t changes; /* DECLARED: the rows that explain it */
	int witness;	  /* DIVERGE, SKIP, ERROR: index of the testimony that shows it, or -1 */
	int other;	  /* DIVERGE: the testimony it differs from, or -1 for the model */
	struct mue_difference difference; /* DIVERGE; a is witness's, b is other's */
	char why[MUE_WHY_MAX];	 /* SKIP, ERROR, DECLARED without changes: the reason */
};

/*
 * The judgement over n testimonies on one case: each must be what the model says for its world; two that
 * differ though both right are DECLARED, with the smallest set of changes
 * that makes the difference; anything else that differs DIVERGEs. A BROKEN
 * testimony is an ERROR, an UNSUPPORTED one a SKIP (if the rest agree), and so is
 * a single answer where the model has no rule. Answers without a rule are judged by one another.
 */
void mue_judge(struct mue_verdict *v, const struct mue_case *c, const struct mue_testimony *t,
	       uint32_t n);

/*
 * Who agrees with whom: groups[i] is the first testimony with the same answer as i (i itself when it
 * is the first), or -1 for one that did not answer. Gives the number of different answers.
 */
uint32_t mue_judge_groups(int groups[], const struct mue_case *c, const struct mue_testimony *t,
			  uint32_t n);

#endif
