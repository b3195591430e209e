#include "reports/matrix.h"

#include <stdlib.h>
#include <string.h>

#define NAME_WIDTH 18

struct matrix {
	const struct mue_tally *t;
	FILE *to;
	bool color;
	uint32_t n;
	struct mue_matrix_column columns[MUE_MATRIX_COLUMNS_MAX];
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

struct mue_tally_cell mue_matrix_cell(const struct mue_tally *t, unsigned prog, unsigned type)
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

void mue_matrix_cell_text(char to[MUE_MATRIX_CELL_TEXT], const struct mue_tally_cell *cell)
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
		n += snprintf(to + n, MUE_MATRIX_CELL_TEXT - n, "%u", cell->outcomes[i]);
	}
	if (n && n < MUE_MATRIX_CELL_TEXT - 1 && !cell->ran && answered(cell))
		strcpy(to + n, "x");
}

bool mue_matrix_row_used(const struct mue_tally *t, unsigned prog)
{
	for (unsigned m = 1; m < MUE_MAP_TYPES; m++)
		if (touched(&t->cells[prog][m]))
			return true;
	return false;
}

/* Gives whether the column holds anything. */
static bool measure(struct mue_matrix_column *column, const struct mue_tally *t)
{
	bool used = false;

	column->width = strlen(column->name);
	for (unsigned prog = 0; prog < MUE_PROG_TYPES; prog++) {
		struct mue_tally_cell cell = mue_matrix_cell(t, prog, column->type);
		char text[MUE_MATRIX_CELL_TEXT];

		mue_matrix_cell_text(text, &cell);
		used |= *text != 0;
		if (strlen(text) > column->width)
			column->width = strlen(text);
	}
	return used;
}

uint32_t mue_matrix_columns(struct mue_matrix_column *columns, const struct mue_tally *t)
{
	uint32_t n = 0;

	for (unsigned type = 1; type < MUE_MAP_TYPES; type++) {
		if (!mue_map_type_row(type) || refused(type))
			continue;
		columns[n] = (struct mue_matrix_column){type, mue_map_type_row(type)->name};
		n += measure(&columns[n], t);
	}
	columns[n] = (struct mue_matrix_column){0, "others"};
	return n + measure(&columns[n], t);
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
		struct mue_tally_cell cell = mue_matrix_cell(m->t, prog, m->columns[i].type);
		bool bad = m->color && cell.outcomes[MUE_DIVERGE] + cell.outcomes[MUE_ERROR];
		char text[MUE_MATRIX_CELL_TEXT];

		mue_matrix_cell_text(text, &cell);
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
		if (mue_matrix_row_used(m->t, prog))
			print_row(m, prog, from, to);
	if (mue_matrix_row_used(m->t, 0))
		print_row(m, 0, from, to);
}

void mue_matrix_print(FILE *to, const struct mue_tally *t, uint32_t width, bool color)
{
	struct matrix m = {.t = t, .to = to, .color = color};

	m.n = mue_matrix_columns(m.columns, t);
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
