/*
 * Keeps few closed programs waiting to be freed. The kernel frees them late, in work items that all
 * want one mutex; a thousand of them at once have stopped a kernel for good
 * (docs/findings/pack-mutex-deadlock.md).
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/membarrier.h>

#include "runners/kernel/grace.h"

/* The waiting thread begins when so many programs were closed, to be done before WAITING_MAX. */
#define ENOUGH (MUE_GRACE_WAITING_MAX / 4)

struct mue_grace {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Programs closed; closed when the last wait began; closed when the last finished one began. */
	uint64_t closed, begun, passed;
	bool quit;
};

/* Returns when all that was closed before the call is out of use on every CPU. */
static void wait_for_readers(void)
{
	while (syscall(__NR_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) && errno == EINTR)
		;
}

static void *waiter(void *ctx)
{
	struct mue_grace *g = ctx;

	pthread_mutex_lock(&g->lock);
	while (!g->quit) {
		if (g->closed - g->begun < ENOUGH) {
			pthread_cond_wait(&g->changed, &g->lock);
			continue;
		}
		g->begun = g->closed;
		pthread_mutex_unlock(&g->lock);
		wait_for_readers();
		pthread_mutex_lock(&g->lock);
		g->passed = g->begun;
		pthread_cond_broadcast(&g->changed);
	}
	pthread_mutex_unlock(&g->lock);
	return NULL;
}

/* Signals are for the thread that asks cases. */
static int start(struct mue_grace *g)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&g->thread, NULL, waiter, g);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

int mue_grace_open(struct mue_grace **to)
{
	struct mue_grace *g = calloc(1, sizeof(*g));
	int err;

	if (!g)
		return -ENOMEM;
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->changed, NULL);
	err = start(g);
	if (err)
		free(g);
	else
		*to = g;
	return err;
}

void mue_grace_closed(struct mue_grace *g, uint32_t n)
{
	pthread_mutex_lock(&g->lock);
	g->closed += n;
	if (g->closed - g->begun >= ENOUGH)
		pthread_cond_broadcast(&g->changed);
	while (g->closed - g->passed > MUE_GRACE_WAITING_MAX)
		pthread_cond_wait(&g->changed, &g->lock);
	pthread_mutex_unlock(&g->lock);
}

uint64_t mue_grace_waiting(struct mue_grace *g)
{
	uint64_t n;

	pthread_mutex_lock(&g->lock);
	n = g->closed - g->passed;
	pthread_mutex_unlock(&g->lock);
	return n;
}

void mue_grace_close(struct mue_grace *g)
{
	if (!g)
		return;
	pthread_mutex_lock(&g->lock);
	g->quit = true;
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
	pthread_join(g->thread, NULL);
	free(g);
}
