#include "runners/kernel/triggers/net.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

struct mue_address mue_address_any(int family)
{
	struct mue_address a = {0};

	a.any.sa_family = family;
	switch (family) {
	case AF_INET:
		a.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		a.size = sizeof(a.in);
		break;
	case AF_INET6:
		a.in6.sin6_addr = in6addr_loopback;
		a.size = sizeof(a.in6);
		break;
	default:
		a.size = offsetof(struct sockaddr_un, sun_path);
	}
	return a;
}

int mue_scene_socket(struct mue_scene *s, int family, int type)
{
	const struct timeval limit = {.tv_sec = MUE_EVENT_TIMEOUT_MS / 1000};
	int fd = mue_scene_keep(s, socket(family, type | SOCK_CLOEXEC, 0));

	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ||
			setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit))))
		return -errno;
	return fd;
}

int mue_scene_bound(struct mue_scene *s, int family, int type, struct mue_address *a)
{
	int fd = mue_scene_socket(s, family, type);

	if (fd < 0)
		return fd;
	*a = mue_address_any(family);
	if (bind(fd, &a->any, a->size))
		return -errno;
	a->size = sizeof(*a);
	return getsockname(fd, &a->any, &a->size) ? -errno : fd;
}

int mue_scene_tcp(struct mue_scene *s, int family, int ends[2])
{
	struct mue_address a;
	int listener = mue_scene_bound(s, family, SOCK_STREAM, &a);

	if (listener < 0)
		return listener;
	if (listen(listener, 1))
		return -errno;
	ends[0] = mue_scene_socket(s, family, SOCK_STREAM);
	if (ends[0] < 0)
		return ends[0];
	if (connect(ends[0], &a.any, a.size))
		return -errno;
	ends[1] = mue_scene_keep(s, accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	return ends[1] < 0 ? ends[1] : 0;
}

void mue_scene_close(struct mue_scene *s, int fd)
{
	for (uint32_t i = 0; i < s->n_fds; i++)
		if (s->fds[i] == fd) {
			close(fd);
			s->fds[i] = -1;
		}
}

int mue_scene_send(struct mue_scene *s, int fd, uint32_t header, const struct mue_address *to)
{
	ssize_t n = sendto(fd, s->event + header, s->event_size - header, MSG_NOSIGNAL,
			   to ? &to->any : NULL, to ? to->size : 0);

	return n < 0 ? -errno : 0;
}
