/* Going on with a run that was broken off. */
#ifndef MUE_CLI_RESUME_H
#define MUE_CLI_RESUME_H

#include "cli/answering.h"
#include "cli/outlet.h"

/*
 * Reads what `file` holds of the run, and gives its records to the outlet, which must have begun.
 * *records takes how many there are, and *offset where they end (0: nothing usable, begin anew).
 * 0, or -EINVAL and one line in msg when the file is of another run.
 */
int mue_resume(struct mue_outlet *o, uint64_t *records, uint64_t *offset, const char *file,
	       const struct mue_run *run, const struct mue_selection *selection, char *msg,
	       size_t msg_size);

#endif
