/* The ways in which a program comes to its call. */
#include "cases/families/ask.h"
#include "cases/families/cross.h"

enum { KIND, PROG, REACH, FLAGS };

static const struct mue_point reach_points[] = {
#define MUE_REACH(ID, name) {name, MUE_REACH_##ID},
#include "cases/reaches.def"
#undef MUE_REACH
	{0},
};

static bool is_not_main(uint64_t n)
{
	return n != MUE_REACH_MAIN;
}
static const struct mue_axis reaches = {reach_points, is_not_main};

static bool fits(const uint64_t *at)
{
	return !at[FLAGS] ||
	       (!mue_ask_refused(at[KIND], at[PROG]) && mue_axis_four_progs.has(at[PROG]));
}

/* The other map of a shared call site has the same sizes. */
static void share(struct mue_case *c, struct mue_op *op)
{
	const struct mue_map *m = &c->maps[0];

	mue_case_add_map(c, "other", MUE_MAP_HASH, m->key_size, m->value_size, 2, 0);
	op->map2 = 1;
}

/* Key 0 is there before, key 1 is asked for, and 0 is then replaced in line. */
static void build(struct mue_case *c, const uint64_t *at)
{
	struct mue_op *op;

	mue_ask_map(c, at[KIND], 4);
	mue_ask_user(c, 0);
	mue_ask_fill(c, 0, 1);
	mue_ask_prog(c, at[PROG], 0);
	op = mue_ask_update(c, 1, 0x77, at[FLAGS]);
	op->reach = at[REACH];
	if (at[REACH] == MUE_REACH_SHARED)
		share(c, op);
	mue_ask_update(c, 0, 0x88, MUE_UPDATE_EXIST);
	mue_ask_lookup(c, 1);
}

static const struct mue_crossing single = {
	.prefix = "reaches",
	.axes = {&mue_axis_maps, &mue_axis_test_run, &reaches, &mue_axis_three_flags},
	.fits = fits,
	.build = build,
};

/* Loops that count past the capacity. */
static const struct mue_point times_points[] = {
	{"1", 1}, {"2", 2}, {"4", 4}, {"5", 5}, {"20", 20}, {0},
};
static const struct mue_axis times = {times_points, NULL};

static bool fits_loop(const uint64_t *at)
{
	return !mue_ask_refused(at[0], at[1]);
}

static void build_loop(struct mue_case *c, const uint64_t *at)
{
	struct mue_op *op;

	mue_ask_map(c, at[KIND], 4);
	mue_ask_prog(c, at[PROG], 0);
	op = mue_ask_update(c, 0, 0x30, at[3]);
	op->reach = MUE_REACH_LOOP;
	op->times = at[2];
}

static const struct mue_crossing loops = {
	.prefix = "reaches/loop-of",
	.axes = {&mue_axis_kinds, &mue_axis_four_progs, &times, &mue_axis_three_flags},
	.fits = fits_loop,
	.build = build_loop,
};

void mue_each_reaches(struct mue_sink *s)
{
	mue_cross(s, &single);
	mue_cross(s, &loops);
}
