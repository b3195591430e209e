/* Sockets, in a network namespace of our own. Values of maps that hold them are their numbers. */

#define NO_FD 0x7fffffff /* nobody has it open */

static int sock_fds[N(socks)], peer_fds[N(socks)], stored_in;
static uint64_t cookies[N(socks)];
static struct tuple tuples[N(socks)];

static int open_sock(const struct sock *s)
{
	int fd = s->family ? socket(s->family, s->type, s->protocol) : eventfd(0, 0);

	sure(fd, "socket");
	return fd;
}

static void make_connected(const struct sock *s, int *fd, int *peer)
{
	int listener, ends[2];

	if (s->family == AF_UNIX) {
		sure(socketpair(s->family, s->type, s->protocol, ends), "socketpair");
		*fd = ends[0];
		*peer = ends[1];
		return;
	}
	listener = *peer = open_sock(s);
	bind_any(s->family, listener);
	*fd = open_sock(s);
	if (s->type == SOCK_DGRAM) {
		bind_any(s->family, *fd);
		connect_to(*fd, *peer);
		return;
	}
	sure(listen(listener, 1), "listen");
	connect_to(*fd, listener);
	*peer = accept(listener, NULL, NULL);
	sure(*peer, "accept");
	close(listener);
}

/* Where bpf_sk_lookup_*() finds it. */
static struct tuple tuple_of(int fd)
{
	union address own = {0}, peer = {0};
	socklen_t n = sizeof(own), m = sizeof(peer);

	if (getsockname(fd, &own.any, &n) || own.any.sa_family != AF_INET)
		return (struct tuple){0};
	if (getpeername(fd, &peer.any, &m)) {
		peer.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		peer.in.sin_port = htons(1);
	}
	return (struct tuple){peer.in.sin_addr.s_addr, own.in.sin_addr.s_addr, peer.in.sin_port,
			      own.in.sin_port};
}

/* A program knows a socket by its mark, we by its cookie. */
static void make_sock(uint32_t i)
{
	const struct sock *s = &socks[i];
	int *fd = &sock_fds[i], number = i + 1;
	socklen_t size = sizeof(cookies[i]);

	if (s->state == ESTABLISHED)
		make_connected(s, fd, &peer_fds[i]);
	else
		*fd = open_sock(s);
	if (s->state == BOUND || s->state == LISTEN)
		bind_any(s->family, *fd);
	if (s->state == LISTEN)
		sure(listen(*fd, 4), "listen");
	if (!s->family)
		return;
	tuples[i] = tuple_of(*fd);
	sure(setsockopt(*fd, SOL_SOCKET, SO_MARK, &number, sizeof(number)), "SO_MARK");
	sure(getsockopt(*fd, SOL_SOCKET, SO_COOKIE, &cookies[i], &size), "SO_COOKIE");
}

static void make_socks(void)
{
	own_network();
	for (uint32_t i = 0; i < N(socks); i++)
		make_sock(i);
}

/* The sockmap that programs look in: it has the sockets that it takes. */
static int socks_map(void)
{
	if (stored_in)
		return stored_in;
	stored_in = create(BPF_MAP_TYPE_SOCKMAP, 4, 4, N(socks), 0, 0);
	for (uint32_t i = 0; i < N(socks); i++)
		update(stored_in, &i, &sock_fds[i], 0);
	return stored_in;
}

/* A number becomes a descriptor; a cookie becomes a number. */
static void put_sock(uint8_t *value, uint32_t size)
{
	uint64_t number = 0;

	memcpy(&number, value, size);
	if (number && number <= N(socks) && sock_fds[number - 1] >= 0)
		number = sock_fds[number - 1];
	else if (number <= NO_FD)
		number = NO_FD;
	memcpy(value, &number, size);
}

static void get_sock(uint8_t *value)
{
	uint64_t number = 0;

	for (uint32_t i = 0; i < N(socks); i++)
		if (!memcmp(value, &cookies[i], sizeof(cookies[i])))
			number = i + 1;
	memcpy(value, &number, sizeof(number));
}

static void put_tuple(const struct op *op, uint8_t *io)
{
	if (op->tuple && op->number && op->number <= N(socks))
		memcpy(io + op->tuple, &tuples[op->number - 1], sizeof(struct tuple));
}

static unsigned tcp_state(int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) ? 0 : info.tcpi_state;
}

static void sock_op(const struct op *op)
{
	const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
	int *fd = &sock_fds[op->sock], *peer = &peer_fds[op->sock];
	unsigned before = tcp_state(*fd);

	if (op->kind == CLOSE && *fd >= 0) {
		close(*fd);
		*fd = -1;
	} else if (op->kind == SHUTDOWN) {
		shutdown(*fd, SHUT_RDWR);
	} else if (op->kind == DISCONNECT) {
		connect(*fd, &nowhere, sizeof(nowhere));
	} else if (op->kind == HANGUP && *peer > 0) {
		close(*peer);
		*peer = 0;
	}
	/* What it takes of packets is done at once, or nearly so. */
	for (int ms = 0; before == TCP_ESTABLISHED && ms < 100 &&
			 (tcp_state(*fd) == before || tcp_state(*fd) == TCP_FIN_WAIT1); ms++)
		usleep(1000);
	print_op(op, 0, 1, 0, NULL, 0);
}
