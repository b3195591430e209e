/* The CASE argument: a name from the suite, a .case or .json file, "input:" and a file of a fuzzing corpus, or "-". */
#ifndef MUE_CLI_QUESTION_H
#define MUE_CLI_QUESTION_H

#include "cases/suite.h"
#include "cli/command.h"
#include "cli/target.h"

/* The largest file that is read. */
#define MUE_FILE_MAX (16u << 20)

struct mue_question {
	struct mue_case c;
	bool pinned; /* `expect` holds something, when `when` does */
	struct mue_condition when;
	struct mue_observation expect;
};

/*
 * A new question, to be freed, or NULL and one line in msg: for a file "FILE:LINE: what is wrong;
 * what was expected".
 */
struct mue_question *mue_question_load(const char *arg, char *msg, size_t msg_size);

/* What commands of one case do with it, and with the targets, which are surveyed. Gives an exit code. */
typedef int mue_question_fn(const void *opts, struct mue_targets *ts, struct mue_question *q);
/* Loads `arg`, surveys the targets `on` (none: host and emulator), and hands both over. Gives the exit code. */
int mue_question_put(const struct mue_command *command, const char *arg, const struct mue_list *on,
		     const char *modules, mue_question_fn *fn, const void *opts);

#endif
