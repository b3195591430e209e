/* The same questions as `flags`, through bpf(2); lookups that delete; and batches. */
#include "cases/families/states.h"

enum { KIND, STATE, FLAGS };

static bool fits(const uint64_t *at)
{
	return mue_state_fits(at[KIND], at[STATE]);
}

static void build(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[KIND], MUE_STATE_ROOM);
	mue_state_setup(c, at[STATE]);
	mue_ask_user(c, 0);
	mue_state_aim(c, mue_ask_update(c, 0, 0x77, at[FLAGS]), at[STATE]);
}

static const struct mue_crossing updates = {
	.prefix = "user/update",
	.axes = {&mue_axis_kinds, &mue_axis_states, &mue_axis_flags},
	.fits = fits,
	.build = build,
};

static void build_lookup(struct mue_case *c, const uint64_t *at)
{
	struct mue_op *op;

	mue_ask_map(c, at[KIND], MUE_STATE_ROOM);
	mue_state_setup(c, at[STATE]);
	mue_ask_user(c, 0);
	op = mue_ask_lookup(c, 0);
	op->flags = at[FLAGS];
	mue_state_aim(c, op, at[STATE]);
}

static bool fits_lookup(const uint64_t *at)
{
	return fits(at) && mue_kinds[at[KIND]].plain && mue_key_states[at[STATE]].filled == 2 &&
	       (at[FLAGS] <= MUE_UPDATE_CPU || at[FLAGS] == ~0ull);
}

static const struct mue_crossing lookups = {
	.prefix = "user/lookup",
	.axes = {&mue_axis_kinds, &mue_axis_states, &mue_axis_flags},
	.fits = fits_lookup,
	.build = build_lookup,
};

static void build_delete(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[KIND], MUE_STATE_ROOM);
	mue_state_setup(c, at[STATE]);
	mue_ask_user(c, 0);
	mue_state_aim(c, mue_ask_delete(c, 0), at[STATE]);
}

static const struct mue_crossing deletes = {
	.prefix = "user/delete",
	.axes = {&mue_axis_kinds, &mue_axis_states},
	.fits = fits,
	.build = build_delete,
};

/* Taken out, then not there; what becomes of its memory shows where a map is full, or a program looks. */
static void build_take(struct mue_case *c, const uint64_t *at)
{
	struct mue_op *op;

	mue_ask_map(c, at[KIND], MUE_STATE_ROOM);
	mue_state_setup(c, at[STATE]);
	mue_ask_user(c, 0);
	for (unsigned again = 0; again < 2; again++) {
		op = mue_case_add_op(c, MUE_OP_LOOKUP_AND_DELETE, 0);
		op->flags = at[FLAGS];
		mue_state_aim(c, op, at[STATE]);
		mue_state_aim(c, mue_ask_lookup(c, 0), at[STATE]);
	}
	mue_state_aim(c, mue_ask_update(c, 0, 0x71, 0), at[STATE]);
	mue_ask_update(c, 20, 0x72, 0);
	mue_ask_update(c, 21, 0x73, 0);
}

static bool fits_take(const uint64_t *at)
{
	return fits(at) && (at[FLAGS] <= MUE_UPDATE_CPU || at[FLAGS] == ~0ull);
}

static const struct mue_crossing takes = {
	.prefix = "user/lookup_and_delete",
	.axes = {&mue_axis_kinds, &mue_axis_states, &mue_axis_flags},
	.fits = fits_take,
	.build = build_take,
};

static const struct mue_point count_points[] = {
	{"1", 1}, {"3", 3}, {"all", MUE_STATE_ROOM}, {"1-too-many", MUE_STATE_ROOM + 1},
	{"9", 9}, {0},
};
static const struct mue_axis counts = {count_points, NULL};

static const struct mue_point fill_points[] = {
	{"into-0", 0},
	{"into-2", 2},
	{"into-4", 4},
	{0},
};
static const struct mue_axis fills = {fill_points, NULL};

static const struct mue_point first_points[] = {{"from-0", 0}, {"from-1", 1}, {0}};
static const struct mue_axis firsts = {first_points, NULL};

/* Flags are looked at before anything else. */
static bool fits_batch(const uint64_t *at)
{
	return !at[4] || (at[4] <= MUE_UPDATE_CPU && at[2] == 3 && !at[1]);
}

static void build_batch(struct mue_case *c, const uint64_t *at)
{
	struct mue_op *op;

	mue_ask_map(c, at[0], MUE_STATE_ROOM);
	mue_ask_user(c, 0);
	mue_ask_fill(c, 0, at[3]);
	op = mue_case_add_op(c, MUE_OP_BATCH, 0);
	op->key = mue_ask_key(c, at[1]);
	op->value = mue_ask_value(c, 0x50);
	op->times = at[2];
	op->flags = at[4];
}

static const struct mue_crossing batches = {
	.prefix = "user/batch",
	.axes = {&mue_axis_kinds, &firsts, &counts, &fills, &mue_axis_flags},
	.fits = fits_batch,
	.build = build_batch,
};

void mue_each_user(struct mue_sink *s)
{
	mue_cross(s, &updates);
	mue_cross(s, &lookups);
	mue_cross(s, &deletes);
	mue_cross(s, &takes);
	mue_cross(s, &batches);
}
