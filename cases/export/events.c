/* Events: what makes programs run where BPF_PROG_TEST_RUN has nothing for them. */
#include <inttypes.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <sys/mman.h>

#ifndef SO_ATTACH_BPF
#define SO_ATTACH_BPF 50
#endif
#ifndef SO_ATTACH_REUSEPORT_EBPF
#define SO_ATTACH_REUSEPORT_EBPF 52
#endif
#define IN_FRONT 128 /* zeros in front of a packet's payload, for its headers */
#define DONE_MS 2000

/* The one that is being made; what it keeps open, in order. */
static const struct phase *now;
static int prog, kept[16], n_kept, link_map;

static int load_part(const struct phase *p, const struct part *part, int *fds);
static uint8_t *image(const struct words *w, uint32_t n, size_t size);

static int keep(int fd, const char *what)
{
	sure(fd, what);
	kept[n_kept++] = fd;
	return fd;
}

/* The kernel's BTF. */

static const struct btf_header *kernel_btf(void)
{
	static uint8_t *p;
	size_t n = 0, more = 1 << 20;
	ssize_t got = 1;
	int fd;

	if (p)
		return (struct btf_header *)p;
	fd = open("/sys/kernel/btf/vmlinux", O_RDONLY);
	sure(fd, "the kernel's BTF");
	for (; got > 0; n += got) {
		p = realloc(p, n + more);
		if (!p)
			fail("realloc");
		got = read(fd, p + n, more);
	}
	close(fd);
	return (struct btf_header *)p;
}

static const char *btf_string(uint32_t at)
{
	const struct btf_header *h = kernel_btf();

	return (const char *)h + h->hdr_len + h->str_off + at;
}

/* Words behind a type of this kind. */
static uint32_t words_behind(uint32_t info)
{
	static const uint8_t once[] = {[BTF_KIND_INT] = 1, [BTF_KIND_ARRAY] = 3, [BTF_KIND_VAR] = 1,
				       [17 /* DECL_TAG */] = 1, [19] = 0};
	static const uint8_t each[] = {[BTF_KIND_STRUCT] = 3, [BTF_KIND_UNION] = 3,
				       [BTF_KIND_ENUM] = 2,   [BTF_KIND_FUNC_PROTO] = 2,
				       [BTF_KIND_DATASEC] = 3, [19 /* ENUM64 */] = 3};
	uint32_t kind = BTF_INFO_KIND(info);

	return kind < 20 ? once[kind] + each[kind] * BTF_INFO_VLEN(info) : 0;
}

/* The number of a type by name and kind, and the type. */
static uint32_t find_type(const char *name, uint32_t kind, const struct btf_type **type)
{
	const struct btf_header *h = kernel_btf();
	const uint32_t *at = (const void *)((const char *)h + h->hdr_len + h->type_off),
		       *end = at + h->type_len / 4;

	for (uint32_t id = 1; at < end; id++) {
		const struct btf_type *t = (const void *)at;

		if (BTF_INFO_KIND(t->info) == kind && !strcmp(btf_string(t->name_off), name)) {
			*type = t;
			return id;
		}
		at += 3 + words_behind(t->info);
	}
	errno = ENOENT;
	fail(name);
	return 0;
}

/* A member of a struct: its number, and where it lies. */
static uint32_t find_member(const struct btf_type *t, const char *name, uint32_t *offset)
{
	const struct btf_member *m = (const void *)(t + 1);
	uint32_t i = 0;

	while (i < BTF_INFO_VLEN(t->info) && strcmp(btf_string(m[i].name_off), name))
		i++;
	if (i == BTF_INFO_VLEN(t->info))
		fail(name);
	*offset = (BTF_INFO_KFLAG(t->info) ? BTF_MEMBER_BIT_OFFSET(m[i].offset) : m[i].offset) / 8;
	return i;
}

/* What an extension extends: loaded once more when it is attached. */
static int load_target(const struct phase *p)
{
	static int fds[HANDLES];
	struct phase target = {.type = BPF_PROG_TYPE_XDP, .attach = BPF_XDP};
	int fd = load_part(&target, &p->target, fds);

	sure(fd, "the program that is extended");
	return fd;
}

/* Says what the program is loaded for. */
static void name_hook(const struct phase *p, union bpf_attr *attr)
{
	const struct btf_type *t;
	uint32_t offset;

	if (p->hook)
		attr->attach_btf_id = find_type(p->hook, p->hook_kind, &t);
	if (p->type == BPF_PROG_TYPE_STRUCT_OPS)
		attr->expected_attach_type = find_member(t, "init", &offset);
	if (p->type == BPF_PROG_TYPE_EXT) {
		attr->attach_prog_fd = load_target(p);
		attr->attach_btf_id = p->target.infos[1].type_id;
	}
}

/* Attaching. */

static void link_to(int target)
{
	union bpf_attr attr = {
		.link_create = {
			.prog_fd = prog, .target_fd = target, .attach_type = now->attach}};

	keep(bpf(BPF_LINK_CREATE, &attr), "attaching");
}

/* With what stands behind the first members of link_create, which may be newer than the headers. */
static void link_words(const uint32_t *words, size_t size)
{
	union bpf_attr attr = {.link_create = {.prog_fd = prog, .attach_type = now->attach}};

	memcpy((uint32_t *)&attr + 4, words, size);
	keep(bpf(BPF_LINK_CREATE, &attr), "attaching");
}

static int own_cgroups = -1;
static char own_cgroup_name[32];

static void move_to(int directory)
{
	int fd = openat(directory, "cgroup.procs", O_WRONLY);

	if (fd < 0 || write(fd, "0", 1) != 1)
		perror("cgroup.procs");
	close(fd);
}

static void leave_cgroup(void)
{
	move_to(own_cgroups);
	unlinkat(own_cgroups, own_cgroup_name, AT_REMOVEDIR);
}

/* A cgroup with nobody in it but us, gone when we end. */
static int own_cgroup(void)
{
	static int fd = -1;

	if (fd >= 0)
		return fd;
	own_cgroups = open_cgroups();
	snprintf(own_cgroup_name, sizeof(own_cgroup_name), "reproducer.%d", getpid());
	sure(mkdirat(own_cgroups, own_cgroup_name, 0755), "a cgroup");
	fd = openat(own_cgroups, own_cgroup_name, O_RDONLY | O_DIRECTORY);
	sure(fd, "a cgroup");
	move_to(fd);
	atexit(leave_cgroup);
	return fd;
}

static void to_cgroup(void)
{
	link_to(own_cgroup());
}

static void link_raw(const char *name)
{
	union bpf_attr attr = {.raw_tracepoint = {.name = ptr(name), .prog_fd = prog}};

	keep(bpf(BPF_RAW_TRACEPOINT_OPEN, &attr), "attaching");
}

static void to_hook(void)
{
	link_raw(NULL);
}

static void to_tracepoint(void)
{
	link_raw("bpf_test_finish");
}

static void nothing(void)
{
}

/* Runs a program that does nothing; or what a TRACING program can be attached to. */
static void test_run_other(void)
{
	static const struct bpf_insn insns[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K},
						{.code = BPF_JMP | BPF_EXIT}};
	static const uint8_t packet[64];
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
			       .insns = ptr(insns),
			       .insn_cnt = 2,
			       .license = ptr("GPL")};
	int fd = keep(bpf(BPF_PROG_LOAD, &attr), "a program");

	attr = (union bpf_attr){.test = {.prog_fd = fd,
					 .data_in = ptr(packet),
					 .data_size_in = sizeof(packet),
					 .repeat = 1}};
	sure(bpf(BPF_PROG_TEST_RUN, &attr), "BPF_PROG_TEST_RUN");
}

static void test_run_self(void)
{
	union bpf_attr attr = {.test = {.prog_fd = prog}};

	sure(bpf(BPF_PROG_TEST_RUN, &attr), "BPF_PROG_TEST_RUN");
}

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

/* Perf: probes of a function of ours and of the kernel's, a tracepoint, page faults. */

__attribute__((noinline)) static void probed(void)
{
	__asm__ volatile("nop");
}

static uint64_t offset_of_probed(void)
{
	const uint64_t at = (uintptr_t)probed;
	FILE *f = fopen("/proc/self/maps", "r");
	uint64_t from, to, begin;
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64, &from, &to, &begin) == 3 &&
		    at >= from && at < to) {
			fclose(f);
			return at - from + begin;
		}
	fail("/proc/self/maps");
	return 0;
}

static void open_perf(struct perf_event_attr *attr)
{
	attr->size = sizeof(*attr);
	attr->sample_period = 1;
	keep(syscall(SYS_perf_event_open, attr, 0, -1, -1, 0), "a perf event");
}

static int number_in(int directory, const char *path)
{
	int fd = openat(directory, path, O_RDONLY), n = 0;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (!f || fscanf(f, "%d", &n) != 1)
		fail(path);
	fclose(f);
	return n;
}

static void open_probe(const char *kind, int at_return, uint64_t what, uint64_t where)
{
	struct perf_event_attr attr = {.config = at_return, .config1 = what, .config2 = where};
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", kind);
	attr.type = number_in(AT_FDCWD, path);
	open_perf(&attr);
}

static void open_uprobe(void)
{
	open_probe("uprobe", 0, ptr("/proc/self/exe"), offset_of_probed());
}

static void open_uretprobe(void)
{
	open_probe("uprobe", 1, ptr("/proc/self/exe"), offset_of_probed());
}

static void open_kprobe(void)
{
	open_probe("kprobe", 0, ptr("bpf_prog_test_run_skb"), 0);
}

static void open_kretprobe(void)
{
	open_probe("kprobe", 1, ptr("bpf_prog_test_run_skb"), 0);
}

static void open_tracepoint(void)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT};
	int fs = fsopen("tracefs", FSOPEN_CLOEXEC);

	sure(fs < 0 ? fs : fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), "tracefs");
	attr.config = number_in(fsmount(fs, FSMOUNT_CLOEXEC, 0),
				"events/bpf_test_run/bpf_test_finish/id");
	close(fs);
	open_perf(&attr);
}

static void open_page_faults(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_PAGE_FAULTS,
		.disabled = 1,
		.exclude_kernel = 1,
	};

	open_perf(&attr);
}

static void to_perf(void)
{
	sure(ioctl(kept[0], PERF_EVENT_IOC_SET_BPF, prog), "attaching");
}

static void link_to_perf(void)
{
	link_to(kept[0]);
}

/* Of two fresh pages the first brings in what the code between the switches needs. */
static void touch_page(void)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	volatile char *fresh = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (fresh == MAP_FAILED)
		fail("mmap");
	madvise((void *)fresh, 2 * page, MADV_NOHUGEPAGE);
	for (int i = 0; i < 2; i++) {
		ioctl(kept[0], i ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0);
		fresh[i * page] = 1;
		ioctl(kept[0], PERF_EVENT_IOC_DISABLE, 0);
	}
	munmap((void *)fresh, 2 * page);
}

/* Links to many functions, here to one. */

static void to_kprobes(void)
{
	static const char *const names[] = {"bpf_prog_test_run_skb"};
	const uint32_t words[] = {0, 1, (uint32_t)ptr(names), ptr(names) >> 32};

	link_words(words, sizeof(words));
}

static void to_uprobes(void)
{
	const uint64_t offset = offset_of_probed(), path = ptr("/proc/self/exe");
	const uint32_t words[] = {(uint32_t)path, path >> 32, (uint32_t)ptr(&offset),
				  ptr(&offset) >> 32, 0, 0, 0, 0, 1};

	link_words(words, sizeof(words));
}

static void to_functions(void)
{
	const struct btf_type *t;
	const uint32_t id = find_type("bpf_fentry_test1", BTF_KIND_FUNC, &t);
	const uint32_t words[] = {(uint32_t)ptr(&id), ptr(&id) >> 32, 0, 0, 1};

	link_words(words, sizeof(words));
}

/* Iterators. */

static void create_iterator(void)
{
	union bpf_attr attr = {.iter_create.link_fd = kept[n_kept - 1]};

	keep(bpf(BPF_ITER_CREATE, &attr), "an iterator");
}

static void to_iterator(void)
{
	link_to(0);
	create_iterator();
}

/* Over the sockmap that programs look in. */
static void to_map_iterator(void)
{
	union bpf_iter_link_info info = {.map.map_fd = socks_map()};
	union bpf_attr attr = {.link_create = {.prog_fd = prog,
					       .attach_type = now->attach,
					       .iter_info = ptr(&info),
					       .iter_info_len = sizeof(info)}};

	keep(bpf(BPF_LINK_CREATE, &attr), "attaching");
	create_iterator();
}

/* What the program returns ends the reading: try again. */
static void read_iterator(void)
{
	char byte;

	if (read(kept[n_kept - 1], &byte, 1) < 0 && errno != EAGAIN)
		fail("an iterator");
}

/* Extensions. */

static void to_target(void)
{
	union bpf_attr attr = {.link_create = {.prog_fd = prog}};

	attr.link_create.target_fd = keep(load_target(now), "the program that is extended");
	attr.link_create.target_btf_id = now->target.infos[1].type_id;
	keep(bpf(BPF_LINK_CREATE, &attr), "attaching");
}

static void run_target(void)
{
	uint8_t *payload = image(now->packet, now->n_packet, now->packet_size),
		*packet = room(IN_FRONT + now->payload_size);
	union bpf_attr attr = {.test = {.prog_fd = kept[0],
					.data_in = ptr(packet),
					.data_size_in = IN_FRONT + now->payload_size,
					.repeat = 1}};

	memcpy(packet + IN_FRONT, payload, now->payload_size);
	sure(bpf(BPF_PROG_TEST_RUN, &attr), "BPF_PROG_TEST_RUN");
	free(packet);
	free(payload);
}

/* A congestion control of TCP. */

#define OPS "tcp_congestion_ops"
#define CONTROL "reproducer"

/* What it must have besides: functions that give a number. */
static int load_plain(uint32_t ops, uint32_t member)
{
	static const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 10}, {.code = BPF_JMP | BPF_EXIT}};
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_STRUCT_OPS,
			       .expected_attach_type = member,
			       .attach_btf_id = ops,
			       .insns = ptr(insns),
			       .insn_cnt = 2,
			       .license = ptr("GPL")};

	return keep(bpf(BPF_PROG_LOAD, &attr), "a program");
}

/* Such maps must have some BTF of ours, too: that of an int. */
static int load_int(void)
{
	static const struct {
		struct btf_header head;
		uint32_t type[4];
		char strings[5];
	} btf = {
		.head = {.magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(btf.head),
			 .type_len = sizeof(btf.type), .str_off = sizeof(btf.type),
			 .str_len = sizeof(btf.strings)},
		.type = {1, BTF_KIND_INT << 24, 4, 32},
		.strings = "\0int",
	};
	union bpf_attr attr = {.btf = ptr(&btf),
			       .btf_size = offsetof(__typeof__(btf), strings) + sizeof(btf.strings)};

	return keep(bpf(BPF_BTF_LOAD, &attr), "BTF");
}

static void make_control(void)
{
	static const char *const plain[] = {"ssthresh", "undo_cwnd", "cong_avoid"};
	const struct btf_type *ops, *value;
	const uint32_t ops_id = find_type(OPS, BTF_KIND_STRUCT, &ops),
		       value_id = find_type("bpf_struct_ops_" OPS, BTF_KIND_STRUCT, &value),
		       zero = 0;
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_STRUCT_OPS,
			       .key_size = 4,
			       .value_size = value->size,
			       .max_entries = 1,
			       .map_flags = 1 << 13, /* BPF_F_LINK */
			       .btf_vmlinux_value_type_id = value_id};
	uint8_t *bytes = room(value->size), *data;
	uint32_t at;
	int fd;

	find_member(value, "data", &at);
	data = bytes + at;
	attr.btf_fd = load_int();
	fd = keep(bpf(BPF_MAP_CREATE, &attr), "a map of functions");
	find_member(ops, "name", &at);
	strcpy((char *)data + at, CONTROL);
	find_member(ops, "init", &at);
	memcpy(data + at, &prog, sizeof(prog));
	for (size_t i = 0; i < N(plain); i++) {
		int other = load_plain(ops_id, find_member(ops, plain[i], &at));

		memcpy(data + at, &other, sizeof(other));
	}
	sure(update(fd, &zero, bytes, 0), "a map of functions");
	free(bytes);
	link_map = fd;
}

static void to_control(void)
{
	union bpf_attr attr = {
		.link_create = {.prog_fd = link_map, .attach_type = 44 /* BPF_STRUCT_OPS */}};

	keep(bpf(BPF_LINK_CREATE, &attr), "attaching");
}

/* A socket takes it. */
static void take_control(void)
{
	const int fd = own_socket(AF_INET, SOCK_STREAM), listener = own_socket(AF_INET, SOCK_STREAM);

	bind_any(AF_INET, listener);
	sure(listen(listener, 1), "listen");
	connect_to(fd, listener);
	sure(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, CONTROL, strlen(CONTROL)), "TCP_CONGESTION");
}

/* By name: what it needs, what attaches, what makes it. */
static const struct {
	const char *name;
	void (*prepare)(void), (*attach)(void), (*fire)(void);
} events[] = {
	{"device", nothing, to_cgroup, open_device},
	{"sysctl", open_sysctl, to_cgroup, read_sysctl},
	{"getsockopt", make_udp, to_cgroup, get_option},
	{"setsockopt", make_udp, to_cgroup, set_option},
	{"sock_create", nothing, to_cgroup, make_udp},
	{"sock_release", make_udp, to_cgroup, close_first},
	{"post_bind", make_udp, to_cgroup, bind_first},
	{"listen", make_tcp, to_cgroup, listen_first},
	{"sock_addr", make_addresses, to_cgroup, use_addresses},
	{"datagram", make_receiver, to_cgroup, send_ip},
	{"lookup", make_receiver, to_netns, send_ip},
	{"filter", make_receiver, to_receiver, send_ip},
	{"netfilter", make_receiver, to_netfilter, send_ip},
	{"reuseport", make_group, to_group, send_udp},
	{"migrate", make_listeners, to_group, close_listener},
	{"unix_any", make_map_and_unix, to_map_as_verdict, send_to_near},
	{"unix_verdict", make_map_and_unix, to_map, send_to_near},
	{"tcp_verdict", make_map_and_tcp, to_map, send_to_near},
	{"tcp_parser", make_map_and_tcp, to_map_with_verdict, send_byte},
	{"tcp_message", make_map_and_tcp, to_map, send_from_near},
	{"uprobe", open_uprobe, to_perf, probed},
	{"uretprobe", open_uretprobe, to_perf, probed},
	{"kprobe", open_kprobe, to_perf, test_run_other},
	{"kretprobe", open_kretprobe, to_perf, test_run_other},
	{"kprobe_multi", nothing, to_kprobes, test_run_other},
	{"uprobe_multi", nothing, to_uprobes, probed},
	{"tracepoint", open_tracepoint, to_perf, test_run_other},
	{"page_fault", open_page_faults, to_perf, touch_page},
	{"page_fault_link", open_page_faults, link_to_perf, touch_page},
	{"raw_tracepoint", nothing, to_tracepoint, test_run_other},
	{"btf_tracepoint", nothing, to_hook, test_run_other},
	{"function", nothing, to_hook, test_run_self},
	{"functions", nothing, to_functions, test_run_self},
	{"modify_return", make_tcp_socket, to_hook, bind_tcp},
	{"security", make_tcp_socket, to_hook, bind_tcp},
	{"security_cgroup", make_tcp_socket, to_cgroup, bind_tcp},
	{"iterator", nothing, to_iterator, read_iterator},
	{"congestion", make_control, to_control, take_control},
	{"sockmap_iterator", nothing, to_map_iterator, read_iterator},
	{"tcp_iterator", nothing, to_iterator, read_iterator},
	{"udp_iterator", nothing, to_iterator, read_iterator},
	{"unix_iterator", nothing, to_iterator, read_iterator},
	{"extension", nothing, to_target, run_target},
};

/* The event may be over before the program is. */
static void wait_done(int io)
{
	const uint32_t zero = 0;
	uint8_t *block = room(now->io_size);
	uint32_t done = 0;

	for (int ms = 0; !done && ms < DONE_MS; ms++) {
		if (lookup(io, &zero, block, 0))
			fail("the parameter block");
		memcpy(&done, block + DONE, sizeof(done));
		if (!done)
			usleep(1000);
	}
	free(block);
}

static int make_event(uint32_t phase)
{
	uint32_t i = 0;

	now = &phases[phase];
	prog = progs[phase][0];
	while (strcmp(events[i].name, now->event))
		i++;
	events[i].prepare();
	events[i].attach();
	events[i].fire();
	wait_done(handles[phase][IO]);
	while (n_kept)
		close(kept[--n_kept]);
	return 0;
}
