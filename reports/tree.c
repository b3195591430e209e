#include "reports/tree.h"

#include <string.h>

const struct mue_tree_syntax mue_tree_tap = {
	/*
	 * What follows is TAP 14, whose subtests are comments and indented lines to version 13. We
	 * say 13 since the prove(1) of Debian 12 knows no 14 and gives up on it.
	 */
	.version = "TAP version 13\n",
	.sub_version = "",
	.subtest = "# Subtest: %s\n",
	.separator = " - ",
	.indent = "    ",
	.details_begin = "  ---\n",
	.detail = "  %s: \"%s\"\n",
	.details_end = "  ...\n",
};

const struct mue_tree_syntax mue_tree_ktap = {
	.version = "KTAP version 1\n",
	.sub_version = "KTAP version 1\n",
	.subtest = "# Subtest: %s\n",
	.separator = " ",
	.indent = "  ",
	.details_begin = "",
	.detail = "# %s: %s\n",
	.details_end = "",
	.details_first = true,
	.plan_first = true,
};

static struct mue_tree_level *top(struct mue_tree *t)
{
	return &t->levels[t->depth];
}

static FILE *indented(struct mue_tree *t)
{
	for (uint32_t i = 0; i < t->depth; i++)
		fputs(t->syntax->indent, top(t)->to);
	return top(t)->to;
}

/* Where a level's points go: held back when the plan comes before them. */
static FILE *level_file(struct mue_tree *t, FILE *to)
{
	FILE *held = t->syntax->plan_first ? tmpfile() : NULL;

	return held ? held : to;
}

static void copy(FILE *to, FILE *from)
{
	char buf[8192];
	size_t n;

	rewind(from);
	while ((n = fread(buf, 1, sizeof(buf), from)) > 0)
		fwrite(buf, 1, n, to);
	fclose(from);
}

static void print_plan(struct mue_tree *t, FILE *to)
{
	FILE *held = top(t)->to;

	top(t)->to = to;
	fprintf(indented(t), "1..%llu\n", (unsigned long long)top(t)->points);
	if (held != to)
		copy(to, held);
}

/* A name or reason, in which '#' would begin a directive and '\n' a line. */
static void print_escaped(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '#' || *text == '\\')
			fputc('\\', to);
		fputc((unsigned char)*text < ' ' ? ' ' : *text, to);
	}
}

/* Values stand in double quotes in TAP's YAML. */
static void print_detail(struct mue_tree *t, const struct mue_tree_detail *d)
{
	char value[1024];
	size_t n = 0;
	bool quoted = strchr(t->syntax->detail, '"') != NULL;

	for (const char *s = d->value; *s && n + 3 < sizeof(value); s++) {
		if (quoted && (*s == '"' || *s == '\\'))
			value[n++] = '\\';
		value[n++] = (unsigned char)*s < ' ' ? ' ' : *s;
	}
	value[n] = 0;
	fprintf(indented(t), t->syntax->detail, d->name, value);
}

static void print_details(struct mue_tree *t, const struct mue_tree_detail *d)
{
	if (!d)
		return;
	if (*t->syntax->details_begin)
		fputs(t->syntax->details_begin, indented(t));
	for (; d->name; d++)
		print_detail(t, d);
	if (*t->syntax->details_end)
		fputs(t->syntax->details_end, indented(t));
}

void mue_tree_add(struct mue_tree *t, const struct mue_tree_point *p)
{
	struct mue_tree_level *level = top(t);

	if (t->syntax->details_first)
		print_details(t, p->details);
	level->points++;
	level->failed += !p->ok;
	level->skipped += p->skip != NULL;
	fprintf(indented(t), "%s %llu%s", p->ok ? "ok" : "not ok",
		(unsigned long long)level->points, t->syntax->separator);
	print_escaped(level->to, p->name);
	if (p->skip) {
		fputs(" # SKIP ", level->to);
		print_escaped(level->to, p->skip);
	}
	fputc('\n', level->to);
	if (!t->syntax->details_first)
		print_details(t, p->details);
}

void mue_tree_note(struct mue_tree *t, const char *text)
{
	fprintf(indented(t), "# %s\n", text);
}

void mue_tree_begin(struct mue_tree *t, const struct mue_tree_syntax *syntax, FILE *to)
{
	memset(t, 0, sizeof(*t));
	t->syntax = syntax;
	fputs(syntax->version, to);
	/* The outermost plan stands behind in every syntax: a run is not held back. */
	top(t)->to = to;
}

void mue_tree_open(struct mue_tree *t, const char *name)
{
	FILE *to = top(t)->to;

	t->depth++;
	memset(top(t), 0, sizeof(*top(t)));
	top(t)->to = to;
	snprintf(top(t)->name, sizeof(top(t)->name), "%s", name);
	if (*t->syntax->sub_version)
		fputs(t->syntax->sub_version, indented(t));
	fprintf(indented(t), t->syntax->subtest, name);
	top(t)->to = level_file(t, to);
}

void mue_tree_close(struct mue_tree *t)
{
	struct mue_tree_level *level = top(t);
	bool all = level->points && level->skipped == level->points;
	struct mue_tree_point p = {!level->failed, level->name, all ? "all of it" : NULL, NULL};

	print_plan(t, t->levels[t->depth - 1].to);
	t->depth--;
	mue_tree_add(t, &p);
}

void mue_tree_end(struct mue_tree *t, const char *bail)
{
	FILE *to = t->levels[0].to;

	while (t->depth)
		mue_tree_close(t);
	if (bail)
		fprintf(to, "Bail out! %s\n", bail);
	else
		print_plan(t, to);
}
