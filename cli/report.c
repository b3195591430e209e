/* mue report: recorded results, rendered again without any kernel. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/outlet.h"

#define FILES_MAX 256
#define MSG_MAX 1024

struct options {
	struct mue_format_options formats;
};

static const struct mue_option options[] = {
#define MUE_FORMAT(name, help) MUE_FORMAT_OPTION(struct options, formats, name, help),
#include "reports/formats.def"
#undef MUE_FORMAT
	{NULL}};

struct reporting {
	struct mue_outlet outlet;
	struct mue_results *files[FILES_MAX];
	struct mue_run runs[FILES_MAX];
	unsigned n;
	uint64_t expected; /* records that would make all of it complete */
	char msg[MSG_MAX];
};

/* Shards of one run may be reported together. */
static int check_same_targets(struct reporting *r, const char *name)
{
	const struct mue_run *a = &r->runs[0], *b = &r->runs[r->n - 1];
	bool same = a->n_targets == b->n_targets;

	for (uint32_t i = 0; i < a->n_targets && same; i++)
		same = !strcmp(a->targets[i], b->targets[i]);
	if (same)
		return 0;
	snprintf(r->msg, sizeof(r->msg),
		 "%s:1: is of other targets than the first file; expected "
		 "shards of one run",
		 name);
	return -EINVAL;
}

/* All headers are read before anything is printed. */
static int open_files(struct reporting *r, char *const *names, unsigned n)
{
	int err = 0;

	for (unsigned i = 0; i < n && !err; i++) {
		r->files[i] = mue_results_open(&r->runs[i], names[i], r->msg, sizeof(r->msg));
		if (!r->files[i])
			return -EINVAL;
		r->n++;
		r->expected += r->runs[i].cases;
		err = check_same_targets(r, names[i]);
	}
	return err;
}

static int replay(struct reporting *r)
{
	struct mue_record record;
	int line = 0;

	for (unsigned i = 0; i < r->n && line >= 0; i++) {
		while ((line = mue_results_next(r->files[i], &record, r->msg, sizeof(r->msg))) > 0)
			if (line == MUE_LINE_RECORD)
				mue_outlet_record(&r->outlet, &record);
	}
	return line < 0 ? line : 0;
}

static int render(struct reporting *r, char *const *names, unsigned n)
{
	char why[MSG_MAX];
	int err = open_files(r, names, n);

	if (err)
		return mue_fail(&mue_command_report, MUE_EXIT_USAGE, "%s", r->msg);
	mue_outlet_begin(&r->outlet, &r->runs[0]);
	err = replay(r);
	if (!err && r->outlet.tally->cases < r->expected)
		snprintf(why, sizeof(why), "%llu of %llu cases are recorded",
			 (unsigned long long)r->outlet.tally->cases,
			 (unsigned long long)r->expected);
	else
		snprintf(why, sizeof(why), "%s", err ? r->msg : "");
	if (mue_outlet_end(&r->outlet, *why ? why : NULL, r->msg, sizeof(r->msg)))
		return mue_fail(&mue_command_report, MUE_EXIT_HARNESS, "%s", r->msg);
	if (err)
		return mue_fail(&mue_command_report, MUE_EXIT_USAGE, "%s", why);
	return mue_outlet_code(&r->outlet);
}

static int report(const void *opts, char *const *args, unsigned n_args)
{
	const struct options *o = opts;
	struct reporting *r = calloc(1, sizeof(*r));
	int code;

	if (!r)
		return mue_fail(&mue_command_report, MUE_EXIT_HARNESS, "out of memory");
	if (mue_outlet_open(&r->outlet, &o->formats, MUE_FORMAT_terminal, r->msg, sizeof(r->msg)))
		code = mue_fail(&mue_command_report, MUE_EXIT_HARNESS, "%s", r->msg);
	else
		code = render(r, args, n_args);
	mue_outlet_close(&r->outlet);
	for (unsigned i = 0; i < r->n; i++)
		mue_results_close(r->files[i]);
	free(r);
	return code;
}

const struct mue_command mue_command_report = {
	.name = "report",
	.args = "RESULTS..",
	.sentence = "render recorded results again, without any kernel",
	.about = "RESULTS are files that `mue run --out` wrote: of one run, or of its shards. The "
		 "exit\n"
		 "code is that of the run.\n",
	.examples = "  mue report results.jsonl\n"
		    "  mue report results.jsonl --tap - | prove -e cat -\n"
		    "  mue report shard-*.jsonl --ktap results.ktap\n",
	.min_args = 1,
	.max_args = FILES_MAX,
	.options = options,
	.option_size = sizeof(struct options),
	.run = report,
};
