/*
 * Property: the text parser survives any bytes, and what it takes, the printer prints so that
 * it parses back to the same case and the same text.
 */
#include <stdlib.h>
#include <string.h>

#include "cases/text.h"
#include "fuzz/targets/target.h"

struct parsed {
	struct mue_case c;
	struct mue_observation expect;
	struct mue_condition when;
	char msg[MUE_MSG_MAX];
};

static char *print(const struct parsed *p, size_t *n)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, n);

	mue_text_print(to, &p->c, &p->expect, &p->when);
	fclose(to);
	return text;
}

static int parse(struct parsed *p, const void *data, size_t n)
{
	return mue_text_parse(&p->c, &p->expect, &p->when, data, n, "any.case", p->msg,
			      sizeof(p->msg));
}

/* A message is one line that begins with the file. */
static void check_refusal(const struct parsed *p)
{
	MUE_HOLDS(!strncmp(p->msg, "any.case:", 9));
	MUE_HOLDS(!strchr(p->msg, '\n'));
}

static void check_again(struct parsed *first, struct parsed *second)
{
	size_t n, n_again;
	char *text = print(first, &n), *again;

	MUE_HOLDS(!parse(second, text, n));
	MUE_HOLDS(mue_case_same(&first->c, &second->c));
	MUE_HOLDS(!strcmp(first->c.name, second->c.name));
	MUE_HOLDS(!strcmp(first->c.note, second->c.note));
	again = print(second, &n_again);
	MUE_HOLDS(n == n_again && !memcmp(text, again, n));
	free(text);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Large, and needed thousands of times a second: not from the heap. */
	static struct parsed first, second;

	if (parse(&first, data, size))
		check_refusal(&first);
	else
		check_again(&first, &second);
	return 0;
}
