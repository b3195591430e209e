/* Events of cgroups, sockets and packets. */

/* Devices, sysctls, options. */

static void open_device(void)
{
	keep(open("/dev/null", O_RDONLY), "/dev/null");
}

static void open_sysctl(void)
{
	keep(open("/proc/sys/kernel/ostype", O_RDONLY), "a sysctl");
}

static void read_sysctl(void)
{
	char text[64];

	sure(read(kept[0], text, sizeof(text)), "a sysctl");
}

/* A socket counts as of the cgroup in which it was made. */
static int own_socket(int family, int type)
{
	own_network();
	own_cgroup();
	return keep(socket(family, type, 0), "socket");
}

static void make_udp(void)
{
	own_socket(now->attach == BPF_CGROUP_INET6_POST_BIND ? AF_INET6 : AF_INET, SOCK_DGRAM);
}

static void get_option(void)
{
	int type;
	socklen_t size = sizeof(type);

	sure(getsockopt(kept[0], SOL_SOCKET, SO_TYPE, &type, &size), "getsockopt");
}

static void set_option(void)
{
	const int on = 1;

	sure(setsockopt(kept[0], SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), "setsockopt");
}

static void close_first(void)
{
	close(kept[0]);
	kept[0] = -1;
}

static void bind_first(void)
{
	bind_any(now->attach == BPF_CGROUP_INET6_POST_BIND ? AF_INET6 : AF_INET, kept[0]);
}

static void make_tcp(void)
{
	bind_any(AF_INET, own_socket(AF_INET, SOCK_STREAM));
}

static void make_tcp_socket(void)
{
	own_socket(AF_INET, SOCK_STREAM);
}

static void bind_tcp(void)
{
	bind_any(AF_INET, kept[0]);
}

static void listen_first(void)
{
	sure(listen(kept[0], 1), "listen");
}

/* Addresses: of a socket, kept second, and of its peer, kept first. */

static void send_to_peer(void)
{
	union address a;
	socklen_t size = sizeof(a);

	sure(getsockname(kept[0], &a.any, &size), "getsockname");
	sure(sendto(kept[1], "", 1, MSG_NOSIGNAL, &a.any, size), "sendto");
}

static void receive(void)
{
	union address a;
	socklen_t size = sizeof(a);
	char byte;

	sure(recvfrom(kept[0], &byte, 1, 0, &a.any, &size), "recvfrom");
}

static void get_peer(void)
{
	union address a;
	socklen_t size = sizeof(a);

	sure(getpeername(kept[1], &a.any, &size), "getpeername");
}

static void get_own(void)
{
	union address a;
	socklen_t size = sizeof(a);

	sure(getsockname(kept[1], &a.any, &size), "getsockname");
}

enum { BIND = 1, CONNECT, SEND, RECEIVE, PEERNAME, SOCKNAME };
static const struct {
	uint8_t family, call, is_bound;
} addresses[] = {
	[BPF_CGROUP_INET4_BIND] = {AF_INET, BIND},
	[BPF_CGROUP_INET6_BIND] = {AF_INET6, BIND},
	[BPF_CGROUP_INET4_CONNECT] = {AF_INET, CONNECT},
	[BPF_CGROUP_INET6_CONNECT] = {AF_INET6, CONNECT},
	[BPF_CGROUP_UDP4_SENDMSG] = {AF_INET, SEND},
	[BPF_CGROUP_UDP6_SENDMSG] = {AF_INET6, SEND},
	[BPF_CGROUP_UDP4_RECVMSG] = {AF_INET, RECEIVE},
	[BPF_CGROUP_UDP6_RECVMSG] = {AF_INET6, RECEIVE},
	[BPF_CGROUP_INET4_GETPEERNAME] = {AF_INET, PEERNAME},
	[BPF_CGROUP_INET6_GETPEERNAME] = {AF_INET6, PEERNAME},
	[BPF_CGROUP_INET4_GETSOCKNAME] = {AF_INET, SOCKNAME, 1},
	[BPF_CGROUP_INET6_GETSOCKNAME] = {AF_INET6, SOCKNAME, 1},
	/* BPF_CGROUP_UNIX_*, newer than some headers. */
	[49] = {AF_UNIX, CONNECT},
	[50] = {AF_UNIX, SEND},
	[51] = {AF_UNIX, RECEIVE, 1},
	[52] = {AF_UNIX, PEERNAME},
	[53] = {AF_UNIX, SOCKNAME, 1},
};

static void make_addresses(void)
{
	const int family = addresses[now->attach].family, call = addresses[now->attach].call;

	bind_any(family, own_socket(family, SOCK_DGRAM));
	own_socket(family, SOCK_DGRAM);
	if (addresses[now->attach].is_bound)
		bind_any(family, kept[1]);
	if (call == PEERNAME)
		connect_to(kept[1], kept[0]);
	if (call == RECEIVE)
		send_to_peer();
}

static void use_addresses(void)
{
	switch (addresses[now->attach].call) {
	case BIND:
		bind_any(addresses[now->attach].family, kept[1]);
		break;
	case CONNECT:
		connect_to(kept[1], kept[0]);
		break;
	case SEND:
		send_to_peer();
		break;
	case RECEIVE:
		receive();
		break;
	case PEERNAME:
		get_peer();
		break;
	default:
		get_own();
	}
}

/* Packets on the loopback. */

static void send_packet(int fd, uint32_t header, int to)
{
	uint8_t *payload = image(now->packet, now->n_packet, now->packet_size),
		*packet = room(IN_FRONT + now->payload_size);
	union address a;
	socklen_t size = sizeof(a);

	if (to >= 0)
		sure(getsockname(to, &a.any, &size), "getsockname");
	memcpy(packet + IN_FRONT, payload, now->payload_size);
	sure(sendto(fd, packet + header, IN_FRONT + now->payload_size - header, MSG_NOSIGNAL,
		    to >= 0 ? &a.any : NULL, to >= 0 ? size : 0), "send");
	free(packet);
	free(payload);
}

/* A program sees the headers of IPv4 and UDP, of UDP alone, in front of what is sent. */
static void send_ip(void)
{
	send_packet(kept[1], 28, kept[0]);
}

static void send_udp(void)
{
	send_packet(kept[2], 8, -1);
}

static void make_receiver(void)
{
	bind_any(AF_INET, own_socket(AF_INET, SOCK_DGRAM));
	own_socket(AF_INET, SOCK_DGRAM);
}

static void to_netns(void)
{
	link_to(keep(open("/proc/self/ns/net", O_RDONLY), "the network namespace"));
}

static void to_receiver(void)
{
	sure(setsockopt(kept[0], SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog)), "SO_ATTACH_BPF");
}

/* Of IPv4, where packets come in, at this priority. */
static void to_netfilter(void)
{
	const uint32_t words[] = {2, 1, -128};

	link_words(words, sizeof(words));
}

static void make_group_of(int type)
{
	union address a = {.in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}};
	socklen_t size = sizeof(a.in);
	const int on = 1;

	for (int i = 0; i < 2; i++) {
		int fd = own_socket(AF_INET, type);

		sure(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)), "SO_REUSEPORT");
		sure(bind(fd, &a.any, size), "bind");
		sure(type == SOCK_STREAM ? listen(fd, 4) : 0, "listen");
		sure(getsockname(fd, &a.any, &size), "getsockname");
	}
	connect_to(own_socket(AF_INET, type), kept[0]);
}

static void make_group(void)
{
	make_group_of(SOCK_DGRAM);
}

static void make_listeners(void)
{
	make_group_of(SOCK_STREAM);
}

/* A connection that nobody has accepted yet moves when its listener goes. */
static void close_listener(void)
{
	struct pollfd fds[] = {{kept[0], POLLIN, 0}, {kept[1], POLLIN, 0}};
	int i;

	sure(poll(fds, 2, DONE_MS) == 1 ? 0 : -1, "a connection");
	i = !fds[0].revents;
	close(kept[i]);
	kept[i] = -1;
}

static void to_group(void)
{
	sure(setsockopt(kept[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &prog, sizeof(prog)),
	     "SO_ATTACH_REUSEPORT_EBPF");
}

/* A sockmap that has one of two connected sockets: the map, the far one, the near one. */

static void make_map_and_unix(void)
{
	int ends[2];

	keep(create(BPF_MAP_TYPE_SOCKMAP, 4, 4, 1, 0, 0), "a map");
	sure(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
	keep(ends[0], "socketpair");
	keep(ends[1], "socketpair");
}

static void make_map_and_tcp(void)
{
	int listener;

	own_network();
	keep(create(BPF_MAP_TYPE_SOCKMAP, 4, 4, 1, 0, 0), "a map");
	listener = socket(AF_INET, SOCK_STREAM, 0);
	bind_any(AF_INET, listener);
	sure(listen(listener, 1), "listen");
	connect_to(keep(socket(AF_INET, SOCK_STREAM, 0), "socket"), listener);
	keep(accept(listener, NULL, NULL), "accept");
	close(listener);
}

static void attach_to_map(int fd, uint32_t type)
{
	union bpf_attr attr = {
		.target_fd = kept[0], .attach_bpf_fd = fd, .attach_type = type};

	sure(bpf(BPF_PROG_ATTACH, &attr), "attaching");
}

static void add_near(void)
{
	const uint32_t zero = 0;

	sure(update(kept[0], &zero, &kept[2], 0), "a socket in a map");
}

static void to_map(void)
{
	attach_to_map(prog, now->attach);
	add_near();
}

/* One that is loaded without an attach type can be attached as any. */
static void to_map_as_verdict(void)
{
	attach_to_map(prog, 38 /* BPF_SK_SKB_VERDICT */);
	add_near();
}

/* A parser works together with a verdict: one that passes all. */
static void to_map_with_verdict(void)
{
	static const struct bpf_insn pass[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = SK_PASS},
					       {.code = BPF_JMP | BPF_EXIT}};
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_SK_SKB,
			       .insns = ptr(pass),
			       .insn_cnt = 2,
			       .license = ptr("GPL")};

	attach_to_map(keep(bpf(BPF_PROG_LOAD, &attr), "a verdict"), BPF_SK_SKB_STREAM_VERDICT);
	to_map();
}

static void send_to_near(void)
{
	send_packet(kept[1], 0, -1);
}

static void send_byte(void)
{
	sure(send(kept[1], "", 1, MSG_NOSIGNAL), "send");
}

static void send_from_near(void)
{
	sure(send(kept[2], "", 1, MSG_NOSIGNAL), "send");
}
