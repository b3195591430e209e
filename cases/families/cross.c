#include "cases/families/cross.h"

#include <string.h>

#include "cases/families/ask.h"

struct walk {
	struct mue_sink *sink;
	const struct mue_crossing *x;
	uint64_t at[MUE_AXES_MAX];
	char name[MUE_NAME_MAX];
	struct mue_case c;
};

static void arrive(struct walk *w)
{
	if (!mue_sink_wants(w->sink, w->name) || (w->x->fits && !w->x->fits(w->at)))
		return;
	mue_case_init(&w->c, w->name);
	w->x->build(&w->c, w->at);
	mue_sink_give(w->sink, &w->c);
}

/* Walks axis `depth` and those behind it; the first `len` bytes of the name stand. */
static void walk_axis(struct walk *w, unsigned depth, size_t len)
{
	const struct mue_axis *axis = w->x->axes[depth];

	w->name[len] = 0;
	if (!axis) {
		arrive(w);
		return;
	}
	w->name[len++] = '/';
	for (const struct mue_point *p = axis->points; p->word; p++) {
		size_t n = strlen(p->word);

		if ((axis->has && !axis->has(p->n)) || len + n + 2 > sizeof(w->name))
			continue;
		memcpy(w->name + len, p->word, n);
		if (!mue_sink_may(w->sink, w->name, len + n))
			continue;
		w->at[depth] = p->n;
		walk_axis(w, depth + 1, len + n);
	}
}

void mue_cross(struct mue_sink *s, const struct mue_crossing *x)
{
	struct walk w = {.sink = s, .x = x};
	size_t n = strlen(x->prefix);

	memcpy(w.name, x->prefix, n);
	if (mue_sink_may(s, w.name, n))
		walk_axis(&w, 0, n);
}

static const struct mue_point progs[] = {
#define MUE_PROG_TYPE(ID, number, name, ...) {name, number},
#include "cases/prog_types.def"
#undef MUE_PROG_TYPE
	{0},
};

static bool is_test_run(uint64_t n)
{
	return mue_prog_type_row(n)->test_run != MUE_TEST_RUN_NONE;
}

static bool is_one_of_four(uint64_t n)
{
	return n == MUE_PROG_SOCKET_FILTER || n == MUE_PROG_XDP || n == MUE_PROG_RAW_TRACEPOINT ||
	       n == MUE_PROG_SYSCALL;
}

static bool is_one(uint64_t n)
{
	return n == MUE_PROG_RAW_TRACEPOINT;
}

static bool is_load_only(uint64_t n)
{
	return !is_test_run(n);
}

static bool may_sleep(uint64_t n)
{
	return n == MUE_PROG_KPROBE || n == MUE_PROG_TRACEPOINT || n == MUE_PROG_RAW_TRACEPOINT ||
	       n == MUE_PROG_TRACING || n == MUE_PROG_LSM || n == MUE_PROG_XDP;
}

const struct mue_axis mue_axis_sleepers = {progs, may_sleep};
const struct mue_axis mue_axis_test_run = {progs, is_test_run};
const struct mue_axis mue_axis_four_progs = {progs, is_one_of_four};
const struct mue_axis mue_axis_one_prog = {progs, is_one};
const struct mue_axis mue_axis_load_only = {progs, is_load_only};
const struct mue_axis mue_axis_progs = {progs, NULL};

static const struct mue_point kinds[] = {
#define MUE_KIND(ID, name, ...) {name, MUE_KIND_##ID},
#include "cases/families/kinds.def"
#undef MUE_KIND
	{0},
};

static bool is_plain_kind(uint64_t n)
{
	return mue_kinds[n].plain;
}

const struct mue_axis mue_axis_maps = {kinds, is_plain_kind};
const struct mue_axis mue_axis_kinds = {kinds, NULL};
const struct mue_axis mue_axis_lru_kinds = {kinds, mue_kind_is_lru};

static const struct mue_point flags[] = {
	{"any", 0},
	{"noexist", MUE_UPDATE_NOEXIST},
	{"exist", MUE_UPDATE_EXIST},
	{"noexist+exist", MUE_UPDATE_NOEXIST | MUE_UPDATE_EXIST},
	{"lock", MUE_UPDATE_LOCK},
	{"noexist+lock", MUE_UPDATE_NOEXIST | MUE_UPDATE_LOCK},
	{"exist+lock", MUE_UPDATE_EXIST | MUE_UPDATE_LOCK},
	{"noexist+exist+lock", MUE_UPDATE_NOEXIST | MUE_UPDATE_EXIST | MUE_UPDATE_LOCK},
	{"cpu", MUE_UPDATE_CPU},
	{"all_cpus", MUE_UPDATE_ALL_CPUS},
	{"bit-31", 1ull << 31},
	{"bit-32", 1ull << 32},
	{"bit-32+noexist", 1ull << 32 | MUE_UPDATE_NOEXIST},
	{"bit-63", 1ull << 63},
	{"all-bits", ~0ull},
	{0},
};

static bool is_common_flag(uint64_t n)
{
	return n <= MUE_UPDATE_EXIST;
}

const struct mue_axis mue_axis_three_flags = {flags, is_common_flag};
const struct mue_axis mue_axis_flags = {flags, NULL};
