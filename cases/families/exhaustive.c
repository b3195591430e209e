/*
 * A small world, all of it: every history of up to four steps over three keys, on maps of one and
 * two entries of each plain type. By default the histories of up to two steps.
 *
 * Histories with the same kinds of op share one program, so they stand together: the
 * kinds are the outer walk, keys and flags the inner one.
 */
#include <stdio.h>
#include <string.h>

#include "cases/families/ask.h"
#include "cases/families/cross.h"

#define FAMILY "exhaustive"
#define STEPS_MAX 4
#define STEPS_BY_DEFAULT 2

/* What a step can be, its kind apart: flags and key of an update, key of the others. */
struct choice {
	const char *word;
	uint64_t flags;
	uint32_t key;
};
struct verb {
	enum mue_op_kind kind;
	unsigned n;
	struct choice choices[9];
};

/* clang-format off */
static const struct verb verbs[] = {
	{MUE_OP_UPDATE, 9, {
		{"any0", 0, 0}, {"any1", 0, 1}, {"any2", 0, 2},
		{"noexist0", MUE_UPDATE_NOEXIST, 0}, {"noexist1", MUE_UPDATE_NOEXIST, 1},
		{"noexist2", MUE_UPDATE_NOEXIST, 2},
		{"exist0", MUE_UPDATE_EXIST, 0}, {"exist1", MUE_UPDATE_EXIST, 1},
		{"exist2", MUE_UPDATE_EXIST, 2}}},
	{MUE_OP_LOOKUP, 3, {{"lookup0", 0, 0}, {"lookup1", 0, 1}, {"lookup2", 0, 2}}},
	{MUE_OP_DELETE, 3, {{"delete0", 0, 0}, {"delete1", 0, 1}, {"delete2", 0, 2}}},
};
/* clang-format on */
#define VERBS (sizeof(verbs) / sizeof(*verbs))

struct world {
	struct mue_sink *sink;
	uint64_t kind;
	uint32_t room;
	unsigned steps;
	const struct verb *verb[STEPS_MAX];
	/* The op of each choice of each step, ready to be copied. */
	struct mue_op ready[STEPS_MAX][9];
	size_t word_len[STEPS_MAX][9];
	struct mue_case c;
};

/* In a trie the keys are nested prefixes: everything, 10/8, and 10.1/16. */
static struct mue_bytes key(const struct mue_case *c, uint32_t n)
{
	static const uint32_t addresses[] = {0, 0x0a000000, 0x0a010000};

	if (c->maps[0].type == MUE_MAP_LPM_TRIE)
		return mue_ask_prefix(8 * n, addresses[n]);
	return mue_ask_key(c, n);
}

/* Makes the case's frame, and the ops of all choices. */
static void prepare(struct world *w)
{
	struct mue_case *c = &w->c;

	mue_case_init(c, "");
	mue_ask_map(c, w->kind, w->room);
	mue_ask_prog(c, MUE_PROG_RAW_TRACEPOINT, 0);
	for (unsigned i = 0; i < w->steps; i++) {
		struct mue_op *op = mue_case_add_op(c, w->verb[i]->kind, 0);

		for (unsigned j = 0; j < w->verb[i]->n; j++) {
			const struct choice *choice = &w->verb[i]->choices[j];

			w->ready[i][j] = *op;
			w->ready[i][j].key = key(c, choice->key);
			if (op->kind == MUE_OP_UPDATE)
				w->ready[i][j].value = mue_ask_value(c, 0x20 + i);
			w->ready[i][j].flags = choice->flags;
			w->word_len[i][j] = strlen(choice->word);
		}
	}
}

/* Walks the choices of a step and those behind it; the first `len` bytes of the name stand. */
static void walk_choices(struct world *w, unsigned step, size_t len)
{
	char *name = w->c.name;

	if (step == w->steps) {
		name[len] = 0;
		if (mue_sink_wants(w->sink, name))
			mue_sink_give(w->sink, &w->c);
		return;
	}
	name[len++] = step ? '-' : '/';
	for (unsigned j = 0; j < w->verb[step]->n; j++) {
		size_t n = w->word_len[step][j];

		memcpy(name + len, w->verb[step]->choices[j].word, n);
		if (!mue_sink_may(w->sink, name, len + n))
			continue;
		w->c.ops[step] = w->ready[step][j];
		walk_choices(w, step + 1, len + n);
	}
}

static void walk_verbs(struct world *w, unsigned step, const char *prefix, size_t len)
{
	if (step == w->steps) {
		prepare(w);
		memcpy(w->c.name, prefix, len);
		walk_choices(w, 0, len);
		return;
	}
	for (unsigned i = 0; i < VERBS && !mue_sink_full(w->sink); i++) {
		w->verb[step] = &verbs[i];
		walk_verbs(w, step + 1, prefix, len);
	}
}

static void walk_map(struct world *w, const char *word, unsigned steps_max)
{
	char prefix[MUE_NAME_MAX];

	for (w->room = 1; w->room <= 2; w->room++) {
		int n = snprintf(prefix, sizeof(prefix), FAMILY "/%s/room-%u", word, w->room);

		if (!mue_sink_may(w->sink, prefix, n))
			continue;
		for (w->steps = 1; w->steps <= steps_max; w->steps++)
			walk_verbs(w, 0, prefix, n);
	}
}

void mue_each_exhaustive(struct mue_sink *s)
{
	bool whole = mue_sink_named(s, FAMILY, strlen(FAMILY));
	struct world w = {.sink = s};

	for (const struct mue_point *p = mue_axis_maps.points; p->word; p++) {
		if (!mue_axis_maps.has(p->n))
			continue;
		w.kind = p->n;
		walk_map(&w, p->word, whole ? STEPS_MAX : STEPS_BY_DEFAULT);
	}
}
