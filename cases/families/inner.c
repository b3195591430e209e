/* Which maps may take the place of a map of maps' template: like it, or unlike it in one respect. */
#include "cases/families/others.h"

enum { SAME, KEY, VALUE, MAX, FLAGS, TYPE, PROG_FLAGS };
static const struct mue_point difference_points[] = {
	{"same", SAME},	  {"key", KEY},	  {"value", VALUE},	      {"max", MAX},
	{"flags", FLAGS}, {"type", TYPE}, {"prog-flags", PROG_FLAGS}, {0},
};
static const struct mue_axis differences = {difference_points, NULL};

static const struct mue_point outer_points[] = {
	{"array_of_maps", MUE_MAP_ARRAY_OF_MAPS},
	{"hash_of_maps", MUE_MAP_HASH_OF_MAPS},
	{0},
};
static const struct mue_axis outers = {outer_points, NULL};

static const struct mue_point side_points[] = {{"template", 0}, {"element", 1}, {0}};
static const struct mue_axis sides = {side_points, NULL};

/* Arrays that say that their size does not matter, on either side. */
static const struct mue_point size_points[] = {
	{"sized", 0}, {"unsized", MUE_MAP_F_INNER_MAP}, {0}};
static const struct mue_axis sizes = {size_points, NULL};

/* Keys of arrays and tries have a size of their own; only arrays have that flag. */
static bool fits(const uint64_t *at)
{
	if (at[1] == KEY && mue_kind_is_array(at[3]))
		return false;
	return !at[4] || at[3] == MUE_KIND_ARRAY;
}

static void differ(struct mue_map *m, uint64_t difference)
{
	switch (difference) {
	case KEY:
		m->key_size += 4;
		break;
	case VALUE:
		m->value_size += 8;
		break;
	case MAX:
		m->max_entries *= 2;
		break;
	case FLAGS:
		m->flags ^= MUE_MAP_F_RDONLY;
		break;
	case TYPE:
		m->type = m->type == MUE_MAP_HASH ? MUE_MAP_LRU_HASH : MUE_MAP_HASH;
		m->flags = 0;
		m->key_size = 4;
		break;
	case PROG_FLAGS:
		m->flags ^= MUE_MAP_F_RDONLY_PROG;
		break;
	}
}

static void build(struct mue_case *c, const uint64_t *at)
{
	struct mue_map *m, *n;
	struct mue_op *op;

	m = mue_ask_map(c, at[3], 4);
	n = mue_ask_map(c, at[3], 4);
	n->name[0] = 'n';
	m->flags |= at[4];
	n->flags |= at[4];
	differ(at[2] ? n : m, at[1]);
	mue_case_add_map(c, "o", at[0], 4, 4, 2, 0)->inner = 1;
	mue_ask_user(c, 0);
	for (uint32_t i = 0; i < 2; i++) {
		op = mue_case_add_op(c, MUE_OP_UPDATE, 2);
		op->value_object = MUE_OBJECT_MAP;
		op->map2 = i;
		mue_case_add_op(c, MUE_OP_LOOKUP, 2);
	}
}

static const struct mue_crossing crossing = {
	.prefix = "inner",
	.axes = {&outers, &differences, &sides, &mue_axis_kinds, &sizes},
	.fits = fits,
	.build = build,
};

void mue_each_inner(struct mue_sink *s)
{
	mue_cross(s, &crossing);
}
