/* What the two sides of the pool share. */
#ifndef MUE_CLI_WORKER_H
#define MUE_CLI_WORKER_H

#include "cli/pool.h"

#include <stdatomic.h>
#include <sys/types.h>

/* In shared memory: where a worker is. */
struct mue_heartbeat {
	_Atomic uint64_t item;	  /* it is at, or MUE_NO_ITEM */
	_Atomic int64_t since_ms; /* its latest sign of life; 0: none is expected */
};

struct mue_worker {
	struct mue_heartbeat *heart;
	int fd; /* lines go here: "ITEM LINE\n", "ITEM end\n", "!WHY\n" */
	uint32_t number, jobs;
	uint64_t start;
	uint64_t lost; /* the item that the worker before was lost at, or MUE_NO_ITEM */
	char why[128]; /* and how */
};

/* Which of `jobs` workers does an item. */
static inline uint32_t mue_item_owner(uint64_t item, uint32_t jobs)
{
	return item / MUE_CHUNK % jobs;
}

int64_t mue_now_ms(void);

#endif
