/* mue show: one case, in any of its forms. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/asm.h"
#include "cases/export_c.h"
#include "cases/json.h"
#include "cases/text.h"
#include "cli/command.h"
#include "cli/question.h"

struct options {
	bool text, json, assembly, c;
};

static const struct mue_option options[] = {
	MUE_FLAG(struct options, text, "text", "as a .case file (the default)"),
	MUE_FLAG(struct options, json, "json", "as one line of JSON"),
	MUE_FLAG(struct options, assembly, "asm",
		 "its programs, as the kernel's verifier prints them"),
	MUE_FLAG(struct options, c, "c", "as a stand-alone C program that uses raw bpf(2)"),
	{NULL}};

static int show_json(const struct mue_case *c)
{
	json_t *j = mue_case_to_json(c);
	char *line = j ? json_dumps(j, JSON_COMPACT) : NULL;

	if (line)
		puts(line);
	json_decref(j);
	free(line);
	return line ? 0 : -ENOMEM;
}

/* 0 or -errno. */
static int show_as(const struct options *o, const struct mue_question *q)
{
	if (o->json)
		return show_json(&q->c);
	if (o->assembly)
		return mue_asm_case(stdout, &q->c);
	if (o->c)
		return mue_case_export_c(stdout, &q->c, NULL);
	mue_text_print(stdout, &q->c, q->pinned ? &q->expect : NULL, q->pinned ? &q->when : NULL);
	return 0;
}

static int cannot(int err, const struct mue_case *c)
{
	char why[256] = "";

	if (err == -ENOTSUP && !mue_case_exports(c, why, sizeof(why)))
		return mue_fail(&mue_command_show, MUE_EXIT_USAGE, "--c: %s", why);
	return mue_fail(&mue_command_show, MUE_EXIT_HARNESS, "%s", strerror(-err));
}

static int show(const void *opts, char *const *args, unsigned n_args)
{
	const struct options *o = opts;
	struct mue_question *q;
	char msg[MUE_MSG_MAX];
	int err;

	if (o->text + o->json + o->assembly + o->c > 1)
		return mue_fail(&mue_command_show, MUE_EXIT_USAGE,
				"expected one form, not several");
	q = mue_question_load(args[0], msg, sizeof(msg));
	if (!q)
		return mue_fail(&mue_command_show, MUE_EXIT_USAGE, "%s", msg);
	err = show_as(o, q);
	if (err)
		err = cannot(err, &q->c);
	free(q);
	return err;
}

const struct mue_command mue_command_show = {
	.name = "show",
	.args = "CASE",
	.sentence = "print one case: as text, JSON, eBPF instructions, or a C program",
	.about = "CASE is a name that `mue list` prints, a .case or .json file, input:FILE (of a "
		 "fuzzing corpus), or - for standard input.\n",
	.examples = "  mue show hash/full/insert\n"
		    "  mue show finding.json --text > finding.case\n"
		    "  mue show finding.case --asm\n"
		    "  mue show hash/full/insert --c > repro.c && cc repro.c -o repro && ./repro\n",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.option_size = sizeof(struct options),
	.run = show,
};
