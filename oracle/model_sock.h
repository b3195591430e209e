/* Sockets, in the model: what they are, and what becomes of them (semantics K). Inside the oracle only. */
#ifndef MUE_ORACLE_MODEL_SOCK_H
#define MUE_ORACLE_MODEL_SOCK_H

#include "cases/socks.h"
#include "cases/world.h"

enum model_sock_state {
	MODEL_SOCK_CLOSED,
	MODEL_SOCK_BOUND,
	MODEL_SOCK_LISTEN,
	MODEL_SOCK_CONNECTED,
	MODEL_SOCK_WE_CLOSED,	/* our half of a TCP connection */
	MODEL_SOCK_PEER_CLOSED, /* the other half */
	MODEL_SOCK_WAITS,	/* both: the socket is closed, and a remainder waits */
};

struct model_sock {
	uint32_t number; /* 0: the event's */
	enum mue_sock_family family;
	enum mue_sock_proto proto;
	enum model_sock_state state;
	bool gone;	/* its descriptor is closed */
	bool stored;	/* in the sockmap that programs look in (K6) */
	bool remainder; /* no full socket */
};

struct model_socks {
	const struct mue_world *world;
	uint32_t n;
	struct model_sock socks[MUE_SOCKS_MAX];
	struct model_sock event, rest;
};

/* The sockets of a case as they are made. */
void model_socks_init(struct model_socks *s, const struct mue_world *w, const struct mue_case *c);
/* K4: does what the op says; true when the socket leaves all maps by it. */
bool model_socks_op(struct model_socks *s, const struct mue_op *op);
/* K6: the socket that an update step passes, or NULL where it finds none. */
const struct model_sock *model_socks_step(struct model_socks *s, const struct mue_case *c,
					  const struct mue_phase *p, const struct mue_op *op);

/* K1: the socket that a user-side value means. 0 or -errno. */
int model_socks_number(struct model_socks *s, uint64_t number, const struct model_sock **k);
/* K2: whether sockmaps take it: 0 or -errno. K3.5: what is found out later. */
int model_sock_fits(const struct mue_world *w, const struct model_sock *k);
int model_sock_links(const struct model_sock *k);

#endif
