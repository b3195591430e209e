/* mue show: one case, in any of its forms. */
#include <stdio.h>
#include <stdlib.h>

#include "cases/asm.h"
#include "cases/json.h"
#include "cases/text.h"
#include "cli/command.h"
#include "cli/question.h"

struct options {
	bool text, json, assembly;
};

static const struct mue_option options[] = {
	MUE_FLAG(struct options, text, "text", "as a .case file (the default)"),
	MUE_FLAG(struct options, json, "json", "as one line of JSON"),
	MUE_FLAG(struct options, assembly, "asm",
		 "its programs, as the kernel's verifier prints them"),
	{NULL}};

static int show_json(const struct mue_case *c)
{
	json_t *j = mue_case_to_json(c);
	char *line = j ? json_dumps(j, JSON_COMPACT) : NULL;

	if (line)
		puts(line);
	json_decref(j);
	free(line);
	return line ? MUE_EXIT_OK : MUE_EXIT_HARNESS;
}

static int show_asm(const struct mue_case *c)
{
	return mue_asm_case(stdout, c) ? MUE_EXIT_HARNESS : MUE_EXIT_OK;
}

static int show_as(const struct options *o, const struct mue_question *q)
{
	if (o->json)
		return show_json(&q->c);
	if (o->assembly)
		return show_asm(&q->c);
	mue_text_print(stdout, &q->c, q->pinned ? &q->expect : NULL, q->pinned ? &q->when : NULL);
	return MUE_EXIT_OK;
}

static int show(const void *opts, char *const *args, unsigned n_args)
{
	const struct options *o = opts;
	struct mue_question *q;
	char msg[MUE_MSG_MAX];
	int code;

	if (o->text + o->json + o->assembly > 1)
		return mue_fail(&mue_command_show, MUE_EXIT_USAGE,
				"expected one form, not several");
	q = mue_question_load(args[0], msg, sizeof(msg));
	if (!q)
		return mue_fail(&mue_command_show, MUE_EXIT_USAGE, "%s", msg);
	code = show_as(o, q);
	if (code)
		mue_fail(&mue_command_show, code, "out of memory");
	free(q);
	return code;
}

const struct mue_command mue_command_show = {
	.name = "show",
	.args = "CASE",
	.sentence = "print one case: as text, as JSON, or its programs",
	.about = "CASE is a name that `mue list` prints, a .case or .json file, or - for standard "
		 "input.\n",
	.examples = "  mue show hash/full/exist-absent\n"
		    "  mue show finding.json --text > finding.case\n"
		    "  mue show finding.case --asm\n",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.option_size = sizeof(struct options),
	.run = show,
};
