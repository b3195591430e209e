/* What programs may return, at every hook: each edge of a range, and just beyond; a helper's
 * result. */
#include "cases/attach.h"
#include "cases/families/ask.h"
#include "cases/families/hooks.h"

static const struct mue_point values[] = {
#define MUE_RETURN(ID, word, number) {word, MUE_RETURN_##ID},
#include "cases/returns.def"
#undef MUE_RETURN
	{0},
};
static const struct mue_axis axis_values = {values, NULL};

/* The result is an error, which no range but that of security hooks has. */
static void build(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, MUE_KIND_HASH, 4);
	mue_ask_hook(c, at[0])->returns = at[1];
	mue_ask_update(c, 1, 0x77, MUE_UPDATE_EXIST);
}

static const struct mue_crossing crossing = {
	.prefix = "returns",
	.axes = {&mue_axis_hooks, &axis_values},
	.build = build,
};

/* A map that the type refuses, or a call, comes before what is returned. */
static void build_refused(struct mue_case *c, const uint64_t *at)
{
	struct mue_phase *p;

	mue_case_add_map(c, "m", MUE_MAP_QUEUE, 0, 8, 4, 0);
	p = mue_ask_prog(c, at[0], 0);
	p->returns = MUE_RETURN_4;
	p->load_only = true;
	mue_ask_update(c, 0, 0x77, 0);
}

static const struct mue_crossing refused = {
	.prefix = "returns/behind-a-refused-call",
	.axes = {&mue_axis_progs},
	.build = build_refused,
};

void mue_each_returns(struct mue_sink *s)
{
	mue_cross(s, &crossing);
	mue_cross(s, &refused);
}
