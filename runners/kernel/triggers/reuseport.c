/* Programs that choose one socket of a reuseport group. */
#include <errno.h>
#include <poll.h>

#include "runners/kernel/triggers/net.h"

#ifndef SO_ATTACH_REUSEPORT_EBPF
#define SO_ATTACH_REUSEPORT_EBPF 52
#endif

/* Two sockets of a group; and one that calls them. */
enum { ONE, OTHER, CALLER };

static int make_group(struct mue_scene *s, int type)
{
	struct mue_address a = mue_address_any(AF_INET);
	const int on = 1;

	for (unsigned i = ONE; i <= OTHER; i++) {
		int fd = mue_scene_socket(s, AF_INET, type);

		if (fd < 0)
			return fd;
		if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
		    bind(fd, &a.any, a.size) || (type == SOCK_STREAM && listen(fd, 4)) ||
		    getsockname(fd, &a.any, &a.size))
			return -errno;
	}
	return mue_scene_socket(s, AF_INET, type);
}

static int call(struct mue_scene *s)
{
	struct mue_address a = {.size = sizeof(a)};

	if (getsockname(s->fds[ONE], &a.any, &a.size) || connect(s->fds[CALLER], &a.any, a.size))
		return -errno;
	return 0;
}

static int attach(struct mue_scene *s)
{
	return setsockopt(s->fds[ONE], SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &s->prog,
			  sizeof(s->prog))
		       ? -errno
		       : 0;
}

static int make_receivers(struct mue_scene *s)
{
	int fd = make_group(s, SOCK_DGRAM);

	return fd < 0 ? fd : call(s);
}

/* Headers of UDP: these programs see them in front of what is sent. */
#define UDP_HEADER 8

static int send_datagram(struct mue_scene *s)
{
	return mue_scene_send(s, s->fds[CALLER], UDP_HEADER, NULL);
}

const struct mue_trigger mue_trigger_reuseport = {make_receivers, attach, send_datagram};

/* A connection that nobody has accepted yet. */
static int make_listeners(struct mue_scene *s)
{
	int fd = make_group(s, SOCK_STREAM);

	return fd < 0 ? fd : call(s);
}

/* The listener that has it goes: it moves to another of the group. */
static int close_listener(struct mue_scene *s)
{
	struct pollfd fds[] = {{s->fds[ONE], POLLIN, 0}, {s->fds[OTHER], POLLIN, 0}};

	if (poll(fds, 2, MUE_EVENT_TIMEOUT_MS) != 1)
		return -ETIMEDOUT;
	mue_scene_close(s, fds[0].revents ? s->fds[ONE] : s->fds[OTHER]);
	return 0;
}

const struct mue_trigger mue_trigger_migrate = {make_listeners, attach, close_listener};
