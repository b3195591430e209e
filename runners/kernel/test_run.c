/* BPF_PROG_TEST_RUN: one row a program type, one function a way of feeding it. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <bpf/bpf.h>

#include "runners/kernel/host.h"

static void give_packet(struct mue_host *h, const struct mue_case *c, uint32_t phase,
			uint32_t packet_size, struct mue_host_input *in)
{
	in->data = h->packet;
	in->data_size = packet_size;
	in->repeat = 1;
}

/* Asks for a family; all else of a lookup may be zero. */
static void give_sk_lookup(struct mue_host *h, const struct mue_case *c, uint32_t phase,
			   uint32_t packet_size, struct mue_host_input *in)
{
	static const struct bpf_sk_lookup ctx = {.family = AF_INET};

	in->ctx = &ctx;
	in->ctx_size = sizeof(ctx);
	in->repeat = 1;
}

/* Takes a context and nothing else, not even a repeat count. */
static void give_raw_tp(struct mue_host *h, const struct mue_case *c, uint32_t phase,
			uint32_t packet_size, struct mue_host_input *in)
{
	static const uint64_t args[8];

	in->ctx = args;
	in->ctx_size = sizeof(args);
}

/* Its context is what it is given, and comes back changed. */
static void give_context(struct mue_host *h, const struct mue_case *c, uint32_t phase,
			 uint32_t packet_size, struct mue_host_input *in)
{
	static uint8_t ctx[MUE_CONTEXT_MAX];

	in->ctx_size = mue_context_size(c, phase);
	in->ctx = in->ctx_size ? ctx : NULL;
}

/* What BPF_PROG_TEST_RUN is given for programs of a type. */
typedef void give_fn(struct mue_host *h, const struct mue_case *c, uint32_t phase,
		     uint32_t packet_size, struct mue_host_input *in);
static give_fn *const test_runs[MUE_PROG_TYPES] = {
	[MUE_PROG_SOCKET_FILTER] = give_packet,	 [MUE_PROG_SCHED_CLS] = give_packet,
	[MUE_PROG_SCHED_ACT] = give_packet,	 [MUE_PROG_XDP] = give_packet,
	[MUE_PROG_CGROUP_SKB] = give_packet,	 [MUE_PROG_LWT_IN] = give_packet,
	[MUE_PROG_LWT_OUT] = give_packet,	 [MUE_PROG_LWT_XMIT] = give_packet,
	[MUE_PROG_RAW_TRACEPOINT] = give_raw_tp, [MUE_PROG_FLOW_DISSECTOR] = give_packet,
	[MUE_PROG_SK_LOOKUP] = give_sk_lookup,	 [MUE_PROG_SYSCALL] = give_context,
	[MUE_PROG_NETFILTER] = give_packet,
};

/* Zeros for an Ethernet header, then the payload; at least MUE_PACKET_MIN bytes. */
static uint32_t fill_packet(struct mue_host *h, const struct mue_layout *l,
			    const struct mue_case *c, uint32_t phase)
{
	uint32_t size = MUE_PACKET_HEADER + l->packet_payload;

	memset(h->packet, 0, MUE_PACKET_MIN);
	if (l->packet_payload)
		mue_packet_fill(h->packet + MUE_PACKET_HEADER, l, c, phase);
	return size < MUE_PACKET_MIN ? MUE_PACKET_MIN : size;
}

void mue_host_test_run_input(struct mue_host *h, const struct mue_host_program *p,
			     const struct mue_case *c, uint32_t phase, struct mue_host_input *in)
{
	uint32_t packet_size = fill_packet(h, p->layout, c, phase);

	*in = (struct mue_host_input){0};
	test_runs[c->phases[phase].prog_type](h, c, phase, packet_size, in);
}

static int test_run(int fd, const struct mue_host_input *in, uint32_t *retval)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in->data, .data_size_in = in->data_size,
		    .ctx_in = in->ctx, .ctx_size_in = in->ctx_size, .repeat = in->repeat);
	int err;

	do {
		err = bpf_prog_test_run_opts(fd, &opts);
	} while (err == -EINTR || err == -EAGAIN);
	*retval = opts.retval;
	return err;
}

int mue_host_test_run(struct mue_host *h, const struct mue_host_program *p,
		      const struct mue_case *c, uint32_t phase, uint32_t *retval)
{
	struct mue_host_input in;

	mue_host_test_run_input(h, p, c, phase, &in);
	return test_run(p->fd[0], &in, retval);
}
