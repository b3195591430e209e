/* Where keys and values come from: memory the verifier takes, and memory it refuses. */
#include "cases/families/ask.h"
#include "cases/families/cross.h"
#include "cases/socks.h"

enum { KIND, PROG, WHICH, ORIGIN };

static const struct mue_point origin_points[] = {
#define MUE_ORIGIN(ID, name, verdict) {name, MUE_ORIGIN_##ID},
#include "cases/origins.def"
#undef MUE_ORIGIN
	{0},
};
/* Sockets are for the family socks. */
static bool is_memory(uint64_t origin)
{
	return !mue_origin_is_sock(origin);
}
static const struct mue_axis origins = {origin_points, is_memory};

enum { KEY = 1, VALUE = 2 };
static const struct mue_point which_points[] = {
	{"key", KEY},
	{"value", VALUE},
	{"both", KEY | VALUE},
	{0},
};
static const struct mue_axis whiches = {which_points, NULL};

static bool has_packet(uint64_t prog)
{
	return mue_prog_type_row(prog)->packet != MUE_PACKET_NONE;
}

static bool is_packet(uint64_t origin)
{
	return origin == MUE_ORIGIN_PACKET || origin == MUE_ORIGIN_SHORT_PACKET;
}

/* A call takes one reservation at most. What the verifier refuses it refuses whatever the map: two
 * kinds are enough. */
static bool fits(const uint64_t *at)
{
	uint64_t origin = at[ORIGIN];

	if (mue_ask_refused(at[KIND], at[PROG]) || (is_packet(origin) && !has_packet(at[PROG])))
		return false;
	if (at[WHICH] == (KEY | VALUE) &&
	    (origin == MUE_ORIGIN_RINGBUF || !mue_axis_four_progs.has(at[PROG])))
		return false;
	if (mue_origin_rows[origin].dry)
		return at[WHICH] != (KEY | VALUE) &&
		       (at[KIND] == MUE_KIND_ARRAY || at[KIND] == MUE_KIND_LRU_HASH);
	return true;
}

/*
 * The value of key 0 can be a key itself: an index, or the length of a prefix. Key 1
 * is what is asked about where the key is not found there.
 */
static void setup(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[KIND], 4);
	mue_ask_user(c, 0);
	mue_ask_update(c, 0, mue_kind_is_array(at[KIND]) ? 2 : 32, 0);
}

static void ask(struct mue_case *c, const uint64_t *at)
{
	struct mue_op *op;

	if (at[ORIGIN] == MUE_ORIGIN_LOOKUP)
		mue_ask_lookup(c, 0);
	op = mue_ask_update(c, 1, 0x77, 0);
	if (at[WHICH] & KEY)
		op->key_from = at[ORIGIN];
	if (at[WHICH] & VALUE)
		op->value_from = at[ORIGIN];
}

static void build(struct mue_case *c, const uint64_t *at)
{
	setup(c, at);
	mue_ask_prog(c, at[PROG], 0);
	ask(c, at);
}

static const struct mue_crossing updates = {
	.prefix = "origins",
	.axes = {&mue_axis_maps, &mue_axis_test_run, &whiches, &origins},
	.fits = fits,
	.build = build,
};

/* The same of program types that are only loaded: on an array, which every origin fits. */
static bool fits_load(const uint64_t *at)
{
	return at[KIND] == MUE_KIND_ARRAY && at[WHICH] != (KEY | VALUE) && fits(at);
}

static void build_load(struct mue_case *c, const uint64_t *at)
{
	setup(c, at);
	mue_ask_prog(c, at[PROG], 0)->load_only = true;
	ask(c, at);
}

static const struct mue_crossing loads = {
	.prefix = "origins/load",
	.axes = {&mue_axis_maps, &mue_axis_load_only, &whiches, &origins},
	.fits = fits_load,
	.build = build_load,
};

/* Keys of the other two helpers. */
static const struct mue_point action_points[] = {
	{"lookup", MUE_OP_LOOKUP},
	{"delete", MUE_OP_DELETE},
	{0},
};
static const struct mue_axis actions = {action_points, NULL};

static bool fits_action(const uint64_t *at)
{
	const uint64_t as_key[] = {at[0], at[1], KEY, at[3]};

	return fits(as_key) && !mue_origin_rows[at[3]].dry;
}

static void build_action(struct mue_case *c, const uint64_t *at)
{
	struct mue_op *op;

	setup(c, at);
	mue_ask_prog(c, at[1], 0);
	if (at[3] == MUE_ORIGIN_LOOKUP)
		mue_ask_lookup(c, 0);
	op = mue_case_add_op(c, at[2], 0);
	op->key = mue_ask_key(c, 0);
	op->key_from = at[3];
}

static const struct mue_crossing other_helpers = {
	.prefix = "origins/of",
	.axes = {&mue_axis_maps, &mue_axis_four_progs, &actions, &origins},
	.fits = fits_action,
	.build = build_action,
};

void mue_each_origins(struct mue_sink *s)
{
	mue_cross(s, &updates);
	mue_cross(s, &loads);
	mue_cross(s, &other_helpers);
}
