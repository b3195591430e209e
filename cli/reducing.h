/* Reducing a case in which targets diverge, and keeping it as a finding: what `reduce` and `fuzz`
 * share. */
#ifndef MUE_CLI_REDUCING_H
#define MUE_CLI_REDUCING_H

#include "cli/asking.h"
#include "fuzz/reduce.h"

struct mue_reducing {
	struct mue_asking *a; /* over open targets */
	/* The divergence, as far as a smaller case must show it again: who differs from whom, in
	 * what. */
	int witness, other;
	char of[64]; /* whom the witness differs from, when it is no testimony */
	char kind[MUE_KIND_MAX];
	uint32_t asked; /* candidates, by mue_reducing_reduce */
};

/* Asks the case. False when it does not diverge; a->verdict says what it does. */
bool mue_reducing_begin(struct mue_reducing *r, struct mue_asking *a, const struct mue_case *c);

/* Whether the case, asked so many times, shows the same each time. */
bool mue_reducing_holds(struct mue_reducing *r, const struct mue_case *c, unsigned times);

/*
 * Makes it the smallest that shows the same (mue_reduce), with a note that says what differs, and
 * asks that once more: then a->verdict and a->seen are about it. False when this does not show it
 * any more.
 */
bool mue_reducing_reduce(struct mue_reducing *r, struct mue_case *c);

/* Writes it below `dir` as mue_finding_write does. To be called behind mue_reducing_reduce. */
int mue_reducing_write(struct mue_reducing *r, const struct mue_case *c, const char *dir,
		       char *path, size_t path_size);

#endif
