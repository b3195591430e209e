/*
 * The text form of a case (.case): line-oriented, for people. Grammar and examples:
 * docs/case-format.md.
 */
#ifndef MUE_CASES_TEXT_H
#define MUE_CASES_TEXT_H

#include <stdio.h>

#include "cases/case.h"
#include "cases/observation.h"
#include "cases/suite.h"

#define MUE_MSG_MAX 512

/*
 * Parses n bytes of text. `expect` and `when` take what the file pins (nothing known, any world,
 * where it pins nothing). The case has then passed mue_case_check. `file` is for messages.
 * Gives 0, or -EINVAL and in msg one line "FILE:LINE: what is wrong; what was expected".
 */
int mue_text_parse(struct mue_case *c, struct mue_observation *expect, struct mue_condition *when,
		   const char *text, size_t n, const char *file, char *msg, size_t msg_size);

/* Prints a case, and what is known in `expect` (NULL: nothing) behind arrows. Parses back to the
 * same. */
void mue_text_print(FILE *to, const struct mue_case *c, const struct mue_observation *expect,
		    const struct mue_condition *when);

/* Pieces that messages and reports share; each writes at most `size` bytes and ends them with 0. */
void mue_text_bytes(char *to, size_t size, const struct mue_bytes *b, size_t len);
void mue_text_blob(char *to, size_t size, const struct mue_observation *o,
		   const struct mue_blob *b);
void mue_text_ret(char *to, size_t size, int64_t ret); /* "0", "-ENOENT", "0x...", "17" */
void mue_text_update_flags(char *to, size_t size,
			   uint64_t flags); /* "any", "noexist|lock", "0x100000001" */
void mue_text_op(char *to, size_t size, const struct mue_case *c, const struct mue_op *op);

#endif
