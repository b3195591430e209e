/* Programs that a datagram on the loopback meets on its way. */
#include <errno.h>
#include <fcntl.h>

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
