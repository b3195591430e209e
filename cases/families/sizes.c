/* Keys and values of all sizes: every byte of them counts, none behind them does. */
#include <string.h>

#include "cases/families/ask.h"
#include "cases/families/cross.h"

enum { KIND, PROG, SIZE };

static const struct mue_point key_points[] = {
	{"1", 1},     {"2", 2},	      {"3", 3},	      {"4", 4},		{"5", 5},     {"7", 7},
	{"8", 8},     {"9", 9},	      {"12", 12},     {"13", 13},	{"16", 16},   {"17", 17},
	{"20", 20},   {"24", 24},     {"31", 31},     {"32", 32},	{"33", 33},   {"64", 64},
	{"128", 128}, {"255", 255},   {"256", 256},   {"260", 260},	{"384", 384}, {"512", 512},
	{"513", 513}, {"1024", 1024}, {"4096", 4096}, {"10000", 10000}, {0},
};
static const struct mue_axis keys = {key_points, NULL};

static const struct mue_point value_points[] = {
	{"1", 1},	  {"2", 2},	    {"3", 3},		{"4", 4},
	{"5", 5},	  {"7", 7},	    {"8", 8},		{"9", 9},
	{"12", 12},	  {"15", 15},	    {"16", 16},		{"17", 17},
	{"31", 31},	  {"33", 33},	    {"63", 63},		{"64", 64},
	{"65", 65},	  {"256", 256},	    {"257", 257},	{"384", 384},
	{"1024", 1024},	  {"4095", 4095},   {"4096", 4096},	{"4097", 4097},
	{"32768", 32768}, {"65536", 65536}, {"300000", 300000}, {0},
};
static const struct mue_axis values = {value_points, NULL};

static bool fits_key(const uint64_t *at)
{
	if (mue_kind_is_array(at[KIND]))
		return false;
	return at[KIND] != MUE_KIND_LPM_TRIE ||
	       (at[SIZE] >= 5 && at[SIZE] <= 260 && !mue_ask_refused(at[KIND], at[PROG]));
}

static bool fits_value(const uint64_t *at)
{
	return !mue_ask_refused(at[KIND], at[PROG]) &&
	       (at[SIZE] <= 32768 || !mue_map_type_row(mue_kinds[at[KIND]].type)->per_cpu);
}

/* Keys that differ in their last byte alone; in an array the numbers. */
static struct mue_bytes key(const struct mue_map *m, uint8_t n)
{
	struct mue_bytes b = {.fill = 0x11, .n_tail = 1, .tail = {n}};
	uint32_t bits = 8 * (m->key_size - 4);

	if (m->type == MUE_MAP_ARRAY || m->type == MUE_MAP_PERCPU_ARRAY)
		return mue_bytes_u32(n);
	if (m->type == MUE_MAP_LPM_TRIE) {
		memcpy(b.head, &(uint8_t[]){bits, bits >> 8, bits >> 16, bits >> 24}, 4);
		b.n_head = 4;
	}
	return b;
}

/* What does not fit the stack lies in a map. */
static unsigned origin(const struct mue_map *m)
{
	return (uint64_t)m->key_size + m->value_size <= MUE_STACK_ROOM ? MUE_ORIGIN_STACK
								       : MUE_ORIGIN_MAP;
}

static void update(struct mue_case *c, uint8_t n, uint8_t value, uint64_t flags)
{
	const struct mue_map *m = &c->maps[0];
	struct mue_op *op = mue_case_add_op(c, MUE_OP_UPDATE, 0);

	op->key = key(m, n);
	op->value = (struct mue_bytes){.fill = value,
				       .n_head = 1,
				       .head = {~value},
				       .n_tail = m->value_size > 1,
				       .tail = {value + 1}};
	op->flags = flags;
	op->key_from = op->value_from = origin(m);
}

static void lookup(struct mue_case *c, uint8_t n)
{
	struct mue_op *op = mue_case_add_op(c, MUE_OP_LOOKUP, 0);

	op->key = key(&c->maps[0], n);
	op->key_from = origin(&c->maps[0]);
}

static void ask(struct mue_case *c, const uint64_t *at)
{
	mue_ask_prog(c, at[PROG], 0);
	update(c, 0, 0x20, 0);
	update(c, 1, 0x30, 0);
	update(c, 0, 0x40, MUE_UPDATE_EXIST);
	lookup(c, 0);
	lookup(c, 1);
}

static void build_key(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[KIND], 3)->key_size = at[SIZE];
	ask(c, at);
}

static void build_value(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[KIND], 3)->value_size = at[SIZE];
	ask(c, at);
}

static const struct mue_crossing by_key = {
	.prefix = "sizes/key",
	.axes = {&mue_axis_maps, &mue_axis_four_progs, &keys},
	.fits = fits_key,
	.build = build_key,
};

static const struct mue_crossing by_value = {
	.prefix = "sizes/value",
	.axes = {&mue_axis_maps, &mue_axis_four_progs, &values},
	.fits = fits_value,
	.build = build_value,
};

void mue_each_sizes(struct mue_sink *s)
{
	mue_cross(s, &by_key);
	mue_cross(s, &by_value);
}
