/*
 * Sockets: what cases have in SOCKMAP and SOCKHASH, without a network. A socket is its state, and the
 * struct bpf_sock that programs read.
 */
#ifndef MUE_EMULATOR_SOCKS_H
#define MUE_EMULATOR_SOCKS_H

#include <linux/bpf.h>

#include "cases/socks.h"
#include "cases/world.h"

struct emu_map;

/* The case's, and the one of the event that runs a program. */
#define EMU_SOCKS_MAX (MUE_SOCKS_MAX + 1)
#define EMU_SOCK_EVENT MUE_SOCKS_MAX

enum emu_sock_state {
	EMU_SOCK_CLOSED,
	EMU_SOCK_BOUND,
	EMU_SOCK_LISTEN,
	EMU_SOCK_ESTABLISHED,
	EMU_SOCK_HALF_CLOSED, /* shut down by us */
	EMU_SOCK_HUNG_UP,     /* by the peer */
	EMU_SOCK_TIME_WAIT,   /* by both: where it was, the network has a remainder of it */
};

struct emu_sock {
	struct bpf_sock view; /* first: what a program's pointer points to */
	enum mue_sock_family family;
	enum mue_sock_proto proto;
	enum emu_sock_state state;
	bool open, remainder;
};

struct emu_socks {
	uint32_t n;
	struct emu_sock sock[EMU_SOCKS_MAX];
	/* What a lookup finds of a socket in TIME_WAIT: no full socket. Directly behind the others. */
	struct emu_sock rest[MUE_SOCKS_MAX];
	struct mue_sock_tuple tuples[MUE_SOCKS_MAX];
	/* The maps that can hold them. */
	uint32_t n_maps;
	struct emu_map *maps[MUE_MAPS_MAX + 1];
};

/* The sockets of a case, as new, and in no map. */
void emu_socks_open(struct emu_socks *s, const struct mue_case *c);
/* Makes a map known. */
void emu_socks_add_map(struct emu_socks *s, struct emu_map *m);
/* Takes a socket out of all maps. NULL is fine. */
void emu_socks_leave(struct emu_socks *s, const struct emu_sock *k);
/*
 * Before a phase runs: the socket in the context, or NULL. It is the event's, and goes with it, or an iterator's
 * first; `stored` is the sockmap that programs look in, or NULL.
 */
struct emu_sock *emu_socks_event(struct emu_socks *s, const struct mue_phase *p,
				 struct emu_map *stored);
/* The event is over: its own socket leaves all maps. */
void emu_socks_event_over(struct emu_socks *s, const struct emu_sock *k);
/*
 * Does what an op on a socket says. When it is closed it leaves all maps; with older kernels also when it
 * leaves the network's tables.
 */
void emu_socks_op(struct emu_socks *s, const struct mue_world *w, const struct mue_op *op);

/* bpf_sk_lookup_tcp, bpf_sk_lookup_udp: the socket or NULL; `common` finds remainders, too. */
struct emu_sock *emu_socks_find(struct emu_socks *s, const struct mue_sock_tuple *t,
				enum mue_sock_proto proto, bool common);

/* Whether sockmaps take it: 0 or -errno. */
int emu_sock_suitable(const struct emu_sock *k, const struct mue_world *w);
/* What comes after the checks of flags and index: 0 or -errno. */
int emu_sock_link(const struct emu_sock *k);

/* What a number means to the syscall: a socket, or -errno. */
int emu_socks_of_number(struct emu_socks *s, uint64_t number, struct emu_sock **k);

#endif
