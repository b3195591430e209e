/* The pool, seen from within a worker. */
#include "cli/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

int64_t mue_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

bool mue_worker_wants(struct mue_worker *w, uint64_t item)
{
	mue_worker_at(w, MUE_NO_ITEM);
	return item >= w->start && mue_item_owner(item, w->jobs) == w->number;
}

const char *mue_worker_lost(const struct mue_worker *w, uint64_t item)
{
	return item == w->lost ? w->why : NULL;
}

void mue_worker_at(struct mue_worker *w, uint64_t item)
{
	atomic_store(&w->heart->item, item);
	atomic_store(&w->heart->since_ms, mue_now_ms());
}

void mue_worker_rest(struct mue_worker *w, uint64_t item)
{
	atomic_store(&w->heart->item, item);
	atomic_store(&w->heart->since_ms, 0);
}

static void write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			_exit(1); /* the parent is gone */
		if (done > 0) {
			p += done;
			n -= done;
		}
	}
}

void mue_worker_send(struct mue_worker *w, uint64_t item, const char *line, size_t n)
{
	char number[32];

	mue_worker_rest(w, MUE_NO_ITEM);
	write_all(w->fd, number, snprintf(number, sizeof(number), "%" PRIu64 " ", item));
	write_all(w->fd, line, n);
	write_all(w->fd, "\n", 1);
}

void mue_worker_give_up(struct mue_worker *w, const char *why)
{
	atomic_store(&w->heart->since_ms, 0);
	write_all(w->fd, "!", 1);
	write_all(w->fd, why, strlen(why));
	write_all(w->fd, "\n", 1);
	_exit(1);
}
