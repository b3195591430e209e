/* The text form of edits: "edit NUMBER insert|replace CODE REGS OFF IMM". */
#include <inttypes.h>
#include <stdio.h>

#include "cases/text_parser.h"

static const char *way_name(unsigned i)
{
	return i ? "insert" : "replace";
}
static const struct mue_words ways = {"way to edit", 2, way_name};

int mue_text_edit_line(struct mue_text_parser *p)
{
	struct mue_edit *e = &p->c->edits[p->c->n_edits];
	uint64_t code = 0, regs = 0, off = 0;
	unsigned insert = 0;
	int err;

	if (p->c->n_edits == MUE_EDITS_MAX)
		return mue_text_fail(p, "too many edits; expected at most %d", MUE_EDITS_MAX);
	err = mue_text_number32(p, "instruction", &e->at) ?:
	      mue_text_choose(p, &ways, &insert) ?:
	      mue_text_number(p, "code", UINT8_MAX, &code) ?:
	      mue_text_number(p, "registers", UINT8_MAX, &regs) ?:
	      mue_text_number(p, "off", UINT16_MAX, &off) ?:
	      mue_text_number32(p, "imm", &e->imm) ?: mue_text_end(p);
	if (err)
		return err;
	e->insert = insert;
	e->code = code;
	e->regs = regs;
	e->off = off;
	p->c->n_edits++;
	return 0;
}

void mue_text_print_edits(FILE *to, const struct mue_case *c)
{
	for (const struct mue_edit *e = c->edits; e < c->edits + c->n_edits; e++)
		fprintf(to, "edit %" PRIu32 " %s 0x%02x 0x%02x 0x%04x 0x%08" PRIx32 "\n", e->at,
			way_name(e->insert), e->code, e->regs, e->off, e->imm);
}
