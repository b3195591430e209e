/* What BPF_MAP_CREATE takes and refuses of the types that only user space updates. */
#include "cases/families/others.h"

static struct mue_map *plain_map(struct mue_case *c, uint64_t other)
{
	return mue_other_map(c, &mue_others[other]);
}

static const struct mue_point key_points[] = {
	{"0", 0},     {"1", 1},	    {"3", 3},	  {"4", 4},	{"5", 5},	    {"8", 8},
	{"9", 9},     {"16", 16},   {"20", 20},	  {"512", 512}, {"0xffffffff", ~0u}, {0},
};
static const struct mue_axis keys = {key_points, NULL};

static void build_key(struct mue_case *c, const uint64_t *at)
{
	plain_map(c, at[0])->key_size = at[1];
}

static const struct mue_crossing by_key = {
	.prefix = "create_other/key",
	.axes = {&mue_axis_others, &keys},
	.build = build_key,
};

static const struct mue_point value_points[] = {
	{"0", 0},
	{"1", 1},
	{"3", 3},
	{"4", 4},
	{"5", 5},
	{"7", 7},
	{"8", 8},
	{"9", 9},
	{"12", 12},
	{"16", 16},
	{"24", 24},
	{"32", 32},
	{"1016", 1016},
	{"1017", 1017},
	{"1024", 1024},
	{"4064", 4064},
	{"4096", 4096},
	{"32760", 32760},
	{"65536", 65536},
	{"4194304", 4194304},
	{"4194305", 4194305},
	{"0x80000000", 0x80000000},
	{"0xffffffff", 0xffffffff},
	{0},
};
static const struct mue_axis values = {value_points, NULL};

/* A lock must fit in; BTF says nothing of so large a value. */
static bool fits_value(const uint64_t *at)
{
	const struct mue_other_row *row = &mue_others[at[0]];

	return at[1] >= mue_special_size(row->special) && (at[1] <= 4194305 || !row->special);
}

static void build_value(struct mue_case *c, const uint64_t *at)
{
	plain_map(c, at[0])->value_size = at[1];
}

static const struct mue_crossing by_value = {
	.prefix = "create_other/value",
	.axes = {&mue_axis_others, &values},
	.fits = fits_value,
	.build = build_value,
};

static const struct mue_point max_points[] = {
	{"0", 0},	{"1", 1},	{"2", 2},	      {"3", 3},
	{"127", 127},	{"4095", 4095}, {"4096", 4096},	      {"4097", 4097},
	{"8192", 8192}, {"6144", 6144}, {"65536", 65536},
	{0},
};
static const struct mue_axis maxes = {max_points, NULL};

static void build_max(struct mue_case *c, const uint64_t *at)
{
	plain_map(c, at[0])->max_entries = at[1];
}

static const struct mue_crossing by_max = {
	.prefix = "create_other/max",
	.axes = {&mue_axis_others, &maxes},
	.build = build_max,
};

/* Bit 16 makes the kernel look at a descriptor; some bits above are of few types, by version. */
static const struct mue_point flag_points[] = {
	{"none", 0},
#define MUE_MAP_FLAG(ID, value, name) {name, value},
#include "cases/map_flags.def"
#undef MUE_MAP_FLAG
	{"bit-15", 1u << 15},
	{"bit-24", 1u << 24},
	{"bit-31", 1u << 31},
	{"rdonly+wronly", MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY},
	{"rdonly_prog+wronly_prog", MUE_MAP_F_RDONLY_PROG | MUE_MAP_F_WRONLY_PROG},
	{0},
};
static const struct mue_axis flags = {flag_points, NULL};

static void build_flag(struct mue_case *c, const uint64_t *at)
{
	plain_map(c, at[0])->flags |= at[1];
}

static const struct mue_crossing by_flag = {
	.prefix = "create_other/flag",
	.axes = {&mue_axis_others, &flags},
	.build = build_flag,
};

static void build_flags_alone(struct mue_case *c, const uint64_t *at)
{
	plain_map(c, at[0])->flags = at[1];
}

static const struct mue_crossing by_flag_alone = {
	.prefix = "create_other/only",
	.axes = {&mue_axis_others, &flags},
	.build = build_flags_alone,
};

/* Maps of every type as the template of both maps of maps. */
static const struct mue_point outer_points[] = {
	{"array_of_maps", MUE_MAP_ARRAY_OF_MAPS},
	{"hash_of_maps", MUE_MAP_HASH_OF_MAPS},
	{0},
};
static const struct mue_axis outers = {outer_points, NULL};

static bool is_sure(uint64_t n)
{
	return mue_others[n].special == MUE_SPECIAL_NONE && mue_others[n].type != MUE_MAP_INSN_ARRAY;
}
static struct mue_map *outer_map(struct mue_case *c, uint64_t type)
{
	struct mue_map *m = mue_case_add_map(c, "o", type, 4, 4, 2, 0);

	m->inner = c->n_maps - 1;
	return m;
}

static bool fits_inner(const uint64_t *at)
{
	return is_sure(at[1]);
}

static void build_inner(struct mue_case *c, const uint64_t *at)
{
	plain_map(c, at[1]);
	outer_map(c, at[0]);
}

static const struct mue_crossing by_inner = {
	.prefix = "create_other/inner",
	.axes = {&outers, &mue_axis_others},
	.fits = fits_inner,
	.build = build_inner,
};

static void build_plain_inner(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[1], 4);
	outer_map(c, at[0])->inner = at[2];
}

static const struct mue_point template_points[] = {{"with", 1}, {"without", 0}, {0}};
static const struct mue_axis templates = {template_points, NULL};

static const struct mue_crossing by_plain_inner = {
	.prefix = "create_other/inner",
	.axes = {&outers, &mue_axis_kinds, &templates},
	.build = build_plain_inner,
};

void mue_each_create_other(struct mue_sink *s)
{
	mue_cross(s, &by_key);
	mue_cross(s, &by_value);
	mue_cross(s, &by_max);
	mue_cross(s, &by_flag);
	mue_cross(s, &by_flag_alone);
	mue_cross(s, &by_inner);
	mue_cross(s, &by_plain_inner);
}
