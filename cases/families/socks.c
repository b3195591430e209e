/* Sockets as values: SOCKMAP and SOCKHASH. */
#include "cases/attach.h"
#include "cases/families/ask.h"
#include "cases/families/cross.h"
#include "cases/families/socks_ask.h"

static const struct mue_point map_points[] = {
	{"sockmap", MUE_MAP_SOCKMAP},
	{"sockhash", MUE_MAP_SOCKHASH},
	{0},
};
const struct mue_axis mue_axis_sock_maps = {map_points, NULL};

static const struct mue_point kind_points[] = {
#define MUE_SOCK(ID, name, ...) {name, MUE_SOCK_##ID},
#include "cases/socks.def"
#undef MUE_SOCK
	{0},
};

/* Kernels that lack these are many: they have cases of their own. */
static bool is_usual(uint64_t kind)
{
	return mue_sock_rows[kind].family != MUE_SOCK_FAMILY_VSOCK;
}
static const struct mue_axis kinds = {kind_points, is_usual};

static bool is_rare(uint64_t kind)
{
	return !is_usual(kind);
}
static const struct mue_axis rare_kinds = {kind_points, is_rare};

void mue_ask_sock_map(struct mue_case *c, uint64_t type, uint32_t value_size, uint32_t max_entries)
{
	mue_case_add_map(c, "m", type, 4, value_size, max_entries, 0);
}

struct mue_op *mue_ask_sock_update(struct mue_case *c, uint32_t key, uint32_t number,
				   uint64_t flags)
{
	struct mue_op *op = mue_case_add_op(c, MUE_OP_UPDATE, 0);

	op->key = mue_bytes_u32(key);
	op->value = mue_bytes_u32(number);
	op->flags = flags;
	return op;
}

struct mue_op *mue_ask_sock_step(struct mue_case *c, uint32_t key, uint32_t number, uint64_t flags,
				 unsigned origin)
{
	struct mue_op *op = mue_ask_sock_update(c, key, number, flags);

	op->value_from = origin;
	return op;
}

static void ask_op(struct mue_case *c, unsigned kind, unsigned sock)
{
	mue_case_add_op(c, kind, 0)->sock = sock;
}

static const struct mue_point size_points[] = {{"value4", 4}, {"value8", 8}, {0}};
static const struct mue_axis sizes = {size_points, NULL};

/* What user space can do with each kind of socket, whatever else is wrong. */
static void build_user(struct mue_case *c, const uint64_t *at)
{
	mue_ask_sock_map(c, at[0], at[1], 2);
	mue_case_add_sock(c, at[2]);
	mue_case_add_sock(c, MUE_SOCK_TCP);
	mue_ask_user(c, 0);
	mue_ask_sock_update(c, 0, 1, MUE_UPDATE_EXIST);
	mue_ask_sock_update(c, 0, 1, 0);
	mue_ask_sock_update(c, 0, 1, MUE_UPDATE_NOEXIST);
	mue_ask_sock_update(c, 0, 1, MUE_UPDATE_EXIST);
	mue_ask_sock_update(c, 0, 1, 4);
	mue_ask_sock_update(c, 0, 1, 8);
	mue_ask_sock_update(c, 7, 1, 3);
	mue_ask_sock_update(c, 1, 1, 0);
	mue_ask_sock_update(c, 2, 1, 0); /* beyond the end, or the room */
	mue_ask_lookup(c, 0);
	mue_ask_sock_update(c, 1, 2, 0);
	mue_ask_lookup(c, 1);
	mue_ask_delete(c, 0);
	mue_ask_delete(c, 0);
	mue_ask_sock_update(c, 9, 0, 0);
	mue_ask_sock_update(c, 9, UINT32_MAX, 0);
}

static const struct mue_crossing user = {
	.prefix = "socks/user",
	.axes = {&mue_axis_sock_maps, &sizes, &kinds},
	.build = build_user,
};
static const struct mue_crossing user_rare = {
	.prefix = "socks/user",
	.axes = {&mue_axis_sock_maps, &sizes, &rare_kinds},
	.build = build_user,
};

static const struct mue_point prog_points[] = {
	{"tc", MUE_PROG_SCHED_CLS},
	{"action", MUE_PROG_SCHED_ACT},
	{"xdp", MUE_PROG_XDP},
	{"sk_lookup", MUE_PROG_SK_LOOKUP},
	{"socket", MUE_PROG_SOCKET_FILTER},
	{0},
};
static const struct mue_axis progs = {prog_points, NULL};

static const struct mue_point origin_points[] = {
	{"sockmap", MUE_ORIGIN_SOCKMAP},
	{"sk_lookup_tcp", MUE_ORIGIN_SK_LOOKUP_TCP},
	{"sk_lookup_udp", MUE_ORIGIN_SK_LOOKUP_UDP},
	{"skc_lookup_tcp", MUE_ORIGIN_SKC_LOOKUP_TCP},
	{"tcp_sock", MUE_ORIGIN_TCP_SOCK},
	{"ctx_sk", MUE_ORIGIN_CTX_SK},
	{0},
};
static const struct mue_axis origins = {origin_points, NULL};

/* Where a type has this source, and what it gives can be given back. */
static bool has_source(uint64_t prog, uint64_t origin)
{
	switch (prog) {
	case MUE_PROG_SCHED_CLS:
	case MUE_PROG_SCHED_ACT:
		return true;
	case MUE_PROG_XDP:
		return origin != MUE_ORIGIN_TCP_SOCK && origin != MUE_ORIGIN_CTX_SK;
	case MUE_PROG_SK_LOOKUP:
		return origin == MUE_ORIGIN_SOCKMAP || origin == MUE_ORIGIN_CTX_SK;
	default:
		return origin == MUE_ORIGIN_CTX_SK;
	}
}

static bool can_look(uint64_t prog)
{
	return prog != MUE_PROG_SOCKET_FILTER;
}

static bool fits_step(const uint64_t *at)
{
	return has_source(at[1], at[2]) && (at[2] != MUE_ORIGIN_CTX_SK || at[3] == MUE_SOCK_TCP);
}

/* Each source on each kind: all that flags, index and room may say. */
static void build_step(struct mue_case *c, const uint64_t *at)
{
	unsigned origin = at[2];

	mue_ask_sock_map(c, at[0], 8, 2);
	mue_case_add_sock(c, at[3]);
	mue_case_add_sock(c, MUE_SOCK_UDP);
	mue_ask_user(c, 0);
	mue_ask_sock_update(c, 1, 2, 0);
	mue_ask_prog(c, at[1], 0);
	mue_ask_sock_step(c, 0, 1, MUE_UPDATE_EXIST, origin);
	mue_ask_sock_step(c, 0, 1, 7, origin);
	mue_ask_sock_step(c, 0, 1, MUE_UPDATE_NOEXIST, origin);
	mue_ask_sock_step(c, 0, 1, MUE_UPDATE_NOEXIST, origin);
	mue_ask_sock_step(c, 2, 1, 0, origin);
	mue_ask_sock_step(c, 2, 1, 1ull << 32, origin);
	mue_ask_sock_step(c, 1, 1, 0, origin);
	if (can_look(at[1])) {
		mue_ask_lookup(c, 0);
		mue_ask_lookup(c, 1);
		mue_ask_lookup(c, 2);
	}
	mue_ask_delete(c, 0);
	mue_ask_delete(c, 0);
	mue_ask_sock_step(c, 0, 0, 0, origin);
	mue_ask_sock_step(c, 0, 9, 0, origin);
	mue_ask_sock_step(c, 0, 1, 0, origin);
}

static const struct mue_crossing steps = {
	.prefix = "socks/step",
	.axes = {&mue_axis_sock_maps, &progs, &origins, &kinds},
	.fits = fits_step,
	.build = build_step,
};

/* Every flag on an absent and a present key, by a program and by user space. */
static void build_flags(struct mue_case *c, const uint64_t *at)
{
	mue_ask_sock_map(c, at[0], 8, 2);
	mue_case_add_sock(c, MUE_SOCK_TCP);
	mue_case_add_sock(c, MUE_SOCK_UDP);
	mue_case_add_sock(c, MUE_SOCK_TCP_CLOSED);
	mue_ask_user(c, 0);
	mue_ask_sock_update(c, 0, 2, 0);
	mue_ask_prog(c, at[1], 0);
	mue_ask_sock_step(c, 0, 1, at[2], MUE_ORIGIN_SOCKMAP);
	mue_ask_sock_step(c, 1, 1, at[2], MUE_ORIGIN_SOCKMAP)->flags_const = 1;
	mue_ask_sock_step(c, 2, 1, at[2], MUE_ORIGIN_SOCKMAP);
	mue_ask_user(c, 0);
	mue_ask_delete(c, 1);
	mue_ask_sock_update(c, 0, 2, at[2]);
	mue_ask_sock_update(c, 1, 2, at[2]);
	mue_ask_sock_update(c, 2, 2, at[2]);
	mue_ask_sock_update(c, 0, 3, at[2]);
}

static bool fits_flags(const uint64_t *at)
{
	return has_source(at[1], MUE_ORIGIN_SOCKMAP);
}

static const struct mue_crossing flags = {
	.prefix = "socks/flags",
	.axes = {&mue_axis_sock_maps, &progs, &mue_axis_flags},
	.fits = fits_flags,
	.build = build_flags,
};

enum { NOTHING = MUE_OP_KINDS };
static const struct mue_point event_points[] = {
	{"close", MUE_OP_CLOSE},
	{"shutdown", MUE_OP_SHUTDOWN},
	{"disconnect", MUE_OP_DISCONNECT},
	{"hangup", MUE_OP_HANGUP},
	{0},
};
static const struct mue_axis events = {event_points, NULL};
static const struct mue_point second_points[] = {
	{"nothing", NOTHING},	       {"close", MUE_OP_CLOSE},
	{"shutdown", MUE_OP_SHUTDOWN}, {"disconnect", MUE_OP_DISCONNECT},
	{"hangup", MUE_OP_HANGUP},     {0},
};
static const struct mue_axis seconds = {second_points, NULL};

/* Who holds it now, and whether it can still be put somewhere. */
static void ask_after(struct mue_case *c)
{
	mue_ask_user(c, 0);
	mue_ask_lookup(c, 0);
	mue_ask_sock_update(c, 2, 1, 0);
	mue_ask_prog(c, MUE_PROG_SCHED_CLS, 0);
	mue_ask_lookup(c, 0);
	mue_ask_sock_step(c, 3, 1, 0, MUE_ORIGIN_SOCKMAP);
	mue_ask_sock_step(c, 4, 1, 0, MUE_ORIGIN_SK_LOOKUP_TCP);
	mue_ask_sock_step(c, 5, 1, 0, MUE_ORIGIN_SKC_LOOKUP_TCP);
	mue_ask_sock_step(c, 6, 1, 0, MUE_ORIGIN_SK_LOOKUP_UDP);
}

/* A socket that sits in two places when its state changes, once or twice. */
static void build_event(struct mue_case *c, const uint64_t *at)
{
	mue_ask_sock_map(c, at[0], 8, 16);
	mue_case_add_sock(c, at[1]);
	mue_case_add_sock(c, MUE_SOCK_TCP);
	mue_ask_user(c, 0);
	mue_ask_sock_update(c, 0, 1, 0);
	mue_ask_sock_update(c, 1, 1, 0);
	mue_ask_sock_update(c, 7, 2, 0);
	ask_op(c, at[2], 0);
	ask_after(c);
	if (at[3] == NOTHING)
		return;
	mue_ask_user(c, 0);
	ask_op(c, at[3], 0);
	ask_after(c);
}

static const struct mue_crossing states = {
	.prefix = "socks/state",
	.axes = {&mue_axis_sock_maps, &kinds, &events, &seconds},
	.build = build_event,
};

static const struct mue_point reach_points[] = {
	{"subprog", MUE_REACH_SUBPROG},
	{"loop", MUE_REACH_LOOP},
	{"tail_call", MUE_REACH_TAIL_CALL},
	{"shared", MUE_REACH_SHARED},
	{0},
};
static const struct mue_axis reaches = {reach_points, NULL};

static bool fits_reach(const uint64_t *at)
{
	return has_source(at[1], at[2]);
}

static void build_reach(struct mue_case *c, const uint64_t *at)
{
	struct mue_op *op;

	mue_ask_sock_map(c, at[0], 8, 4);
	mue_case_add_map(c, "other", MUE_MAP_SOCKHASH, 4, 8, 4, 0);
	mue_case_add_sock(c, MUE_SOCK_TCP);
	mue_ask_prog(c, at[1], 0);
	op = mue_ask_sock_step(c, 1, 1, 0, at[2]);
	op->reach = at[3];
	op->times = at[3] == MUE_REACH_LOOP ? 5 : 1;
	op->map2 = at[3] == MUE_REACH_SHARED;
	if (can_look(at[1]))
		mue_ask_lookup(c, 1);
}

static const struct mue_crossing in_reach = {
	.prefix = "socks/reach",
	.axes = {&mue_axis_sock_maps, &progs, &origins, &reaches},
	.fits = fits_reach,
	.build = build_reach,
};

static const struct mue_point key_points[] = {
	{"1", 1}, {"2", 2},   {"3", 3},	    {"4", 4},	  {"5", 5},
	{"8", 8}, {"32", 32}, {"100", 100}, {"512", 512}, {0},
};
static const struct mue_axis key_sizes = {key_points, NULL};

/* Keys that differ in their last byte only; programs take long ones from where there is room. */
static void build_keys(struct mue_case *c, const uint64_t *at)
{
	mue_case_add_map(c, "m", MUE_MAP_SOCKHASH, at[0], 8, 2, 0);
	mue_case_add_sock(c, MUE_SOCK_TCP);
	mue_case_add_sock(c, MUE_SOCK_UDP);
	for (unsigned prog = 0; prog < 2; prog++) {
		if (prog)
			mue_ask_prog(c, MUE_PROG_SCHED_CLS, 0);
		else
			mue_ask_user(c, 0);
		for (unsigned i = 0; i < 3; i++) {
			struct mue_op *op = mue_ask_sock_update(c, 0, 1 + i % 2, i == 2);

			op->key = (struct mue_bytes){.fill = 0x55, .n_tail = 1, .tail = {i + prog}};
			op->key_from = prog ? MUE_ORIGIN_MAP : 0;
			op->value_from = prog ? MUE_ORIGIN_SOCKMAP : 0;
		}
	}
}

static const struct mue_crossing of_keys = {
	.prefix = "socks/key-size",
	.axes = {&key_sizes},
	.build = build_keys,
};

/* Program types whose real events show them a socket, and packets for those that look one up. */
#define EVENT(prog, attach, via) \
	((uint64_t)MUE_PROG_##prog << 32 | (uint64_t)MUE_VIA_##via << 16 | attach)
static const struct mue_point trigger_points[] = {
	{"socket-packet", EVENT(SOCKET_FILTER, 0, PACKET)},
	{"sk_reuseport_select", EVENT(SK_REUSEPORT, MUE_ATTACH_SK_REUSEPORT_SELECT, DEFAULT)},
	{"sk_reuseport_migrate",
	 EVENT(SK_REUSEPORT, MUE_ATTACH_SK_REUSEPORT_SELECT_OR_MIGRATE, DEFAULT)},
	{"sk_lookup-packet", EVENT(SK_LOOKUP, MUE_ATTACH_SK_LOOKUP, PACKET)},
	{"tc-packet", EVENT(SCHED_CLS, 0, PACKET)},
	{"tc-packet_out", EVENT(SCHED_CLS, 0, PACKET_OUT)},
	{"tcx_ingress-packet", EVENT(SCHED_CLS, MUE_ATTACH_TCX_INGRESS, PACKET)},
	{"tcx_egress-packet", EVENT(SCHED_CLS, MUE_ATTACH_TCX_EGRESS, PACKET)},
	{"action-packet", EVENT(SCHED_ACT, 0, PACKET)},
	{"xdp-packet", EVENT(XDP, MUE_ATTACH_XDP, PACKET)},
	{0},
};
static const struct mue_axis triggers = {trigger_points, NULL};

static bool looks_up(uint64_t prog)
{
	return prog == MUE_PROG_SCHED_CLS || prog == MUE_PROG_SCHED_ACT || prog == MUE_PROG_XDP;
}

static void build_trigger(struct mue_case *c, const uint64_t *at)
{
	const unsigned prog = at[1] >> 32;
	struct mue_phase *p;

	mue_ask_sock_map(c, at[0], 8, 4);
	mue_case_add_sock(c, MUE_SOCK_TCP);
	mue_case_add_sock(c, MUE_SOCK_UDP);
	p = mue_ask_prog(c, prog, 0);
	p->attach_type = at[1] & 0xffff;
	p->trigger = at[1] >> 16 & 0xffff;
	if (prog != MUE_PROG_XDP) {
		mue_ask_sock_step(c, 0, 0, MUE_UPDATE_NOEXIST, MUE_ORIGIN_CTX_SK);
		mue_ask_sock_step(c, 0, 0, MUE_UPDATE_NOEXIST, MUE_ORIGIN_CTX_SK);
		mue_ask_sock_step(c, 9, 0, 0, MUE_ORIGIN_CTX_SK);
	}
	if (looks_up(prog)) {
		mue_ask_sock_step(c, 1, 1, 0, MUE_ORIGIN_SK_LOOKUP_TCP);
		mue_ask_sock_step(c, 2, 2, 0, MUE_ORIGIN_SK_LOOKUP_UDP);
	}
	if (looks_up(prog) || prog == MUE_PROG_SK_LOOKUP) {
		mue_ask_sock_step(c, 3, 1, 0, MUE_ORIGIN_SOCKMAP);
		mue_ask_lookup(c, 0);
	}
	mue_ask_user(c, 0);
	mue_ask_lookup(c, 0);
	mue_ask_sock_update(c, 0, 2, MUE_UPDATE_NOEXIST);
}

static const struct mue_crossing at_events = {
	.prefix = "socks/event",
	.axes = {&mue_axis_sock_maps, &triggers},
	.build = build_trigger,
};

/* Iterators, and the kinds of sockets that may be the only one that they meet. */
static const struct mue_point iterator_points[] = {
	{"iter_sockmap", MUE_VIA_ITER_SOCKMAP},
	{"iter_tcp", MUE_VIA_ITER_TCP},
	{"iter_udp", MUE_VIA_ITER_UDP},
	{"iter_unix", MUE_VIA_ITER_UNIX},
	{0},
};
static const struct mue_axis iterators = {iterator_points, NULL};

static bool is_met_alone(uint64_t via, uint64_t kind)
{
	const struct mue_phase p = {.prog_type = MUE_PROG_TRACING, .trigger = via};
	const struct mue_sock sock = {kind};
	bool pair, met = mue_phase_meets(&p, &sock, &pair);

	if (via == MUE_VIA_ITER_SOCKMAP)
		return true;
	return via == MUE_VIA_ITER_TCP ? met && !pair : !met || !pair;
}

static bool fits_iterator(const uint64_t *at)
{
	return is_met_alone(at[1], at[2]);
}

static struct mue_phase *ask_iterator(struct mue_case *c, uint64_t via)
{
	struct mue_phase *p = mue_ask_prog(c, MUE_PROG_TRACING, 0);

	p->trigger = via;
	return p;
}

/* What an iterator shows goes to another map, or comes out of it; then it is closed, and is met no
 * more. */
static void build_iterator(struct mue_case *c, const uint64_t *at)
{
	mue_ask_sock_map(c, at[0], 8, 2);
	mue_case_add_sock(c, at[2]);
	for (unsigned again = 0; again < 2; again++) {
		ask_iterator(c, at[1]);
		mue_ask_sock_step(c, 0, 0, MUE_UPDATE_EXIST, MUE_ORIGIN_CTX_SK);
		mue_ask_sock_step(c, 0, 0, 7, MUE_ORIGIN_CTX_SK);
		mue_ask_sock_step(c, 0, 0, MUE_UPDATE_NOEXIST, MUE_ORIGIN_CTX_SK);
		mue_ask_sock_step(c, 0, 0, MUE_UPDATE_NOEXIST, MUE_ORIGIN_CTX_SK);
		mue_ask_sock_step(c, 1, 0, 0, MUE_ORIGIN_CTX_SK);
		mue_ask_sock_step(c, 2, 0, 0, MUE_ORIGIN_CTX_SK);
		mue_ask_delete(c, 1);
		mue_ask_delete(c, 1);
		mue_ask_user(c, 0);
		mue_ask_lookup(c, 0);
		if (at[1] != MUE_VIA_ITER_TCP)
			ask_op(c, MUE_OP_CLOSE, 0);
	}
}

static const struct mue_crossing by_iterator = {
	.prefix = "socks/iterator",
	.axes = {&mue_axis_sock_maps, &iterators, &kinds},
	.fits = fits_iterator,
	.build = build_iterator,
};

static const struct mue_point first_points[] = {{"tcp", 0}, {"raw", 1}, {"udp", 2}, {0}};
static const struct mue_axis firsts = {first_points, NULL};

/* An iterator begins with the first place of a sockmap, taken or not. */
static void build_first(struct mue_case *c, const uint64_t *at)
{
	static const unsigned kinds[] = {MUE_SOCK_TCP, MUE_SOCK_RAW, MUE_SOCK_UDP};

	mue_ask_sock_map(c, at[0], 8, 8);
	for (uint32_t i = 0; i < 3; i++)
		mue_case_add_sock(c, kinds[(at[1] + i) % 3]);
	for (uint32_t i = 0; i < 3; i++) {
		ask_iterator(c, MUE_VIA_ITER_SOCKMAP);
		mue_ask_sock_step(c, i, 0, MUE_UPDATE_NOEXIST, MUE_ORIGIN_CTX_SK);
		mue_ask_sock_step(c, 7, 3, 0, MUE_ORIGIN_CTX_SK);
		mue_ask_user(c, 0);
		mue_ask_lookup(c, i);
		mue_ask_lookup(c, 7);
		ask_op(c, MUE_OP_CLOSE, 2 - i);
	}
}

static const struct mue_crossing by_first = {
	.prefix = "socks/iterator-first",
	.axes = {&mue_axis_sock_maps, &firsts},
	.build = build_first,
};

static bool fits_iterator_reach(const uint64_t *at)
{
	return at[1] == MUE_VIA_ITER_SOCKMAP;
}

static void build_iterator_reach(struct mue_case *c, const uint64_t *at)
{
	struct mue_op *op;

	mue_ask_sock_map(c, at[0], 8, 4);
	mue_case_add_map(c, "other", MUE_MAP_SOCKHASH, 4, 8, 4, 0);
	mue_case_add_sock(c, MUE_SOCK_TCP);
	ask_iterator(c, at[1]);
	op = mue_ask_sock_step(c, 1, 1, 0, MUE_ORIGIN_CTX_SK);
	op->reach = at[2];
	op->times = at[2] == MUE_REACH_LOOP ? 5 : 1;
	op->map2 = at[2] == MUE_REACH_SHARED;
}

static const struct mue_crossing iterator_reaches = {
	.prefix = "socks/iterator-reach",
	.axes = {&mue_axis_sock_maps, &iterators, &reaches},
	.fits = fits_iterator_reach,
	.build = build_iterator_reach,
};

void mue_each_socks(struct mue_sink *s)
{
	mue_each_socks_load(s);
	mue_cross(s, &user);
	mue_cross(s, &user_rare);
	mue_cross(s, &steps);
	mue_cross(s, &flags);
	mue_cross(s, &states);
	mue_cross(s, &in_reach);
	mue_cross(s, &of_keys);
	mue_cross(s, &at_events);
	mue_cross(s, &by_iterator);
	mue_cross(s, &by_first);
	mue_cross(s, &iterator_reaches);
}
