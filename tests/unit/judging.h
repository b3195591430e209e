/* What tests of judging share: a case out of its text, and what the model answers to it. */
#ifndef MUE_TESTS_UNIT_JUDGING_H
#define MUE_TESTS_UNIT_JUDGING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cases/text.h"
#include "oracle/judge.h"

/* All that is large, so not on the stack. */
static struct mue_case c;
static struct mue_observation expect, a, b;
static struct mue_condition when;

static inline struct mue_world world_of(const char *version)
{
	struct mue_world w;

	assert_int_equal(mue_world_of_version(&w, version, 2), 0);
	return w;
}

static inline void read_case(const char *text)
{
	char msg[MUE_MSG_MAX];

	if (mue_text_parse(&c, &expect, &when, text, strlen(text), "test", msg, sizeof(msg)))
		fail_msg("%s", msg);
}

#endif
