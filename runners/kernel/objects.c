/* Objects that user-side calls name by descriptors (cases/objects.def). */
#include <errno.h>
#include <limits.h>
#include <linux/if_xdp.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "cases/insn.h"
#include "runners/kernel/host.h"

#ifndef AF_XDP
#define AF_XDP 44
#endif
#ifndef SOL_XDP
#define SOL_XDP 283
#endif

/* No process has this many files open. */
static int open_nothing(void)
{
	return INT_MAX - 1;
}

static int open_file(void)
{
	return memfd_create("mue", MFD_CLOEXEC);
}

static int open_event(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.disabled = 1,
	};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* The root of cgroups as we see them, by a mount that nobody else sees and that goes with us. */
static int open_cgroup(void)
{
	int fs = fsopen("cgroup2", FSOPEN_CLOEXEC), mount = -1, fd = -1, err;

	if (fs >= 0 && !fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		mount = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (mount >= 0)
		fd = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = errno;
	close(mount);
	close(fs);
	errno = err;
	return fd;
}

static int open_task(void)
{
	return syscall(SYS_pidfd_open, getpid(), 0);
}

static int open_udp(void)
{
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int open_tcp(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int open_unix(void)
{
	return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int open_bare_xdp(void)
{
	return socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
}

static int close_failed(int fd)
{
	int err = errno;

	close(fd);
	errno = err;
	return -1;
}

static int open_xdp(void)
{
	int fd = open_bare_xdp(), entries = 64;

	if (fd < 0 || !setsockopt(fd, SOL_XDP, XDP_RX_RING, &entries, sizeof(entries)))
		return fd;
	return close_failed(fd);
}

/* Binds to a free port of the loopback address, be that up or not. */
static int open_reuseport(int fd, bool listens)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	const int on = 1;

	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) &&
	    !setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)) &&
	    !bind(fd, (struct sockaddr *)&to, sizeof(to)) && (!listens || !listen(fd, 1)))
		return fd;
	return close_failed(fd);
}

static int open_udp_reuseport(void)
{
	return open_reuseport(open_udp(), false);
}

static int open_tcp_reuseport(void)
{
	return open_reuseport(open_tcp(), true);
}

/* Each gives a descriptor, or -1 and errno. */
static int (*const opens[MUE_OBJECTS])(void) = {
	[MUE_OBJECT_CLOSED] = open_nothing,
	[MUE_OBJECT_FILE] = open_file,
	[MUE_OBJECT_EVENT] = open_event,
	[MUE_OBJECT_CGROUP] = open_cgroup,
	[MUE_OBJECT_TASK] = open_task,
	[MUE_OBJECT_UDP] = open_udp,
	[MUE_OBJECT_TCP] = open_tcp,
	[MUE_OBJECT_UNIX] = open_unix,
	[MUE_OBJECT_XDP_SOCKET] = open_xdp,
	[MUE_OBJECT_XDP_SOCKET_2] = open_xdp,
	[MUE_OBJECT_XDP_BARE] = open_bare_xdp,
	[MUE_OBJECT_UDP_REUSEPORT] = open_udp_reuseport,
	[MUE_OBJECT_UDP_REUSEPORT_2] = open_udp_reuseport,
	[MUE_OBJECT_TCP_REUSEPORT] = open_tcp_reuseport,
};

static int open_prog(const struct mue_object_row *row)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = row->attach_type);
	const struct bpf_insn insns[] = {MUE_MOV64_IMM(BPF_REG_0, 0), MUE_EXIT()};

	return bpf_prog_load(row->prog_type, NULL, "GPL", insns, 2, &opts);
}

bool mue_host_object(struct mue_host *h, const struct mue_host_setup *u, unsigned object,
		     unsigned map, int *fd, struct mue_observation *o)
{
	const struct mue_object_row *row = &mue_object_rows[object];
	int *kept = &h->objects[object];

	*fd = -1;
	if (object == MUE_OBJECT_NO_FD)
		return true;
	if (object == MUE_OBJECT_MAP) {
		*fd = u->maps[map].fd;
		return true;
	}
	if (*kept < 0)
		*kept = row->kind == MUE_OBJECT_KIND_PROG ? open_prog(row) : opens[object]();
	*fd = *kept;
	if (*kept >= 0)
		return true;
	if (mue_host_suffered(-errno))
		return mue_host_broken(o, row->name, -errno);
	return mue_host_fail(o, MUE_UNSUPPORTED, "there can be no %s here: %s", row->name,
			     strerror(errno));
}

void mue_host_objects_close(struct mue_host *h, bool programs)
{
	for (unsigned i = 0; i < MUE_OBJECTS; i++) {
		if (h->objects[i] < 0 ||
		    (mue_object_rows[i].kind == MUE_OBJECT_KIND_PROG && !programs))
			continue;
		if (i != MUE_OBJECT_CLOSED)
			close(h->objects[i]);
		h->objects[i] = -1;
	}
}

/* Nothing of the case has such an id. */
#define NOT_OURS UINT32_MAX

static uint32_t map_number(const struct mue_host_setup *u, uint32_t id)
{
	for (uint32_t i = 0; i < u->n_maps; i++) {
		struct bpf_map_info info = {0};
		uint32_t size = sizeof(info);

		if (!bpf_obj_get_info_by_fd(u->maps[i].fd, &info, &size) && info.id == id)
			return mue_object_number(MUE_OBJECT_MAP, i);
	}
	return NOT_OURS;
}

static uint32_t prog_number(const struct mue_host *h, uint32_t id)
{
	for (unsigned i = 0; i < MUE_OBJECTS; i++) {
		struct bpf_prog_info info = {0};
		uint32_t size = sizeof(info);

		if (mue_object_rows[i].kind == MUE_OBJECT_KIND_PROG && h->objects[i] >= 0 &&
		    !bpf_obj_get_info_by_fd(h->objects[i], &info, &size) && info.id == id)
			return mue_object_number(i, 0);
	}
	return NOT_OURS;
}

static uint32_t socket_number(const struct mue_host *h, uint64_t cookie)
{
	for (unsigned i = 0; i < MUE_OBJECTS; i++) {
		uint64_t own;
		socklen_t size = sizeof(own);

		if (i != MUE_OBJECT_CLOSED && h->objects[i] >= 0 &&
		    !getsockopt(h->objects[i], SOL_SOCKET, SO_COOKIE, &own, &size) && own == cookie)
			return mue_object_number(i, 0);
	}
	return NOT_OURS;
}

void mue_host_object_numbers(struct mue_host *h, const struct mue_host_setup *u,
			     const struct mue_map *m, void *value)
{
	struct mue_fd_place place = mue_value_fd_place(m);
	uint64_t id = 0;

	if (m->value_size < place.at + place.size)
		return;
	memcpy(&id, (uint8_t *)value + place.at, place.size);
	switch (id ? m->type : MUE_MAP_UNSPEC) {
	case MUE_MAP_ARRAY_OF_MAPS:
	case MUE_MAP_HASH_OF_MAPS:
		id = map_number(u, id);
		break;
	case MUE_MAP_PROG_ARRAY:
	case MUE_MAP_DEVMAP:
	case MUE_MAP_DEVMAP_HASH:
	case MUE_MAP_CPUMAP:
		id = prog_number(h, id);
		break;
	case MUE_MAP_REUSEPORT_SOCKARRAY:
		id = socket_number(h, id);
		break;
	}
	memcpy((uint8_t *)value + place.at, &id, place.size);
}
