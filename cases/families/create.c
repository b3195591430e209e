/* What BPF_MAP_CREATE takes and refuses. Nothing here depends on how much memory there is. */
#include "cases/families/ask.h"
#include "cases/families/cross.h"

static const struct mue_point key_points[] = {
	{"0", 0},
	{"1", 1},
	{"2", 2},
	{"3", 3},
	{"4", 4},
	{"5", 5},
	{"7", 7},
	{"8", 8},
	{"9", 9},
	{"16", 16},
	{"20", 20},
	{"255", 255},
	{"256", 256},
	{"259", 259},
	{"260", 260},
	{"261", 261},
	{"512", 512},
	{"513", 513},
	{"4096", 4096},
	{"65536", 65536},
	{"4194247", 4194247},
	{"4194248", 4194248},
	{"4194304", 4194304},
	{"0x80000000", 0x80000000},
	{"0xffffffff", 0xffffffff},
	{0},
};
static const struct mue_axis keys = {key_points, NULL};

static void build_key(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[0], 1)->key_size = at[1];
}

static const struct mue_crossing by_key = {
	.prefix = "create/key",
	.axes = {&mue_axis_maps, &keys},
	.build = build_key,
};

/*
 * Key and value of a hash fit 4194255 bytes together. The largest value of a trie differs between
 * versions by the size of a list head: somewhere between 4194000 and 4194100.
 */
static const struct mue_point value_points[] = {
	{"0", 0},
	{"1", 1},
	{"3", 3},
	{"4", 4},
	{"7", 7},
	{"8", 8},
	{"9", 9},
	{"64", 64},
	{"4096", 4096},
	{"32760", 32760},
	{"32761", 32761},
	{"32768", 32768},
	{"32769", 32769},
	{"65536", 65536},
	{"1048576", 1048576},
	{"4194000", 4194000},
	{"4194100", 4194100},
	{"4194251", 4194251},
	{"4194252", 4194252},
	{"4194304", 4194304},
	{"0x80000000", 0x80000000},
	{"0xfffffff8", 0xfffffff8},
	{"0xffffffff", 0xffffffff},
	{0},
};
static const struct mue_axis values = {value_points, NULL};

static void build_value(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[0], 1)->value_size = at[1];
}

static const struct mue_crossing by_value = {
	.prefix = "create/value",
	.axes = {&mue_axis_maps, &values},
	.build = build_value,
};

static const struct mue_point max_points[] = {
	{"0", 0},
	{"1", 1},
	{"2", 2},
	{"3", 3},
	{"127", 127},
	{"128", 128},
	{"4096", 4096},
	{"0x10000000", 0x10000000},
	{"0x80000000", 0x80000000},
	{"0x80000001", 0x80000001},
	{"0xffffffff", 0xffffffff},
	{0},
};
static const struct mue_axis maxes = {max_points, NULL};

/* A large array is a matter of memory; a large hash is refused before it takes any. */
static bool fits_max(const uint64_t *at)
{
	return at[1] <= 4096 || !mue_kind_is_array(at[0]);
}

static void build_max(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[0], at[1]);
}

static const struct mue_crossing by_max = {
	.prefix = "create/max",
	.axes = {&mue_axis_kinds, &maxes},
	.fits = fits_max,
	.build = build_max,
};

/* Bit 16 is missing: it makes the kernel look at a file descriptor. */
static const struct mue_point flag_points[] = {
	{"none", 0},
#define MUE_MAP_FLAG(ID, value, name) {name, value},
#include "cases/map_flags.def"
#undef MUE_MAP_FLAG
	{"bit-15", 1u << 15},
	{"bit-17", 1u << 17},
	{"bit-18", 1u << 18},
	{"bit-20", 1u << 20},
	{"bit-24", 1u << 24},
	{"bit-30", 1u << 30},
	{"bit-31", 1u << 31},
	{"all-bits-but-16", ~(1u << 16)},
	{0},
};
static const struct mue_axis flags = {flag_points, NULL};

static void build_flag(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[0], 4)->flags = at[1];
}

static const struct mue_crossing by_flag = {
	.prefix = "create/flag",
	.axes = {&mue_axis_maps, &flags},
	.build = build_flag,
};

static bool is_map_flag(uint64_t n)
{
	return n && n <= MUE_MAP_F_INNER_MAP && n != MUE_MAP_F_STACK_BUILD_ID &&
	       n != MUE_MAP_F_CLONE;
}
static const struct mue_axis map_flags = {flag_points, is_map_flag};

static bool fits_pair(const uint64_t *at)
{
	return at[1] < at[2];
}

static void build_pair(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[0], 4)->flags = at[1] | at[2];
}

static const struct mue_crossing by_pair = {
	.prefix = "create/pair",
	.axes = {&mue_axis_maps, &map_flags, &map_flags},
	.fits = fits_pair,
	.build = build_pair,
};

static const struct mue_point node_points[] = {
	{"0", 0}, {"none", ~0u}, {"5000", 5000}, {"0x80000000", 0x80000000}, {0},
};
static const struct mue_axis nodes = {node_points, NULL};
static const struct mue_point numa_points[] = {
	{"with", MUE_MAP_F_NUMA_NODE},
	{"without", 0},
	{0},
};
static const struct mue_axis numas = {numa_points, NULL};

static void build_node(struct mue_case *c, const uint64_t *at)
{
	struct mue_map *m = mue_ask_map(c, at[0], 4);

	m->flags |= at[1];
	m->numa_node = at[2];
}

static const struct mue_crossing by_node = {
	.prefix = "create/numa_node",
	.axes = {&mue_axis_kinds, &numas, &nodes},
	.build = build_node,
};

static const struct mue_point special_points[] = {
#define MUE_SPECIAL(ID, name, ...) {name, MUE_SPECIAL_##ID},
#include "cases/specials.def"
#undef MUE_SPECIAL
	{0},
};
static const struct mue_axis specials = {special_points, NULL};

static bool is_access(uint64_t n)
{
	return !n || n == MUE_MAP_F_RDONLY_PROG || n == MUE_MAP_F_WRONLY_PROG ||
	       n == MUE_MAP_F_RDONLY;
}
static const struct mue_axis access_flags = {flag_points, is_access};

static void build_special(struct mue_case *c, const uint64_t *at)
{
	struct mue_map *m = mue_ask_map(c, at[0], 4);

	m->special = at[1];
	m->value_size = 24;
	m->flags |= at[2];
}

static const struct mue_crossing by_special = {
	.prefix = "create/special",
	.axes = {&mue_axis_kinds, &specials, &access_flags},
	.build = build_special,
};

static const struct mue_point type_points[] = {
	{"0", 0}, {"100", 100}, {"0x7fffffff", 0x7fffffff}, {"0xffffffff", 0xffffffff}, {0},
};
static const struct mue_axis types = {type_points, NULL};

static void build_type(struct mue_case *c, const uint64_t *at)
{
	mue_case_add_map(c, "m", at[0], 4, 8, 4, 0);
}

static const struct mue_crossing by_type = {
	.prefix = "create/type",
	.axes = {&types},
	.build = build_type,
};

void mue_each_create(struct mue_sink *s)
{
	mue_cross(s, &by_key);
	mue_cross(s, &by_value);
	mue_cross(s, &by_max);
	mue_cross(s, &by_flag);
	mue_cross(s, &by_pair);
	mue_cross(s, &by_node);
	mue_cross(s, &by_special);
	mue_cross(s, &by_type);
}
