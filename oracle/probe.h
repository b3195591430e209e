/*
 * Probing: which changes (changes.def) a live target has, found out by asking the cases that
 * prove them, not by reading its version.
 */
#ifndef MUE_ORACLE_PROBE_H
#define MUE_ORACLE_PROBE_H

#include "cases/case.h"
#include "cases/observation.h"
#include "cases/world.h"

/* Asks the target one case; every field of *o is set. */
typedef void mue_probe_ask_fn(void *ctx, const struct mue_case *c, struct mue_observation *o);

enum mue_proof {
	MUE_PROOF_PRESENT,
	MUE_PROOF_ABSENT,
	MUE_PROOF_UNANSWERED,  /* the target cannot be asked: its reason is in why */
	MUE_PROOF_SILENT,      /* in this world both readings give the same answer */
	MUE_PROOF_UNEXPLAINED, /* neither reading gives the answer: a divergence */
};

struct mue_probed {
	enum mue_proof proof[MUE_CHANGES];
	char why[MUE_CHANGES][MUE_WHY_MAX]; /* UNANSWERED: the reason; UNEXPLAINED: the difference */
	uint64_t unproven; /* bit n: change n is as the table says, for want of a proof */
};

/*
 * Sets each bit of w->changes (which comes in as the table has it) that a proof decides. The
 * other fields of *w are the target's and stay.
 */
void mue_probe(struct mue_probed *p, struct mue_world *w, mue_probe_ask_fn *ask, void *ctx);

#endif
