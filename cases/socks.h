/*
 * The sockets of a case: the values of SOCKMAP and SOCKHASH. There a value is the number, in little
 * endian, of a socket of the case: 1 is the first. What else the number can be:
 * the socket of the event that runs the program (0, in answers), or nothing.
 */
#ifndef MUE_CASES_SOCKS_H
#define MUE_CASES_SOCKS_H

#include "cases/case.h"
#include "cases/lower.h"

enum mue_sock_family {
	MUE_SOCK_FAMILY_NONE,
	MUE_SOCK_FAMILY_INET,
	MUE_SOCK_FAMILY_INET6,
	MUE_SOCK_FAMILY_UNIX,
	MUE_SOCK_FAMILY_VSOCK,
	MUE_SOCK_FAMILY_OTHER,
};
enum mue_sock_proto {
	MUE_SOCK_PROTO_OTHER,
	MUE_SOCK_PROTO_TCP,
	MUE_SOCK_PROTO_UDP,
	MUE_SOCK_PROTO_STREAM,
	MUE_SOCK_PROTO_DGRAM,
	MUE_SOCK_PROTO_SEQPACKET,
};
enum mue_sock_state {
	MUE_SOCK_STATE_CLOSED,
	MUE_SOCK_STATE_BOUND,
	MUE_SOCK_STATE_LISTEN,
	MUE_SOCK_STATE_ESTABLISHED,
};

struct mue_sock_row {
	const char *name;
	enum mue_sock_family family;
	enum mue_sock_proto proto;
	enum mue_sock_state state;
};
/* By enum mue_sock_kind. */
extern const struct mue_sock_row mue_sock_rows[MUE_SOCKS];

/* Whether values of a map type are sockets. */
bool mue_map_holds_socks(unsigned map_type);
/* Whether a step's value is a pointer to a socket: one of the origins for sockets. */
bool mue_origin_is_sock(unsigned origin);
/* Whether an op is about a socket, and no map. */
bool mue_op_is_sock(unsigned kind);

/* The number that a value of `size` bytes says. */
uint64_t mue_sock_number(const struct mue_bytes *value, uint32_t size);
/* The case's socket of that number, as an index, or -1. */
int mue_sock_of(const struct mue_case *c, uint64_t number);

/*
 * Where a program type's context has its socket, or -1: `sk` of the uapi's struct; of an iterator (enum mue_via),
 * the member of its context.
 */
int mue_ctx_sk(unsigned prog_type, unsigned via);

/* What a program phase finds there when it runs. */
enum mue_event_sock {
	MUE_EVENT_SOCK_NONE,  /* NULL */
	MUE_EVENT_SOCK_UNFIT, /* a socket that no sockmap takes: a test run's, a packet socket */
	MUE_EVENT_SOCK_UDP,   /* a bound UDP socket of the event, closed when it is over */
	MUE_EVENT_SOCK_TCP,   /* the same, a TCP socket that listens */
	MUE_EVENT_SOCK_STORED,	/* the case's first, if the sockmap of MUE_HANDLE_SOCKS has it, or NULL */
	/* The case's only one, or NULL, */
	MUE_EVENT_SOCK_LISTENING, /* of TCP, and listens */
	MUE_EVENT_SOCK_ADDRESSED, /* of UDP, and has an address */
	MUE_EVENT_SOCK_LOCAL,	  /* of UNIX */
};
enum mue_event_sock mue_phase_sock(const struct mue_phase *p);

/* Whether a phase iterates over the network's sockets, of which the case must have one alone. */
bool mue_phase_iterates(const struct mue_phase *p);
/* Whether a socket, as it is made, is one that it meets; *pair: there is another end that is met, too. */
bool mue_phase_meets(const struct mue_phase *p, const struct mue_sock *sock, bool *pair);

/* What bpf_sk_lookup_* wants: struct bpf_sock_tuple of IPv4. All zero finds nothing. */
struct mue_sock_tuple {
	uint32_t saddr, daddr;
	uint16_t sport, dport;
};
/*
 * After mue_io_fill: the inputs that depend on where the runner's sockets are. tuples[i] is of the
 * case's i-th socket.
 */
void mue_io_fill_socks(void *io, const struct mue_layout *l, const struct mue_case *c,
		       uint32_t phase, const struct mue_sock_tuple *tuples);

#endif
