/* Speeds of asking: cases a second. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/suite.h"
#include "cli/bench.h"
#include "cli/target.h"
#include "runners/kernel/floor.h"

#define HOST_SAMPLE 24	     /* cases */
#define HOST_SAMPLE_EVERY 50 /* of the suite's */
#define HOST_REPEATS 8	     /* of each, in one round */
#define SUITE_EVERY 4	     /* emulator and model answer every so many of the suite's */

/* Opens one target, or says why not. */
static struct mue_session *open_target(struct mue_targets *ts, const char *name, char *msg,
				       size_t msg_size)
{
	memset(ts, 0, sizeof(*ts));
	if (mue_targets_add(ts, name, msg, msg_size) || mue_targets_survey(ts, msg, msg_size))
		return NULL;
	return ts->t[0].session;
}

struct host_bench {
	struct mue_session *reuse, *bare;
	struct mue_observation o;
	uint32_t rounds;
	uint64_t seen, sampled; /* cases */
	double reuse_ns, bare_ns, floor_ns;
};

static double time_asks(struct host_bench *h, struct mue_session *s, const struct mue_case *c)
{
	int64_t began = mue_now_ns();

	for (int i = 0; i < HOST_REPEATS; i++)
		s->ask(s, c, &h->o);
	return (mue_now_ns() - began) / (double)HOST_REPEATS;
}

static void keep_best(double *best, double ns)
{
	if (!*best || ns < *best)
		*best = ns;
}

/* One case, three ways in turn, so that all feel the same disturbances. */
static bool sample_host(void *ctx, const struct mue_suite_case *s)
{
	double reuse = 0, bare = 0, floor = 0, ns;
	struct host_bench *h = ctx;
	struct mue_floor *f;
	char msg[256];

	if (h->seen++ % HOST_SAMPLE_EVERY)
		return true;
	if (mue_floor_open(&f, s->question, msg, sizeof(msg)))
		return true;
	for (uint32_t i = 0; i < h->rounds; i++) {
		if (!mue_floor_run(f, HOST_REPEATS, &ns))
			keep_best(&floor, ns);
		keep_best(&bare, time_asks(h, h->bare, s->question));
		keep_best(&reuse, time_asks(h, h->reuse, s->question));
	}
	mue_floor_close(f);
	h->floor_ns += floor;
	h->bare_ns += bare;
	h->reuse_ns += reuse;
	return ++h->sampled < HOST_SAMPLE;
}

static void bench_host(struct mue_bench *b)
{
	static const char bare_calls[] = "the bare bpf(2) calls, in a loop";
	const struct mue_suite_options suite = {.seed = MUE_SEED_DEFAULT};
	struct host_bench *h = calloc(1, sizeof(*h));
	struct mue_targets reuse = {0}, bare = {0};
	char msg[MUE_WHY_MAX * 2];

	if (!h)
		return;
	h->rounds = b->rounds;
	h->reuse = open_target(&reuse, "host", msg, sizeof(msg));
	h->bare = h->reuse ? open_target(&bare, "host:noreuse", msg, sizeof(msg)) : NULL;
	if (h->bare)
		mue_suite_each(&suite, sample_host, h);
	if (h->sampled && h->floor_ns) {
		double floor = h->sampled * 1e9 / h->floor_ns;

		mue_bench_add(b, "cases/s", h->sampled * 1e9 / h->bare_ns, floor, bare_calls,
			      "host, everything anew");
		mue_bench_add(b, "cases/s", h->sampled * 1e9 / h->reuse_ns, floor, bare_calls,
			      "host, programs reused");
	}
	mue_targets_free(&reuse);
	mue_targets_free(&bare);
	free(h);
}

struct suite_bench {
	struct mue_session *session; /* NULL: nobody is asked */
	struct mue_observation o;
	uint64_t seen, asked;
};

static bool ask_some(void *ctx, const struct mue_suite_case *s)
{
	struct suite_bench *k = ctx;

	if (k->seen++ % SUITE_EVERY)
		return true;
	k->asked++;
	if (k->session)
		k->session->ask(k->session, s->question, &k->o);
	return true;
}

/* Nanoseconds a case, of asking `session`, generation included. */
static double time_suite(struct suite_bench *k, struct mue_session *session)
{
	const struct mue_suite_options suite = {.seed = MUE_SEED_DEFAULT};
	int64_t began = mue_now_ns();

	k->session = session;
	k->seen = k->asked = 0;
	mue_suite_each(&suite, ask_some, k);
	return k->asked ? (mue_now_ns() - began) / (double)k->asked : 0;
}

static void bench_suite(struct mue_bench *b, const char *target)
{
	struct suite_bench *k = calloc(1, sizeof(*k));
	struct mue_targets ts = {0};
	struct mue_session *session;
	char msg[MUE_WHY_MAX * 2];
	double best = 0, floor = 0;

	session = k ? open_target(&ts, target, msg, sizeof(msg)) : NULL;
	for (uint32_t i = 0; session && i < b->rounds; i++) {
		keep_best(&floor, time_suite(k, NULL));
		keep_best(&best, time_suite(k, session));
	}
	if (best && floor)
		mue_bench_add(b, "cases/s", 1e9 / best, 1e9 / floor, "generating the cases only",
			      "%s", target);
	mue_targets_free(&ts);
	free(k);
}

void mue_bench_cases(struct mue_bench *b)
{
	bench_host(b);
	bench_suite(b, "emulator");
	bench_suite(b, "model");
}
