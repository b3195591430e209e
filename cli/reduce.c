/* mue reduce: the smallest case that still shows the same divergence. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/text.h"
#include "cli/command.h"
#include "cli/question.h"
#include "cli/reducing.h"

#define PATH_ROOM 4096

struct options {
	struct mue_list on;
	const char *out, *finding, *modules;
};

static const struct mue_option options[] = {
	MUE_OPTION_ON(struct options, on),
	MUE_STRING(struct options, out, "out", "FILE",
		   "write the case there, not to standard output"),
	MUE_STRING(struct options, finding, "finding", "DIR",
		   "also keep it below DIR as a finding: the case with what is expected,\n"
		   "a stand-alone C program, a summary for a mailing list"),
	MUE_OPTION_MODULES(struct options, modules),
	{NULL}};

static int write_case(const struct mue_case *c, const char *file)
{
	FILE *to = file ? fopen(file, "we") : stdout;
	int err = 0;

	if (!to)
		return -errno;
	mue_text_print(to, c, NULL, NULL);
	if (fflush(to) || ferror(to))
		err = errno ? -errno : -EIO;
	if (file && fclose(to))
		err = -errno;
	return err;
}

static int no_divergence(const struct mue_verdict *v)
{
	bool why = v->outcome == MUE_SKIP || v->outcome == MUE_ERROR;

	return mue_fail(&mue_command_reduce,
			v->outcome == MUE_ERROR ? MUE_EXIT_HARNESS : MUE_EXIT_NOTHING,
			"nothing to reduce: %s%s%s", mue_outcome_names[v->outcome], why ? ": " : "",
			why ? v->why : "");
}

/* Keeps the finding, and says where it is. */
static int keep(struct mue_reducing *r, const struct mue_case *c, const char *dir)
{
	char path[PATH_ROOM];
	int err = mue_reducing_write(r, c, dir, path, sizeof(path));

	if (err && err != -EEXIST)
		return mue_fail(&mue_command_reduce, MUE_EXIT_HARNESS, "%s: %s", dir,
				strerror(-err));
	fprintf(stderr, "mue reduce: %s%s\n", path, err ? ": was found before" : "");
	return MUE_EXIT_OK;
}

static int write_all(struct mue_reducing *r, const struct mue_case *c, const struct options *o)
{
	int err = write_case(c, o->out);

	if (err)
		return mue_fail(&mue_command_reduce, MUE_EXIT_HARNESS, "%s: %s",
				o->out ? o->out : "standard output", strerror(-err));
	return o->finding ? keep(r, c, o->finding) : MUE_EXIT_OK;
}

static int reduce_case(struct mue_asking *a, struct mue_case *c, const struct options *o)
{
	uint32_t phases = c->n_phases, ops = c->n_ops;
	struct mue_reducing r;

	if (!mue_reducing_begin(&r, a, c))
		return no_divergence(&a->verdict);
	if (!mue_reducing_reduce(&r, c))
		return mue_fail(&mue_command_reduce, MUE_EXIT_HARNESS,
				"the targets do not always answer the same: %s", r.kind);
	fprintf(stderr, "mue reduce: %u to %u phases, %u to %u ops, after %u questions: %s\n",
		phases, c->n_phases, ops, c->n_ops, r.asked, r.kind);
	return write_all(&r, c, o);
}

static int ask_and_reduce(const void *opts, struct mue_targets *ts, struct mue_question *q)
{
	struct mue_asking a;
	int err = mue_asking_init(&a, ts), code;

	if (err)
		return mue_fail(&mue_command_reduce, MUE_EXIT_HARNESS, "%s", strerror(-err));
	code = reduce_case(&a, &q->c, opts);
	mue_asking_free(&a);
	return code;
}

static int reduce(const void *opts, char *const *args, unsigned n_args)
{
	const struct options *o = opts;

	return mue_question_put(&mue_command_reduce, args[0], &o->on, o->modules, ask_and_reduce, opts);
}

const struct mue_command mue_command_reduce = {
	.name = "reduce",
	.args = "CASE",
	.sentence = "print the smallest case that still shows the same divergence",
	.about = "CASE is a name that `mue list` prints, a .case or .json file, input:FILE (of a\n"
		 "fuzzing corpus), or - for standard input. The targets must differ from one\n"
		 "another, from the rules, or from themselves (helper and syscall); what a file pins\n"
		 "does not count. The same is: the same target, unlike the same other, in the same\n"
		 "field of the same kind of call, with the same two results. Without --on, host and\n"
		 "emulator are asked. The result is always the same.\n\n" MUE_TARGETS_ABOUT,
	.examples = "  mue reduce found.case --on host,emulator --out small.case\n"
		    "  mue reduce found.case --on host,emulator --finding findings\n"
		    "  mue reduce random/17 --on exec:./my-runtime,emulator | mue exec - --on "
		    "exec:./my-runtime\n",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.option_size = sizeof(struct options),
	.run = reduce,
};
