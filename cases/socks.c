#include "cases/socks.h"

#include <linux/bpf.h>
#include <stddef.h>
#include <string.h>

#include "cases/attach.h"

const struct mue_sock_row mue_sock_rows[MUE_SOCKS] = {
#define MUE_SOCK(ID, name, family, proto, state) \
	{name, MUE_SOCK_FAMILY_##family, MUE_SOCK_PROTO_##proto, MUE_SOCK_STATE_##state},
#include "cases/socks.def"
#undef MUE_SOCK
};

bool mue_map_holds_socks(unsigned map_type)
{
	const struct mue_map_type_row *row = mue_map_type_row(map_type);

	return row && row->class == MUE_CLASS_SOCK;
}

bool mue_origin_is_sock(unsigned origin)
{
	switch (origin) {
	case MUE_ORIGIN_SOCKMAP:
	case MUE_ORIGIN_SK_LOOKUP_TCP:
	case MUE_ORIGIN_SK_LOOKUP_UDP:
	case MUE_ORIGIN_SKC_LOOKUP_TCP:
	case MUE_ORIGIN_TCP_SOCK:
	case MUE_ORIGIN_CTX_SK:
	case MUE_ORIGIN_SK_OR_NULL:
	case MUE_ORIGIN_SK_RELEASED:
	case MUE_ORIGIN_CTX_SK_OR_NULL:
		return true;
	default:
		return false;
	}
}

bool mue_op_is_sock(unsigned kind)
{
	return kind == MUE_OP_CLOSE || kind == MUE_OP_SHUTDOWN || kind == MUE_OP_DISCONNECT ||
	       kind == MUE_OP_HANGUP;
}

uint64_t mue_sock_number(const struct mue_bytes *value, uint32_t size)
{
	uint64_t number = 0;

	mue_bytes_resolve(value, (uint8_t *)&number, size < sizeof(number) ? size : sizeof(number));
	return number;
}

int mue_sock_of(const struct mue_case *c, uint64_t number)
{
	return number && number <= c->n_socks ? (int)number - 1 : -1;
}

/* The contexts of iterators, as their programs see them: pointers. */
static int iter_sk(unsigned via)
{
	enum { META, MAP, KEY, SK };

	switch (via) {
	case MUE_VIA_ITER_SOCKMAP:
		return 8 * SK;
	case MUE_VIA_ITER_TCP:
	case MUE_VIA_ITER_UDP:
	case MUE_VIA_ITER_UNIX:
		return 8; /* directly behind META */
	default:
		return -1;
	}
}

int mue_ctx_sk(unsigned prog_type, unsigned via)
{
	switch (prog_type) {
	case MUE_PROG_TRACING:
		return iter_sk(via);
	case MUE_PROG_SOCKET_FILTER:
	case MUE_PROG_SCHED_CLS:
	case MUE_PROG_SCHED_ACT:
	case MUE_PROG_CGROUP_SKB:
	case MUE_PROG_LWT_IN:
	case MUE_PROG_LWT_OUT:
	case MUE_PROG_LWT_XMIT:
	case MUE_PROG_LWT_SEG6LOCAL:
	case MUE_PROG_SK_SKB:
	case MUE_PROG_FLOW_DISSECTOR: /* its verifier refuses it */
		return offsetof(struct __sk_buff, sk);
	case MUE_PROG_CGROUP_SOCK_ADDR:
		return offsetof(struct bpf_sock_addr, sk);
	case MUE_PROG_SOCK_OPS:
		return offsetof(struct bpf_sock_ops, sk);
	case MUE_PROG_SK_MSG:
		return offsetof(struct sk_msg_md, sk);
	case MUE_PROG_SK_REUSEPORT:
		return offsetof(struct sk_reuseport_md, sk);
	case MUE_PROG_CGROUP_SOCKOPT:
		return offsetof(struct bpf_sockopt, sk);
	case MUE_PROG_SK_LOOKUP:
		return offsetof(struct bpf_sk_lookup, sk);
	default:
		return -1;
	}
}

/* What the real events of program types that may write sockmaps have in their contexts. */
static const struct {
	uint32_t prog_type, via, attach_type;
	enum mue_event_sock sock;
} events[] = {
	{MUE_PROG_SOCKET_FILTER, MUE_VIA_PACKET, 0, MUE_EVENT_SOCK_UDP},
	{MUE_PROG_SK_REUSEPORT, MUE_VIA_DEFAULT, MUE_ATTACH_SK_REUSEPORT_SELECT,
	 MUE_EVENT_SOCK_UDP},
	/* The listener that is being closed. */
	{MUE_PROG_SK_REUSEPORT, MUE_VIA_DEFAULT, MUE_ATTACH_SK_REUSEPORT_SELECT_OR_MIGRATE,
	 MUE_EVENT_SOCK_UNFIT},
	/* The sender's: a packet socket. */
	{MUE_PROG_SCHED_CLS, MUE_VIA_PACKET, 0, MUE_EVENT_SOCK_UNFIT},
	{MUE_PROG_SCHED_CLS, MUE_VIA_PACKET_OUT, 0, MUE_EVENT_SOCK_UNFIT},
	{MUE_PROG_SCHED_CLS, MUE_VIA_PACKET, MUE_ATTACH_TCX_INGRESS, MUE_EVENT_SOCK_UNFIT},
	{MUE_PROG_SCHED_CLS, MUE_VIA_PACKET, MUE_ATTACH_TCX_EGRESS, MUE_EVENT_SOCK_UNFIT},
	{MUE_PROG_SCHED_ACT, MUE_VIA_PACKET, 0, MUE_EVENT_SOCK_UNFIT},
	{MUE_PROG_TRACING, MUE_VIA_ITER_SOCKMAP, MUE_ATTACH_TRACE_ITER, MUE_EVENT_SOCK_STORED},
	{MUE_PROG_TRACING, MUE_VIA_ITER_TCP, MUE_ATTACH_TRACE_ITER, MUE_EVENT_SOCK_LISTENING},
	{MUE_PROG_TRACING, MUE_VIA_ITER_UDP, MUE_ATTACH_TRACE_ITER, MUE_EVENT_SOCK_ADDRESSED},
	{MUE_PROG_TRACING, MUE_VIA_ITER_UNIX, MUE_ATTACH_TRACE_ITER, MUE_EVENT_SOCK_LOCAL},
};

enum mue_event_sock mue_phase_sock(const struct mue_phase *p)
{
	const uint32_t attach = mue_phase_attach(p);

	if (mue_phase_test_run(p))
		return p->prog_type == MUE_PROG_SK_LOOKUP ? MUE_EVENT_SOCK_NONE
							  : MUE_EVENT_SOCK_UNFIT;
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (events[i].prog_type == p->prog_type && events[i].via == p->trigger &&
		    events[i].attach_type == attach)
			return events[i].sock;
	return MUE_EVENT_SOCK_NONE;
}

bool mue_phase_iterates(const struct mue_phase *p)
{
	return p->trigger == MUE_VIA_ITER_TCP || p->trigger == MUE_VIA_ITER_UDP ||
	       p->trigger == MUE_VIA_ITER_UNIX;
}

bool mue_phase_meets(const struct mue_phase *p, const struct mue_sock *sock, bool *pair)
{
	const struct mue_sock_row *row = &mue_sock_rows[sock->kind];

	*pair = row->state == MUE_SOCK_STATE_ESTABLISHED;
	switch (p->trigger) {
	case MUE_VIA_ITER_TCP:
		return row->proto == MUE_SOCK_PROTO_TCP &&
		       (row->state == MUE_SOCK_STATE_LISTEN || *pair);
	case MUE_VIA_ITER_UDP:
		return row->proto == MUE_SOCK_PROTO_UDP && row->state != MUE_SOCK_STATE_CLOSED;
	default:
		return row->family == MUE_SOCK_FAMILY_UNIX;
	}
}

void mue_io_fill_socks(void *io, const struct mue_layout *l, const struct mue_case *c,
		       uint32_t phase, const struct mue_sock_tuple *tuples)
{
	static const struct mue_sock_tuple nowhere;
	const struct mue_phase *p = &c->phases[phase];

	for (uint32_t i = 0; i < p->count; i++) {
		const struct mue_op *op = &c->ops[p->first + i];
		const uint32_t size = c->maps[op->map].value_size;
		int sock;

		if (op->kind != MUE_OP_UPDATE || !mue_origin_is_sock(op->value_from))
			continue;
		sock = mue_sock_of(c, mue_sock_number(&op->value, size));
		memcpy((char *)io + l->steps[i].tuple, sock < 0 ? &nowhere : &tuples[sock],
		       sizeof(nowhere));
	}
}
