/*
 * Speeds of fuzzing: the random engine's loop in memory, without corpus and features: mutate,
 * encode, decode, ask, judge. Of a kernel two rows: all that the mutator makes, and cases on plain
 * maps that test runs run, whose maps and programs can be used again and again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cases/attach.h"
#include "cli/asking.h"
#include "cli/bench.h"
#include "fuzz/batch.h"
#include "fuzz/mutate.h"

#define PARENTS 64 /* cases that are changed, over and over */
#define AGE 6	   /* a parent's changes from the first case */
/* So many ops have the parents, in turn: four on average. */
#define OPS_LEAST 2
#define OPS_KINDS 5
#define ROUND_NS 500000000

/* What is measured, and against what. */
struct fuzz_row {
	const char *on;
	bool steady; /* most changes are those of mue_mutate_steady, as for a kernel; else all are
			any */
	bool reused; /* all are, of parents that allow it */
	double floor;
	const char *floor_is;
};

struct fuzz_bench {
	const struct fuzz_row *row;
	struct mue_targets targets;
	struct mue_asking asking;
	struct mue_input in;
	struct mue_observation right;
	struct mue_raw parents[PARENTS];
	uint8_t parent_bytes[PARENTS][1024];
	struct mue_batch batch;
	struct mue_dice dice; /* of followers */
	uint64_t cases, ops, seed;
	uint64_t begun; /* bit n: parent n has been changed */
};
_Static_assert(PARENTS <= 64, "bits of begun");

/* Maps that can be emptied, made of no BTF. */
static bool plain_maps(const struct fuzz_bench *k)
{
	for (uint32_t i = 0; i < k->in.c.n_maps; i++) {
		const struct mue_map *m = &k->in.c.maps[i];

		if (mue_map_type_row(m->type)->class != MUE_CLASS_PLAIN || m->special ||
		    m->type == MUE_MAP_LRU_HASH || m->type == MUE_MAP_LRU_PERCPU_HASH)
			return false;
	}
	return true;
}

/* Whether maps can be made, programs loaded, and test runs run them. */
static bool can_be_reused(struct fuzz_bench *k)
{
	const struct mue_case *c = &k->in.c;
	const struct mue_observation *o = &k->right;
	uint32_t programs = 0;

	mue_model_answer(&k->targets.t[0].world, c, &k->right);
	if (o->status != MUE_ANSWERED || c->n_socks)
		return false;
	for (uint32_t i = 0; i < c->n_maps; i++)
		if (o->maps[i].create)
			return false;
	for (uint32_t i = 0; i < c->n_phases; i++) {
		const struct mue_phase *p = &c->phases[i];

		if (p->prog_type &&
		    (!mue_phase_test_run(p) || o->phases[i].load || o->phases[i].run))
			return false;
		programs += p->prog_type != 0;
	}
	return programs && plain_maps(k);
}

static void make_parents(struct fuzz_bench *k)
{
	for (uint32_t i = 0; i < PARENTS; i++) {
		size_t n;

		do {
			k->in.world = 0;
			mue_mutate_first(&k->in.c);
			for (uint32_t age = 0; age < AGE; age++)
				mue_mutate(&k->in.c, NULL, k->seed++);
			n = mue_input_encode(&k->in, k->parent_bytes[i], sizeof(k->parent_bytes[i]));
		} while (!n || k->in.c.n_ops != OPS_LEAST + i % OPS_KINDS ||
			 (k->row->reused && !can_be_reused(k)));
		k->parents[i] = (struct mue_raw){k->parent_bytes[i], n};
	}
}

/* Begins with another parent. Gives the size of the case. */
static size_t begin(struct fuzz_bench *k, uint8_t *to)
{
	uint32_t parent = k->seed % PARENTS;
	struct mue_raw in = k->parents[parent];

	k->begun |= UINT64_C(1) << parent;
	if (!k->row->reused)
		return mue_input_mutate(in, NULL, false, k->seed++, to, MUE_INPUT_MAX);
	k->seed++;
	memcpy(to, in.data, in.n);
	return in.n;
}

static void decode(struct fuzz_bench *k, uint32_t i)
{
	mue_input_decode(&k->in, k->batch.in[i].data, k->batch.in[i].n);
	k->asking.untwinned = i;
}

/* As the random engine does: a case and its followers, all of them out at once where that can be. */
static void ask_batch(struct fuzz_bench *k)
{
	struct mue_suite_case question = {&k->in.c};
	uint32_t most = k->row->steady ? MUE_BATCH_MAX : 1;

	mue_batch_fill(&k->batch, begin(k, k->batch.bytes[0]), most, &k->dice);
	for (uint32_t i = 0; i < k->batch.n && mue_asking_posts(&k->asking); i++) {
		decode(k, i);
		mue_asking_ahead(&k->asking, &k->in.c);
	}
	for (uint32_t i = 0; i < k->batch.n; i++) {
		decode(k, i);
		mue_asking_ask(&k->asking, &question);
		k->ops += k->in.c.n_ops;
	}
	k->cases += k->batch.n;
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
			ask_batch(k);
		now = (k->cases - before) * 1e9 / took;
		if (now > best)
			best = now;
	}
	return best;
}

/* Seconds of CPU time so far: in the kernel, and in all. */
struct cpu_time {
	double kernel, all;
};

static struct cpu_time cpu_time(void)
{
	struct rusage u;
	struct cpu_time t;

	getrusage(RUSAGE_SELF, &u);
	t.kernel = u.ru_stime.tv_sec + u.ru_stime.tv_usec / 1e6;
	t.all = t.kernel + u.ru_utime.tv_sec + u.ru_utime.tv_usec / 1e6;
	return t;
}

/* Cases a second. */
static double measure(struct mue_bench *b, struct fuzz_bench *k)
{
	const struct fuzz_row *row = k->row;
	struct cpu_time before, after;
	struct mue_measure *m;
	double fuzzed;

	make_parents(k);
	before = cpu_time();
	fuzzed = speed(k, b->rounds);
	after = cpu_time();
	m = mue_bench_add(b, "cases/s", fuzzed, row->floor, row->floor_is, "fuzz %s%s", row->on,
			  row->reused ? ", reused" : "");
	if (m)
		snprintf(m->note, sizeof(m->note),
			 "cases of %.1f ops on average, changes of %d, %.0f %% of the time in the kernel",
			 (double)k->ops / k->cases, __builtin_popcountll(k->begun),
			 100 * (after.kernel - before.kernel) / (after.all - before.all));
	return fuzzed;
}

/* Gives 0, or another number and one line in msg. */
static int open_targets(struct fuzz_bench *k, const char *on, char *msg, size_t msg_size)
{
	const struct mue_list list = {1, {on}};
	int err = mue_targets_parse(&k->targets, &list, msg, msg_size);

	if (!err)
		err = mue_targets_survey(&k->targets, msg, msg_size);
	if (!err && mue_asking_init(&k->asking, &k->targets)) {
		snprintf(msg, msg_size, "out of memory");
		err = -1;
	}
	return err;
}

/* The targets, judged by the model as always. 0, or another number and one line in msg. */
static int measure_row(struct mue_bench *b, const struct fuzz_row *row, double *speed, char *msg,
		       size_t msg_size)
{
	struct fuzz_bench *k = calloc(1, sizeof(*k));
	int err;

	*speed = 0;
	if (!k) {
		snprintf(msg, msg_size, "out of memory");
		return -1;
	}
	k->row = row;
	k->seed = 1;
	err = open_targets(k, row->on, msg, msg_size);
	if (!err) {
		*speed = measure(b, k);
		mue_asking_free(&k->asking);
	}
	mue_targets_free(&k->targets);
	free(k);
	return err;
}

/* A kernel against the emulator. */
static int measure_kernel(struct mue_bench *b, const char *kernel, double alone, char *msg,
			  size_t msg_size)
{
	char on[512];
	struct fuzz_row row = {
		.on = on, .steady = true, .floor = alone, .floor_is = "the emulator alone"};
	double ignored;
	int err;

	snprintf(on, sizeof(on), "%s,emulator", kernel);
	err = measure_row(b, &row, &ignored, msg, msg_size);
	row.reused = true;
	return err ? err : measure_row(b, &row, &ignored, msg, msg_size);
}

static int measure_emulator(struct mue_bench *b, double *alone, char *msg, size_t msg_size)
{
	return measure_row(b, &(struct fuzz_row){.on = "emulator", .floor_is = ""}, alone, msg,
			   msg_size);
}

void mue_bench_fuzz(struct mue_bench *b)
{
	char msg[512]; /* for nobody: where bpf(2) is not allowed the emulator is all there is */
	double alone;

	if (!measure_emulator(b, &alone, msg, sizeof(msg)))
		measure_kernel(b, "host", alone, msg, sizeof(msg));
}

int mue_bench_fuzz_on(struct mue_bench *b, const struct mue_list *on, char *msg, size_t msg_size)
{
	struct mue_targets kernels;
	double alone;
	int err = mue_targets_parse(&kernels, on, msg, msg_size);

	if (!err)
		err = measure_emulator(b, &alone, msg, msg_size);
	for (uint32_t i = 0; i < kernels.n && !err; i++)
		err = measure_kernel(b, kernels.t[i].name, alone, msg, msg_size);
	mue_targets_free(&kernels);
	return err;
}
