/*
 * Long random histories on LRU maps of all sizes, from programs and user space on one, two or four
 * CPUs. After every call the digest of the map is asked for: an eviction that differs shows at
 * once.
 *
 * Every program phase is one step with no constants in it, so that one loaded program
 * of each kind serves the whole family.
 */
#include <string.h>

#include "cases/families/dice.h"

#define USER_OPS_MAX 4 /* between two programs */
#define ROOM_FOR_TURN (2 * USER_OPS_MAX + 2)

static uint32_t some_room(struct mue_dice *d)
{
	static const uint32_t least[] = {1, 9, 100, 200}, most[] = {8, 80, 150, 700};
	static const uint8_t weights[] = {50, 30, 15, 5};
	unsigned i = mue_dice_pick(d, weights, sizeof(weights));

	return least[i] + mue_dice_roll(d, most[i] - least[i] + 1);
}

static uint64_t some_flags(struct mue_dice *d)
{
	static const uint8_t weights[] = {
		[0] = 70, [MUE_UPDATE_NOEXIST] = 15, [MUE_UPDATE_EXIST] = 14, [3] = 1};

	return mue_dice_pick(d, weights, sizeof(weights));
}

static void add_op(struct mue_case *c, struct mue_dice *d, uint32_t keys)
{
	enum { UPDATE, LOOKUP, DELETE };
	static const uint8_t weights[] = {[UPDATE] = 65, [LOOKUP] = 20, [DELETE] = 15};
	uint32_t key = mue_dice_roll(d, keys);

	switch (mue_dice_pick(d, weights, sizeof(weights))) {
	case UPDATE:
		mue_ask_update(c, key, 0x1000 + c->n_ops, some_flags(d));
		break;
	case LOOKUP:
		mue_ask_lookup(c, key);
		break;
	case DELETE:
		mue_ask_delete(c, key);
		break;
	}
}

/* By whom the calls are made, and on how many CPUs. */
struct cast {
	uint32_t prog_type, cpus;
};

/* One call of a program, then a few of user space. */
static void add_turn(struct mue_case *c, struct mue_dice *d, const struct cast *by, uint32_t keys)
{
	uint32_t n = mue_dice_roll(d, USER_OPS_MAX + 1);

	mue_ask_prog(c, by->prog_type, mue_dice_roll(d, by->cpus));
	add_op(c, d, keys);
	mue_ask_user(c, mue_dice_roll(d, by->cpus));
	mue_case_add_op(c, MUE_OP_DIGEST, 0);
	while (n--) {
		add_op(c, d, keys);
		mue_case_add_op(c, MUE_OP_DIGEST, 0);
	}
}

/* Larger maps are filled first, most of them nearly. */
static void add_filling(struct mue_case *c, struct mue_dice *d, const struct cast *by,
			uint32_t room)
{
	if (room <= 8 && mue_dice_chance(d, 50))
		return;
	mue_ask_user(c, mue_dice_roll(d, by->cpus));
	mue_ask_fill(c, 0, 1 + room / 2 + mue_dice_roll(d, room / 2 + 1));
	mue_case_add_op(c, MUE_OP_DIGEST, 0);
}

static void build(struct mue_case *c, uint64_t kind, struct mue_dice *d, const struct cast *by)
{
	uint32_t room = some_room(d);

	mue_ask_map(c, kind, room);
	add_filling(c, d, by, room);
	while (c->n_phases + 2 <= MUE_PHASES_MAX && c->n_ops + ROOM_FOR_TURN <= MUE_OPS_MAX)
		add_turn(c, d, by, room + 1 + room / 2);
}

#define CAST(NAME, prog_type, cpus)                                                     \
	static void build_##NAME(struct mue_case *c, uint64_t kind, struct mue_dice *d) \
	{                                                                               \
		build(c, kind, d, &(const struct cast){prog_type, cpus});               \
	}
CAST(usual, MUE_PROG_RAW_TRACEPOINT, 2)
CAST(cpus1, MUE_PROG_SOCKET_FILTER, 1)
CAST(cpus2, MUE_PROG_SOCKET_FILTER, 2)
CAST(cpus4, MUE_PROG_SOCKET_FILTER, 4)

static const struct mue_drawing usual = {"lru_random", &mue_axis_lru_kinds, 60, build_usual};
/* More than 100,000 calls each. Kernels without tracing can be asked these, too. */
static const struct mue_drawing large[] = {
	{"lru_random/cpus1", &mue_axis_lru_kinds, 160, build_cpus1},
	{"lru_random/cpus2", &mue_axis_lru_kinds, 160, build_cpus2},
	{"lru_random/cpus4", &mue_axis_lru_kinds, 160, build_cpus4},
};

void mue_each_lru_random(struct mue_sink *s)
{
	const char *name = "lru_random/cpus";

	mue_draw(s, &usual);
	for (size_t i = 0;
	     mue_sink_named(s, name, strlen(name)) && i < sizeof(large) / sizeof(*large); i++)
		mue_draw(s, &large[i]);
}
