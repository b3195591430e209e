/* The map types that the verifier keeps from the helper, in every program type that loads. */
#include "cases/families/others.h"

static void build(struct mue_case *c, const uint64_t *at)
{
	struct mue_op *op;

	mue_other_map(c, &mue_others[at[0]]);
	mue_ask_prog(c, at[1], 0)->load_only = true;
	op = mue_ask_update(c, 0, 0x77, 0);
	op->map = c->n_maps - 1;
}

static const struct mue_crossing crossing = {
	.prefix = "refused",
	.axes = {&mue_axis_others, &mue_axis_progs},
	.build = build,
};

static void build_sleepable(struct mue_case *c, const uint64_t *at)
{
	build(c, at);
	c->phases[0].sleepable = true;
}

static const struct mue_crossing sleepable = {
	.prefix = "refused/sleepable",
	.axes = {&mue_axis_others, &mue_axis_sleepers},
	.build = build_sleepable,
};

/* A socket is what the types with sockets want: bytes are refused. */
static const struct mue_point sock_points[] = {
	{"sockmap", MUE_MAP_SOCKMAP},
	{"sockhash", MUE_MAP_SOCKHASH},
	{0},
};
static const struct mue_axis socks = {sock_points, NULL};

static void build_sock(struct mue_case *c, const uint64_t *at)
{
	mue_case_add_map(c, "m", at[0], 4, 8, 4, 0);
	mue_ask_prog(c, at[1], 0)->load_only = true;
	mue_ask_update(c, 0, 0x77, 0);
}

static const struct mue_crossing of_socks = {
	.prefix = "refused",
	.axes = {&socks, &mue_axis_progs},
	.build = build_sock,
};

void mue_each_refused(struct mue_sink *s)
{
	mue_cross(s, &crossing);
	mue_cross(s, &of_socks);
	mue_cross(s, &sleepable);
}
