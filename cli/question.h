/* The CASE argument: a name from the suite, a .case or .json file, or "-". */
#ifndef MUE_CLI_QUESTION_H
#define MUE_CLI_QUESTION_H

#include "cases/suite.h"

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

#endif
