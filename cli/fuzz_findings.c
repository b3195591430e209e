#include "cli/fuzzing.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/text.h"
#include "cli/reducing.h"
#include "fuzz/corpus.h"

/* So often it must show the same before it counts. */
#define TIMES 5

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs(isatty(2) ? "\r\033[K" : "", stderr);
	vfprintf(stderr, format, args);
	va_end(args);
}

static void failed(struct mue_fuzz_findings *f, int err, const char *what)
{
	f->error = err;
	snprintf(f->k->msg, sizeof(f->k->msg), "%s: %s", what, strerror(-err));
}

static int write_case(const char *path, const struct mue_case *c)
{
	FILE *to = fopen(path, "we");
	bool bad;

	if (!to)
		return -errno;
	mue_text_print(to, c, NULL, NULL);
	bad = ferror(to);
	return fclose(to) || bad ? -EIO : 0;
}

/* What cannot be reduced, because asking it breaks something, is kept as it is: DIR/NAME.case. */
static void keep_whole(struct mue_fuzz_findings *f, const struct mue_case *c, const char *name,
		       const char *why)
{
	char path[2 * MUE_FUZZ_PATH];
	bool known;
	int err;

	snprintf(path, sizeof(path), "%s/%s.case", f->k->findings, name);
	known = !access(path, F_OK);
	err = write_case(path, c);
	if (err) {
		failed(f, err, path);
		return;
	}
	f->n++;
	f->fresh += !known;
	tell("mue fuzz: %s: %s\n", path, why);
}

/* A divergence, which holds: reduces and writes it. */
static void keep_reduced(struct mue_fuzz_findings *f, struct mue_reducing *r, struct mue_case *c)
{
	char path[2 * MUE_FUZZ_PATH];
	int err;

	if (!mue_reducing_reduce(r, c)) {
		f->unsteady++;
		tell("mue fuzz: does not always answer the same, not kept: %s\n", r->kind);
		return;
	}
	err = mue_reducing_write(r, c, f->k->findings, path, sizeof(path));
	if (err && err != -EEXIST) {
		failed(f, err, path);
		return;
	}
	f->n++;
	f->fresh += !err;
	tell("mue fuzz: %s%s: %s\n", path, err ? " (again)" : "", r->kind);
}

/* Asks the input again, several times. False when it does not hold and can be forgotten. */
static bool confirm(struct mue_fuzz_findings *f, struct mue_input *in, const char *name)
{
	struct mue_reducing r;
	struct mue_asking *a;

	if (!f->worlds)
		f->worlds = mue_fuzz_worlds_new(f->k, false);
	a = f->worlds ? mue_fuzz_asking(f->worlds, in->world, f->k->msg, sizeof(f->k->msg)) : NULL;
	if (!a) {
		f->error = -ENOMEM;
		return true;
	}
	if (mue_reducing_begin(&r, a, &in->c) && mue_reducing_holds(&r, &in->c, TIMES)) {
		keep_reduced(f, &r, &in->c);
		return true;
	}
	if (a->verdict.outcome == MUE_ERROR) {
		keep_whole(f, &in->c, name, a->verdict.why);
		return true;
	}
	f->unsteady++;
	tell("mue fuzz: did not hold when asked again: %s\n", name);
	return false;
}

static void look_at(struct mue_fuzz_findings *f, const char *name)
{
	struct mue_input *in = malloc(sizeof(*in));
	char path[2 * MUE_FUZZ_PATH];
	uint8_t *data;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", f->k->found, name);
	data = mue_corpus_file(path, &n);
	if (in && data) {
		mue_fuzz_decode(f->k, in, (struct mue_raw){data, n});
		snprintf(in->c.name, sizeof(in->c.name), "fuzz/%.100s", name);
		if (!confirm(f, in, name))
			unlink(path);
	}
	free(data);
	free(in);
}

/* Which of the directory's files were looked at stands in a list of their names, each behind a '/'.
 */
static bool was_seen(struct mue_fuzz_findings *f, const char *name)
{
	char key[300];
	size_t n, had = f->seen ? strlen(f->seen) : 0;
	char *more;

	snprintf(key, sizeof(key), "/%s/", name);
	if (f->seen && strstr(f->seen, key))
		return true;
	n = strlen(key);
	more = realloc(f->seen, had + n + 1);
	if (!more)
		return true;
	memcpy(more + had, key, n + 1);
	f->seen = more;
	return false;
}

bool mue_fuzz_findings_look(struct mue_fuzz_findings *f)
{
	DIR *dir = opendir(f->k->found);
	struct dirent *e;
	bool any = false;

	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.' || f->error || was_seen(f, e->d_name))
			continue;
		any = true;
		look_at(f, e->d_name);
	}
	if (dir)
		closedir(dir);
	return any;
}

void mue_fuzz_findings_death(struct mue_fuzz_findings *f, struct mue_raw data, const char *how)
{
	struct mue_input *in = malloc(sizeof(*in));
	char name[64];

	if (!in)
		return;
	mue_fuzz_decode(f->k, in, data);
	snprintf(name, sizeof(name), "death-%016llx",
		 (unsigned long long)mue_digest(data.data, data.n));
	snprintf(in->c.name, sizeof(in->c.name), "fuzz/%s", name);
	keep_whole(f, &in->c, name, how);
	free(in);
}

void mue_fuzz_findings_free(struct mue_fuzz_findings *f)
{
	mue_fuzz_worlds_free(f->worlds);
	free(f->seen);
}
