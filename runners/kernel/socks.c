/*
 * The sockets of a case: made in the stage's network namespace, where no foreign packet comes, and held
 * here, so that they are gone with us. Each is marked with its number (SO_MARK), by which programs know it,
 * and known to us by its cookie.
 */
#include "runners/kernel/socks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "runners/kernel/triggers/net.h"

/* A descriptor that nobody has open. */
#define NO_FD INT32_MAX
/* For a state that is a packet away. */
#define STATE_TIMEOUT_MS 2000

/* What socket(2) takes for a kind. */
struct maker {
	const struct mue_sock_row *row;
	int family, type, protocol;
	int fd, peer;
};

static struct maker maker_of(unsigned kind)
{
	static const int families[] = {
		[MUE_SOCK_FAMILY_INET] = AF_INET,
		[MUE_SOCK_FAMILY_INET6] = AF_INET6,
		[MUE_SOCK_FAMILY_UNIX] = AF_UNIX,
		[MUE_SOCK_FAMILY_VSOCK] = AF_VSOCK,
	};
	static const int types[] = {
		[MUE_SOCK_PROTO_OTHER] = SOCK_RAW,	[MUE_SOCK_PROTO_TCP] = SOCK_STREAM,
		[MUE_SOCK_PROTO_UDP] = SOCK_DGRAM,	[MUE_SOCK_PROTO_STREAM] = SOCK_STREAM,
		[MUE_SOCK_PROTO_DGRAM] = SOCK_DGRAM,	[MUE_SOCK_PROTO_SEQPACKET] = SOCK_SEQPACKET,
	};
	const struct mue_sock_row *row = &mue_sock_rows[kind];
	struct maker m = {.row = row, .type = types[row->proto], .fd = -1, .peer = -1};

	if (kind == MUE_SOCK_PACKET)
		m.family = AF_PACKET;
	else if (kind == MUE_SOCK_NETLINK)
		m.family = AF_NETLINK;
	else if (row->family != MUE_SOCK_FAMILY_NONE)
		m.family = families[row->family];
	if (kind == MUE_SOCK_RAW)
		m.protocol = IPPROTO_RAW;
	return m;
}

static int open_one(const struct maker *m)
{
	int fd = socket(m->family, m->type | SOCK_CLOEXEC, m->protocol);

	return fd < 0 ? -errno : fd;
}

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_vm vm;
	struct sockaddr_storage room;
};

/*
 * Binds to an address that the kernel chooses. A machine whose vsock has no loopback refuses it here, before
 * anything is sent to the world outside.
 */
static int bind_any(const struct maker *m, int fd)
{
	struct mue_address a = mue_address_any(m->family);
	const struct sockaddr_vm vm = {.svm_family = AF_VSOCK,
				       .svm_cid = VMADDR_CID_LOCAL,
				       .svm_port = VMADDR_PORT_ANY};
	int err = m->family == AF_VSOCK ? bind(fd, (const struct sockaddr *)&vm, sizeof(vm))
					: bind(fd, &a.any, a.size);

	return err ? -errno : 0;
}

static int connect_to(int fd, int to)
{
	union address a;
	socklen_t size = sizeof(a);

	if (getsockname(to, &a.any, &size))
		return -errno;
	return connect(fd, &a.any, size) ? -errno : 0;
}

/* Both ends of a connection by way of a listener. */
static int make_stream(struct maker *m)
{
	int listener = open_one(m), err = listener < 0 ? listener : bind_any(m, listener);

	if (!err && listen(listener, 1))
		err = -errno;
	if (!err) {
		m->fd = err = open_one(m);
		err = err < 0 ? err : connect_to(m->fd, listener);
	}
	if (!err) {
		m->peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		err = m->peer < 0 ? -errno : 0;
	}
	if (listener >= 0)
		close(listener);
	return err;
}

static int make_pair(struct maker *m)
{
	int ends[2];

	if (socketpair(m->family, m->type | SOCK_CLOEXEC, m->protocol, ends))
		return -errno;
	m->fd = ends[0];
	m->peer = ends[1];
	return 0;
}

static int make_udp_pair(struct maker *m)
{
	m->peer = open_one(m);
	if (m->peer < 0)
		return m->peer;
	m->fd = open_one(m);
	if (m->fd < 0)
		return m->fd;
	return bind_any(m, m->peer) ?: bind_any(m, m->fd) ?: connect_to(m->fd, m->peer);
}

static int make_connected(struct maker *m)
{
	if (m->row->family == MUE_SOCK_FAMILY_UNIX)
		return make_pair(m);
	return m->row->proto == MUE_SOCK_PROTO_UDP ? make_udp_pair(m) : make_stream(m);
}

static int make(struct maker *m)
{
	int err;

	if (m->row->family == MUE_SOCK_FAMILY_NONE) {
		m->fd = eventfd(0, EFD_CLOEXEC);
		return m->fd < 0 ? -errno : 0;
	}
	if (m->row->state == MUE_SOCK_STATE_ESTABLISHED)
		return make_connected(m);
	m->fd = open_one(m);
	if (m->fd < 0)
		return m->fd;
	if (m->row->state == MUE_SOCK_STATE_CLOSED)
		return 0;
	err = bind_any(m, m->fd);
	if (!err && m->row->state == MUE_SOCK_STATE_LISTEN && listen(m->fd, 4))
		err = -errno;
	return err;
}

/* Closing a connection leaves no trace of it, unless that is what is asked (mue_host_socks_op). */
static void linger(int fd, bool none)
{
	const struct linger l = {.l_onoff = none};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

/* Where bpf_sk_lookup_* finds it: from the peer's address, or any, to its own. */
static struct mue_sock_tuple tuple_of(int fd)
{
	union address own = {0}, peer = {0};
	socklen_t n_own = sizeof(own), n_peer = sizeof(peer);

	if (getsockname(fd, &own.any, &n_own) || own.any.sa_family != AF_INET)
		return (struct mue_sock_tuple){0};
	if (getpeername(fd, &peer.any, &n_peer)) {
		peer.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		peer.in.sin_port = htons(1);
	}
	return (struct mue_sock_tuple){peer.in.sin_addr.s_addr, own.in.sin_addr.s_addr,
				       peer.in.sin_port, own.in.sin_port};
}

static int mark(struct mue_host_socks *s, uint32_t i)
{
	const int number = i + 1;
	socklen_t size = sizeof(s->cookie[i]);

	if (setsockopt(s->fd[i], SOL_SOCKET, SO_MARK, &number, sizeof(number)) ||
	    getsockopt(s->fd[i], SOL_SOCKET, SO_COOKIE, &s->cookie[i], &size))
		return -errno;
	return 0;
}

static int open_sock(struct mue_host_socks *s, uint32_t i, unsigned kind)
{
	struct maker m = maker_of(kind);
	int err = make(&m);

	s->fd[i] = m.fd;
	s->peer[i] = m.peer;
	s->cookie[i] = 0;
	if (err)
		return err;
	if (m.row->family == MUE_SOCK_FAMILY_NONE)
		return 0;
	linger(m.fd, true);
	if (m.peer >= 0)
		linger(m.peer, true);
	s->tuples[i] = tuple_of(m.fd);
	return mark(s, i);
}

static int enter(pid_t pid)
{
	char path[64];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (setns(fd, CLONE_NEWNET))
		err = -errno;
	close(fd);
	return err;
}

static bool is_missing(int err)
{
	return err == -EAFNOSUPPORT || err == -EPROTONOSUPPORT || err == -ESOCKTNOSUPPORT ||
	       err == -EADDRNOTAVAIL || err == -ENODEV || err == -ENETUNREACH ||
	       err == -EOPNOTSUPP;
}

static bool no_sock(struct mue_observation *o, unsigned kind, int err)
{
	return mue_host_fail(o, is_missing(err) ? MUE_UNSUPPORTED : MUE_BROKEN,
			     "a socket of kind %s: %s", mue_sock_rows[kind].name, strerror(-err));
}

bool mue_host_socks_open(struct mue_host *h, const struct mue_case *c, struct mue_observation *o)
{
	struct mue_host_socks *s = &h->socks;
	struct mue_stage *stage;
	int err;

	if (!c->n_socks)
		return true;
	stage = mue_host_stage(h, o);
	if (!stage)
		return false;
	s->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	err = s->home < 0 ? -errno : enter(mue_stage_pid(stage));
	if (err)
		return mue_host_broken(o, "entering the stage's network namespace", err);
	memset(s->tuples, 0, sizeof(s->tuples));
	for (; s->n < c->n_socks; s->n++) {
		err = open_sock(s, s->n, c->socks[s->n].kind);
		if (!err)
			continue;
		s->n++;
		return no_sock(o, c->socks[s->n - 1].kind, err);
	}
	return true;
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void mue_host_socks_close(struct mue_host *h)
{
	struct mue_host_socks *s = &h->socks;

	for (; s->n; s->n--) {
		shut(&s->peer[s->n - 1]);
		shut(&s->fd[s->n - 1]);
	}
	if (s->home >= 0)
		setns(s->home, CLONE_NEWNET);
	shut(&s->home);
}

int mue_host_socks_map(struct mue_host *h)
{
	struct mue_host_socks *s = &h->socks;

	if (s->map < 0)
		s->map = bpf_map_create(BPF_MAP_TYPE_SOCKMAP, NULL, 4, 4, MUE_SOCKS_MAX, NULL);
	return s->map;
}

void mue_host_socks_fill(struct mue_host *h)
{
	for (uint32_t i = 0; i < h->socks.n; i++)
		if (h->socks.fd[i] >= 0)
			bpf_map_update_elem(h->socks.map, &i, &h->socks.fd[i], BPF_ANY);
}

void mue_host_socks_put(const struct mue_host *h, uint8_t *value, uint32_t size)
{
	uint64_t number = 0, fd;

	memcpy(&number, value, size);
	fd = number;
	if (number <= INT32_MAX)
		fd = NO_FD;
	if (number && number <= h->socks.n && h->socks.fd[number - 1] >= 0)
		fd = h->socks.fd[number - 1];
	memcpy(value, &fd, size);
}

void mue_host_socks_get(const struct mue_host *h, uint64_t *value)
{
	uint64_t cookie = *value;

	*value = 0;
	for (uint32_t i = 0; i < h->socks.n; i++)
		if (h->socks.cookie[i] == cookie)
			*value = i + 1;
}

static unsigned tcp_state(int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) ? 0 : info.tcpi_state;
}

/* What a packet does on the loopback is nearly always done when the call that sent it returns. */
static int await(int fd, unsigned state, bool leave)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (unsigned ms = 0; (tcp_state(fd) == state) == leave; ms++) {
		if (ms == STATE_TIMEOUT_MS)
			return -ETIMEDOUT;
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int hang_up(struct mue_host_socks *s, uint32_t i, bool tcp)
{
	unsigned before = tcp ? tcp_state(s->fd[i]) : 0;

	if (s->peer[i] < 0)
		return 0;
	linger(s->peer[i], false);
	shut(&s->peer[i]);
	return before == TCP_ESTABLISHED || before == TCP_FIN_WAIT2
		       ? await(s->fd[i], before, true)
		       : 0;
}

static int shut_down(struct mue_host_socks *s, uint32_t i, bool tcp)
{
	unsigned before = tcp ? tcp_state(s->fd[i]) : 0;

	linger(s->fd[i], false);
	shutdown(s->fd[i], SHUT_RDWR);
	if (before == TCP_ESTABLISHED)
		return await(s->fd[i], TCP_FIN_WAIT2, false);
	return before == TCP_CLOSE_WAIT ? await(s->fd[i], TCP_CLOSE, false) : 0;
}

static int disconnect(int fd)
{
	const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};

	connect(fd, &nowhere, sizeof(nowhere));
	return 0;
}

bool mue_host_socks_op(struct mue_host *h, const struct mue_case *c, const struct mue_op *op,
		       struct mue_observation *o)
{
	struct mue_host_socks *s = &h->socks;
	bool tcp = mue_sock_rows[c->socks[op->sock].kind].proto == MUE_SOCK_PROTO_TCP;
	int err = 0;

	if (s->fd[op->sock] < 0)
		return true;
	switch (op->kind) {
	case MUE_OP_CLOSE:
		linger(s->fd[op->sock], true);
		shut(&s->fd[op->sock]);
		break;
	case MUE_OP_SHUTDOWN:
		err = shut_down(s, op->sock, tcp);
		break;
	case MUE_OP_DISCONNECT:
		err = disconnect(s->fd[op->sock]);
		break;
	default:
		err = hang_up(s, op->sock, tcp);
	}
	return !err || mue_host_broken(o, mue_op_rows[op->kind].name, err);
}

int mue_host_socks_walk(struct mue_host *h, const struct mue_map *m, int fd, mue_host_entry_fn *fn,
			void *ctx)
{
	uint8_t *keys = mue_host_room(&h->keys, 2 * (size_t)m->key_size), *key = NULL;
	uint64_t value;
	int err;

	if (!keys)
		return -ENOMEM;
	while (!(err = bpf_map_get_next_key(fd, key, keys))) {
		key = memcpy(keys + m->key_size, keys, m->key_size);
		err = bpf_map_lookup_elem(fd, key, &value);
		if (err == -ENOENT && m->type == MUE_MAP_SOCKMAP)
			continue;
		if (err)
			return err;
		mue_host_socks_get(h, &value);
		fn(ctx, m, sizeof(value), key, &value);
	}
	return err == -ENOENT ? 0 : err;
}
