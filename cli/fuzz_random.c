/*
 * The random engine: mutation in this very program. It needs no compiler that instruments: what it
 * goes by is what the answers show (fuzz/features.h), and where a target tells it, the coverage of
 * its kernel (fuzz/coverage.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bench.h"
#include "cli/fuzzing.h"
#include "cli/worker.h"
#include "fuzz/batch.h"
#include "fuzz/corpus.h"
#include "fuzz/coverage.h"
#include "fuzz/features.h"
#include "fuzz/mutate.h"

#define READ_EVERY 20000 /* cases: what other jobs have found */
#define SPLICE_PERCENT 15
#define OTHER_PERCENT 40

_Static_assert(MUE_BATCH_MAX <= MUE_AHEAD_MAX, "a batch can be ahead");

struct engine {
	struct mue_campaign *k;
	struct mue_fuzz_stats *stats;
	struct mue_fuzz_worlds *worlds;
	struct mue_asking *asking; /* that was asked last */
	bool steady;		   /* of a case's followers; the case itself has had a twin */
	struct mue_corpus *corpus;
	struct mue_features *features;
	struct mue_coverage *coverage; /* of the targets that tell it */
	uint32_t new_places;	       /* in the answers to the latest input */
	struct mue_dice dice;
	struct mue_input in;
	struct mue_batch batch; /* with followers for targets with a world of their own, as kernels have */
};

static void give_up(struct engine *e, const char *why)
{
	fprintf(stderr, "mue fuzz: a job gives up: %s\n", why);
	_exit(MUE_EXIT_HARNESS);
}

/* What is new in the first target's answer, and in what the targets have covered meanwhile. */
static uint32_t novelty(struct engine *e)
{
	uint32_t fresh = mue_features_add(e->features, e->in.world, &e->in.c, &e->asking->seen[0]);

	e->stats->coverage = e->features->n;
	e->stats->places = mue_coverage_places(e->coverage);
	return fresh + e->new_places;
}

/* A target has answered the case, or its twin: its coverage is of that answer alone. */
static void add_coverage(void *ctx, uint32_t target)
{
	struct engine *e = ctx;
	struct mue_session *s = e->asking->targets->t[target].session;
	int places = s->cover ? mue_coverage_add(e->coverage, s->cover(s)) : 0;

	if (places < 0)
		give_up(e, "out of memory");
	e->new_places += places;
}

static void keep_found(struct engine *e, const struct mue_verdict *v, struct mue_raw in)
{
	char kind[MUE_FOUND_KIND_MAX];
	int err;

	mue_found_kind(kind, sizeof(kind), &e->in.c, v);
	err = mue_found_keep(e->k->found, kind, in);
	if (err < 0)
		give_up(e, strerror(-err));
}

static struct mue_asking *asking_of(struct engine *e, uint8_t world)
{
	char msg[512];
	struct mue_asking *asking = mue_fuzz_asking(e->worlds, world, msg, sizeof(msg));

	if (!asking)
		give_up(e, msg);
	return asking;
}

/* Asks an input. The campaign sees which, should we not come back. Gives what it cost, in
 * nanoseconds. */
static uint32_t ask(struct engine *e, struct mue_raw in)
{
	struct mue_suite_case question = {&e->in.c};
	struct mue_fuzz_stats *s = e->stats;
	int64_t began = mue_now_ns(), took;

	mue_fuzz_decode(e->k, &e->in, in);
	e->asking = asking_of(e, e->in.world);
	e->asking->after = add_coverage;
	e->asking->ctx = e;
	e->asking->untwinned = e->steady;
	e->new_places = 0;
	memcpy(s->input, in.data, in.n);
	s->n = in.n;
	s->since_ms = began / 1000000;
	mue_asking_ask(e->asking, &question);
	s->since_ms = 0;
	s->cases++;
	s->skips += e->asking->verdict.outcome == MUE_SKIP;
	if (e->asking->verdict.outcome == MUE_DIVERGE || e->asking->verdict.outcome == MUE_ERROR)
		keep_found(e, &e->asking->verdict, in);
	took = mue_now_ns() - began;
	return took < UINT32_MAX ? took : UINT32_MAX;
}

static void read_one(struct engine *e, uint32_t i)
{
	mue_corpus_cost(e->corpus, i, ask(e, mue_corpus_at(e->corpus, i)));
	novelty(e);
}

/* Asks what has come into the corpus; of the first time, all of it. */
static void read_corpus(struct engine *e)
{
	uint32_t before = mue_corpus_count(e->corpus);

	if (mue_corpus_read(e->corpus) < 0)
		give_up(e, "the corpus cannot be read");
	for (uint32_t i = before; i < mue_corpus_count(e->corpus) && !e->stats->stop; i++)
		read_one(e, i);
	e->stats->corpus = mue_corpus_count(e->corpus);
}

static void ask_made(struct engine *e, struct mue_raw made)
{
	uint32_t cost = ask(e, made);

	/* Programs that are refused show something new without end. */
	if (novelty(e) && !(e->k->edits && e->asking->verdict.outcome == MUE_SKIP) &&
	    mue_corpus_add(e->corpus, made, cost))
		give_up(e, "the corpus cannot be written");
	e->stats->corpus = mue_corpus_count(e->corpus);
}

static size_t make_one(struct engine *e, uint8_t *to)
{
	struct mue_raw in = mue_corpus_pick(e->corpus, &e->dice);
	struct mue_raw other = mue_corpus_pick(e->corpus, &e->dice);
	bool splice = mue_dice_chance(&e->dice, SPLICE_PERCENT);
	uint64_t seed = mue_batch_seed(&e->dice);
	bool with = splice || mue_dice_chance(&e->dice, OTHER_PERCENT);

	return mue_input_mutate(in, with ? &other : NULL, splice, seed, to, MUE_INPUT_MAX);
}

/* Guests work on all of it, while the answers are judged. */
static void post_batch(struct engine *e)
{
	if (e->k->any_world || !mue_asking_posts(asking_of(e, 0)))
		return;
	for (uint32_t i = 0; i < e->batch.n; i++) {
		mue_fuzz_decode(e->k, &e->in, e->batch.in[i]);
		asking_of(e, e->in.world)->untwinned = i;
		mue_asking_ahead(asking_of(e, e->in.world), &e->in.c);
	}
}

static void ask_next(struct engine *e)
{
	size_t size = make_one(e, e->batch.bytes[0]);

	mue_batch_fill(&e->batch, size, e->k->any_world ? 1 : MUE_BATCH_MAX, &e->dice);
	post_batch(e);
	for (uint32_t i = 0; i < e->batch.n && !e->stats->stop; i++) {
		e->steady = i;
		ask_made(e, e->batch.in[i]);
	}
	e->steady = false;
}

static void begin_with_first(struct engine *e)
{
	struct mue_raw first = {e->batch.bytes[0], 0};

	e->in.world = 0;
	mue_mutate_first(&e->in.c);
	first.n = mue_input_encode(&e->in, e->batch.bytes[0], sizeof(e->batch.bytes[0]));
	if (mue_corpus_add(e->corpus, first, 0))
		give_up(e, "the corpus cannot be written");
}

static void random_job(struct mue_campaign *k, uint32_t job)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (!e)
		_exit(MUE_EXIT_HARNESS);
	e->k = k;
	e->stats = &k->stats[job];
	e->worlds = mue_fuzz_worlds_new(k, true);
	e->corpus = mue_corpus_open(k->corpus);
	e->features = calloc(1, sizeof(*e->features));
	e->coverage = mue_coverage_new();
	/* A job that died does not do again what it died of. */
	e->dice.state = k->seed + job * UINT64_C(0x9e3779b97f4a7c15) + k->deaths;
	if (!e->worlds || !e->corpus || !e->features || !e->coverage)
		give_up(e, "out of memory");
	read_corpus(e);
	if (!mue_corpus_count(e->corpus))
		begin_with_first(e);
	for (uint64_t i = 1; !e->stats->stop; i++) {
		ask_next(e);
		if (i % READ_EVERY == 0)
			read_corpus(e);
	}
	mue_fuzz_worlds_free(e->worlds);
}

const struct mue_fuzz_engine mue_fuzz_random = {.name = "random", .job = random_job};
