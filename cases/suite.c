#include "cases/suite.h"

#include <assert.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "cases/curated.h"
#include "cases/families/sink.h"
#include "cases/text.h"

#define MUE_FAMILY(name, ...) void mue_each_##name(struct mue_sink *s);
#include "cases/families.def"
#undef MUE_FAMILY

const struct mue_family mue_families[] = {
#define MUE_FAMILY(name, large, sentence) {#name, sentence, large, mue_each_##name},
#include "cases/families.def"
#undef MUE_FAMILY
	{0},
};

/* Most globs are a name, or a name's beginning and a star: no pattern matching then. */
enum glob_kind { GLOB_NAME, GLOB_BEGINNING, GLOB_PATTERN };

struct mue_sink {
	const char *glob;
	size_t plain; /* length of its plain beginning */
	enum glob_kind kind;
	uint64_t seed;
	mue_suite_fn *fn;
	void *ctx;
	bool full;
};

static void sink_begin(struct mue_sink *s, const char *glob, mue_suite_fn *fn, void *ctx)
{
	size_t plain = strcspn(glob, "*?[\\");

	*s = (struct mue_sink){.glob = glob, .plain = plain, .fn = fn, .ctx = ctx};
	if (!glob[plain])
		s->kind = GLOB_NAME;
	else if (!strcmp(glob + plain, "*"))
		s->kind = GLOB_BEGINNING;
	else
		s->kind = GLOB_PATTERN;
}

bool mue_sink_may(const struct mue_sink *s, const char *prefix, size_t n)
{
	if (s->full || (s->kind == GLOB_NAME && n > s->plain))
		return false;
	return !memcmp(s->glob, prefix, n < s->plain ? n : s->plain);
}

bool mue_sink_wants(const struct mue_sink *s, const char *name)
{
	if (s->full)
		return false;
	switch (s->kind) {
	case GLOB_NAME:
		return !strcmp(s->glob, name);
	case GLOB_BEGINNING:
		return !strncmp(s->glob, name, s->plain);
	default:
		return !fnmatch(s->glob, name, 0);
	}
}

bool mue_sink_named(const struct mue_sink *s, const char *prefix, size_t n)
{
	return s->plain >= n && !memcmp(s->glob, prefix, n);
}

const char *mue_sink_only(const struct mue_sink *s)
{
	return s->kind == GLOB_NAME ? s->glob : NULL;
}

uint64_t mue_sink_seed(const struct mue_sink *s)
{
	return s->seed;
}

bool mue_sink_full(const struct mue_sink *s)
{
	return s->full;
}

/* Names are unique: there is nothing to look for behind the one that is wanted. */
static void give(struct mue_sink *s, const struct mue_suite_case *given)
{
	if (!s->fn(s->ctx, given) || s->kind == GLOB_NAME)
		s->full = true;
}

void mue_sink_give(struct mue_sink *s, const struct mue_case *c)
{
	struct mue_suite_case given = {.question = c};

	give(s, &given);
}

struct parsed {
	struct mue_case c;
	struct mue_observation expect;
};

/* The curated cases are ours, compiled in, and parsed by the tests: an error here is a broken
 * build. */
static void give_curated(struct mue_sink *s, struct parsed *p, const struct mue_curated *row)
{
	struct mue_suite_case given = {.question = &p->c, .expect = &p->expect};
	char msg[MUE_MSG_MAX];
	int err = mue_text_parse(&p->c, &p->expect, &given.when, row->text, strlen(row->text),
				 row->name, msg, sizeof(msg));

	assert(!err);
	if (err)
		return;
	strncpy(p->c.name, row->name, sizeof(p->c.name) - 1);
	p->c.name[sizeof(p->c.name) - 1] = 0;
	give(s, &given);
}

static void each_curated(struct mue_sink *s)
{
	struct parsed *p = calloc(1, sizeof(*p));

	assert(p);
	for (const struct mue_curated *row = mue_curated; p && row->name; row++)
		if (mue_sink_wants(s, row->name))
			give_curated(s, p, row);
	free(p);
}

static void each_case(struct mue_sink *s)
{
	each_curated(s);
	for (const struct mue_family *f = mue_families; f->name; f++)
		if (mue_sink_may(s, f->name, strlen(f->name)))
			f->each(s);
}

void mue_suite_each(const struct mue_suite_options *opts, mue_suite_fn *fn, void *ctx)
{
	struct mue_sink s;

	sink_begin(&s, opts->glob ? opts->glob : "*", fn, ctx);
	s.seed = opts->seed;
	each_case(&s);
}

static bool count_one(void *ctx, const struct mue_suite_case *s)
{
	++*(uint64_t *)ctx;
	return true;
}

uint64_t mue_suite_count(const struct mue_suite_options *opts)
{
	uint64_t n = 0;

	mue_suite_each(opts, count_one, &n);
	return n;
}

bool mue_suite_find(const char *name, mue_suite_fn *fn, void *ctx)
{
	struct mue_sink s;

	if (name[strcspn(name, "*?[\\")])
		return false;
	sink_begin(&s, name, fn, ctx);
	each_case(&s);
	return s.full;
}

bool mue_condition_holds(const struct mue_condition *k, const struct mue_world *w)
{
	return (w->changes & k->with) == k->with && !(w->changes & k->without) &&
	       (!k->cpus || k->cpus == w->cpus);
}

bool mue_expectations_hold(const struct mue_suite_case *s, const struct mue_world *w)
{
	if (!s->expect || !mue_condition_holds(&s->when, w))
		return false;
	for (uint32_t i = 0; i < s->question->n_maps; i++) {
		const struct mue_map_type_row *row = mue_map_type_row(s->question->maps[i].type);

		if (row && row->since > w->version)
			return false;
	}
	return true;
}
