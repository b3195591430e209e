/* mue exec: one case, asked of several targets, every detail side by side. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/asking.h"
#include "cli/command.h"
#include "cli/question.h"
#include "oracle/model.h"
#include "reports/side_by_side.h"


struct options {
	struct mue_list on;
	const char *modules;
};

static const struct mue_option options[] = {MUE_OPTION_ON(struct options, on), MUE_OPTION_MODULES(struct options, modules), {NULL}};

/* Whether one model answers for all targets, and is none of them. */
static bool model_wanted(const struct mue_targets *ts)
{
	for (uint32_t i = 0; i < ts->n; i++)
		if (ts->t[i].runner == &mue_runner_model ||
		    memcmp(&ts->t[i].world, &ts->t[0].world, sizeof(ts->t[0].world)))
			return false;
	return true;
}

static int print_columns(struct mue_asking *a, const struct mue_case *c)
{
	const struct mue_observation *seen[MUE_COLUMNS_MAX];
	const char *names[MUE_COLUMNS_MAX];
	struct mue_observation *model = malloc(sizeof(*model));
	uint32_t n = a->targets->n;
	int err;

	if (!model)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		names[i] = a->targets->t[i].name;
		seen[i] = &a->seen[i];
	}
	if (model_wanted(a->targets)) {
		mue_model_answer(&a->targets->t[0].world, c, model);
		names[n] = "(model)";
		seen[n++] = model;
	}
	err = mue_side_by_side(stdout, c, names, seen, n, isatty(1) && !getenv("NO_COLOR"));
	free(model);
	return err;
}

static const char *name_of(const struct mue_asking *a, int testimony)
{
	return testimony >= 0 ? a->targets->t[testimony].name : a->other;
}

/* Says the judgement. Gives the exit code. */
static int print_verdict(const struct mue_asking *a)
{
	const struct mue_verdict *v = &a->verdict;

	printf("\n%s", mue_outcome_names[v->outcome]);
	switch (v->outcome) {
	case MUE_AGREE:
		putchar('\n');
		return MUE_EXIT_OK;
	case MUE_DECLARED:
		putchar('\n');
		for (unsigned i = 0; i < MUE_CHANGES; i++)
			if (v->changes >> i & 1)
				printf("  %s: %s\n", mue_change_rows[i].id,
				       mue_change_rows[i].sentence);
		return MUE_EXIT_OK;
	case MUE_DIVERGE:
		printf(": %s of %s is %s; expected, by %s, %s\n", v->difference.field,
		       name_of(a, v->witness), v->difference.a, name_of(a, v->other),
		       v->difference.b);
		return MUE_EXIT_DIVERGED;
	default:
		printf(": %s: %s\n", name_of(a, v->witness), v->why);
		return v->outcome == MUE_SKIP ? MUE_EXIT_NOTHING : MUE_EXIT_HARNESS;
	}
}

/* Asks and prints. Gives the exit code. */
static int ask(const void *opts, struct mue_targets *ts, struct mue_question *q)
{
	const struct mue_suite_case s = {&q->c, q->pinned ? &q->expect : NULL, q->when};
	struct mue_asking a;
	int err = mue_asking_init(&a, ts), code = MUE_EXIT_HARNESS;

	if (!err) {
		mue_asking_ask(&a, &s);
		err = print_columns(&a, &q->c);
	}
	if (!err)
		code = print_verdict(&a);
	mue_asking_free(&a);
	return err ? mue_fail(&mue_command_exec, code, "%s", strerror(-err)) : code;
}

static int exec(const void *opts, char *const *args, unsigned n_args)
{
	const struct options *o = opts;

	return mue_question_put(&mue_command_exec, args[0], &o->on, o->modules, ask, opts);
}

const struct mue_command mue_command_exec = {
	.name = "exec",
	.args = "CASE",
	.sentence = "ask one case, and print every detail of each answer side by side",
	.about =
		"CASE is a name that `mue list` prints, a .case or .json file, input:FILE (of a "
		"fuzzing corpus), or - for standard input.\n"
		"Lines on which the targets differ are marked with '*'; (model) is what the rules\n"
		"say. Without --on, host and emulator are asked.\n\n" MUE_TARGETS_ABOUT,
	.examples = "  mue exec hash/full/insert --on host,emulator\n"
		    "  mue exec finding.case --on host,emulator:6.1\n"
		    "  mue show hash/full/insert --json | mue exec - --on model\n",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.option_size = sizeof(struct options),
	.run = exec,
};
