/* Every update flag on every state of the key, in every program type on every kind of map. */
#include "cases/families/states.h"

enum { KIND, PROG, STATE, FLAGS };

/* From most program types, and of what flags make of a map type, the telling states and flags are
 * enough. */
static bool is_telling(const uint64_t *at)
{
	uint64_t flags = at[FLAGS];

	return mue_key_states[at[STATE]].telling &&
	       (flags <= 4 || flags == 1ull << 32 || flags == ~0ull);
}

static bool fits(const uint64_t *at)
{
	if (!mue_state_fits(at[KIND], at[STATE]))
		return false;
	if (mue_ask_refused(at[KIND], at[PROG]))
		return !at[FLAGS];
	if (!mue_kinds[at[KIND]].plain)
		return mue_axis_four_progs.has(at[PROG]) && is_telling(at);
	return mue_axis_four_progs.has(at[PROG]) || is_telling(at);
}

static void build_with(struct mue_case *c, const uint64_t *at, bool constant)
{
	struct mue_op *op;

	mue_ask_map(c, at[KIND], MUE_STATE_ROOM);
	mue_state_setup(c, at[STATE]);
	mue_ask_prog(c, at[PROG], 0);
	op = mue_ask_update(c, 0, 0x77, at[FLAGS]);
	mue_state_aim(c, op, at[STATE]);
	op->flags_const = constant;
}

static void build(struct mue_case *c, const uint64_t *at)
{
	build_with(c, at, false);
}

static const struct mue_crossing at_run_time = {
	.prefix = "flags",
	.axes = {&mue_axis_kinds, &mue_axis_test_run, &mue_axis_states, &mue_axis_flags},
	.fits = fits,
	.build = build,
};

/* A constant that the verifier knows makes no difference; each is another program, so fewer. */
static bool fits_constant(const uint64_t *at)
{
	return mue_kinds[at[KIND]].plain && fits(at) && mue_key_states[at[STATE]].filled == 2;
}

static void build_constant(struct mue_case *c, const uint64_t *at)
{
	build_with(c, at, true);
}

static const struct mue_crossing as_constant = {
	.prefix = "flags/constant",
	.axes = {&mue_axis_kinds, &mue_axis_one_prog, &mue_axis_states, &mue_axis_flags},
	.fits = fits_constant,
	.build = build_constant,
};

void mue_each_flags(struct mue_sink *s)
{
	mue_cross(s, &at_run_time);
	mue_cross(s, &as_constant);
}
