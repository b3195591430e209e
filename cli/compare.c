/* mue compare: two recorded runs, and what changed between them. */
#include <string.h>

#include "cli/command.h"
#include "reports/compare.h"

#define MSG_MAX 1024

static const struct mue_option options[] = {{NULL}};

static int compare(const void *opts, char *const *args, unsigned n_args)
{
	uint64_t counts[MUE_COMPARED_KINDS];
	char msg[MSG_MAX];

	for (unsigned i = 0; i < n_args; i++)
		if (!strcmp(args[i], "-"))
			return mue_fail(&mue_command_compare, MUE_EXIT_USAGE,
					"'-': expected a file, which can be read twice");
	if (mue_compare(stdout, counts, args[0], args[1], msg, sizeof(msg)))
		return mue_fail(&mue_command_compare, MUE_EXIT_USAGE, "%s", msg);
	for (int i = 0; i < MUE_COMPARED_KINDS; i++)
		if (counts[i] && mue_compared_rows[i].regression)
			return MUE_EXIT_DIVERGED;
	return MUE_EXIT_OK;
}

const struct mue_command mue_command_compare = {
	.name = "compare",
	.args = "OLD NEW",
	.sentence = "say what changed between two recorded runs; exit 1 on a regression",
	.about = "OLD and NEW are files that `mue run --out` wrote. A regression is a case that "
		 "diverges or\n"
		 "fails now, is no longer answered, or is missing. An answer that changed while "
		 "every\n"
		 "target kept its rules is printed, but is none.\n",
	.examples = "  mue compare 6.12.jsonl 6.18.jsonl\n",
	.min_args = 2,
	.max_args = 2,
	.options = options,
	.run = compare,
};
