/* Tries: nested, equal, too long and empty prefixes, stray bits behind them, and room. */
#include "cases/families/ask.h"
#include "cases/families/cross.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
/* A prefix as one number. */
#define PREFIX(len, address) ((uint64_t)(len) << 32 | (address))

static const struct mue_point prefix_points[] = {
	{"0.0.0.0:0", PREFIX(0, 0)},
	{"255.0.0.1:0", PREFIX(0, IP(255, 0, 0, 1))},
	{"10.0.0.0:7", PREFIX(7, IP(10, 0, 0, 0))},
	{"10.0.0.0:8", PREFIX(8, IP(10, 0, 0, 0))},
	{"10.255.1.2:8", PREFIX(8, IP(10, 255, 1, 2))},
	{"11.0.0.0:8", PREFIX(8, IP(11, 0, 0, 0))},
	{"10.1.0.0:16", PREFIX(16, IP(10, 1, 0, 0))},
	{"10.1.2.0:24", PREFIX(24, IP(10, 1, 2, 0))},
	{"10.1.3.0:24", PREFIX(24, IP(10, 1, 3, 0))},
	{"10.1.2.2:31", PREFIX(31, IP(10, 1, 2, 2))},
	{"10.1.2.3:32", PREFIX(32, IP(10, 1, 2, 3))},
	{"10.1.2.3:33", PREFIX(33, IP(10, 1, 2, 3))},
	{"10.1.2.3:4294967295", PREFIX(0xffffffff, IP(10, 1, 2, 3))},
	{0},
};
static const struct mue_axis prefixes = {prefix_points, NULL};

/* A few of them, nested in one another and side by side. */
static bool is_nested(uint64_t n)
{
	return n == PREFIX(0, 0) || n == PREFIX(8, IP(10, 0, 0, 0)) ||
	       n == PREFIX(16, IP(10, 1, 0, 0)) || n == PREFIX(24, IP(10, 1, 2, 0)) ||
	       n == PREFIX(24, IP(10, 1, 3, 0)) || n == PREFIX(32, IP(10, 1, 2, 3));
}
static const struct mue_axis nested = {prefix_points, is_nested};

static void step(struct mue_case *c, unsigned kind, uint64_t prefix, uint32_t value, uint64_t flags)
{
	struct mue_op *op = mue_case_add_op(c, kind, 0);

	op->key = mue_ask_prefix(prefix >> 32, prefix);
	if (kind != MUE_OP_UPDATE)
		return;
	op->value = mue_ask_value(c, value);
	op->flags = flags;
}

/* What is done with the second prefix; above the flags, a kind of op. */
#define ACT(kind, flags) ((uint64_t)(kind) << 8 | (flags))
static const struct mue_point act_points[] = {
	{"any", ACT(MUE_OP_UPDATE, 0)},
	{"noexist", ACT(MUE_OP_UPDATE, MUE_UPDATE_NOEXIST)},
	{"exist", ACT(MUE_OP_UPDATE, MUE_UPDATE_EXIST)},
	{"delete", ACT(MUE_OP_DELETE, 0)},
	{"lookup", ACT(MUE_OP_LOOKUP, 0)},
	{0},
};
static const struct mue_axis acts = {act_points, NULL};

static const struct mue_point room_points[] = {{"room-1", 1}, {"room-9", 9}, {0}};
static const struct mue_axis rooms = {room_points, NULL};

/* In a trie of one entry, what the second prefix inserts or replaces. */
static bool fits_pair(const uint64_t *at)
{
	return at[0] > 1 || (at[1] >> 8 == MUE_OP_UPDATE && is_nested(at[2]));
}

/* A pair: one prefix is there, the other is asked about; then the longest match. */
static void build_pair(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, MUE_KIND_LPM_TRIE, at[0]);
	mue_ask_prog(c, MUE_PROG_RAW_TRACEPOINT, 0);
	step(c, MUE_OP_UPDATE, at[2], 0x20, 0);
	step(c, at[1] >> 8, at[3], 0x30, at[1] & 0xff);
	step(c, MUE_OP_LOOKUP, PREFIX(32, IP(10, 1, 2, 3)), 0, 0);
}

static const struct mue_crossing pairs = {
	.prefix = "lpm/pair",
	.axes = {&rooms, &acts, &prefixes, &prefixes},
	.fits = fits_pair,
	.build = build_pair,
};

/* Three nested ones, of which one is deleted, then put back: nodes without a value come and go. */
static const struct mue_point victim_points[] = {{"drop-1", 1}, {"drop-2", 2}, {"drop-3", 3}, {0}};
static const struct mue_axis victims = {victim_points, NULL};

static bool fits_triple(const uint64_t *at)
{
	return at[1] != at[2] && at[1] != at[3] && at[2] != at[3];
}

static void build_triple(struct mue_case *c, const uint64_t *at)
{
	uint64_t victim = at[at[0]];

	mue_ask_map(c, MUE_KIND_LPM_TRIE, 3);
	mue_ask_prog(c, MUE_PROG_RAW_TRACEPOINT, 0);
	for (unsigned i = 1; i <= 3; i++)
		step(c, MUE_OP_UPDATE, at[i], 0x20 + i, MUE_UPDATE_NOEXIST);
	step(c, MUE_OP_DELETE, victim, 0, 0);
	step(c, MUE_OP_LOOKUP, PREFIX(32, IP(10, 1, 2, 3)), 0, 0);
	step(c, MUE_OP_UPDATE, victim, 0x30, MUE_UPDATE_EXIST);
	step(c, MUE_OP_UPDATE, PREFIX(8, IP(12, 0, 0, 0)), 0x31, 0);
	step(c, MUE_OP_UPDATE, victim, 0x32, 0);
	step(c, MUE_OP_LOOKUP, PREFIX(24, IP(10, 1, 2, 3)), 0, 0);
}

static const struct mue_crossing triples = {
	.prefix = "lpm/triple",
	.axes = {&victims, &nested, &nested, &nested},
	.fits = fits_triple,
	.build = build_triple,
};

void mue_each_lpm(struct mue_sink *s)
{
	mue_cross(s, &pairs);
	mue_cross(s, &triples);
}
