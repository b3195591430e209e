/* Asking one case of every target, and judging the answers: what `run` and `exec` share. */
#ifndef MUE_CLI_ASKING_H
#define MUE_CLI_ASKING_H

#include "cases/suite.h"
#include "cli/target.h"
#include "oracle/judge.h"

struct mue_asking {
	struct mue_targets *targets;  /* open */
	struct mue_observation *seen; /* one a target */
	struct mue_testimony testimonies[MUE_TARGETS_MAX];
	struct mue_verdict verdict;
	struct mue_case *twin; /* the second oracle's question, and the answer to it */
	struct mue_observation *twin_seen;
	const char *other; /* whom the witness differs from, when it is no testimony */
	uint32_t ahead; /* cases */
	bool untwinned; /* the second oracle is not asked; of cases ahead, the same both times */
	/* Called before a target is asked, and when it has answered, with its number; NULL: nobody.
	 */
	void (*before)(void *ctx, uint32_t target);
	void (*after)(void *ctx, uint32_t target);
	void *ctx;
};

/* 0 or -ENOMEM. */
int mue_asking_init(struct mue_asking *a, struct mue_targets *targets);
void mue_asking_free(struct mue_asking *a);

/* Fills testimonies and verdict. */
void mue_asking_ask(struct mue_asking *a, const struct mue_suite_case *s);

/*
 * Asks a case ahead of those targets that work on their own meanwhile (guests): they answer it and its twin when
 * mue_asking_ask comes to it. At most MUE_AHEAD_MAX cases are ahead, and what is ahead is asked in that order.
 */
void mue_asking_ahead(struct mue_asking *a, const struct mue_case *c);
/* Whether there is any such target. */
bool mue_asking_posts(const struct mue_asking *a);
#define MUE_AHEAD_MAX (MUE_POSTED_MAX / 2)

#endif
