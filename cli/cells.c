/* mue cells: which program types have met which map types, over recorded runs of any targets. */
#include <stdlib.h>

#include "cli/command.h"
#include "reports/cells.h"
#include "reports/results.h"

#define MSG_MAX 1024

static const struct mue_option options[] = {{NULL}};

/* 0, or -errno and one line in msg. */
static int add_file(struct mue_cells *c, const char *name, char *msg, size_t msg_size)
{
	struct mue_record record;
	struct mue_run run;
	struct mue_results *f = mue_results_open(&run, name, msg, msg_size);
	int line;

	if (!f)
		return -1;
	while ((line = mue_results_next(f, &record, msg, msg_size)) > 0)
		if (line == MUE_LINE_RECORD)
			mue_cells_add(c, &run, &record);
	mue_results_close(f);
	return line;
}

static int cells(const void *opts, char *const *args, unsigned n_args)
{
	struct mue_cells *c = mue_cells_new();
	char msg[MSG_MAX];
	int err = 0, code;

	if (!c)
		return mue_fail(&mue_command_cells, MUE_EXIT_HARNESS, "out of memory");
	for (unsigned i = 0; i < n_args && !err; i++)
		err = add_file(c, args[i], msg, sizeof(msg));
	if (err)
		code = mue_fail(&mue_command_cells, MUE_EXIT_USAGE, "%s", msg);
	else
		code = mue_cells_print(stdout, c) ? MUE_EXIT_DIVERGED : MUE_EXIT_OK;
	mue_cells_free(c);
	return code;
}

const struct mue_command mue_command_cells = {
	.name = "cells",
	.args = "RESULTS..",
	.sentence = "say which program types have met which map types in recorded runs",
	.about = "RESULTS are files that `mue run --out` wrote, of any targets. Exit 1 when some cell of the "
		 "matrix\n"
		 "was answered by no kernel, and cases/cells.def does not say why.\n",
	.examples = "  mue run --on host,emulator --out host.jsonl\n"
		    "  mue run --on guest:reference,emulator --out reference.jsonl\n"
		    "  mue cells host.jsonl reference.jsonl\n",
	.min_args = 1,
	.max_args = 256,
	.options = options,
	.run = cells,
};
