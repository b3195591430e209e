/* The text form of sockets: "sock NUMBER KIND", and ops on them. */
#include <stdio.h>

#include "cases/socks.h"
#include "cases/text_parser.h"

/* They are numbered in order: the number is there for who reads the values. */
int mue_text_sock_line(struct mue_text_parser *p)
{
	uint64_t number;
	unsigned kind = 0;
	int err = mue_text_number(p, "sock", MUE_SOCKS_MAX, &number);

	if (!err && number != p->c->n_socks + 1)
		return mue_text_fail(p, "sock %u; expected sock %u", (unsigned)number,
				     p->c->n_socks + 1);
	if (!err)
		err = mue_text_choose(p, &mue_words_sock, &kind) ?: mue_text_end(p);
	if (!err)
		mue_case_add_sock(p->c, kind);
	return err;
}

int mue_text_sock(struct mue_text_parser *p, struct mue_op *op)
{
	uint64_t number;
	int err = mue_text_number(p, "socket", MUE_SOCKS_MAX, &number);

	if (!err && !number)
		return mue_text_fail(p, "sockets are numbered from 1");
	op->sock = err ? 0 : number - 1;
	return err;
}

void mue_text_print_socks(FILE *to, const struct mue_case *c)
{
	for (uint32_t i = 0; i < c->n_socks; i++)
		fprintf(to, "sock %u %s\n", i + 1, mue_words_name(&mue_words_sock, c->socks[i].kind));
}
