#include "reports/compare.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const struct mue_compared_row mue_compared_rows[MUE_COMPARED_KINDS] = {
#define MUE_COMPARED(ID, words, regression) {words, regression},
#include "reports/compare_kinds.def"
#undef MUE_COMPARED
};

/*
 * What is kept of a record of the old run: a few bytes, since there may be millions. Names are told
 * apart by 64 bits of digest; where two should fall together, one is reported as missing.
 */
struct kept {
	uint64_t name, answers; /* digests */
	uint8_t outcome;
	bool seen; /* in the new run too */
};

struct comparing {
	FILE *to;
	uint64_t *counts;
	struct kept *kept;
	size_t n, room;
	uint32_t n_common; /* the first so many targets are the same in both */
};

static uint64_t digest_of(const char *s)
{
	return mue_digest(s, strlen(s));
}

/* One digest for what the common targets answered. */
static uint64_t answers_of(const struct comparing *c, const struct mue_record *r)
{
	uint64_t all[MUE_TARGETS_MAX] = {0};

	for (uint32_t i = 0; i < c->n_common; i++) {
		const char *digest = json_string_value(json_array_get(r->digests, i));

		all[i] = digest ? digest_of(digest) : 0;
	}
	return mue_digest(all, sizeof(all));
}

static int keep(struct comparing *c, const struct mue_record *r)
{
	if (c->n == c->room) {
		size_t room = c->room ? c->room * 2 : 4096;
		struct kept *bigger = realloc(c->kept, room * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		c->kept = bigger;
		c->room = room;
	}
	c->kept[c->n++] = (struct kept){digest_of(r->name), answers_of(c, r), r->outcome, false};
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct kept *ka = a, *kb = b;

	return (ka->name > kb->name) - (ka->name < kb->name);
}

static struct kept *find(struct comparing *c, const char *name)
{
	struct kept key = {.name = digest_of(name)};

	return c->n ? bsearch(&key, c->kept, c->n, sizeof(key), by_name) : NULL;
}

static bool right(enum mue_outcome o)
{
	return o == MUE_AGREE || o == MUE_DECLARED;
}

/* MUE_COMPARED_KINDS when nothing changed. */
static enum mue_compared classify(const struct kept *old, enum mue_outcome new, uint64_t answers)
{
	if (new == MUE_DIVERGE && (!old || old->outcome != MUE_DIVERGE))
		return MUE_COMPARED_DIVERGES;
	if (new == MUE_ERROR && (!old || old->outcome != MUE_ERROR))
		return MUE_COMPARED_FAILS;
	if (!old)
		return MUE_COMPARED_ADDED;
	if (new == MUE_SKIP && old->outcome != MUE_SKIP)
		return MUE_COMPARED_SKIPPED;
	if (right(new) && old->outcome == MUE_SKIP)
		return MUE_COMPARED_ANSWERED;
	if (right(new) && !right(old->outcome))
		return MUE_COMPARED_FIXED;
	return answers != old->answers ? MUE_COMPARED_CHANGED : MUE_COMPARED_KINDS;
}

static void say(struct comparing *c, enum mue_compared kind, const struct mue_record *r)
{
	c->counts[kind]++;
	fprintf(c->to, "%-18s  %s", mue_compared_rows[kind].words, r->name);
	if (kind == MUE_COMPARED_DIVERGES)
		fprintf(c->to, ": %s: %s: expected %s, got %s", r->target, r->field, r->expected,
			r->got);
	else if (kind == MUE_COMPARED_FAILS || kind == MUE_COMPARED_SKIPPED)
		fprintf(c->to, ": %s%s%s", r->target, *r->target ? ": " : "", r->why);
	fputc('\n', c->to);
}

static int judge(struct comparing *c, const struct mue_record *r)
{
	struct kept *old = find(c, r->name);
	enum mue_compared kind = classify(old, r->outcome, answers_of(c, r));

	if (old)
		old->seen = true;
	if (kind != MUE_COMPARED_KINDS)
		say(c, kind, r);
	return 0;
}

static int say_missing(struct comparing *c, const struct mue_record *r)
{
	const struct kept *old = find(c, r->name);

	if (old && !old->seen)
		say(c, MUE_COMPARED_MISSING, r);
	return 0;
}

/* Gives every record of a file to fn. */
static int each(struct comparing *c, const char *name,
		int (*fn)(struct comparing *c, const struct mue_record *r), char *msg,
		size_t msg_size)
{
	struct mue_run run;
	struct mue_record r;
	struct mue_results *f = mue_results_open(&run, name, msg, msg_size);
	int line, err = 0;

	if (!f)
		return -EINVAL;
	while (!err && (line = mue_results_next(f, &r, msg, msg_size)) == MUE_LINE_RECORD)
		err = fn(c, &r);
	mue_results_close(f);
	if (err)
		snprintf(msg, msg_size, "out of memory");
	return err ? err : line < 0 ? line : 0;
}

/* How many of the first targets of two runs are called the same. */
static int compare_targets(struct comparing *c, const char *old, const char *new, char *msg,
			   size_t msg_size)
{
	struct mue_run a, b;
	struct mue_results *fa = mue_results_open(&a, old, msg, msg_size);
	struct mue_results *fb = fa ? mue_results_open(&b, new, msg, msg_size) : NULL;

	while (fb && c->n_common < a.n_targets && c->n_common < b.n_targets &&
	       !strcmp(a.targets[c->n_common], b.targets[c->n_common]))
		c->n_common++;
	mue_results_close(fa);
	mue_results_close(fb);
	return fb ? 0 : -EINVAL;
}

static void say_totals(const struct comparing *c)
{
	uint64_t sum = 0;

	for (int i = 0; i < MUE_COMPARED_KINDS; i++) {
		if (c->counts[i])
			fprintf(c->to, "%s%" PRIu64 " %s", sum ? ", " : "", c->counts[i],
				mue_compared_rows[i].words);
		sum += c->counts[i];
	}
	fprintf(c->to, "%s\n", sum ? "" : "nothing changed");
}

int mue_compare(FILE *to, uint64_t counts[MUE_COMPARED_KINDS], const char *old, const char *new,
		char *msg, size_t msg_size)
{
	struct comparing c = {.to = to, .counts = counts};
	int err;

	memset(counts, 0, MUE_COMPARED_KINDS * sizeof(*counts));
	err = compare_targets(&c, old, new, msg, msg_size);
	if (!err)
		err = each(&c, old, keep, msg, msg_size);
	if (!err) {
		if (c.n)
			qsort(c.kept, c.n, sizeof(*c.kept), by_name);
		err = each(&c, new, judge, msg, msg_size);
	}
	if (!err)
		err = each(&c, old, say_missing, msg, msg_size);
	if (!err)
		say_totals(&c);
	free(c.kept);
	return err;
}
