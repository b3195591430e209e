/* The libFuzzer engine: the target fuzz_NAME of a build with clang, one process a job, all on the
 * same corpus. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/fuzzing.h"

static int prepare(struct mue_campaign *k)
{
	char path[2 * MUE_FUZZ_PATH];

	snprintf(path, sizeof(path), "%s/fuzz_%s", k->built, k->target);
	if (!access(path, X_OK))
		return 0;
	snprintf(k->msg, sizeof(k->msg),
		 "%s is not there; expected it of: cmake --preset fuzz && cmake --build build/fuzz "
		 "--target fuzzers",
		 path);
	return -ENOENT;
}

static void job(struct mue_campaign *k, uint32_t number)
{
	char path[2 * MUE_FUZZ_PATH], seed[32], artifacts[2 * MUE_FUZZ_PATH], hang[32];

	snprintf(path, sizeof(path), "%s/fuzz_%s", k->built, k->target);
	/* 0 would mean: a seed of its own choice. */
	snprintf(seed, sizeof(seed), "-seed=%u", (uint32_t)(k->seed + number + k->deaths) | 1);
	snprintf(artifacts, sizeof(artifacts), "-artifact_prefix=%s/", k->findings);
	snprintf(hang, sizeof(hang), "-timeout=%d", MUE_FUZZ_HANG_S);
	dup2(k->pipes[number], 2);
	execl(path, path, seed, artifacts, hang, "-max_len=512", "-reload=1", "-entropic=0",
	      "-print_new=1", "-rss_limit_mb=4096", k->corpus, NULL);
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	_exit(MUE_EXIT_HARNESS);
}

/* "#1234	NEW    cov: 234 ft: 1450 corp: 127/11Kb lim: 4096 exec/s: 0 ..." */
static void read_line(struct mue_fuzz_stats *s, const char *line)
{
	const char *cov = strstr(line, " ft: "), *corp = strstr(line, " corp: ");
	uint64_t cases;

	if (*line != '#' || sscanf(line + 1, "%" SCNu64, &cases) != 1)
		return;
	s->cases = cases;
	if (cov)
		s->coverage = strtoul(cov + 5, NULL, 10);
	if (corp)
		s->corpus = strtoul(corp + 7, NULL, 10);
}

static void look(struct mue_campaign *k, uint32_t number)
{
	mue_fuzz_listen(k, number, read_line);
}

const struct mue_fuzz_engine mue_fuzz_libfuzzer = {
	.name = "libfuzzer",
	.build = "fuzz",
	.prepare = prepare,
	.job = job,
	.stop_signal = SIGINT,
	.look = look,
};
