#include "reports/side_by_side.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cases/text.h"
#include "cases/words.h"

#define LABEL_WIDTH_MAX 64
#define CELL_MAX (MUE_TEXT_MAX + 64)

struct row {
	char *label;
	char *cells[MUE_COLUMNS_MAX];
};

struct table {
	const struct mue_case *c;
	const struct mue_observation *const *seen;
	uint32_t n; /* columns */
	struct row *rows;
	size_t n_rows, room;
	bool out_of_memory;
};

/* A new row with this label, or NULL when memory is out. */
static struct row *add_row(struct table *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static struct row *add_row(struct table *t, const char *format, ...)
{
	struct row *r;
	va_list ap;

	if (t->n_rows == t->room) {
		size_t room = t->room ? t->room * 2 : 64;
		struct row *bigger = realloc(t->rows, room * sizeof(*bigger));

		if (!bigger) {
			t->out_of_memory = true;
			return NULL;
		}
		t->rows = bigger;
		t->room = room;
	}
	r = &t->rows[t->n_rows++];
	memset(r, 0, sizeof(*r));
	va_start(ap, format);
	if (vasprintf(&r->label, format, ap) < 0)
		r->label = NULL;
	va_end(ap);
	return r;
}

static void set_cell(struct row *r, uint32_t column, const char *text)
{
	if (r)
		r->cells[column] = strdup(text);
}

static void set_ret(struct row *r, uint32_t column, bool known, int64_t ret)
{
	char text[32] = "";

	if (known)
		mue_text_ret(text, sizeof(text), ret);
	set_cell(r, column, text);
}

static void set_count(struct row *r, uint32_t column, bool known, uint64_t n)
{
	char text[32] = "";

	if (known)
		snprintf(text, sizeof(text), "%ju", (uintmax_t)n);
	set_cell(r, column, text);
}

static void add_status(struct table *t)
{
	struct row *r = add_row(t, "status");

	for (uint32_t i = 0; i < t->n; i++) {
		const struct mue_observation *o = t->seen[i];
		char text[MUE_WHY_MAX + 32];

		snprintf(text, sizeof(text), "%s%s%s", mue_words_name(&mue_words_status, o->status), *o->why ? ": " : "",
			 o->why);
		set_cell(r, i, text);
	}
}

static void add_creations(struct table *t)
{
	for (uint32_t m = 0; m < t->c->n_maps; m++) {
		struct row *r = add_row(t, "map %s create", t->c->maps[m].name);

		for (uint32_t i = 0; i < t->n; i++)
			set_ret(r, i, t->seen[i]->maps[m].known, t->seen[i]->maps[m].create);
	}
}

/* "-ENOENT", "0 times 4 failed 1", "1 = 0a000000". */
static void op_text(char *to, size_t size, const struct mue_observation *o, uint32_t op)
{
	const struct mue_result *r = &o->ops[op];
	size_t n;

	to[0] = 0;
	if (!r->known)
		return;
	mue_text_ret(to, size, r->ret);
	n = strlen(to);
	if (r->times != 1)
		n += snprintf(to + n, size - n, " times %u", r->times);
	if (r->failed && r->times != 1)
		n += snprintf(to + n, size - n, " failed %u", r->failed);
	if (r->has_value) {
		n += snprintf(to + n, size - n, " = ");
		mue_text_blob(to + n, size - n, o, &r->value);
	}
}

static void add_op(struct table *t, uint32_t op)
{
	char text[CELL_MAX];
	struct row *r;

	mue_text_op(text, sizeof(text), t->c, &t->c->ops[op]);
	r = add_row(t, "  %s", text);
	for (uint32_t i = 0; i < t->n; i++) {
		op_text(text, sizeof(text), t->seen[i], op);
		set_cell(r, i, text);
	}
}

static void add_program(struct table *t, uint32_t phase)
{
	const struct mue_prog_type_row *prog = mue_prog_type_row(t->c->phases[phase].prog_type);
	const char *name = prog ? prog->name : "?";
	struct row *load = add_row(t, "phase %u (%s) load", phase, name);

	for (uint32_t i = 0; i < t->n; i++)
		set_ret(load, i, t->seen[i]->phases[phase].known, t->seen[i]->phases[phase].load);
	if (t->c->phases[phase].load_only)
		return;
	for (int field = 0; field < 3; field++) {
		static const char *const fields[] = {"run", "invoked", "retval"};
		struct row *r = add_row(t, "phase %u (%s) %s", phase, name, fields[field]);

		for (uint32_t i = 0; i < t->n; i++) {
			const struct mue_phase_result *p = &t->seen[i]->phases[phase];
			bool known = p->known && !p->load;

			if (!field)
				set_ret(r, i, known, p->run);
			else
				set_count(r, i, known, field == 1 ? p->invoked : p->retval);
		}
	}
}

static void add_phases(struct table *t)
{
	for (uint32_t i = 0; i < t->c->n_phases; i++) {
		const struct mue_phase *p = &t->c->phases[i];

		if (p->prog_type)
			add_program(t, i);
		else
			add_row(t, "phase %u (user)", i);
		for (uint32_t op = p->first; op < p->first + p->count; op++)
			add_op(t, op);
	}
}

static bool same_key(const struct table *t, uint32_t a, const struct mue_blob *ka, uint32_t b,
		     const struct mue_blob *kb)
{
	return mue_blob_same(t->seen[a], ka, t->seen[b], kb);
}

/* The entry of a key in a column's state, or NULL. */
static const struct mue_entry *find(const struct table *t, uint32_t column, uint32_t map,
				    uint32_t of, const struct mue_blob *key)
{
	const struct mue_observation *o = t->seen[column];
	const struct mue_map_result *m = &o->maps[map];

	for (uint32_t i = m->first; m->state_known && i < m->first + m->shown; i++)
		if (same_key(t, column, &o->entries[i].key, of, key))
			return &o->entries[i];
	return NULL;
}

static void add_entry(struct table *t, uint32_t map, uint32_t of, const struct mue_blob *key)
{
	char text[CELL_MAX];
	struct row *r;

	mue_text_blob(text, sizeof(text), t->seen[of], key);
	r = add_row(t, "  [%s]", text);
	for (uint32_t i = 0; i < t->n; i++) {
		const struct mue_entry *e = find(t, i, map, of, key);

		text[0] = 0;
		if (e)
			mue_text_blob(text, sizeof(text), t->seen[i], &e->value);
		else if (t->seen[i]->maps[map].state_known)
			snprintf(text, sizeof(text), "absent");
		set_cell(r, i, text);
	}
}

/* Each key once: in the first column that shows it. */
static void add_entries(struct table *t, uint32_t map)
{
	for (uint32_t i = 0; i < t->n; i++) {
		const struct mue_map_result *m = &t->seen[i]->maps[map];

		for (uint32_t e = m->first; m->state_known && e < m->first + m->shown; e++) {
			const struct mue_blob *key = &t->seen[i]->entries[e].key;
			bool before = false;

			for (uint32_t k = 0; k < i && !before; k++)
				before = find(t, k, map, i, key) != NULL;
			if (!before)
				add_entry(t, map, i, key);
		}
	}
}

static void add_states(struct table *t)
{
	for (uint32_t map = 0; map < t->c->n_maps; map++) {
		struct row *count = add_row(t, "map %s entries", t->c->maps[map].name);
		struct row *digest;

		for (uint32_t i = 0; i < t->n; i++)
			set_count(count, i, t->seen[i]->maps[map].state_known,
				  t->seen[i]->maps[map].n_entries);
		digest = add_row(t, "map %s digest", t->c->maps[map].name);
		for (uint32_t i = 0; i < t->n; i++) {
			char text[32] = "";

			if (t->seen[i]->maps[map].state_known)
				snprintf(text, sizeof(text), "%016jx",
					 (uintmax_t)t->seen[i]->maps[map].digest);
			set_cell(digest, i, text);
		}
		add_entries(t, map);
	}
}

static const char *text_of(const char *s)
{
	return s ? s : "";
}

static bool row_differs(const struct table *t, const struct row *r)
{
	for (uint32_t i = 1; i < t->n; i++)
		if (strcmp(text_of(r->cells[0]), text_of(r->cells[i])))
			return true;
	return false;
}

static int width_of(const struct table *t, uint32_t column, const char *name)
{
	size_t width = strlen(name);

	for (size_t i = 0; i < t->n_rows; i++)
		if (strlen(text_of(t->rows[i].cells[column])) > width)
			width = strlen(t->rows[i].cells[column]);
	return width;
}

static int label_width_of(const struct table *t)
{
	size_t width = 0;

	for (size_t i = 0; i < t->n_rows; i++)
		if (strlen(text_of(t->rows[i].label)) > width)
			width = strlen(t->rows[i].label);
	return width < LABEL_WIDTH_MAX ? width : LABEL_WIDTH_MAX;
}

/* One line; nothing but spaces is not printed at its end. */
static void print_line(FILE *to, const char *mark, const char *label, int label_width,
		       const char *const *cells, const int *widths, uint32_t n)
{
	int owed = label_width - (int)strlen(label);

	fprintf(to, "%s %s", mark, label);
	for (uint32_t i = 0; i < n; i++) {
		const char *cell = text_of(cells[i]);

		owed += 2;
		if (*cell) {
			fprintf(to, "%*s%s", owed, "", cell);
			owed = 0;
		}
		owed += widths[i] - (int)strlen(cell);
	}
}

static void print(FILE *to, const struct table *t, const char *const *names, bool color)
{
	int widths[MUE_COLUMNS_MAX] = {0}, label_width = label_width_of(t);

	for (uint32_t i = 0; i < t->n; i++)
		widths[i] = width_of(t, i, names[i]);
	print_line(to, " ", "", label_width, names, widths, t->n);
	fputc('\n', to);
	for (size_t i = 0; i < t->n_rows; i++) {
		const struct row *r = &t->rows[i];
		bool differs = row_differs(t, r), painted = differs && color;

		fputs(painted ? "\033[31m" : "", to);
		print_line(to, differs ? "*" : " ", text_of(r->label), label_width,
			   (const char *const *)r->cells, widths, t->n);
		fputs(painted ? "\033[0m\n" : "\n", to);
	}
}

static void free_rows(struct table *t)
{
	for (size_t i = 0; i < t->n_rows; i++) {
		free(t->rows[i].label);
		for (uint32_t column = 0; column < t->n; column++)
			free(t->rows[i].cells[column]);
	}
	free(t->rows);
}

int mue_side_by_side(FILE *to, const struct mue_case *c, const char *const *names,
		     const struct mue_observation *const *seen, uint32_t n, bool color)
{
	struct table t = {.c = c, .seen = seen, .n = n};

	add_status(&t);
	add_creations(&t);
	add_phases(&t);
	add_states(&t);
	if (!t.out_of_memory)
		print(to, &t, names, color);
	free_rows(&t);
	return t.out_of_memory ? -ENOMEM : 0;
}
