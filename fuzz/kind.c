/* Of what kind a divergence is. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "fuzz/reduce.h"

/*
 * The last word of a field's name: "ret" of "phase 1 (xdp) step 2 ret". Names that end in a place
 * have none: they are about an entry, "map m [01000000]", or about an op as a whole, "phase 1 (xdp)
 * step 2".
 */
static void field_word(char *to, size_t size, const char *field)
{
	char text[MUE_FIELD_MAX];
	char *cpu, *last;

	snprintf(text, sizeof(text), "%s", field);
	cpu = strstr(text, " cpu ");
	if (cpu)
		*cpu = 0;
	last = strrchr(text, ' ');
	last = last ? last + 1 : text;
	if (strchr(last, ']'))
		last = "entry";
	else if (isdigit((unsigned char)*last))
		last = "reached";
	snprintf(to, size, "%s", last);
}

static bool is_result(const char *word)
{
	return !strcmp(word, "create") || !strcmp(word, "load") || !strcmp(word, "run") ||
	       !strcmp(word, "ret") || !strcmp(word, "reached");
}

static bool is_absent(const char *text)
{
	return !strcmp(text, "absent") || !strcmp(text, "none");
}

static const struct mue_phase *phase_of(const struct mue_case *c, uint32_t op)
{
	const struct mue_phase *p = c->phases;

	while (op >= p->first + p->count)
		p++;
	return p;
}

void mue_divergence_kind(char *to, size_t size, const struct mue_case *c,
			 const struct mue_difference *d)
{
	const struct mue_op *op = d->op >= 0 ? &c->ops[d->op] : NULL;
	int map = d->map;
	const struct mue_map_type_row *row;
	char word[MUE_FIELD_MAX], of[32] = "";

	field_word(word, sizeof(word), d->field);
	if (op && op->kind == MUE_OP_LOOKUP && !strcmp(word, "value")) {
		map = op->map;
		op = NULL;
		snprintf(word, sizeof(word), "entry");
	}
	row = map >= 0 ? mue_map_type_row(c->maps[map].type) : NULL;
	if (op)
		snprintf(of, sizeof(of), "%s %s ", mue_op_rows[op->kind].name,
			 phase_of(c, d->op)->prog_type ? "step" : "op");
	else if (row)
		snprintf(of, sizeof(of), "%s ", row->name);
	if (is_result(word))
		snprintf(to, size, "%s%s %s, expected %s", of, word, d->a, d->b);
	else if (is_absent(d->a) || is_absent(d->b))
		snprintf(to, size, "%s%s %s", of, word, is_absent(d->a) ? "missing" : "extra");
	else
		snprintf(to, size, "%s%s", of, word);
}
