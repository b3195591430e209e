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

/* Maps made with flags that should make no difference to updates. */
#define MADE(kind, flag) ((uint64_t)MUE_KIND_##kind << 32 | MUE_MAP_F_##flag)
static const struct mue_point made_points[] = {
	{"array+mmapable", MADE(ARRAY, MMAPABLE)},
	{"array+inner_map", MADE(ARRAY, INNER_MAP)},
	{"array+numa_node", MADE(ARRAY, NUMA_NODE)},
	{"hash+zero_seed", MADE(HASH, ZERO_SEED)},
	{"hash+numa_node", MADE(HASH, NUMA_NODE)},
	{"percpu_hash+zero_seed", MADE(PERCPU_HASH, ZERO_SEED)},
	{"lru_hash+zero_seed", MADE(LRU_HASH, ZERO_SEED)},
	{"lru_hash+numa_node", MADE(LRU_HASH, NUMA_NODE)},
	{"lpm_trie+numa_node", MADE(LPM_TRIE, NUMA_NODE)},
	{0},
};
static const struct mue_axis mades = {made_points, NULL};

static bool fits_made(const uint64_t *at)
{
	const uint64_t as_kind[] = {at[KIND] >> 32, at[PROG], at[STATE], at[FLAGS]};

	return mue_key_states[at[STATE]].telling && fits(as_kind);
}

static void build_made(struct mue_case *c, const uint64_t *at)
{
	const uint64_t as_kind[] = {at[KIND] >> 32, at[PROG], at[STATE], at[FLAGS]};

	build(c, as_kind);
	c->maps[0].flags |= (uint32_t)at[KIND];
}

static const struct mue_crossing on_made = {
	.prefix = "flags/made",
	.axes = {&mades, &mue_axis_four_progs, &mue_axis_states, &mue_axis_three_flags},
	.fits = fits_made,
	.build = build_made,
};

void mue_each_flags(struct mue_sink *s)
{
	mue_cross(s, &at_run_time);
	mue_cross(s, &as_constant);
	mue_cross(s, &on_made);
}
