/* Maps that user space or programs may only read or only write, and frozen ones. */
#include "cases/families/ask.h"
#include "cases/families/cross.h"

enum { KIND, ACCESS, FROZEN, WHO, ACTION };

#define RD MUE_MAP_F_RDONLY
#define WR MUE_MAP_F_WRONLY
#define RD_PROG MUE_MAP_F_RDONLY_PROG
#define WR_PROG MUE_MAP_F_WRONLY_PROG

static const struct mue_point access_points[] = {
	{"all", 0},
	{"rdonly", RD},
	{"wronly", WR},
	{"rdonly_prog", RD_PROG},
	{"wronly_prog", WR_PROG},
	{"rdonly+wronly_prog", RD | WR_PROG},
	{"wronly+rdonly_prog", WR | RD_PROG},
	{"rdonly+rdonly_prog", RD | RD_PROG},
	{0},
};
static const struct mue_axis accesses = {access_points, NULL};

static const struct mue_point frozen_points[] = {{"open", 0}, {"frozen", 1}, {0}};
static const struct mue_axis frozens = {frozen_points, NULL};

static const struct mue_point who_points[] = {
	{"user", MUE_PROG_UNSPEC},
	{"xdp", MUE_PROG_XDP},
	{"syscall", MUE_PROG_SYSCALL},
	{0},
};
static const struct mue_axis whos = {who_points, NULL};

static const struct mue_point action_points[] = {
	{"update", MUE_OP_UPDATE}, {"delete", MUE_OP_DELETE}, {"lookup", MUE_OP_LOOKUP},
	{"batch", MUE_OP_BATCH},   {"freeze", MUE_OP_FREEZE},
	{"lookup_and_delete", MUE_OP_LOOKUP_AND_DELETE}, {0},
};
static const struct mue_axis actions = {action_points, NULL};

static bool fits(const uint64_t *at)
{
	if (mue_ask_refused(at[KIND], at[WHO]))
		return !at[ACCESS] && !at[FROZEN] && at[ACTION] <= MUE_OP_LOOKUP;
	return !at[WHO] || mue_op_rows[at[ACTION]].where == MUE_WHERE_BOTH;
}

/* Whoever may write puts in two keys first. */
static void fill(struct mue_case *c, uint64_t access)
{
	if (!(access & RD)) {
		mue_ask_user(c, 0);
		mue_ask_fill(c, 0, 2);
	} else if (!(access & RD_PROG)) {
		mue_ask_prog(c, MUE_PROG_RAW_TRACEPOINT, 0);
		mue_ask_update(c, 0, 0x10, 0);
		mue_ask_update(c, 1, 0x11, 0);
	}
}

static void act(struct mue_case *c, uint64_t action)
{
	struct mue_op *op = mue_case_add_op(c, action, 0);

	if (mue_op_has_key(action))
		op->key = mue_ask_key(c, 1);
	if (mue_op_has_value(action))
		op->value = mue_ask_value(c, 0x77);
}

static void build(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[KIND], 4)->flags |= at[ACCESS];
	fill(c, at[ACCESS]);
	if (at[FROZEN]) {
		mue_ask_user(c, 0);
		mue_case_add_op(c, MUE_OP_FREEZE, 0);
	}
	mue_case_add_phase(c, at[WHO]);
	act(c, at[ACTION]);
}

static const struct mue_crossing crossing = {
	.prefix = "access",
	.axes = {&mue_axis_maps, &accesses, &frozens, &whos, &actions},
	.fits = fits,
	.build = build,
};

void mue_each_access(struct mue_sink *s)
{
	mue_cross(s, &crossing);
}
