/* Speeds of fuzzing: the random engine's loop in memory, without corpus and features: mutate,
 * encode, decode, ask, judge. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/asking.h"
#include "cli/bench.h"
#include "fuzz/input.h"
#include "fuzz/mutate.h"

#define PARENTS 64 /* cases that are changed, over and over */
#define AGE 6	   /* a parent's changes from the first case */
#define ROUND_NS 500000000

struct fuzz_bench {
	struct mue_targets targets;
	struct mue_asking asking;
	struct mue_input in;
	struct mue_raw parents[PARENTS];
	uint8_t bytes[PARENTS][1024], made[MUE_INPUT_MAX];
	uint64_t cases, ops, seed;
};

static void make_parents(struct fuzz_bench *k)
{
	for (uint32_t i = 0; i < PARENTS; i++) {
		size_t n;

		do {
			k->in.world = 0;
			mue_mutate_first(&k->in.c);
			for (uint32_t age = 0; age < AGE; age++)
				mue_mutate(&k->in.c, NULL, k->seed++);
			n = mue_input_encode(&k->in, k->bytes[i], sizeof(k->bytes[i]));
		} while (!n);
		k->parents[i] = (struct mue_raw){k->bytes[i], n};
	}
}

static void ask_one(struct fuzz_bench *k)
{
	struct mue_suite_case question = {&k->in.c};
	struct mue_raw in = k->parents[k->seed % PARENTS];
	size_t n = mue_input_mutate(in, NULL, false, k->seed++, k->made, sizeof(k->made));

	mue_input_decode(&k->in, k->made, n);
	mue_asking_ask(&k->asking, &question);
	k->cases++;
	k->ops += k->in.c.n_ops;
}

/* Cases a second, in the best of the rounds. */
static double speed(struct fuzz_bench *k, uint32_t rounds)
{
	double best = 0;

	for (uint32_t i = 0; i < rounds; i++) {
		int64_t began = mue_now_ns(), took;
		uint64_t before = k->cases;
		double now;

		while ((took = mue_now_ns() - began) < ROUND_NS)
			for (uint32_t j = 0; j < 64; j++)
				ask_one(k);
		now = (k->cases - before) * 1e9 / took;
		if (now > best)
			best = now;
	}
	return best;
}

/* The targets, judged by the model as always; nothing when they cannot be asked. */
static double measure(struct mue_bench *b, const char *on, double floor, const char *floor_is)
{
	struct fuzz_bench *k = calloc(1, sizeof(*k));
	struct mue_measure *m;
	const struct mue_list list = {1, {on}};
	char msg[1024];
	double fuzzed = 0;

	if (!k)
		return 0;
	k->seed = 1;
	if (!mue_targets_parse(&k->targets, &list, msg, sizeof(msg)) &&
	    !mue_targets_survey(&k->targets, msg, sizeof(msg)) &&
	    !mue_asking_init(&k->asking, &k->targets)) {
		make_parents(k);
		fuzzed = speed(k, b->rounds);
		m = mue_bench_add(b, "cases/s", fuzzed, floor, floor_is, "fuzz %s", on);
		if (m && !floor)
			snprintf(m->note, sizeof(m->note), "cases of %.1f ops on average",
				 (double)k->ops / k->cases);
		mue_asking_free(&k->asking);
	}
	mue_targets_free(&k->targets);
	free(k);
	return fuzzed;
}

void mue_bench_fuzz(struct mue_bench *b)
{
	double alone = measure(b, "emulator", 0, "");

	measure(b, "host,emulator", alone, "the same without the host");
}
