/* Load verdicts: program types without a test run, attach types, sleepable programs, licences. */
#include <linux/bpf.h>

#include "cases/families/ask.h"
#include "cases/families/cross.h"
#include "cases/families/hooks.h"

static void build(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[1], 4);
	mue_ask_prog(c, at[0], 0)->load_only = true;
	mue_ask_update(c, 1, 0x77, 0);
	mue_ask_lookup(c, 1);
	mue_ask_delete(c, 1);
}

static const struct mue_crossing types = {
	.prefix = "load/type",
	.axes = {&mue_axis_load_only, &mue_axis_kinds},
	.build = build,
};

#define ATTACH(prog, attach) ((uint64_t)MUE_PROG_##prog << 32 | BPF_##attach)
static const struct mue_point attach_points[] = {
	{"cgroup_skb-egress", ATTACH(CGROUP_SKB, CGROUP_INET_EGRESS)},
	{"cgroup_sock-release", ATTACH(CGROUP_SOCK, CGROUP_INET_SOCK_RELEASE)},
	{"cgroup_sock-post_bind4", ATTACH(CGROUP_SOCK, CGROUP_INET4_POST_BIND)},
	{"cgroup_sock-post_bind6", ATTACH(CGROUP_SOCK, CGROUP_INET6_POST_BIND)},
	{"cgroup_sock_addr-bind6", ATTACH(CGROUP_SOCK_ADDR, CGROUP_INET6_BIND)},
	{"cgroup_sock_addr-connect4", ATTACH(CGROUP_SOCK_ADDR, CGROUP_INET4_CONNECT)},
	{"cgroup_sock_addr-connect6", ATTACH(CGROUP_SOCK_ADDR, CGROUP_INET6_CONNECT)},
	{"cgroup_sock_addr-sendmsg4", ATTACH(CGROUP_SOCK_ADDR, CGROUP_UDP4_SENDMSG)},
	{"cgroup_sock_addr-sendmsg6", ATTACH(CGROUP_SOCK_ADDR, CGROUP_UDP6_SENDMSG)},
	{"cgroup_sock_addr-recvmsg4", ATTACH(CGROUP_SOCK_ADDR, CGROUP_UDP4_RECVMSG)},
	{"cgroup_sock_addr-recvmsg6", ATTACH(CGROUP_SOCK_ADDR, CGROUP_UDP6_RECVMSG)},
	{"cgroup_sock_addr-getpeername4", ATTACH(CGROUP_SOCK_ADDR, CGROUP_INET4_GETPEERNAME)},
	{"cgroup_sock_addr-getsockname6", ATTACH(CGROUP_SOCK_ADDR, CGROUP_INET6_GETSOCKNAME)},
	{"cgroup_sockopt-setsockopt", ATTACH(CGROUP_SOCKOPT, CGROUP_SETSOCKOPT)},
	{"sk_skb-stream_parser", ATTACH(SK_SKB, SK_SKB_STREAM_PARSER)},
	{"sk_skb-stream_verdict", ATTACH(SK_SKB, SK_SKB_STREAM_VERDICT)},
	{"sk_skb-verdict", ATTACH(SK_SKB, SK_SKB_VERDICT)},
	{"sk_reuseport-select_or_migrate", ATTACH(SK_REUSEPORT, SK_REUSEPORT_SELECT_OR_MIGRATE)},
	{"xdp-devmap", ATTACH(XDP, XDP_DEVMAP)},
	{"xdp-cpumap", ATTACH(XDP, XDP_CPUMAP)},
	{0},
};
static const struct mue_axis attaches = {attach_points, NULL};

static void build_attach(struct mue_case *c, const uint64_t *at)
{
	const uint64_t as_type[] = {at[0] >> 32, at[1]};

	build(c, as_type);
	c->phases[0].attach_type = (uint32_t)at[0];
}

static const struct mue_crossing attach_types = {
	.prefix = "load/attach",
	.axes = {&attaches, &mue_axis_maps},
	.build = build_attach,
};

/* Few types may sleep; those that may are refused tries. */
static void build_sleepable(struct mue_case *c, const uint64_t *at)
{
	build(c, at);
	c->phases[0].sleepable = true;
}

static bool fits_sleepable(const uint64_t *at)
{
	return at[0] == MUE_PROG_KPROBE || at[0] == MUE_PROG_SYSCALL || at[1] == MUE_KIND_HASH;
}

static const struct mue_crossing sleepables = {
	.prefix = "load/sleepable",
	.axes = {&mue_axis_progs, &mue_axis_kinds},
	.fits = fits_sleepable,
	.build = build_sleepable,
};

/* The helper asks for no licence; some types do. */
static void build_proprietary(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[1], 4);
	mue_ask_hook(c, at[0])->proprietary = true;
	mue_ask_update(c, 1, 0x77, 0);
	mue_ask_lookup(c, 1);
}

static bool fits_proprietary(const uint64_t *at)
{
	return at[1] == MUE_KIND_HASH || !(uint32_t)at[0];
}

static const struct mue_crossing proprietary = {
	.prefix = "load/proprietary",
	.axes = {&mue_axis_hooks, &mue_axis_maps},
	.fits = fits_proprietary,
	.build = build_proprietary,
};

void mue_each_load(struct mue_sink *s)
{
	mue_cross(s, &types);
	mue_cross(s, &attach_types);
	mue_cross(s, &sleepables);
	mue_cross(s, &proprietary);
}
