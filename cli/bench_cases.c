/* Speeds of asking: cases a second, all on the same sample of the suite. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/suite.h"
#include "cli/bench.h"
#include "cli/target.h"
#include "runners/kernel/floor.h"

#define SAMPLE_EVERY 101 /* of the suite's cases: some 240 from all families */
#define REPEATS 4	 /* of each, in one round */

/* Who is timed; each sample is put to all of them in turn, so that all feel the same disturbances. */
enum who { FLOOR, ANEW, REUSED, EMULATOR, MODEL, WHOS };

static const char *const targets[WHOS] = {
	[ANEW] = "host:noreuse",
	[REUSED] = "host",
	[EMULATOR] = "emulator",
	[MODEL] = "model",
};

struct cases_bench {
	struct mue_targets opened[WHOS];
	struct mue_session *sessions[WHOS];
	struct mue_observation o;
	uint32_t rounds;
	uint64_t seen;
	struct tally {
		uint64_t cases;
		double ns[WHOS];
	} all, kept; /* all samples; those whose maps and programs can be used again */
};

/* An LRU map remembers what was in it, so that the host never uses one again. */
static bool can_be_kept(const struct mue_case *c)
{
	for (uint32_t i = 0; i < c->n_maps; i++)
		if (c->maps[i].type == MUE_MAP_LRU_HASH || c->maps[i].type == MUE_MAP_LRU_PERCPU_HASH)
			return false;
	return true;
}

static void tally(struct tally *t, const double *ns)
{
	t->cases++;
	for (enum who who = 0; who < WHOS; who++)
		t->ns[who] += ns[who];
}

/* Nanoseconds of one answer; 0 when there is none. */
static double time_answer(struct cases_bench *k, enum who who, struct mue_floor *f,
			  const struct mue_case *c)
{
	struct mue_session *s = k->sessions[who];
	int64_t began = mue_now_ns();
	double ns = 0;

	if (who == FLOOR)
		return mue_floor_run(f, REPEATS, &ns) ? 0 : ns;
	for (int i = 0; s && i < REPEATS; i++)
		s->ask(s, c, &k->o);
	return s ? (mue_now_ns() - began) / (double)REPEATS : 0;
}

static bool sample(void *ctx, const struct mue_suite_case *s)
{
	struct cases_bench *k = ctx;
	double best[WHOS] = {0};
	struct mue_floor *f;
	char msg[256];

	if (k->seen++ % SAMPLE_EVERY || mue_floor_open(&f, s->question, msg, sizeof(msg)))
		return true;
	for (uint32_t i = 0; i < k->rounds; i++)
		for (enum who who = 0; who < WHOS; who++) {
			double ns = time_answer(k, who, f, s->question);

			if (!best[who] || ns < best[who])
				best[who] = ns;
		}
	mue_floor_close(f);
	tally(&k->all, best);
	if (can_be_kept(s->question))
		tally(&k->kept, best);
	return true;
}

/* Adds what `who` took, held against what `floor` took. */
static void add(struct mue_bench *b, const struct tally *t, enum who who, enum who floor,
		const char *name, const char *floor_is)
{
	if (t->ns[who] && t->ns[floor])
		mue_bench_add(b, "cases/s", t->cases * 1e9 / t->ns[who], t->cases * 1e9 / t->ns[floor],
			      floor_is, "%s", name);
}

void mue_bench_cases(struct mue_bench *b)
{
	const struct mue_suite_options suite = {.seed = MUE_SEED_DEFAULT};
	struct cases_bench *k = calloc(1, sizeof(*k));
	char msg[MUE_WHY_MAX * 2];

	if (!k)
		return;
	k->rounds = b->rounds;
	for (enum who who = ANEW; who < WHOS; who++)
		if (!mue_targets_add(&k->opened[who], targets[who], msg, sizeof(msg)) &&
		    !mue_targets_survey(&k->opened[who], msg, sizeof(msg)))
			k->sessions[who] = k->opened[who].t[0].session;
	mue_suite_each(&suite, sample, k);
	add(b, &k->all, ANEW, FLOOR, "host, everything anew", "the bare bpf(2) calls, in a loop");
	add(b, &k->kept, REUSED, ANEW, "host, programs reused", "the same anew (LRU maps aside)");
	add(b, &k->all, EMULATOR, REUSED, "emulator", "the host, with reuse where it can be");
	add(b, &k->all, MODEL, EMULATOR, "model", "the emulator");
	for (enum who who = ANEW; who < WHOS; who++)
		mue_targets_free(&k->opened[who]);
	free(k);
}
