/* mue run: the suite, asked of every target, and judged. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/answering.h"
#include "cli/command.h"
#include "cli/outlet.h"
#include "cli/pool.h"
#include "cli/progress.h"
#include "cli/resume.h"

#define DEADLINE_S 10 /* for one answer of one target */
#define DEADLINE_S_MAX 86400
#define POLL_MS 200
#define MSG_MAX 1024

struct options {
	struct mue_list on;
	const char *modules;
	const char *cases, *shard, *out;
	uint64_t seed, jobs, deadline_s;
	bool resume, first;
	struct mue_format_options formats;
};

static const struct options defaults = {.seed = MUE_SEED_DEFAULT, .deadline_s = DEADLINE_S};

static const struct mue_option options[] = {
	MUE_OPTION_ON(struct options, on),
	MUE_OPTION_MODULES(struct options, modules),
	MUE_STRING(struct options, cases, "cases", "GLOB",
		   "only cases whose names match; '*' matches '/' too"),
	MUE_OPTION_SEED(struct options, seed),
	MUE_STRING(struct options, shard, "shard", "K/N", "only the K-th of N parts"),
	MUE_NUMBER(struct options, jobs, "jobs", "N", 1, MUE_JOBS_MAX,
		   "worker processes (one a CPU); results do not depend on it"),
	MUE_NUMBER(struct options, deadline_s, "deadline", "SECONDS", 1, DEADLINE_S_MAX,
		   "for one answer of one target (10)"),
	MUE_STRING(struct options, out, "out", "FILE", "record the results there, case by case"),
	MUE_FLAG(struct options, resume, "resume", "go on where FILE ends"),
	MUE_FLAG(struct options, first, "first", "stop at the first divergence or error"),
#define MUE_FORMAT(name, help) MUE_FORMAT_OPTION(struct options, formats, name, help),
#include "reports/formats.def"
#undef MUE_FORMAT
	{NULL}};

/* All of a run that its steps share. */
struct running {
	const struct options *opts;
	struct mue_targets targets;
	struct mue_answering answering;
	struct mue_run run;
	struct mue_outlet outlet;
	struct mue_progress progress;
	uint64_t records, offset; /* what was there before */
	char msg[MSG_MAX];
};

static int fail(struct running *r, enum mue_exit code)
{
	mue_progress_erase(&r->progress);
	return mue_fail(&mue_command_run, code, "%s", r->msg);
}

/* What is asked when nobody says: this kernel if it lets us, and says which and why. */
static int survey_default(struct running *r)
{
	static const struct mue_list kernel = {1, {"host,emulator"}},
				     without = {1, {"emulator,model"}};

	if (!mue_targets_parse(&r->targets, &kernel, r->msg, sizeof(r->msg)) &&
	    !mue_targets_survey(&r->targets, r->msg, sizeof(r->msg))) {
		fprintf(stderr, "mue run: asking host,emulator: this kernel lets us use bpf(2)\n");
		return 0;
	}
	mue_targets_free(&r->targets);
	fprintf(stderr, "mue run: asking emulator,model: no kernel to ask (%s)\n", r->msg);
	mue_targets_parse(&r->targets, &without, r->msg, sizeof(r->msg));
	return mue_targets_survey(&r->targets, r->msg, sizeof(r->msg));
}

/* Finds the targets and their worlds. Gives -1, or an exit code. */
static int survey(struct running *r)
{
	int err;

	mue_targets_modules(r->opts->modules);
	if (!r->opts->on.n) {
		err = survey_default(r);
	} else {
		err = mue_targets_parse(&r->targets, &r->opts->on, r->msg, sizeof(r->msg));
		if (!err)
			err = mue_targets_survey(&r->targets, r->msg, sizeof(r->msg));
	}
	mue_targets_close(&r->targets); /* each worker opens its own */
	if (err)
		return fail(r, err == -EINVAL ? MUE_EXIT_USAGE : MUE_EXIT_NOTHING);
	return -1;
}

static bool parse_shard(const char *text, uint32_t *k, uint32_t *n)
{
	int used = 0;

	return sscanf(text, "%6" SCNu32 "/%6" SCNu32 "%n", k, n, &used) == 2 && !text[used] &&
	       *k >= 1 && *k <= *n;
}

/* Fills the selection and the header. Gives -1, or an exit code. */
static int select_cases(struct running *r)
{
	struct mue_selection *s = &r->answering.selection;
	char ignored[1];

	*s = (struct mue_selection){{r->opts->cases, r->opts->seed}, 1, 1};
	if (r->opts->shard && !parse_shard(r->opts->shard, &s->shard, &s->shards))
		return mue_fail(&mue_command_run, MUE_EXIT_USAGE,
				"--shard '%s': expected K/N with K from 1 to N", r->opts->shard);
	r->answering.targets = &r->targets;
	r->answering.deadline_ms = r->opts->deadline_s * 1000;
	r->run = (struct mue_run){.n_targets = r->targets.n,
				  .seed = r->opts->seed,
				  .glob = r->opts->cases,
				  .shard = s->shard,
				  .shards = s->shards};
	for (uint32_t i = 0; i < r->targets.n; i++) {
		r->run.targets[i] = r->targets.t[i].name;
		r->run.worlds[i] = r->targets.t[i].world;
	}
	r->run.cases = mue_selection_count(s, UINT64_MAX, ignored, 0);
	if (!r->run.cases && s->shards == 1)
		return mue_fail(&mue_command_run, MUE_EXIT_USAGE,
				"no case matches '%s'; 'mue list' prints their names",
				r->opts->cases ? r->opts->cases : "");
	return -1;
}

/* What goes to standard output unasked: TAP into a pipe, unless TAP was asked for elsewhere. */
static enum mue_format_number standard_format(const struct mue_format_options *asked)
{
	bool tap = asked->files[MUE_FORMAT_tap] || asked->files[MUE_FORMAT_ktap];

	return isatty(1) || tap ? MUE_FORMAT_terminal : MUE_FORMAT_tap;
}

/* Opens reports and results file, and reads what is there already. Gives -1, or an exit code. */
static int open_outlet(struct running *r)
{
	enum mue_format_number standard = standard_format(&r->opts->formats);

	if (r->opts->resume && !r->opts->out)
		return mue_fail(&mue_command_run, MUE_EXIT_USAGE,
				"--resume: expected --out FILE too");
	if (mue_outlet_open(&r->outlet, &r->opts->formats, standard, r->msg, sizeof(r->msg)))
		return fail(r, MUE_EXIT_HARNESS);
	mue_outlet_begin(&r->outlet, &r->run);
	if (r->opts->resume && mue_resume(&r->outlet, &r->records, &r->offset, r->opts->out,
					  &r->run, &r->answering.selection, r->msg, sizeof(r->msg)))
		return fail(r, MUE_EXIT_USAGE);
	if (!r->opts->out)
		return -1;
	r->outlet.writer =
		mue_results_create(r->opts->out, &r->run, r->offset, r->msg, sizeof(r->msg));
	return r->outlet.writer ? -1 : fail(r, MUE_EXIT_HARNESS);
}

/* One record: first to the file, then to everything else. */
static int take_line(struct running *r, const char *line, size_t n)
{
	struct mue_record record;
	int err = 0;

	if (r->outlet.writer)
		err = mue_results_write(r->outlet.writer, line, n, r->msg, sizeof(r->msg));
	if (!err)
		err = mue_record_of_line(&record, line, n, r->msg, sizeof(r->msg));
	if (err)
		return err;
	if (record.outcome != MUE_AGREE)
		mue_progress_erase(&r->progress);
	mue_outlet_record(&r->outlet, &record);
	mue_record_clear(&record);
	return 0;
}

/* Whether --first has what it wants. */
static bool found_first(const struct running *r)
{
	const uint64_t *n = r->outlet.tally->outcomes;

	return r->opts->first && n[MUE_DIVERGE] + n[MUE_ERROR];
}

/*
 * Takes records until all are there. 0, -EINTR when interrupted, -ECANCELED when --first ends it,
 * or another -errno and a message.
 */
static int take_all(struct running *r, struct mue_pool *pool)
{
	const char *line;
	size_t n;
	int got;

	while (!found_first(r)) {
		got = mue_pool_next(pool, &line, &n, POLL_MS, r->msg, sizeof(r->msg));
		if (got == 1)
			got = take_line(r, line, n);
		else if (!got)
			return 0;
		if (got && got != -EAGAIN)
			return got;
		mue_progress_draw(&r->progress, r->outlet.tally);
	}
	snprintf(r->msg, sizeof(r->msg), "stopped at the first divergence or error");
	return -ECANCELED;
}

/* One worker a CPU; but guests of one worker work at the same time. */
static uint64_t standard_jobs(const struct running *r)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	uint32_t guests = mue_targets_guests(&r->targets);

	if (guests > 1)
		cpus /= guests;
	return cpus < 1 ? 1 : cpus;
}

static int ask_all(struct running *r)
{
	uint64_t jobs = r->opts->jobs ? r->opts->jobs : standard_jobs(r);
	const struct mue_pool_options pool_options = {
		.jobs = jobs < MUE_JOBS_MAX ? jobs : MUE_JOBS_MAX,
		.start = r->records,
		.deadline_ms = r->opts->deadline_s * 1000,
		.work = mue_answering_work,
		.ctx = &r->answering,
	};
	struct mue_pool *pool = mue_pool_open(&pool_options, r->msg, sizeof(r->msg));
	int err = -EIO;

	mue_progress_begin(&r->progress, r->records, r->run.cases);
	if (pool)
		err = take_all(r, pool);
	mue_pool_close(pool);
	mue_progress_erase(&r->progress);
	return err;
}

static int write_summary(struct running *r)
{
	char *line = mue_summary_line(r->outlet.tally, mue_progress_seconds(&r->progress));
	int err = -ENOMEM;

	if (line && r->outlet.writer)
		err = mue_results_write(r->outlet.writer, line, strlen(line), r->msg,
					sizeof(r->msg));
	else if (line)
		err = 0;
	free(line);
	return err;
}

/* Ends file and reports. Gives the exit code. */
static int finish(struct running *r, int err)
{
	char why[MSG_MAX];
	int code;

	if (!err)
		err = write_summary(r);
	if (err == -EINTR)
		snprintf(r->msg, sizeof(r->msg), "interrupted%s",
			 r->opts->out ? "; --resume goes on from here" : "");
	snprintf(why, sizeof(why), "%s", r->msg);
	code = mue_outlet_end(&r->outlet, err ? why : NULL, r->msg, sizeof(r->msg));
	if (err && err != -ECANCELED) {
		memcpy(r->msg, why, sizeof(why));
		return fail(r, MUE_EXIT_HARNESS);
	}
	if (code)
		return fail(r, MUE_EXIT_HARNESS);
	return mue_outlet_code(&r->outlet);
}

static int run_in(struct running *r)
{
	int code = survey(r);

	if (code < 0)
		code = select_cases(r);
	if (code < 0)
		code = open_outlet(r);
	return code < 0 ? finish(r, ask_all(r)) : code;
}

static int run(const void *opts, char *const *args, unsigned n_args)
{
	struct running *r = calloc(1, sizeof(*r));
	int code;

	if (!r)
		return mue_fail(&mue_command_run, MUE_EXIT_HARNESS, "out of memory");
	r->opts = opts;
	code = run_in(r);
	if (mue_results_finish(r->outlet.writer, r->msg, sizeof(r->msg)))
		code = fail(r, MUE_EXIT_HARNESS);
	mue_outlet_close(&r->outlet);
	mue_targets_free(&r->targets);
	free(r);
	return code;
}

const struct mue_command mue_command_run = {
	.name = "run",
	.args = "",
	.sentence = "ask every case of the suite, and say where the targets differ",
	.about = "By default `host,emulator` are asked where this kernel lets us use bpf(2), else\n"
		 "`emulator,model`. A terminal shows a matrix of program types by map types and "
		 "every\n"
		 "divergence; a pipe gets TAP, unless --tap names a file. Results do not depend on\n"
		 "--jobs. Ctrl-C ends in order, prints what was done, and exits 3.\n\n" MUE_TARGETS_ABOUT,
	.examples = "  mue run\n"
		    "  mue run --on emulator,model --cases 'lru_hash/*'\n"
		    "  mue run --on host,emulator:6.1 --out results.jsonl --tap results.tap\n"
		    "  mue run --out results.jsonl --resume\n"
		    "  mue run --on exec:'./agent --fast',emulator --shard 1/4 --jobs 2\n",
	.options = options,
	.defaults = &defaults,
	.option_size = sizeof(struct options),
	.run = run,
};
