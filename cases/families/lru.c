/* LRU maps below, at and past their capacity: who is evicted, and when. */
#include "cases/families/ask.h"
#include "cases/families/cross.h"

enum { KIND, ROOM, PAST, LOOKED, FILLER };

static const struct mue_point room_points[] = {
	{"1", 1},     {"2", 2},	    {"3", 3},	  {"4", 4},	{"5", 5},     {"7", 7},
	{"8", 8},     {"10", 10},   {"16", 16},	  {"64", 64},	{"100", 100}, {"128", 128},
	{"129", 129}, {"200", 200}, {"256", 256}, {"700", 700}, {0},
};
static const struct mue_axis rooms = {room_points, NULL};

/* How many keys come, seen from the capacity. */
enum { BELOW, FULL, ONE_MORE, TWICE };
static const struct mue_point past_points[] = {
	{"below", BELOW}, {"full", FULL}, {"one-more", ONE_MORE}, {"twice", TWICE}, {0},
};
static const struct mue_axis pasts = {past_points, NULL};

/* Which keys a program looks up when the first half is there: their nodes get a second chance. */
enum { NONE, FIRST, FOUR };
static const struct mue_point looked_points[] = {
	{"unread", NONE},
	{"first-read", FIRST},
	{"four-read", FOUR},
	{0},
};
static const struct mue_axis lookeds = {looked_points, NULL};

static const struct mue_point filler_points[] = {
	{"user", MUE_PROG_UNSPEC},
	{"raw_tp", MUE_PROG_RAW_TRACEPOINT},
	{0},
};
static const struct mue_axis fillers = {filler_points, NULL};

static uint32_t total(const uint64_t *at)
{
	switch (at[PAST]) {
	case BELOW:
		return at[ROOM] - at[ROOM] / 4 - 1;
	case FULL:
		return at[ROOM];
	case ONE_MORE:
		return at[ROOM] + 1;
	default:
		return 2 * at[ROOM];
	}
}

static bool fits(const uint64_t *at)
{
	if (at[LOOKED] == FOUR && at[ROOM] < 8)
		return false;
	return total(at) > 1 && (at[PAST] >= ONE_MORE || at[LOOKED] == NONE);
}

/* Keys first .. first + n - 1, in one user phase or one loop of a program. */
static void fill(struct mue_case *c, unsigned prog, uint32_t first, uint32_t n)
{
	struct mue_op *op;

	mue_case_add_phase(c, prog);
	op = mue_ask_update(c, first, first, 0);
	op->times = n;
	if (prog)
		op->reach = MUE_REACH_LOOP;
}

static void look(struct mue_case *c, unsigned n)
{
	if (!n)
		return;
	mue_ask_prog(c, MUE_PROG_RAW_TRACEPOINT, 0);
	for (unsigned i = 0; i < n; i++)
		mue_ask_lookup(c, i);
}

static void build(struct mue_case *c, const uint64_t *at)
{
	uint32_t n = total(at), half = (at[ROOM] + 1) / 2;

	mue_ask_map(c, at[KIND], at[ROOM]);
	fill(c, at[FILLER], 0, half);
	look(c, at[LOOKED] == FIRST ? 1 : at[LOOKED] == FOUR ? 4 : 0);
	if (n > half)
		fill(c, at[FILLER], half, n - half);
}

static const struct mue_crossing fillings = {
	.prefix = "lru",
	.axes = {&mue_axis_lru_kinds, &rooms, &pasts, &lookeds, &fillers},
	.fits = fits,
	.build = build,
};

void mue_each_lru(struct mue_sink *s)
{
	mue_cross(s, &fillings);
}
