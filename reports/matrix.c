#include "reports/matrix.h"

#include <stdlib.h>
#include <string.h>

#define CELL_TEXT 64
#define NAME_WIDTH 18
#define COLUMNS_MAX (MUE_MAP_TYPES + 1)

/* A column: a map type, or (type 0) all that the helper refuses. */
struct column {
	unsigned type;
	const char *name;
	uint32_t width;
};

struct matrix {
	const struct mue_tally *t;
	FILE *to;
	bool color;
	uint32_t n;
	struct column columns[COLUMNS_MAX];
};

static bool refused(unsigned type)
{
	const struct mue_map_type_row *row = mue_map_type_row(type);

	return row && row->class == MUE_CLASS_OTHER;
}

static void add(struct mue_tally_cell *sum, const struct mue_tally_cell *cell)
{
	for (int i = 0; i < MUE_OUTCOMES; i++)
		sum->outcomes[i] += cell->outcomes[i];
	sum->ran += cell->ran;
}

static struct mue_tally_cell cell_at(const struct mue_tally *t, unsigned prog, unsigned type)
{
	struct mue_tally_cell sum = {0};

	if (type)
		return t->cells[prog][type];
	for (unsigned m = 1; m < MUE_MAP_TYPES; m++)
		if (refused(m))
			add(&sum, &t->cells[prog][m]);
	return sum;
}

static uint32_t touched(const struct mue_tally_cell *cell)
{
	uint32_t n = 0;

	for (int i = 0; i < MUE_OUTCOMES; i++)
		n += cell->outcomes[i];
	return n;
}

static bool answered(const struct mue_tally_cell *cell)
{
	return cell->outcomes[MUE_AGREE] + cell->outcomes[MUE_DECLARED] +
	       cell->outcomes[MUE_DIVERGE];
}

static void cell_text(char *to, const struct mue_tally_cell *cell)
{
	static const char marks[MUE_OUTCOMES] = {
		[MUE_DECLARED] = '~', [MUE_DIVERGE] = '!', [MUE_SKIP] = '-', [MUE_ERROR] = '?'};
	size_t n = 0;

	to[0] = 0;
	for (int i = 0; i < MUE_OUTCOMES; i++) {
		if (!cell->outcomes[i])
			continue;
		if (marks[i])
			to[n++] = marks[i];
		n += snprintf(to + n, CELL_TEXT - n, "%u", cell->outcomes[i]);
	}
	if (n && n < CELL_TEXT - 1 && !cell->ran && answered(cell))
		strcpy(to + n, "x");
}

static bool row_used(const struct mue_tally *t, unsigned prog)
{
	for (unsigned m = 1; m < MUE_MAP_TYPES; m++)
		if (touched(&t->cells[prog][m]))
			return true;
	return false;
}

static void add_column(struct matrix *m, unsigned type, const char *name)
{
	struct column column = {type, name, strlen(name)};
	bool used = false;

	for (unsigned prog = 0; prog < MUE_PROG_TYPES; prog++) {
		struct mue_tally_cell cell = cell_at(m->t, prog, type);
		char text[CELL_TEXT];

		cell_text(text, &cell);
		used |= *text != 0;
		if (strlen(text) > column.width)
			column.width = strlen(text);
	}
	if (used)
		m->columns[m->n++] = column;
}

/* Spaces are owed until something follows them: no line ends in them. */
static void print_text(const struct matrix *m, int *owed, int width, const char *text, bool bad)
{
	*owed += width - (int)strlen(text);
	if (!*text)
		return;
	fprintf(m->to, "%*s%s%s%s", *owed, "", bad ? "\033[31m" : "", text, bad ? "\033[0m" : "");
	*owed = 0;
}

static void print_row(const struct matrix *m, unsigned prog, uint32_t from, uint32_t to)
{
	const struct mue_prog_type_row *row = mue_prog_type_row(prog);
	const char *name = row ? row->name : "user";
	int owed = NAME_WIDTH - (int)strlen(name);

	fputs(name, m->to);
	for (uint32_t i = from; i < to; i++) {
		struct mue_tally_cell cell = cell_at(m->t, prog, m->columns[i].type);
		bool bad = m->color && cell.outcomes[MUE_DIVERGE] + cell.outcomes[MUE_ERROR];
		char text[CELL_TEXT];

		cell_text(text, &cell);
		print_text(m, &owed, 2 + m->columns[i].width, text, bad);
	}
	fputc('\n', m->to);
}

static void print_block(const struct matrix *m, uint32_t from, uint32_t to)
{
	fprintf(m->to, "%-*s", NAME_WIDTH, "");
	for (uint32_t i = from; i < to; i++)
		fprintf(m->to, "  %*s", (int)m->columns[i].width, m->columns[i].name);
	fputc('\n', m->to);
	for (unsigned prog = 1; prog < MUE_PROG_TYPES; prog++)
		if (row_used(m->t, prog))
			print_row(m, prog, from, to);
	if (row_used(m->t, 0))
		print_row(m, 0, from, to);
}

void mue_matrix_print(FILE *to, const struct mue_tally *t, uint32_t width, bool color)
{
	struct matrix m = {.t = t, .to = to, .color = color};

	for (unsigned type = 1; type < MUE_MAP_TYPES; type++)
		if (mue_map_type_row(type) && !refused(type))
			add_column(&m, type, mue_map_type_row(type)->name);
	add_column(&m, 0, "others");
	for (uint32_t from = 0, end; from < m.n; from = end) {
		uint32_t used = NAME_WIDTH;

		for (end = from; end < m.n; end++) {
			used += 2 + m.columns[end].width;
			if (used > width && end > from)
				break;
		}
		print_block(&m, from, end);
		fputc('\n', to);
	}
	if (m.n)
		fprintf(to, "agreed, ~declared, !diverged, -skipped, ?error; x: no call was ever "
			    "executed there\n");
}
