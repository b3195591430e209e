/* mue reduce: the smallest case that still shows the same divergence. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/text.h"
#include "cases/words.h"
#include "cli/asking.h"
#include "cli/command.h"
#include "cli/question.h"
#include "fuzz/reduce.h"

#define MSG_MAX 1024

struct options {
	struct mue_list on;
	const char *out, *modules;
};

static const struct mue_option options[] = {
	MUE_OPTION_ON(struct options, on),
	MUE_STRING(struct options, out, "out", "FILE",
		   "write the case there, not to standard output"),
	MUE_OPTION_MODULES(struct options, modules),
	{NULL}};

/* A divergence, as far as a smaller case must show it again. */
struct sought {
	struct mue_asking a;
	int witness, other;
	char of[64]; /* whom the witness differs from, when it is no testimony */
	char kind[MUE_KIND_MAX];
};

static bool ask(struct sought *s, const struct mue_case *c, char *kind)
{
	const struct mue_suite_case question = {c};

	mue_asking_ask(&s->a, &question);
	if (s->a.verdict.outcome != MUE_DIVERGE)
		return false;
	mue_divergence_kind(kind, MUE_KIND_MAX, c, &s->a.verdict.difference);
	return true;
}

static bool differs(void *ctx, const struct mue_case *c)
{
	struct sought *s = ctx;
	char kind[MUE_KIND_MAX];

	return ask(s, c, kind) && s->a.verdict.witness == s->witness &&
	       s->a.verdict.other == s->other && !strcmp(s->a.other, s->of) &&
	       !strcmp(kind, s->kind);
}

/* Asks the case itself. False when it shows no divergence. */
static bool seek(struct sought *s, const struct mue_case *c)
{
	if (!ask(s, c, s->kind))
		return false;
	s->witness = s->a.verdict.witness;
	s->other = s->a.verdict.other;
	snprintf(s->of, sizeof(s->of), "%s", s->a.other);
	return true;
}

/* Says in the note what the case shows. The answers are those to it. */
static void note(const struct sought *s, struct mue_case *c)
{
	const struct mue_verdict *v = &s->a.verdict;
	const struct mue_targets *ts = s->a.targets;

	struct mue_out out = mue_out_to(c->note, sizeof(c->note));

	mue_out_add(&out, "%s: %s is %s; expected, by %s, %s.", ts->t[v->witness].name,
		    v->difference.field, v->difference.a,
		    v->other >= 0 ? ts->t[v->other].name : s->a.other, v->difference.b);
	if (out.n < out.size - 1)
		mue_out_add(&out, "\n");
}

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

static int no_divergence(const struct sought *s)
{
	const struct mue_verdict *v = &s->a.verdict;
	bool why = v->outcome == MUE_SKIP || v->outcome == MUE_ERROR;

	return mue_fail(&mue_command_reduce,
			v->outcome == MUE_ERROR ? MUE_EXIT_HARNESS : MUE_EXIT_NOTHING,
			"nothing to reduce: %s%s%s", mue_outcome_names[v->outcome], why ? ": " : "",
			why ? v->why : "");
}

static int reduce_case(struct mue_targets *ts, struct mue_case *c, const char *file)
{
	uint32_t phases = c->n_phases, ops = c->n_ops, asked;
	struct sought s;
	int err = mue_asking_init(&s.a, ts), code;

	if (err)
		return mue_fail(&mue_command_reduce, MUE_EXIT_HARNESS, "%s", strerror(-err));
	if (!seek(&s, c)) {
		code = no_divergence(&s);
	} else {
		asked = mue_reduce(c, differs, &s);
		differs(&s, c);
		note(&s, c);
		err = write_case(c, file);
		fprintf(stderr,
			"mue reduce: %u to %u phases, %u to %u ops, after %u questions: %s\n",
			phases, c->n_phases, ops, c->n_ops, asked, s.kind);
		code = err ? mue_fail(&mue_command_reduce, MUE_EXIT_HARNESS, "%s: %s",
				      file ? file : "standard output", strerror(-err))
			   : MUE_EXIT_OK;
	}
	mue_asking_free(&s.a);
	return code;
}

static int reduce(const void *opts, char *const *args, unsigned n_args)
{
	static const struct mue_list standard = {1, {"host,emulator"}};
	const struct options *o = opts;
	struct mue_question *q;
	struct mue_targets ts;
	char msg[MSG_MAX];
	int err, code;

	q = mue_question_load(args[0], msg, sizeof(msg));
	if (!q)
		return mue_fail(&mue_command_reduce, MUE_EXIT_USAGE, "%s", msg);
	mue_targets_modules(o->modules);
	err = mue_targets_parse(&ts, o->on.n ? &o->on : &standard, msg, sizeof(msg));
	if (!err)
		err = mue_targets_survey(&ts, msg, sizeof(msg));
	if (err)
		code = mue_fail(&mue_command_reduce,
				err == -EINVAL ? MUE_EXIT_USAGE : MUE_EXIT_NOTHING, "%s", msg);
	else
		code = reduce_case(&ts, &q->c, o->out);
	mue_targets_free(&ts);
	free(q);
	return code;
}

const struct mue_command mue_command_reduce = {
	.name = "reduce",
	.args = "CASE",
	.sentence = "print the smallest case that still shows the same divergence",
	.about = "CASE is a name that `mue list` prints, a .case or .json file, or - for standard\n"
		 "input. The targets must differ from one another, from the rules, or from\n"
		 "themselves (helper and syscall); what a file pins does not count. The same is: "
		 "the\n"
		 "same target, unlike the same other, in the same field of the same kind of call,\n"
		 "with the same two results. Without --on, host and emulator are asked. The result "
		 "is always\n"
		 "the same.\n\n" MUE_TARGETS_ABOUT,
	.examples = "  mue reduce finding.case --on host,emulator --out small.case\n"
		    "  mue reduce random/17 --on exec:./my-runtime,emulator | mue exec - --on "
		    "exec:./my-runtime\n",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.option_size = sizeof(struct options),
	.run = reduce,
};
