/* Speeds of guests: cases a second, beside the time that they take within the guest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/suite.h"
#include "cli/bench.h"
#include "cli/target.h"

#ifdef MUE_HAVE_GUEST
#include "runners/guest/guest.h"

#define GUEST_EVERY 16 /* every so many of the suite's cases */
#define GUEST_CASES 1000

struct guest_bench {
	struct mue_session *session;
	struct mue_observation o;
	uint64_t seen, asked;
	uint32_t ahead;
};

/* As `run` asks: the guest always has something to do. */
static bool ask_ahead(void *ctx, const struct mue_suite_case *s)
{
	struct guest_bench *g = ctx;

	if (g->seen++ % GUEST_EVERY)
		return true;
	if (g->ahead == MUE_POSTED_MAX / 2) {
		g->session->take(g->session, &g->o);
		g->ahead--;
	}
	g->session->post(g->session, s->question);
	g->ahead++;
	return ++g->asked < GUEST_CASES;
}

static bool time_guest(struct guest_bench *g, double *ns, double *busy_ns)
{
	const struct mue_suite_options suite = {.seed = MUE_SEED_DEFAULT};
	uint64_t busy = mue_guest_busy_ns(g->session);
	int64_t began = mue_now_ns();

	g->seen = g->asked = 0;
	mue_suite_each(&suite, ask_ahead, g);
	for (; g->ahead; g->ahead--)
		g->session->take(g->session, &g->o);
	if (!g->asked)
		return false;
	*ns = (mue_now_ns() - began) / (double)g->asked;
	*busy_ns = (mue_guest_busy_ns(g->session) - busy) / (double)g->asked;
	return true;
}

static void bench_guest(struct mue_bench *b, const struct mue_target *t)
{
	struct guest_bench *g = calloc(1, sizeof(*g));
	double best = 0, best_busy = 0, ns, busy_ns;

	if (!g)
		return;
	g->session = t->session;
	/* One more than asked for: the first fills the emulator's caches. */
	for (uint32_t i = 0; i <= b->rounds; i++) {
		if (!time_guest(g, &ns, &busy_ns))
			break;
		if (!best || ns < best) {
			best = ns;
			best_busy = busy_ns;
		}
	}
	free(g);
	if (best && best_busy)
		mue_bench_add(b, "cases/s", 1e9 / best, 1e9 / best_busy, "the time within the guest",
			      "%s", t->name);
}
#endif

int mue_bench_guests(struct mue_bench *b, const struct mue_list *on, char *msg, size_t msg_size)
{
	struct mue_targets ts;
	int64_t began;
	int err = mue_targets_parse(&ts, on, msg, msg_size);

	for (uint32_t i = 0; i < ts.n && !err; i++) {
		struct mue_target *t = &ts.t[i];

		if (strcmp(t->runner->name, "guest")) {
			snprintf(msg, msg_size, "'%s': expected a guest", t->name);
			err = -1;
			break;
		}
		began = mue_now_ns();
		err = mue_session_start(t->runner, &t->session, t->arg, msg, msg_size);
		if (err)
			break;
		mue_bench_add(b, "ms", (mue_now_ns() - began) / 1e6, 0, "boot to the first question",
			      "%s boots", t->name);
#ifdef MUE_HAVE_GUEST
		bench_guest(b, t);
#endif
		t->session->close(t->session);
		t->session = NULL;
	}
	mue_targets_free(&ts);
	return err;
}
