/*
 * The AFL++ engine: afl-fuzz on the target afl_NAME with our mutator; job 0 is its main instance,
 * the others secondary ones. Its state is the directory CORPUS.afl; what it finds worth keeping
 * goes to the corpus in the end.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/fuzzing.h"
#include "fuzz/corpus.h"
#include "fuzz/mutate.h"

#define ROOM (2 * MUE_FUZZ_PATH)

static int missing(struct mue_campaign *k, const char *what, const char *of)
{
	snprintf(k->msg, sizeof(k->msg), "%s is not there; expected it of: %s", what, of);
	return -ENOENT;
}

/* afl-fuzz does not begin with nothing. */
static int first_input(struct mue_campaign *k)
{
	struct mue_corpus *corpus = mue_corpus_open(k->corpus);
	static struct mue_input first;
	uint8_t bytes[64];
	struct mue_raw in = {bytes, 0};
	int err = corpus ? mue_corpus_read(corpus) : -ENOMEM;

	if (!err) {
		mue_mutate_first(&first.c);
		in.n = mue_input_encode(&first, bytes, sizeof(bytes));
		err = mue_corpus_write(k->corpus, in);
	}
	mue_corpus_close(corpus);
	if (err < 0)
		snprintf(k->msg, sizeof(k->msg), "%s: %s", k->corpus, strerror(-err));
	return err < 0 ? err : 0;
}

static int prepare(struct mue_campaign *k)
{
	static const char how[] = "cmake --preset afl && cmake --build build/afl --target fuzzers";
	char path[ROOM];

	if (system("command -v afl-fuzz >/dev/null 2>&1"))
		return missing(k, "afl-fuzz", "the package afl++");
	snprintf(path, sizeof(path), "%s/afl_%s", k->built, k->target);
	if (access(path, X_OK))
		return missing(k, path, how);
	snprintf(path, sizeof(path), "%s/mue_mutator.so", k->built);
	if (access(path, R_OK))
		return missing(k, path, how);
	snprintf(path, sizeof(path), "%s.afl", k->corpus);
	return mue_fuzz_mkdir(k, path) ? -errno : first_input(k);
}

static void name_of(char *to, size_t size, uint32_t number)
{
	snprintf(to, size, number ? "job%u" : "main", number);
}

static void job(struct mue_campaign *k, uint32_t number)
{
	char target[ROOM], mutator[ROOM], state[ROOM], seed[32], name[16], hang[32];
	int null = open("/dev/null", O_RDWR);

	snprintf(target, sizeof(target), "%s/afl_%s", k->built, k->target);
	snprintf(mutator, sizeof(mutator), "%s/mue_mutator.so", k->built);
	snprintf(state, sizeof(state), "%s.afl", k->corpus);
	snprintf(seed, sizeof(seed), "%u", (uint32_t)(k->seed + number));
	/* The first input waits for a guest to boot. */
	snprintf(hang, sizeof(hang), "%d", MUE_FUZZ_HANG_S * 1000);
	name_of(name, sizeof(name), number);
	setenv("AFL_CUSTOM_MUTATOR_LIBRARY", mutator, 1);
	setenv("AFL_CUSTOM_MUTATOR_ONLY", "1", 1);
	setenv("AFL_AUTORESUME", "1", 1);
	setenv("AFL_NO_UI", "1", 1);
	setenv("AFL_TRY_AFFINITY", "1", 1); /* it and its target take turns: on one CPU, where one is free */
	/* They are about the machine's settings, which are not ours to change. */
	setenv("AFL_SKIP_CPUFREQ", "1", 1);
	setenv("AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES", "1", 1);
	dup2(null, 0);
	dup2(k->pipes[number], 1);
	dup2(k->pipes[number], 2);
	execlp("afl-fuzz", "afl-fuzz", "-i", k->corpus, "-o", state, number ? "-S" : "-M", name,
	       "-s", seed, "-t", hang, "--", target, NULL);
	fprintf(stderr, "afl-fuzz: %s\n", strerror(errno));
	_exit(MUE_EXIT_HARNESS);
}

/* "execs_done        : 12345" */
static bool stat_of(const char *line, const char *name, uint64_t *n)
{
	size_t length = strlen(name);
	const char *colon = strchr(line, ':');

	return !strncmp(line, name, length) && line[length] == ' ' && colon &&
	       sscanf(colon + 1, "%" SCNu64, n) == 1;
}

static void look(struct mue_campaign *k, uint32_t number)
{
	struct mue_fuzz_stats *s = &k->stats[number];
	char path[ROOM + 64], line[512], name[16];
	uint64_t n;
	FILE *f;

	mue_fuzz_listen(k, number, NULL);
	name_of(name, sizeof(name), number);
	snprintf(path, sizeof(path), "%s.afl/%s/fuzzer_stats", k->corpus, name);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (stat_of(line, "execs_done", &n))
			s->cases = n;
		if (stat_of(line, "corpus_count", &n))
			s->corpus = n;
		if (stat_of(line, "edges_found", &n))
			s->coverage = n;
	}
	if (f)
		fclose(f);
}

/* Copies a job's queue into the corpus. */
static void gather(struct mue_campaign *k, uint32_t number)
{
	char dir[ROOM + 64], path[ROOM + 512], name[16];
	struct dirent *e;
	DIR *d;

	name_of(name, sizeof(name), number);
	snprintf(dir, sizeof(dir), "%s.afl/%s/queue", k->corpus, name);
	d = opendir(dir);
	while (d && (e = readdir(d))) {
		struct mue_raw in;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		in.data = mue_corpus_file(path, &in.n);
		if (in.data)
			mue_corpus_write(k->corpus, in);
		free((void *)in.data);
	}
	if (d)
		closedir(d);
}

static void finish(struct mue_campaign *k)
{
	for (uint32_t i = 0; i < k->jobs; i++)
		gather(k, i);
}

const struct mue_fuzz_engine mue_fuzz_afl = {
	.name = "afl",
	.build = "afl",
	.prepare = prepare,
	.job = job,
	.stop_signal = SIGINT,
	.look = look,
	.finish = finish,
};
