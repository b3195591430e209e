/* Objects: what calls name by a descriptor. Each is made when it is first named. */
#include <linux/if_xdp.h>
#include <linux/perf_event.h>
#include <sys/mman.h>

#ifndef SOL_XDP
#define SOL_XDP 283
#endif
#define CLOSED_FD (0x7fffffff - 1) /* nobody has it open */
#define NOT_OURS UINT32_MAX

static int object_fds[N(objects)]; /* 0: not made */

static int load_object(const struct object *o)
{
	const struct bpf_insn insns[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K},
					 {.code = BPF_JMP | BPF_EXIT}};
	union bpf_attr attr = {
		.prog_type = o->type,
		.expected_attach_type = o->attach,
		.insns = ptr(insns),
		.insn_cnt = 2,
		.license = ptr("GPL"),
	};

	return bpf(BPF_PROG_LOAD, &attr);
}

static int open_event(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.disabled = 1,
	};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static int open_xdp(int has_ring)
{
	int fd = socket(AF_XDP, SOCK_RAW, 0), entries = 64;

	if (fd >= 0 && has_ring &&
	    setsockopt(fd, SOL_XDP, XDP_RX_RING, &entries, sizeof(entries)))
		return -1;
	return fd;
}

/* Bound to a port of the loopback address that others may share, be that address up or not. */
static int open_reuseport(int type)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, type, 0);
	const int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
	    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&to, sizeof(to)) || (type == SOCK_STREAM && listen(fd, 1)))
		return -1;
	return fd;
}

static int open_object(uint32_t object)
{
	switch (object) {
	case OBJECT_FILE:
		return memfd_create("mue", 0);
	case OBJECT_EVENT:
		return open_event();
	case OBJECT_CGROUP:
		return open_cgroups();
	case OBJECT_TASK:
		return syscall(SYS_pidfd_open, getpid(), 0);
	case OBJECT_UDP:
		return socket(AF_INET, SOCK_DGRAM, 0);
	case OBJECT_TCP:
		return socket(AF_INET, SOCK_STREAM, 0);
	case OBJECT_UNIX:
		return socket(AF_UNIX, SOCK_DGRAM, 0);
	case OBJECT_XDP_BARE:
		return open_xdp(0);
	case OBJECT_XDP_SOCKET:
	case OBJECT_XDP_SOCKET_2:
		return open_xdp(1);
	case OBJECT_TCP_REUSEPORT:
		return open_reuseport(SOCK_STREAM);
	case OBJECT_UDP_REUSEPORT:
	case OBJECT_UDP_REUSEPORT_2:
		return open_reuseport(SOCK_DGRAM);
	default:
		return load_object(&objects[object]);
	}
}

static int object_fd(uint32_t object, int map)
{
	int *fd = &object_fds[object];

	if (object == OBJECT_NO_FD)
		return -1;
	if (object == OBJECT_CLOSED)
		return CLOSED_FD;
	if (object == OBJECT_MAP)
		return map_fds[map];
	if (!*fd)
		*fd = open_object(object);
	if (*fd < 0)
		fail(objects[object].name);
	return *fd;
}

/* The id of the map or program behind a descriptor, 0 for other things; infos begin with type and id. */
static uint32_t id_of(int fd)
{
	uint32_t info[64] = {0};
	union bpf_attr attr = {
		.info = {.bpf_fd = fd, .info_len = sizeof(info), .info = ptr(info)}};

	return bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) < 0 ? 0 : info[1];
}

static uint32_t number_of_object(const struct map *m, uint64_t shown)
{
	for (uint32_t i = 1; i < N(objects); i++) {
		uint64_t own = 0;
		socklen_t size = sizeof(own);

		if (object_fds[i] <= 0)
			continue;
		if (m->shows == COOKIES)
			getsockopt(object_fds[i], SOL_SOCKET, SO_COOKIE, &own, &size);
		else if (objects[i].type)
			own = id_of(object_fds[i]);
		if (own == shown)
			return 0x100 + i;
	}
	return NOT_OURS;
}

static uint32_t number_of_map(uint64_t shown)
{
	for (uint32_t i = 0; i < n_maps; i++)
		if (id_of(map_fds[i]) == shown)
			return i + 1;
	return NOT_OURS;
}

/* Where the kernel shows an id or a cookie, a number of ours is printed: it is the same each time. */
static void put_number(const struct map *m, uint8_t *value)
{
	uint64_t shown = 0;

	if (m->shows == BYTES || m->value_size < m->fd_at + m->fd_size)
		return;
	memcpy(&shown, value + m->fd_at, m->fd_size);
	if (shown)
		shown = m->shows == MAP_IDS ? number_of_map(shown) : number_of_object(m, shown);
	memcpy(value + m->fd_at, &shown, m->fd_size);
}
