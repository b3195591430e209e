#include "oracle/model_sock.h"

#include <errno.h>
#include <string.h>

static enum model_sock_state state_of(const struct mue_sock_row *row)
{
	switch (row->state) {
	case MUE_SOCK_STATE_ESTABLISHED:
		return MODEL_SOCK_CONNECTED;
	case MUE_SOCK_STATE_LISTEN:
		return MODEL_SOCK_LISTEN;
	case MUE_SOCK_STATE_BOUND:
		return MODEL_SOCK_BOUND;
	default:
		return MODEL_SOCK_CLOSED;
	}
}

void model_socks_init(struct model_socks *s, const struct mue_world *w, const struct mue_case *c)
{
	s->world = w;
	s->n = c->n_socks;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct mue_sock_row *row = &mue_sock_rows[c->socks[i].kind];
		struct model_sock *k = &s->socks[i];

		*k = (struct model_sock){.number = i + 1,
					 .family = row->family,
					 .proto = row->proto,
					 .state = state_of(row)};
		k->stored = !model_sock_fits(w, k) && !model_sock_links(k);
	}
}

/* K5 */
static bool forgets_closed(const struct model_socks *s, const struct model_sock *k)
{
	return !mue_world_has(s->world, k->proto == MUE_SOCK_PROTO_TCP
						? MUE_CHANGE_SOCKMAP_KEEPS_TCP
						: MUE_CHANGE_SOCKMAP_KEEPS_UDP);
}

/* K4, of TCP: the state after the op. */
static enum model_sock_state after(enum model_sock_state now, unsigned op)
{
	const bool connection = now == MODEL_SOCK_CONNECTED || now == MODEL_SOCK_WE_CLOSED ||
				now == MODEL_SOCK_PEER_CLOSED;

	if (op == MUE_OP_HANGUP && now == MODEL_SOCK_CONNECTED)
		return MODEL_SOCK_PEER_CLOSED;
	if (op == MUE_OP_HANGUP)
		return now == MODEL_SOCK_WE_CLOSED ? MODEL_SOCK_WAITS : now;
	if (now == MODEL_SOCK_LISTEN || (op == MUE_OP_DISCONNECT && connection))
		return MODEL_SOCK_CLOSED;
	if (op == MUE_OP_SHUTDOWN && now == MODEL_SOCK_CONNECTED)
		return MODEL_SOCK_WE_CLOSED;
	return op == MUE_OP_SHUTDOWN && now == MODEL_SOCK_PEER_CLOSED ? MODEL_SOCK_CLOSED : now;
}

bool model_socks_op(struct model_socks *s, const struct mue_op *op)
{
	struct model_sock *k = &s->socks[op->sock];
	const enum model_sock_state before = k->state;
	bool leaves = false;

	if (k->gone)
		return false;
	if (op->kind == MUE_OP_CLOSE)
		leaves = k->gone = true;
	else if (k->proto == MUE_SOCK_PROTO_TCP)
		k->state = after(before, op->kind);
	else if (k->proto == MUE_SOCK_PROTO_UDP && op->kind == MUE_OP_DISCONNECT)
		k->state = MODEL_SOCK_CLOSED;
	if (k->state != before && (k->state == MODEL_SOCK_CLOSED || k->state == MODEL_SOCK_WAITS))
		leaves |= forgets_closed(s, k);
	k->stored &= !leaves;
	return leaves;
}

int model_socks_number(struct model_socks *s, uint64_t number, const struct model_sock **k)
{
	if (number > INT32_MAX)
		return -EINVAL;
	if (!number || number > s->n || s->socks[number - 1].gone)
		return -EBADF;
	*k = &s->socks[number - 1];
	return (*k)->family == MUE_SOCK_FAMILY_NONE ? -ENOTSOCK : 0;
}

/* Whether the kernel knows how to put sockets of this kind into a sockmap. */
static bool is_known(const struct mue_world *w, const struct model_sock *k)
{
	switch (k->family) {
	case MUE_SOCK_FAMILY_INET:
	case MUE_SOCK_FAMILY_INET6:
		return k->proto != MUE_SOCK_PROTO_OTHER;
	case MUE_SOCK_FAMILY_UNIX:
		return mue_world_has(w, MUE_CHANGE_SOCKMAP_UNIX);
	case MUE_SOCK_FAMILY_VSOCK:
		return mue_world_has(w, MUE_CHANGE_SOCKMAP_VSOCK);
	default:
		return false;
	}
}

static bool in_state(const struct mue_world *w, const struct model_sock *k)
{
	const bool any_udp = !mue_world_has(w, MUE_CHANGE_SOCKMAP_BOUND_UDP);

	if (k->proto == MUE_SOCK_PROTO_TCP)
		return k->state == MODEL_SOCK_CONNECTED || k->state == MODEL_SOCK_LISTEN;
	if (k->proto == MUE_SOCK_PROTO_UDP)
		return any_udp || k->state != MODEL_SOCK_CLOSED;
	if (k->family == MUE_SOCK_FAMILY_VSOCK || k->proto == MUE_SOCK_PROTO_STREAM)
		return k->state == MODEL_SOCK_CONNECTED;
	return true;
}

int model_sock_fits(const struct mue_world *w, const struct model_sock *k)
{
	if (k->remainder)
		return -EINVAL;
	return is_known(w, k) && in_state(w, k) ? 0 : -EOPNOTSUPP;
}

int model_sock_links(const struct model_sock *k)
{
	if (k->family == MUE_SOCK_FAMILY_UNIX && k->proto == MUE_SOCK_PROTO_SEQPACKET)
		return -EOPNOTSUPP;
	return 0;
}

/* What a lookup in the network finds: IPv4 only. */
static const struct model_sock *find(struct model_socks *s, const struct model_sock *k,
				     enum mue_sock_proto proto, bool common)
{
	if (k->gone || k->family != MUE_SOCK_FAMILY_INET || k->proto != proto ||
	    k->state == MODEL_SOCK_CLOSED)
		return NULL;
	if (proto == MUE_SOCK_PROTO_TCP && k->state == MODEL_SOCK_BOUND)
		return NULL;
	if (k->state != MODEL_SOCK_WAITS)
		return k;
	s->rest = (struct model_sock){.remainder = true};
	return common ? &s->rest : NULL;
}

/* K6: whether an iterator meets it. */
static bool is_met(const struct model_sock *k, enum mue_event_sock event)
{
	if (event == MUE_EVENT_SOCK_STORED) /* it begins with the first place, taken or not */
		return k->stored && k->number == 1;
	if (k->gone)
		return false;
	if (event == MUE_EVENT_SOCK_LOCAL)
		return k->family == MUE_SOCK_FAMILY_UNIX;
	if (event == MUE_EVENT_SOCK_LISTENING)
		return k->proto == MUE_SOCK_PROTO_TCP && k->state == MODEL_SOCK_LISTEN;
	return k->proto == MUE_SOCK_PROTO_UDP && k->state != MODEL_SOCK_CLOSED;
}

static const struct model_sock *find_first(const struct model_socks *s, enum mue_event_sock event)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (is_met(&s->socks[i], event))
			return &s->socks[i];
	return NULL;
}

static const struct model_sock *find_event(struct model_socks *s, const struct mue_phase *p)
{
	s->event = (struct model_sock){.family = MUE_SOCK_FAMILY_INET};
	switch (mue_phase_sock(p)) {
	case MUE_EVENT_SOCK_NONE:
		return NULL;
	case MUE_EVENT_SOCK_UNFIT:
		break;
	case MUE_EVENT_SOCK_UDP:
		s->event.proto = MUE_SOCK_PROTO_UDP;
		s->event.state = MODEL_SOCK_BOUND;
		break;
	case MUE_EVENT_SOCK_TCP:
		s->event.proto = MUE_SOCK_PROTO_TCP;
		s->event.state = MODEL_SOCK_LISTEN;
		break;
	default:
		return find_first(s, mue_phase_sock(p));
	}
	return &s->event;
}

const struct model_sock *model_socks_step(struct model_socks *s, const struct mue_case *c,
					  const struct mue_phase *p, const struct mue_op *op)
{
	int i = mue_sock_of(c, mue_sock_number(&op->value, c->maps[op->map].value_size));

	if (op->value_from == MUE_ORIGIN_CTX_SK)
		return find_event(s, p);
	if (i < 0)
		return NULL;
	switch (op->value_from) {
	case MUE_ORIGIN_SOCKMAP:
		return s->socks[i].stored ? &s->socks[i] : NULL;
	case MUE_ORIGIN_SK_LOOKUP_UDP:
		return find(s, &s->socks[i], MUE_SOCK_PROTO_UDP, false);
	case MUE_ORIGIN_SKC_LOOKUP_TCP:
		return find(s, &s->socks[i], MUE_SOCK_PROTO_TCP, true);
	default:
		return find(s, &s->socks[i], MUE_SOCK_PROTO_TCP, false);
	}
}
