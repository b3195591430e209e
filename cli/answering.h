/* What a worker of `run` does: goes through the suite, and makes a record of each case that is its
 * own. */
#ifndef MUE_CLI_ANSWERING_H
#define MUE_CLI_ANSWERING_H

#include "cases/suite.h"
#include "cli/pool.h"
#include "cli/target.h"

/* Which of the suite's cases are asked: the items of the pool, in order. */
struct mue_selection {
	struct mue_suite_options suite;
	uint32_t shard, shards; /* shard of shards, from 1 on */
};
/* Whether case number `n` of the suite is one of them. */
bool mue_selected(const struct mue_selection *s, uint64_t n);
/* How many they are; and, where `at` is less, the name of number `at` of them. */
uint64_t mue_selection_count(const struct mue_selection *s, uint64_t at, char *name, size_t size);

struct mue_answering {
	struct mue_selection selection;
	struct mue_targets *targets; /* surveyed, closed: each worker opens its own */
	uint32_t deadline_ms;	     /* for one answer of one target */
};

/* For mue_pool_options.work; ctx is a struct mue_answering. */
uint64_t mue_answering_work(struct mue_worker *w, void *ctx);

#endif
