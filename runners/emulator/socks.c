#include "runners/emulator/socks.h"

#include <errno.h>
#include <string.h>

#include "runners/emulator/maps/kinds.h"

/* Where the n-th socket can be found; the peer's side does not matter. */
#define PORT_BASE 1000

static struct mue_sock_tuple tuple_of(uint32_t i, enum mue_sock_family family)
{
	if (family != MUE_SOCK_FAMILY_INET)
		return (struct mue_sock_tuple){0};
	return (struct mue_sock_tuple){.daddr = 1, .dport = PORT_BASE + i};
}

void emu_socks_open(struct emu_socks *s, const struct mue_case *c)
{
	static const enum emu_sock_state states[] = {
		[MUE_SOCK_STATE_CLOSED] = EMU_SOCK_CLOSED,
		[MUE_SOCK_STATE_BOUND] = EMU_SOCK_BOUND,
		[MUE_SOCK_STATE_LISTEN] = EMU_SOCK_LISTEN,
		[MUE_SOCK_STATE_ESTABLISHED] = EMU_SOCK_ESTABLISHED,
	};

	s->n = c->n_socks;
	s->n_maps = 0;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct mue_sock_row *row = &mue_sock_rows[c->socks[i].kind];

		s->sock[i] = (struct emu_sock){
			.view.mark = i + 1,
			.family = row->family,
			.proto = row->proto,
			.state = states[row->state],
			.open = true,
		};
		s->rest[i] = (struct emu_sock){.remainder = true, .open = true};
		s->tuples[i] = tuple_of(i, row->family);
	}
}

void emu_socks_add_map(struct emu_socks *s, struct emu_map *m)
{
	s->maps[s->n_maps++] = m;
}

void emu_socks_leave(struct emu_socks *s, const struct emu_sock *k)
{
	for (uint32_t i = 0; k && i < s->n_maps; i++)
		emu_sockmap_forget(s->maps[i], k);
}

/* Whether an iterator of the network's sockets meets it. */
static bool is_met(const struct emu_sock *k, enum mue_event_sock event)
{
	switch (event) {
	case MUE_EVENT_SOCK_LISTENING:
		return k->proto == MUE_SOCK_PROTO_TCP && k->state == EMU_SOCK_LISTEN;
	case MUE_EVENT_SOCK_ADDRESSED:
		return k->proto == MUE_SOCK_PROTO_UDP && k->state != EMU_SOCK_CLOSED;
	default:
		return k->family == MUE_SOCK_FAMILY_UNIX;
	}
}

static struct emu_sock *first_met(struct emu_socks *s, enum mue_event_sock event)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (s->sock[i].open && is_met(&s->sock[i], event))
			return &s->sock[i];
	return NULL;
}

void emu_socks_event_over(struct emu_socks *s, const struct emu_sock *k)
{
	if (k == &s->sock[EMU_SOCK_EVENT])
		emu_socks_leave(s, k);
}

struct emu_sock *emu_socks_event(struct emu_socks *s, const struct mue_phase *p,
				 struct emu_map *stored)
{
	static const struct emu_sock socks[] = {
		[MUE_EVENT_SOCK_UNFIT] = {.family = MUE_SOCK_FAMILY_OTHER, .open = true},
		[MUE_EVENT_SOCK_UDP] = {.family = MUE_SOCK_FAMILY_INET,
					.proto = MUE_SOCK_PROTO_UDP,
					.state = EMU_SOCK_BOUND,
					.open = true},
		[MUE_EVENT_SOCK_TCP] = {.family = MUE_SOCK_FAMILY_INET,
					.proto = MUE_SOCK_PROTO_TCP,
					.state = EMU_SOCK_LISTEN,
					.open = true},
	};
	enum mue_event_sock event = mue_phase_sock(p);

	if (event == MUE_EVENT_SOCK_NONE)
		return NULL;
	if (event == MUE_EVENT_SOCK_STORED)
		return stored ? emu_sockmap_first(stored) : NULL;
	if (event > MUE_EVENT_SOCK_STORED)
		return first_met(s, event);
	s->sock[EMU_SOCK_EVENT] = socks[event];
	return &s->sock[EMU_SOCK_EVENT];
}

/* Older kernels take a socket out of its sockmaps when it leaves the network's tables. */
static bool unhashed(struct emu_sock *k, const struct mue_world *w, enum emu_sock_state now)
{
	const bool was_in = k->state != EMU_SOCK_CLOSED, tcp = k->proto == MUE_SOCK_PROTO_TCP;

	k->state = now;
	return was_in &&
	       !mue_world_has(w, tcp ? MUE_CHANGE_SOCKMAP_KEEPS_TCP : MUE_CHANGE_SOCKMAP_KEEPS_UDP);
}

static bool tcp_op(struct emu_sock *k, const struct mue_world *w, unsigned kind)
{
	switch (k->state) {
	case EMU_SOCK_ESTABLISHED:
		if (kind == MUE_OP_DISCONNECT)
			return unhashed(k, w, EMU_SOCK_CLOSED);
		k->state = kind == MUE_OP_HANGUP ? EMU_SOCK_HUNG_UP : EMU_SOCK_HALF_CLOSED;
		return false;
	case EMU_SOCK_HALF_CLOSED:
		if (kind == MUE_OP_HANGUP)
			return unhashed(k, w, EMU_SOCK_TIME_WAIT);
		return kind == MUE_OP_DISCONNECT && unhashed(k, w, EMU_SOCK_CLOSED);
	case EMU_SOCK_HUNG_UP:
		return kind != MUE_OP_HANGUP && unhashed(k, w, EMU_SOCK_CLOSED);
	case EMU_SOCK_LISTEN:
		return kind != MUE_OP_HANGUP && unhashed(k, w, EMU_SOCK_CLOSED);
	default:
		return false;
	}
}

/* A port that the kernel has chosen is given back. */
static bool udp_op(struct emu_sock *k, const struct mue_world *w, unsigned kind)
{
	return kind == MUE_OP_DISCONNECT && unhashed(k, w, EMU_SOCK_CLOSED);
}

static bool leaves(struct emu_sock *k, const struct mue_world *w, unsigned kind)
{
	if (kind == MUE_OP_CLOSE) {
		k->open = false;
		return true;
	}
	if (k->proto == MUE_SOCK_PROTO_TCP)
		return tcp_op(k, w, kind);
	return k->proto == MUE_SOCK_PROTO_UDP && udp_op(k, w, kind);
}

void emu_socks_op(struct emu_socks *s, const struct mue_world *w, const struct mue_op *op)
{
	struct emu_sock *k = &s->sock[op->sock];

	if (k->open && leaves(k, w, op->kind))
		emu_socks_leave(s, k);
}

struct emu_sock *emu_socks_find(struct emu_socks *s, const struct mue_sock_tuple *t,
				enum mue_sock_proto proto, bool common)
{
	for (uint32_t i = 0; i < s->n; i++) {
		struct emu_sock *k = &s->sock[i];

		if (k->proto != proto || !t->dport || memcmp(t, &s->tuples[i], sizeof(*t)))
			continue;
		if (k->state == EMU_SOCK_TIME_WAIT)
			return common ? &s->rest[i] : NULL;
		if (!k->open || k->state == EMU_SOCK_CLOSED ||
		    (proto == MUE_SOCK_PROTO_TCP && k->state == EMU_SOCK_BOUND))
			return NULL;
		return k;
	}
	return NULL;
}

static bool has_hook(const struct emu_sock *k, const struct mue_world *w)
{
	switch (k->family) {
	case MUE_SOCK_FAMILY_INET:
	case MUE_SOCK_FAMILY_INET6:
		return k->proto == MUE_SOCK_PROTO_TCP || k->proto == MUE_SOCK_PROTO_UDP;
	case MUE_SOCK_FAMILY_UNIX:
		return mue_world_has(w, MUE_CHANGE_SOCKMAP_UNIX);
	case MUE_SOCK_FAMILY_VSOCK:
		return mue_world_has(w, MUE_CHANGE_SOCKMAP_VSOCK);
	default:
		return false;
	}
}

int emu_sock_suitable(const struct emu_sock *k, const struct mue_world *w)
{
	bool fine = true;

	if (k->remainder)
		return -EINVAL;
	if (!has_hook(k, w))
		return -EOPNOTSUPP;
	if (k->proto == MUE_SOCK_PROTO_TCP)
		fine = k->state == EMU_SOCK_ESTABLISHED || k->state == EMU_SOCK_LISTEN;
	else if (k->proto == MUE_SOCK_PROTO_UDP)
		fine = k->state != EMU_SOCK_CLOSED ||
		       !mue_world_has(w, MUE_CHANGE_SOCKMAP_BOUND_UDP);
	else if (k->proto == MUE_SOCK_PROTO_STREAM || k->family == MUE_SOCK_FAMILY_VSOCK)
		fine = k->state == EMU_SOCK_ESTABLISHED;
	return fine ? 0 : -EOPNOTSUPP;
}

int emu_sock_link(const struct emu_sock *k)
{
	return k->family == MUE_SOCK_FAMILY_UNIX && k->proto == MUE_SOCK_PROTO_SEQPACKET
		       ? -EOPNOTSUPP
		       : 0;
}

int emu_socks_of_number(struct emu_socks *s, uint64_t number, struct emu_sock **k)
{
	if (number > INT32_MAX)
		return -EINVAL;
	if (!number || number > s->n || !s->sock[number - 1].open)
		return -EBADF;
	*k = &s->sock[number - 1];
	return (*k)->family == MUE_SOCK_FAMILY_NONE ? -ENOTSOCK : 0;
}
