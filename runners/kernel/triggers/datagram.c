/* Programs that a datagram on the loopback meets on its way. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runners/kernel/triggers/frames.h"
#include "runners/kernel/triggers/net.h"

/* Headers of IPv4 and UDP: a socket's own programs see them in front of what is sent. */
#define UDP_HEADERS 28

enum { RECEIVER, SENDER };

static int make_sockets(struct mue_scene *s)
{
	struct mue_address a;
	int fd = mue_scene_bound(s, AF_INET, SOCK_DGRAM, &a);

	if (fd >= 0)
		fd = mue_scene_socket(s, AF_INET, SOCK_DGRAM);
	return fd < 0 ? fd : 0;
}

static int send_datagram(struct mue_scene *s)
{
	struct mue_address a = {.size = sizeof(a)};

	if (getsockname(s->fds[RECEIVER], &a.any, &a.size))
		return -errno;
	return mue_scene_send(s, s->fds[SENDER], UDP_HEADERS, &a);
}

const struct mue_trigger mue_trigger_datagram = {make_sockets, mue_scene_link_cgroup,
						 send_datagram};

static int link_netns(struct mue_scene *s)
{
	int fd = mue_scene_keep(s, open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));

	return fd < 0 ? fd : mue_scene_link(s, fd);
}

const struct mue_trigger mue_trigger_lookup = {make_sockets, link_netns, send_datagram};

static int make_frame_socket(struct mue_scene *s)
{
	int fd = mue_frames_socket(s);

	return fd < 0 ? fd : 0;
}

/* Where a frame's transport header begins, the kernel lets the dissector find out before sending. */
static int send_frame(struct mue_scene *s)
{
	return mue_frames_send(s, s->fds[0], if_nametoindex("lo"));
}

const struct mue_trigger mue_trigger_dissect = {make_frame_socket, link_netns, send_frame};

#ifndef SO_ATTACH_BPF
#define SO_ATTACH_BPF 50
#endif

static int attach_filter(struct mue_scene *s)
{
	return setsockopt(s->fds[RECEIVER], SOL_SOCKET, SO_ATTACH_BPF, &s->prog, sizeof(s->prog))
		       ? -errno
		       : 0;
}

const struct mue_trigger mue_trigger_filter = {make_sockets, attach_filter, send_datagram};

#define PF_IPV4 2
#define HOOK_LOCAL_IN 1
#define PRIORITY (-128)

/* In words of bpf(2)'s link_create, which libbpf may be too old to fill. */
static int link_netfilter(struct mue_scene *s)
{
	const uint32_t attr[16] = {s->prog, 0,	      MUE_ATTACH_NETFILTER, 0, PF_IPV4, HOOK_LOCAL_IN,
				   PRIORITY};
	int fd = mue_scene_keep(s, syscall(SYS_bpf, BPF_LINK_CREATE, attr, sizeof(attr)));

	return fd < 0 ? fd : 0;
}

const struct mue_trigger mue_trigger_netfilter = {make_sockets, link_netfilter, send_datagram};
