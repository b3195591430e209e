/* What the verifier says: every program type, every source of a socket, right and wrong, and every
 * kind of map. */
#include "cases/attach.h"
#include "cases/families/ask.h"
#include "cases/families/socks_ask.h"

/* What a value can be: a socket, of each origin, and memory. */
static const struct mue_point origin_points[] = {
#define MUE_ORIGIN(ID, name, verdict) {name, MUE_ORIGIN_##ID},
#include "cases/origins.def"
#undef MUE_ORIGIN
	{0},
};

static bool is_wanted(uint64_t origin)
{
	return mue_origin_is_sock(origin) || origin == MUE_ORIGIN_STACK ||
	       origin == MUE_ORIGIN_MAP || origin == MUE_ORIGIN_OR_NULL ||
	       origin == MUE_ORIGIN_SCALAR || origin == MUE_ORIGIN_NULL || origin == MUE_ORIGIN_CTX;
}
static const struct mue_axis origins = {origin_points, is_wanted};

static void build_value(struct mue_case *c, const uint64_t *at)
{
	mue_ask_sock_map(c, at[0], 8, 4);
	mue_case_add_sock(c, MUE_SOCK_TCP);
	mue_ask_prog(c, at[1], 0)->load_only = true;
	mue_ask_sock_step(c, 1, 1, 0, at[2]);
}

static const struct mue_crossing values = {
	.prefix = "socks/load",
	.axes = {&mue_axis_sock_maps, &mue_axis_progs, &origins},
	.build = build_value,
};

/* A socket where bytes are wanted. */
static bool is_sock_origin(uint64_t origin)
{
	return mue_origin_is_sock(origin);
}
static const struct mue_axis sock_origins = {origin_points, is_sock_origin};

static bool fits_bytes(const uint64_t *at)
{
	return at[0] == MUE_KIND_HASH || at[1] == MUE_PROG_SCHED_CLS;
}

static void build_bytes(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[0], 4);
	mue_case_add_sock(c, MUE_SOCK_TCP);
	mue_ask_prog(c, at[1], 0)->load_only = true;
	mue_ask_update(c, 1, 1, 0)->value_from = at[2];
}

static const struct mue_crossing bytes = {
	.prefix = "socks/load-bytes",
	.axes = {&mue_axis_maps, &mue_axis_progs, &sock_origins},
	.fits = fits_bytes,
	.build = build_bytes,
};

static const struct mue_point op_points[] = {
	{"lookup", MUE_OP_LOOKUP},
	{"delete", MUE_OP_DELETE},
	{0},
};
static const struct mue_axis other_ops = {op_points, NULL};

static void build_op(struct mue_case *c, const uint64_t *at)
{
	mue_ask_sock_map(c, at[0], 8, 4);
	mue_ask_prog(c, at[1], 0)->load_only = true;
	mue_case_add_op(c, at[2], 0)->key = mue_bytes_u32(1);
}

static const struct mue_crossing ops = {
	.prefix = "socks/load-op",
	.axes = {&mue_axis_sock_maps, &mue_axis_progs, &other_ops},
	.build = build_op,
};

/* The key is looked at before the socket is. */
static const struct mue_point key_points[] = {
	{"unaligned", MUE_ORIGIN_UNALIGNED},
	{"rodata", MUE_ORIGIN_RODATA},
	{"map", MUE_ORIGIN_MAP},
	{"uninit", MUE_ORIGIN_UNINIT},
	{"short_stack", MUE_ORIGIN_SHORT_STACK},
	{"short_map", MUE_ORIGIN_SHORT_MAP},
	{"null", MUE_ORIGIN_NULL},
	{"ctx", MUE_ORIGIN_CTX},
	{0},
};
static const struct mue_axis keys = {key_points, NULL};

static const struct mue_point prog_points[] = {
	{"tc", MUE_PROG_SCHED_CLS},
	{"cgroup_skb", MUE_PROG_CGROUP_SKB},
	{"socket", MUE_PROG_SOCKET_FILTER},
	{0},
};
static const struct mue_axis progs = {prog_points, NULL};

static void build_key(struct mue_case *c, const uint64_t *at)
{
	mue_ask_sock_map(c, at[0], 8, 4);
	mue_case_add_sock(c, MUE_SOCK_TCP);
	mue_ask_prog(c, at[1], 0)->load_only = true;
	mue_ask_sock_step(c, 1, 1, 0, at[3])->key_from = at[2];
}

static const struct mue_crossing of_keys = {
	.prefix = "socks/load-key",
	.axes = {&mue_axis_sock_maps, &progs, &keys, &origins},
	.build = build_key,
};

/* Programs of iterators, whose contexts have other sockets. */
static const struct mue_point iterator_points[] = {
	{"iter_sockmap", MUE_VIA_ITER_SOCKMAP},
	{"iter_tcp", MUE_VIA_ITER_TCP},
	{"iter_udp", MUE_VIA_ITER_UDP},
	{0},
};
static const struct mue_axis iterators = {iterator_points, NULL};

static void build_iterator(struct mue_case *c, const uint64_t *at)
{
	build_value(c, (const uint64_t[]){at[0], MUE_PROG_TRACING, at[2]});
	c->phases[0].trigger = at[1];
}

static const struct mue_crossing iterator_values = {
	.prefix = "socks/load",
	.axes = {&mue_axis_sock_maps, &iterators, &origins},
	.build = build_iterator,
};

static void build_iterator_op(struct mue_case *c, const uint64_t *at)
{
	build_op(c, (const uint64_t[]){at[0], MUE_PROG_TRACING, at[2]});
	c->phases[0].trigger = at[1];
}

static const struct mue_crossing iterator_ops = {
	.prefix = "socks/load-op",
	.axes = {&mue_axis_sock_maps, &iterators, &other_ops},
	.build = build_iterator_op,
};

void mue_each_socks_load(struct mue_sink *s)
{
	mue_cross(s, &values);
	mue_cross(s, &bytes);
	mue_cross(s, &ops);
	mue_cross(s, &of_keys);
	mue_cross(s, &iterator_values);
	mue_cross(s, &iterator_ops);
}
