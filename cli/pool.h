/*
 * A pool of worker processes that share out numbered items. Each item gives one line, and the
 * parent gets the lines in the order of the items, however many workers there are.
 * A worker that crashes or hangs costs only the item it was at.
 */
#ifndef MUE_CLI_POOL_H
#define MUE_CLI_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUE_JOBS_MAX 64
/* So many items in a row are one worker's: neighbours share maps and programs. */
#define MUE_CHUNK 64
/* The longest line; and how long a cleanly ending worker may take. */
#define MUE_LINE_MAX (256u << 20)
#define MUE_WORKER_END_MS 5000

struct mue_worker;

struct mue_pool_options {
	uint32_t jobs;
	uint64_t start;	      /* the first item that is wanted */
	uint32_t deadline_ms; /* from one sign of life to the next */
	/*
	 * In a worker process: goes through all items in order, and sends a line for those that
	 * mue_worker_wants. Gives how many items there are in all.
	 */
	uint64_t (*work)(struct mue_worker *w, void *ctx);
	void *ctx;
};

/* Whether this item is this worker's to do. Also a sign of life. */
bool mue_worker_wants(struct mue_worker *w, uint64_t item);
/*
 * Why the item was lost, when a worker before this one crashed or hung at it: then it is
 * not to be tried again, but recorded. Else NULL.
 */
const char *mue_worker_lost(const struct mue_worker *w, uint64_t item);
/* A sign of life, while at `item`: from here on a crash is its fault. */
void mue_worker_at(struct mue_worker *w, uint64_t item);
/*
 * The same, but until the next sign of life none is expected: it waits for something with a limit
 * of its own. MUE_NO_ITEM: at none.
 */
#define MUE_NO_ITEM UINT64_MAX
void mue_worker_rest(struct mue_worker *w, uint64_t item);
/* Sends the line of the item (n bytes, without a line end). */
void mue_worker_send(struct mue_worker *w, uint64_t item, const char *line, size_t n);
/* Ends this worker, and the whole run, with a reason. */
void mue_worker_give_up(struct mue_worker *w, const char *why) __attribute__((noreturn));

struct mue_pool;

/* Starts the workers. NULL, and one line in msg, when that cannot be done. */
struct mue_pool *mue_pool_open(const struct mue_pool_options *options, char *msg, size_t msg_size);

/*
 * Waits for the next item's line, at most timeout_ms. Gives 1 and the line, which lives until the
 * next call; 0 when all items are done; -EAGAIN when the time is over; -EINTR when SIGINT or
 * SIGTERM came; or another -errno and one line in msg when the run cannot go on.
 */
int mue_pool_next(struct mue_pool *p, const char **line, size_t *n, int timeout_ms, char *msg,
		  size_t msg_size);

/* Ends the workers (kills them if they are not at the end) and frees. NULL is fine. */
void mue_pool_close(struct mue_pool *p);

#endif
