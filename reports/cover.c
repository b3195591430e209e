#include "reports/cover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Rows [first, first + n) that belong together. */
struct span {
	struct mue_cover_row *rows;
	uint32_t n, reached;
	uint32_t line; /* the first */
};

static int by_function(const void *a, const void *b)
{
	const struct mue_cover_row *x = a, *y = b;
	int order = strcmp(x->file, y->file);

	if (!order)
		order = strcmp(x->function, y->function);
	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static int by_line(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

/* The rows from `rows` on that are of one function. */
static struct span function_at(struct mue_cover_row *rows, uint32_t n)
{
	struct span f = {.rows = rows, .line = rows->line};

	while (f.n < n && !strcmp(rows[f.n].file, rows->file) &&
	       !strcmp(rows[f.n].function, rows->function))
		f.reached += rows[f.n++].reached;
	return f;
}

/* Whether any place of that line was reached: several can stand in one. */
static bool line_reached(const struct span *f, uint32_t line)
{
	for (uint32_t i = 0; i < f->n; i++)
		if (f->rows[i].line == line && f->rows[i].reached)
			return true;
	return false;
}

static void print_missed(FILE *to, const struct span *f)
{
	const char *between = "   not: ";
	uint32_t last = 0;

	for (uint32_t i = 0; i < f->n; i++) {
		uint32_t line = f->rows[i].line;

		if (line == last || line_reached(f, line))
			continue;
		fprintf(to, "%s%u", between, line);
		between = " ";
		last = line;
	}
}

static void print_function(FILE *to, const struct span *f)
{
	fprintf(to, "  %-44s %4u of %4u", f->rows->function, f->reached, f->n);
	if (!f->reached)
		fprintf(to, "   never, line %u", f->line);
	else
		print_missed(to, f);
	fputc('\n', to);
}

static void print_file(FILE *to, struct span *functions, uint32_t n)
{
	uint32_t places = 0, reached = 0, entered = 0;

	for (uint32_t i = 0; i < n; i++) {
		places += functions[i].n;
		reached += functions[i].reached;
		entered += functions[i].reached != 0;
	}
	fprintf(to, "%s%s: %u of %u places, %u of %u functions\n", reached ? "\n" : "",
		functions->rows->file, reached, places, entered, n);
	if (!reached)
		return;
	qsort(functions, n, sizeof(*functions), by_line);
	for (uint32_t i = 0; i < n; i++)
		print_function(to, &functions[i]);
}

int mue_cover_print(FILE *to, struct mue_cover_row *rows, uint32_t n)
{
	struct span *functions = calloc(n ? n : 1, sizeof(*functions));
	uint32_t count = 0, reached = 0, entered = 0;

	if (!functions)
		return -ENOMEM;
	qsort(rows, n, sizeof(*rows), by_function);
	for (uint32_t at = 0; at < n; at += functions[count++].n) {
		functions[count] = function_at(rows + at, n - at);
		reached += functions[count].reached;
		entered += functions[count].reached != 0;
	}
	fprintf(to, "%u of %u places, %u of %u functions\n", reached, n, entered, count);
	for (uint32_t at = 0, end; at < count; at = end) {
		for (end = at;
		     end < count && !strcmp(functions[end].rows->file, functions[at].rows->file);)
			end++;
		print_file(to, functions + at, end - at);
	}
	free(functions);
	return 0;
}
