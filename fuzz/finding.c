#include "fuzz/finding.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cases/asm.h"
#include "cases/attach.h"
#include "cases/export_c.h"
#include "cases/print.h"
#include "cases/text.h"
#include "cases/words.h"
#include "cases/world_json.h"
#include "fuzz/reduce.h"

#define PATH_ROOM 4096

/* What goes into the files. */
struct book {
	const struct mue_finding *f;
	struct mue_case c; /* under the finding's name */
	struct mue_observation expect;
	bool expected; /* `expect` is what the other says; of a syscall's answer there is none */
	/* The program's case and what it expects, as far as a C program can ask. */
	struct mue_case alone;
	struct mue_observation alone_expect;
	bool compares;
	int program; /* 0: there is a program; 1: one without expectations; -errno: none */
};

static const char *other_of(const struct mue_finding *f)
{
	int other = f->verdict->other;

	return other >= 0 ? f->answers[other].target : f->other;
}

static bool by_model(const struct mue_finding *f)
{
	return f->verdict->other < 0 && !strcmp(f->other, "model");
}

/* Where a kernel is free (semantics R2), what the witness took is expected. */
static void take_freedom(struct book *b, const struct mue_alternatives *also)
{
	const struct mue_observation *seen = b->f->answers[b->f->verdict->witness].seen;

	for (uint32_t i = 0; i < also->n; i++)
		if (seen->status == MUE_ANSWERED &&
		    seen->ops[also->rows[i].op].ret == also->rows[i].ret)
			b->expect.ops[also->rows[i].op].ret = also->rows[i].ret;
}

static int expect_model(struct book *b)
{
	struct mue_alternatives *also = malloc(sizeof(*also));

	if (!also)
		return -ENOMEM;
	also->n = 0;
	mue_model_answer_also(b->f->answers[b->f->verdict->witness].world, &b->c, &b->expect, also);
	b->expected = b->expect.status == MUE_ANSWERED;
	if (b->expected)
		take_freedom(b, also);
	free(also);
	return 0;
}

/* Without an event of the right kind a program does not run; test runs a C program can do. */
static bool runs_alone(const struct mue_case *c)
{
	for (uint32_t i = 0; i < c->n_phases; i++) {
		const struct mue_phase *p = &c->phases[i];

		if (p->prog_type && !p->load_only && !mue_phase_test_run(p))
			return false;
	}
	return true;
}

/* Maps and loads come first, whatever else there is to do. */
static bool differs_at_load(const struct mue_difference *d)
{
	size_t n = strlen(d->field);

	return (n > 5 && !strcmp(d->field + n - 5, " load")) ||
	       (n > 7 && !strcmp(d->field + n - 7, " create"));
}

/* Of the case, the maps and the loads: user phases become empty, programs are only loaded. */
static void only_load(struct mue_case *c)
{
	uint32_t n = 0;

	for (struct mue_phase *p = c->phases; p < c->phases + c->n_phases; p++) {
		if (!p->prog_type)
			p->count = 0;
		memmove(&c->ops[n], &c->ops[p->first], p->count * sizeof(*c->ops));
		p->first = n;
		p->load_only = p->prog_type != 0;
		n += p->count;
	}
	c->n_ops = n;
}

/* What the program asks and expects. Where it cannot run all, loading has to do. */
static void choose_alone(struct book *b)
{
	const struct mue_world *w = b->f->answers[b->f->verdict->witness].world;

	mue_case_copy(&b->alone, &b->c);
	b->compares = b->expected && runs_alone(&b->c);
	if (b->compares) {
		mue_observation_copy(&b->alone_expect, &b->expect);
	} else if (b->expected && by_model(b->f) && differs_at_load(&b->f->verdict->difference)) {
		only_load(&b->alone);
		mue_model_answer(w, &b->alone, &b->alone_expect);
		b->compares = b->alone_expect.status == MUE_ANSWERED;
	}
}

static int expect_other(struct book *b)
{
	int other = b->f->verdict->other;
	const struct mue_observation *seen = other >= 0 ? b->f->answers[other].seen : NULL;

	b->expected = seen && seen->status == MUE_ANSWERED;
	if (b->expected)
		mue_observation_copy(&b->expect, seen);
	return 0;
}

static int prepare(struct book *b, const struct mue_finding *f)
{
	int err;

	b->f = f;
	mue_case_copy(&b->c, f->c);
	mue_finding_name(b->c.name, sizeof(b->c.name), f->c, &f->verdict->difference);
	err = by_model(f) ? expect_model(b) : expect_other(b);
	if (!err)
		choose_alone(b);
	return err;
}

/* Values of per-CPU maps are as many as the witness has CPUs. */
static int write_case(struct book *b, FILE *to)
{
	struct mue_condition when = {0};

	for (uint32_t i = 0; i < b->c.n_maps; i++) {
		const struct mue_map_type_row *row = mue_map_type_row(b->c.maps[i].type);

		if (row && row->per_cpu)
			when.cpus = b->f->answers[b->f->verdict->witness].world->cpus;
	}
	mue_text_print(to, &b->c, b->expected ? &b->expect : NULL, &when);
	return 0;
}

static int write_program(struct book *b, FILE *to)
{
	b->program = mue_case_export_c(to, &b->alone, b->compares ? &b->alone_expect : NULL);
	if (!b->program && !b->compares)
		b->program = 1;
	return b->program == -ENOTSUP || b->program == -E2BIG ? 0 : b->program < 0 ? b->program : 0;
}

/* Lines of a text with two spaces more in front, as code. */
static void put_code(FILE *to, const char *text)
{
	for (const char *end; *text; text = *end ? end + 1 : end) {
		end = text + strcspn(text, "\n");
		fprintf(to, "    %.*s\n", (int)(end - text), text);
	}
}

/* What `print` writes, as code. */
static int put_printed(FILE *to, int (*print)(FILE *to, const struct book *b, uint32_t n),
		       const struct book *b, uint32_t n)
{
	char *text = NULL;
	size_t size;
	FILE *lines = open_memstream(&text, &size);
	int err = lines ? print(lines, b, n) : -ENOMEM;

	if (lines && fclose(lines))
		err = -ENOMEM;
	if (!err)
		put_code(to, text);
	free(text);
	return err;
}

static int print_case(FILE *to, const struct book *b, uint32_t n)
{
	struct mue_case plain;

	mue_case_copy(&plain, &b->c);
	plain.note[0] = 0;
	mue_text_print(to, &plain, NULL, NULL);
	return 0;
}

static int print_answer(FILE *to, const struct book *b, uint32_t n)
{
	mue_observation_print(to, &b->c, b->f->answers[n].seen);
	return 0;
}

static int print_expected(FILE *to, const struct book *b, uint32_t n)
{
	mue_observation_print(to, &b->c, &b->expect);
	return 0;
}

static int print_programs(FILE *to, const struct book *b, uint32_t n)
{
	return mue_asm_case(to, &b->c);
}

/* Who was asked: its world, then its own words. */
static void put_target(FILE *to, const struct mue_finding *f, uint32_t n)
{
	const struct mue_world *w = f->answers[n].world;
	char version[MUE_VERSION_TEXT];

	mue_version_text(version, sizeof(version), w->version);
	fprintf(to, "`%s`: %s, %u CPU%s, %s JIT", f->answers[n].target, version, w->cpus,
		w->cpus == 1 ? "" : "s", w->jit ? "with" : "without");
	for (unsigned i = 0; i < MUE_CHANGES; i++)
		if (mue_world_has(w, i) != mue_change_expected(i, w->version))
			fprintf(to, "; %s %s, which its version does not say",
				mue_world_has(w, i) ? "with" : "without", mue_change_rows[i].id);
	fprintf(to, "\n\n");
	if (f->identities && f->identities[n] && *f->identities[n]) {
		put_code(to, f->identities[n]);
		fprintf(to, "\n");
	}
}

static bool has_program(const struct mue_case *c)
{
	for (uint32_t i = 0; i < c->n_phases; i++)
		if (c->phases[i].prog_type)
			return true;
	return false;
}

static void put_what(FILE *to, const struct book *b)
{
	const struct mue_finding *f = b->f;
	const struct mue_difference *d = &f->verdict->difference;
	char kind[MUE_KIND_MAX];

	mue_divergence_kind(kind, sizeof(kind), &b->c, d);
	fprintf(to, "# bpf: %s\n\n", kind);
	fprintf(to, "`%s` and `%s` answer one case differently.\n\n",
		f->answers[f->verdict->witness].target, other_of(f));
	fprintf(to, "    where     %s\n    got       %s\n    expected  %s\n\n", d->field, d->a,
		d->b);
}

static int put_case(FILE *to, const struct book *b)
{
	int err;

	fprintf(to, "## The case\n\nMaps, then what is done, from user space (`user`) or by a "
		    "program of "
		    "the type named;\nkeys and values are in hex.\n\n");
	err = put_printed(to, print_case, b, 0);
	if (err || !has_program(&b->c))
		return err;
	fprintf(to, "\n## Its programs\n\n`map[io]` is a block that feeds them and takes their "
		    "results.\n\n");
	return put_printed(to, print_programs, b, 0);
}

/* An answer, unless it is what was expected. */
static int put_answer(FILE *to, const struct book *b, uint32_t n)
{
	const struct mue_testimony *t = &b->f->answers[n];
	struct mue_difference d;

	if (b->expected && t->seen->status == MUE_ANSWERED &&
	    mue_observation_same(&b->c, &b->expect, t->seen, &d)) {
		fprintf(to, "\n`%s` answers as expected.\n", t->target);
		return 0;
	}
	fprintf(to, "\n`%s`:\n\n", t->target);
	return put_printed(to, print_answer, b, n);
}

static int put_answers(FILE *to, const struct book *b)
{
	int err = 0;

	fprintf(to, "\n## The answers\n");
	if (b->expected) {
		fprintf(to, "\nExpected, by %s:\n\n", other_of(b->f));
		err = put_printed(to, print_expected, b, 0);
	}
	for (uint32_t i = 0; i < b->f->n && !err; i++)
		err = put_answer(to, b, i);
	return err;
}

static void put_how(FILE *to, const struct book *b)
{
	const char *name = b->c.name;

	fprintf(to, "## To see it again\n\n");
	if (b->program < 0)
		fprintf(to, "There is no stand-alone program: %s.\n",
			b->program == -E2BIG
				? "the case is too large for one"
				: "it names functions or objects of the running kernel");
	else
		fprintf(to, "    cc -Wall -o repro %s.c && sudo ./repro\n", name);
	if (!b->program)
		fprintf(to,
			"\nIt needs no library, prints each answer beside what is expected, and "
			"exits with 1 when\nthey differ.\n");
	else if (b->program > 0)
		fprintf(to, "\nIt needs no library and prints each answer%s.\n",
			runs_alone(&b->c) ? "" : "; programs that need an event are loaded only");
	fprintf(to, "\n    %s\n\nmue %s.\n", b->f->command, MUE_VERSION_STRING);
}

static int write_summary(struct book *b, FILE *to)
{
	int err;

	put_what(to, b);
	err = put_case(to, b);
	if (!err)
		err = put_answers(to, b);
	if (err)
		return err;
	fprintf(to, "\n## Who was asked\n\n");
	for (uint32_t i = 0; i < b->f->n; i++)
		put_target(to, b->f, i);
	put_how(to, b);
	return 0;
}

/* One file of the folder, DIR/NAME. */
static int write_file(struct book *b, const char *dir, const char *name,
		      int (*write)(struct book *b, FILE *to))
{
	char path[PATH_ROOM];
	FILE *to;
	int err;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	to = fopen(path, "we");
	if (!to)
		return -errno;
	err = write(b, to);
	if (!err && ferror(to))
		err = -EIO;
	if (fclose(to) && !err)
		err = -errno;
	return err;
}

static int write_all(struct book *b, const char *dir)
{
	char name[MUE_NAME_MAX + 8];
	int err;

	snprintf(name, sizeof(name), "%s.case", b->c.name);
	err = write_file(b, dir, name, write_case);
	snprintf(name, sizeof(name), "%s.c", b->c.name);
	if (!err)
		err = write_file(b, dir, name, write_program);
	if (!err && b->program < 0) {
		char path[PATH_ROOM + sizeof(name)];

		snprintf(path, sizeof(path), "%s/%s", dir, name);
		unlink(path);
	}
	return err ? err : write_file(b, dir, "README.md", write_summary);
}

/* Removes a folder that was not finished. */
static void discard(const struct book *b, const char *dir)
{
	static const char *const ends[] = {".case", ".c"};
	char path[PATH_ROOM + MUE_NAME_MAX + 8];

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(path, sizeof(path), "%s/%s%s", dir, b->c.name, ends[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/README.md", dir);
	unlink(path);
	rmdir(dir);
}

/* Below a name that is nobody's first, so that a finding is there whole or not at all. */
static int write_folder(struct book *b, const char *dir, const char *path)
{
	char new[PATH_ROOM];
	int err;

	if (snprintf(new, sizeof(new), "%s/.new-XXXXXX", dir) >= (int)sizeof(new))
		return -ENAMETOOLONG;
	if (!mkdtemp(new))
		return -errno;
	err = chmod(new, 0755) ? -errno : write_all(b, new);
	if (!err && rename(new, path))
		err = errno == ENOTEMPTY ? -EEXIST : -errno;
	if (err)
		discard(b, new);
	return err;
}

int mue_finding_write(const struct mue_finding *f, const char *dir, char *path, size_t path_size)
{
	struct book *b = calloc(1, sizeof(*b));
	int err;

	if (!b)
		return -ENOMEM;
	err = prepare(b, f);
	if (!err && snprintf(path, path_size, "%s/%s", dir, b->c.name) >= (int)path_size)
		err = -ENAMETOOLONG;
	if (!err && !access(path, F_OK))
		err = -EEXIST;
	if (!err && mkdir(dir, 0777) && errno != EEXIST)
		err = -errno;
	if (!err)
		err = write_folder(b, dir, path);
	free(b);
	return err;
}
