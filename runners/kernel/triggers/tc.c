/* tc programs: classifiers and actions of a clsact qdisc, TCX, netkit. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/tc_act/tc_bpf.h>

#include "cases/insn.h"
#include "runners/kernel/triggers/frames.h"
#include "runners/kernel/triggers/netlink.h"

static int prepare(struct mue_scene *s)
{
	int err = mue_frames_veth(s);

	if (!err)
		err = mue_frames_socket(s);
	return err < 0 ? err : 0;
}

static bool is_egress(const struct mue_scene *s)
{
	return s->row->via == MUE_VIA_PACKET_OUT || s->row->attach_type == MUE_ATTACH_TCX_EGRESS;
}

/* Frames leave one interface and come in at the other. */
static uint32_t interface_of(const struct mue_scene *s)
{
	return s->veth[is_egress(s) ? MUE_FRAMES_FROM : MUE_FRAMES_TO];
}

static int send_frame(struct mue_scene *s)
{
	return mue_frames_send(s, s->fds[0], s->veth[MUE_FRAMES_FROM]);
}

static int ask_clsact(const struct mue_scene *s, uint16_t type, uint16_t flags)
{
	const struct tcmsg which = {.tcm_ifindex = interface_of(s),
				    .tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
				    .tcm_parent = TC_H_CLSACT};
	struct mue_netlink m;

	mue_netlink_begin(&m, type, flags, &which, sizeof(which));
	mue_netlink_put_text(&m, TCA_KIND, "clsact");
	return mue_netlink_ask(&m);
}

/* Begins a bpf filter for all frames; its options are open. */
static size_t begin_filter(const struct mue_scene *s, struct mue_netlink *m)
{
	const struct tcmsg which = {
		.tcm_ifindex = interface_of(s),
		.tcm_parent = TC_H_MAKE(TC_H_CLSACT, is_egress(s) ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS),
		.tcm_info = TC_H_MAKE(1 << 16, htons(ETH_P_ALL))};

	mue_netlink_begin(m, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &which, sizeof(which));
	mue_netlink_put_text(m, TCA_KIND, "bpf");
	return mue_netlink_nest(m, TCA_OPTIONS);
}

static int attach_classifier(struct mue_scene *s)
{
	struct mue_netlink m;
	size_t options;
	int err = ask_clsact(s, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL);

	if (err)
		return err;
	options = begin_filter(s, &m);
	mue_netlink_put_u32(&m, TCA_BPF_FD, s->prog);
	mue_netlink_put_text(&m, TCA_BPF_NAME, "mue");
	mue_netlink_put_u32(&m, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	mue_netlink_unnest(&m, options);
	return mue_netlink_ask(&m);
}

/* The filters go with the qdisc. */
static void detach(struct mue_scene *s)
{
	ask_clsact(s, RTM_DELQDISC, 0);
}

const struct mue_trigger mue_trigger_clsact = {prepare, attach_classifier, send_frame, detach};

/* A filter that takes every frame. */
static int load_taking(struct mue_scene *s)
{
	const struct bpf_insn take[] = {MUE_MOV64_IMM(BPF_REG_0, -1), MUE_EXIT()};
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, NULL, "GPL", take, 2, NULL);

	return fd < 0 ? fd : mue_scene_keep(s, fd);
}

static void put_action(struct mue_netlink *m, int prog)
{
	const struct tc_act_bpf parameters = {.action = TC_ACT_PIPE};
	size_t actions = mue_netlink_nest(m, TCA_BPF_ACT), first = mue_netlink_nest(m, 1), options;

	mue_netlink_put_text(m, TCA_ACT_KIND, "bpf");
	options = mue_netlink_nest(m, TCA_ACT_OPTIONS);
	mue_netlink_put(m, TCA_ACT_BPF_PARMS, &parameters, sizeof(parameters));
	mue_netlink_put_u32(m, TCA_ACT_BPF_FD, prog);
	mue_netlink_put_text(m, TCA_ACT_BPF_NAME, "mue");
	mue_netlink_unnest(m, options);
	mue_netlink_unnest(m, first);
	mue_netlink_unnest(m, actions);
}

static int attach_action(struct mue_scene *s)
{
	struct mue_netlink m;
	size_t options;
	int filter = load_taking(s), err;

	err = filter < 0 ? filter : ask_clsact(s, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL);
	if (err)
		return err;
	options = begin_filter(s, &m);
	put_action(&m, s->prog);
	mue_netlink_put_u32(&m, TCA_BPF_FD, filter);
	mue_netlink_put_text(&m, TCA_BPF_NAME, "mue");
	mue_netlink_unnest(&m, options);
	err = mue_netlink_ask(&m);
	return err == -ENOENT ? -EOPNOTSUPP : err; /* no such kind of action */
}

const struct mue_trigger mue_trigger_action = {prepare, attach_action, send_frame, detach};

static int attach_tcx(struct mue_scene *s)
{
	return mue_scene_link(s, interface_of(s));
}

const struct mue_trigger mue_trigger_tcx = {prepare, attach_tcx, send_frame};

/* Both programs are attached at the first interface; each sees what its own sends. */
static unsigned netkit_sender(const struct mue_scene *s)
{
	return s->row->attach_type == MUE_ATTACH_NETKIT_PEER ? MUE_FRAMES_TO : MUE_FRAMES_FROM;
}

static int prepare_netkit(struct mue_scene *s)
{
	int err = mue_frames_netkit(s, netkit_sender(s));

	if (!err)
		err = mue_frames_socket(s);
	return err < 0 ? err : 0;
}

static int attach_netkit(struct mue_scene *s)
{
	return mue_scene_link(s, s->netkit[MUE_FRAMES_FROM]);
}

static int send_netkit(struct mue_scene *s)
{
	return mue_frames_send(s, s->fds[0], s->netkit[netkit_sender(s)]);
}

const struct mue_trigger mue_trigger_netkit = {prepare_netkit, attach_netkit, send_netkit};
