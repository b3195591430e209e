/* Maps of the types that programs cannot update, through bpf(2). */
#include "cases/families/dice.h"
#include "cases/families/others.h"

/* How the map is when the call comes, and which key it names. */
enum { ABSENT, PRESENT, REPLACED, DELETED, BEYOND };
static const struct mue_point state_points[] = {
	{"absent", ABSENT},   {"present", PRESENT}, {"replaced", REPLACED},
	{"deleted", DELETED}, {"beyond", BEYOND},   {0},
};
static const struct mue_axis states = {state_points, NULL};

/* Reads and deletes what the call was about, then again. */
static void look(struct mue_case *c, const struct mue_other_row *row, uint32_t key)
{
	mue_other_lookup(c, row, key, 0);
	mue_other_lookup(c, row, key, 1);
	mue_other_op(c, MUE_OP_DELETE, row, key);
	mue_other_lookup(c, row, key, 0);
	mue_other_op(c, MUE_OP_DELETE, row, key);
}

/* All that is in a queue or a stack, in order. */
static void drain(struct mue_case *c, const struct mue_other_row *row)
{
	for (uint32_t i = 0; i <= row->max_entries && !row->key_size && i < 8; i++)
		mue_other_op(c, MUE_OP_LOOKUP_AND_DELETE, row, 0);
}

/* Fills a map to its end, or, where there is none, with one element. */
static void fill(struct mue_case *c, const struct mue_other_row *row)
{
	uint32_t n = row->max_entries > 8 || mue_other_has_owner(row) ? 1 : row->max_entries;

	for (uint32_t i = 0; i < n; i++)
		mue_other_update(c, row, i, row->objects[0] ? i % 2 : i, 0);
}

static uint32_t set_up(struct mue_case *c, const struct mue_other_row *row, uint64_t state)
{
	if (state == BEYOND)
		fill(c, row);
	else if (state != ABSENT)
		mue_other_update(c, row, 0, 0, 0);
	if (state == DELETED)
		mue_other_op(c, MUE_OP_DELETE, row, 0);
	if (state == BEYOND && !mue_other_has_owner(row))
		return row->max_entries;
	return 0;
}

static void build_flags(struct mue_case *c, const uint64_t *at)
{
	const struct mue_other_row *row = &mue_others[at[0]];
	uint32_t key;

	mue_other_map(c, row);
	mue_ask_user(c, 0);
	key = set_up(c, row, at[1]);
	mue_other_update(c, row, key, at[1] == REPLACED, at[2]);
	look(c, row, key);
	drain(c, row);
}

static const struct mue_crossing by_flags = {
	.prefix = "user_only/flags",
	.axes = {&mue_axis_others, &states, &mue_axis_flags},
	.build = build_flags,
};

/* Every object where one is wanted, in an empty slot, and in one that is taken. */
static const struct mue_point object_points[] = {
#define MUE_OBJECT(ID, name, ...) {name, MUE_OBJECT_##ID},
#include "cases/objects.def"
#undef MUE_OBJECT
	{0},
};

static bool is_object(uint64_t n)
{
	return n != MUE_OBJECT_NONE;
}
static const struct mue_axis objects = {object_points, is_object};

/* What a file's inode is depends on the kind of file: it is asked of one kind only. */
static bool fits_object(const uint64_t *at)
{
	const struct mue_other_row *row = &mue_others[at[0]];

	if (row->type == MUE_MAP_INODE_STORAGE)
		return at[1] == MUE_OBJECT_FILE || at[1] == MUE_OBJECT_CLOSED ||
		       at[1] == MUE_OBJECT_NO_FD;
	return row->objects[0] != MUE_OBJECT_NONE &&
	       !(at[1] == MUE_OBJECT_MAP && mue_other_has_owner(row));
}

static void name_object(struct mue_op *op, const struct mue_other_row *row, uint64_t object)
{
	op->map2 = 0;
	if (mue_other_has_owner(row))
		op->key_object = object;
	else
		op->value_object = object;
}

static void build_object(struct mue_case *c, const uint64_t *at)
{
	const struct mue_other_row *row = &mue_others[at[0]];

	mue_other_map(c, row);
	mue_ask_user(c, 0);
	name_object(mue_other_update(c, row, 0, 0, 0), row, at[1]);
	mue_other_lookup(c, row, 0, 0);
	mue_other_update(c, row, 0, 0, 0);
	name_object(mue_other_update(c, row, 0, 0, 0), row, at[1]);
	mue_other_lookup(c, row, 0, 0);
	name_object(mue_other_update(c, row, row->max_entries, 0, 0), row, at[1]);
	if (!mue_other_has_owner(row))
		return;
	name_object(mue_other_op(c, MUE_OP_LOOKUP, row, 0), row, at[1]);
	name_object(mue_other_op(c, MUE_OP_DELETE, row, 0), row, at[1]);
	name_object(mue_other_op(c, MUE_OP_DELETE, row, 0), row, at[1]);
}

static const struct mue_crossing by_object = {
	.prefix = "user_only/object",
	.axes = {&mue_axis_others, &objects},
	.fits = fits_object,
	.build = build_object,
};

/* Values at their limits: interfaces, CPUs and queues that there are not. */
static const struct mue_point number_points[] = {
	{"0", 0},
	{"1", 1},
	{"16384", 16384},
	{"16385", 16385},
	{"0x7fffffff", 0x7fffffff},
	{"0x80000000", 0x80000000},
	{"0xffffffff", 0xffffffff},
	{0},
};
static const struct mue_axis numbers = {number_points, NULL};

/* Low numbers may be of an interface. */
static bool fits_number(const uint64_t *at)
{
	const struct mue_other_row *row = &mue_others[at[0]];

	switch (row->type) {
	case MUE_MAP_DEVMAP:
	case MUE_MAP_DEVMAP_HASH:
		return at[1] <= 1 || at[1] >= 0x7fffffff;
	case MUE_MAP_CPUMAP:
		return true;
	}
	return false;
}

static void build_number(struct mue_case *c, const uint64_t *at)
{
	const struct mue_other_row *row = &mue_others[at[0]];

	mue_other_map(c, row);
	mue_ask_user(c, 0);
	for (uint32_t value = 0; value < 3; value++) {
		mue_other_update(c, row, 0, value, 0)->value = mue_bytes_u32(at[1]);
		mue_other_lookup(c, row, 0, 0);
		mue_other_update(c, row, 0, 0, 0);
	}
	mue_other_update(c, row, 0, 1, 0)->value = mue_bytes_u32(at[1]);
	mue_other_lookup(c, row, 0, 0);
	mue_other_update(c, row, 0xffffffff, 1, 0)->value = mue_bytes_u32(at[1]);
}

static const struct mue_crossing by_number = {
	.prefix = "user_only/number",
	.axes = {&mue_axis_others, &numbers},
	.fits = fits_number,
	.build = build_number,
};

/* Maps that one side may only read or write, and frozen ones. */
#define FROZEN (1u << 31)
static const struct mue_point access_points[] = {
	{"rdonly", MUE_MAP_F_RDONLY},
	{"wronly", MUE_MAP_F_WRONLY},
	{"rdonly_prog", MUE_MAP_F_RDONLY_PROG},
	{"wronly_prog", MUE_MAP_F_WRONLY_PROG},
	{"frozen", FROZEN},
	{0},
};
static const struct mue_axis accesses = {access_points, NULL};

static void build_access(struct mue_case *c, const uint64_t *at)
{
	const struct mue_other_row *row = &mue_others[at[0]];

	mue_other_map(c, row)->flags |= at[1] & ~FROZEN;
	mue_ask_user(c, 0);
	if (at[1] == FROZEN) {
		mue_other_update(c, row, 0, 0, 0);
		mue_case_add_op(c, MUE_OP_FREEZE, c->n_maps - 1);
	}
	mue_other_update(c, row, 0, 0, 0);
	mue_other_update(c, row, 0, 0, ~0ull);
	look(c, row, 0);
	mue_other_op(c, MUE_OP_LOOKUP_AND_DELETE, row, 0);
}

static const struct mue_crossing by_access = {
	.prefix = "user_only/access",
	.axes = {&mue_axis_others, &accesses},
	.build = build_access,
};

/* Lookups, and lookups that delete, with each flag. */
static void build_lookup(struct mue_case *c, const uint64_t *at)
{
	const struct mue_other_row *row = &mue_others[at[0]];

	mue_other_map(c, row);
	mue_ask_user(c, 0);
	mue_other_update(c, row, 0, 0, 0);
	mue_other_lookup(c, row, 0, 0)->flags = at[1];
	mue_other_op(c, MUE_OP_LOOKUP_AND_DELETE, row, 0)->flags = at[1];
	mue_other_lookup(c, row, 0, 0);
}

static const struct mue_crossing by_lookup = {
	.prefix = "user_only/lookup",
	.axes = {&mue_axis_others, &mue_axis_flags},
	.build = build_lookup,
};

/* Random histories over few keys. */
static void draw(struct mue_case *c, uint64_t other, struct mue_dice *d)
{
	static const uint8_t weights[] = {10, 5, 4, 3};
	static const uint64_t flags[] = {0, 0, 0, MUE_UPDATE_NOEXIST, MUE_UPDATE_EXIST,
					 MUE_UPDATE_EXIST, 3};
	const struct mue_other_row *row = &mue_others[other];
	uint32_t keys = mue_other_has_owner(row) ? 2 : row->max_entries + 2;

	mue_other_map(c, row);
	mue_ask_user(c, 0);
	for (uint32_t i = 0; i < 40; i++) {
		uint32_t key = mue_dice_roll(d, keys), value = mue_dice_roll(d, row->objects[0] ? 2 : 50);

		switch (mue_dice_pick(d, weights, sizeof(weights))) {
		case 0:
			mue_other_update(c, row, key, value,
					 flags[mue_dice_roll(d, sizeof(flags) / sizeof(*flags))]);
			break;
		case 1:
			mue_other_lookup(c, row, key, value);
			break;
		case 2:
			mue_other_op(c, MUE_OP_DELETE, row, key);
			break;
		default:
			mue_other_op(c, MUE_OP_LOOKUP_AND_DELETE, row, key);
		}
	}
}

static const struct mue_drawing random_ones = {
	.family = "user_only/random",
	.kinds = &mue_axis_others,
	.count = 20,
	.build = draw,
};

void mue_each_user_only(struct mue_sink *s)
{
	mue_cross(s, &by_flags);
	mue_cross(s, &by_object);
	mue_cross(s, &by_number);
	mue_cross(s, &by_access);
	mue_cross(s, &by_lookup);
	mue_draw(s, &random_ones);
}
