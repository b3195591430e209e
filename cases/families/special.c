/* Values that begin with a special field: who may use them, and BPF_F_LOCK. */
#include "cases/families/states.h"

enum { SPECIAL, KIND, PROG, STATE, FLAGS };

static const struct mue_point special_points[] = {
#define MUE_SPECIAL(ID, name, ...) {name, MUE_SPECIAL_##ID},
#include "cases/specials.def"
#undef MUE_SPECIAL
	{0},
};

static bool is_field(uint64_t special)
{
	return mue_special_size(special);
}
static const struct mue_axis specials = {special_points, is_field};

static bool has_lock(uint64_t special)
{
	return mue_special_rows[special].lock;
}

/* One that programs would take. */
static bool is_lock(uint64_t special)
{
	return has_lock(special) || special == MUE_SPECIAL_RES_SPIN_LOCK;
}

/* Which maps can have the field at all is asked by the family `create`; here those that can
 * somewhere. */
static bool has_special(uint64_t kind, uint64_t special)
{
	const unsigned type = mue_kinds[kind].type;

	if (type == MUE_MAP_ARRAY || type == MUE_MAP_HASH)
		return true;
	if (type == MUE_MAP_RHASH)
		return special != MUE_SPECIAL_RB_ROOT;
	if (special == MUE_SPECIAL_KPTR)
		return type != MUE_MAP_LPM_TRIE;
	return type == MUE_MAP_LRU_HASH && !is_lock(special);
}

/* Tracing types are refused some fields, socket filters locks. */
static bool is_refused(uint64_t special, uint64_t prog)
{
	if (mue_prog_type_row(prog)->flags & MUE_PROG_F_TRACING)
		return is_lock(special) || special == MUE_SPECIAL_TIMER ||
		       special == MUE_SPECIAL_WQ;
	return is_lock(special) && prog == MUE_PROG_SOCKET_FILTER;
}

/* A spin lock and a timer everywhere, the other fields on fewer of the same. */
static bool is_asked(uint64_t special, uint64_t kind, uint64_t prog)
{
	if (kind == MUE_KIND_HASH_NO_PREALLOC ||
	    (special != MUE_SPECIAL_SPIN_LOCK && special != MUE_SPECIAL_TIMER))
		return mue_axis_four_progs.has(prog);
	return true;
}

static bool fits(const uint64_t *at)
{
	if (!has_special(at[KIND], at[SPECIAL]) || !mue_state_fits(at[KIND], at[STATE]) ||
	    !mue_key_states[at[STATE]].telling || at[FLAGS] > 7)
		return false;
	if (!is_asked(at[SPECIAL], at[KIND], at[PROG]))
		return false;
	if (is_refused(at[SPECIAL], at[PROG]))
		return mue_key_states[at[STATE]].filled == 2 && !at[FLAGS];
	return has_lock(at[SPECIAL]) || at[FLAGS] <= MUE_UPDATE_EXIST;
}

static void add_map(struct mue_case *c, uint64_t kind, uint64_t special)
{
	struct mue_map *m = mue_ask_map(c, kind, MUE_STATE_ROOM);

	m->special = special;
	m->value_size = 32;
}

static void build(struct mue_case *c, const uint64_t *at)
{
	add_map(c, at[KIND], at[SPECIAL]);
	mue_state_setup(c, at[STATE]);
	mue_ask_prog(c, at[PROG], 0);
	mue_state_aim(c, mue_ask_update(c, 0, 0x77, at[FLAGS]), at[STATE]);
	mue_state_aim(c, mue_ask_lookup(c, 0), at[STATE]);
}

static const struct mue_crossing in_programs = {
	.prefix = "special",
	.axes = {&specials, &mue_axis_kinds, &mue_axis_test_run, &mue_axis_states, &mue_axis_flags},
	.fits = fits,
	.build = build,
};

/* The same from user space: update, and lookup with the same flags. */
static bool fits_user(const uint64_t *at)
{
	return has_special(at[1], at[0]) && mue_state_fits(at[1], at[2]) &&
	       mue_key_states[at[2]].telling && at[3] <= (has_lock(at[0]) ? 7 : MUE_UPDATE_LOCK);
}

static void build_user(struct mue_case *c, const uint64_t *at)
{
	struct mue_op *op;

	add_map(c, at[1], at[0]);
	mue_state_setup(c, at[2]);
	mue_ask_user(c, 0);
	mue_state_aim(c, mue_ask_update(c, 0, 0x77, at[3]), at[2]);
	op = mue_ask_lookup(c, 0);
	op->flags = at[3];
	mue_state_aim(c, op, at[2]);
}

static const struct mue_crossing by_user = {
	.prefix = "special/user",
	.axes = {&specials, &mue_axis_kinds, &mue_axis_states, &mue_axis_flags},
	.fits = fits_user,
	.build = build_user,
};

/* Program types that are only loaded. */
static bool fits_load(const uint64_t *at)
{
	return has_special(at[1], at[0]);
}

static void build_load(struct mue_case *c, const uint64_t *at)
{
	add_map(c, at[1], at[0]);
	mue_ask_prog(c, at[2], 0)->load_only = true;
	mue_ask_update(c, 1, 0x77, 0);
}

static const struct mue_crossing loaded = {
	.prefix = "special/load",
	.axes = {&specials, &mue_axis_kinds, &mue_axis_load_only},
	.fits = fits_load,
	.build = build_load,
};

/* Whether sleepable programs may use them. */
static void build_sleepable(struct mue_case *c, const uint64_t *at)
{
	build_load(c, at);
	c->phases[0].sleepable = true;
}

static const struct mue_crossing sleepable = {
	.prefix = "special/sleepable",
	.axes = {&specials, &mue_axis_kinds, &mue_axis_sleepers},
	.fits = fits_load,
	.build = build_sleepable,
};

/* A frozen map could be read as a constant, which a field is not. */
static bool fits_frozen(const uint64_t *at)
{
	return has_special(at[1], at[0]);
}

static void build_frozen(struct mue_case *c, const uint64_t *at)
{
	add_map(c, at[1], at[0]);
	mue_ask_user(c, 0);
	mue_case_add_op(c, MUE_OP_FREEZE, 0);
	mue_ask_update(c, 1, 0x77, 0);
}

static const struct mue_crossing frozen = {
	.prefix = "special/frozen",
	.axes = {&specials, &mue_axis_kinds},
	.fits = fits_frozen,
	.build = build_frozen,
};

void mue_each_special(struct mue_sink *s)
{
	mue_cross(s, &in_programs);
	mue_cross(s, &by_user);
	mue_cross(s, &loaded);
	mue_cross(s, &sleepable);
	mue_cross(s, &frozen);
}
