/* Sockets and addresses for triggers; all in the stage's own network namespace, on its loopback. */
#ifndef MUE_RUNNERS_KERNEL_TRIGGERS_NET_H
#define MUE_RUNNERS_KERNEL_TRIGGERS_NET_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "runners/kernel/triggers/trigger.h"

struct mue_address {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
	socklen_t size;
};

/*
 * A loopback address whose port the kernel chooses (AF_INET, AF_INET6), or an abstract name that it
 * chooses (AF_UNIX).
 */
struct mue_address mue_address_any(int family);

/* A kept socket, or -errno. Its calls wait at most MUE_EVENT_TIMEOUT_MS. */
int mue_scene_socket(struct mue_scene *s, int family, int type);
/* The same, bound; *a becomes its address. */
int mue_scene_bound(struct mue_scene *s, int family, int type, struct mue_address *a);
/* Two connected TCP sockets of a family, kept, into ends. 0 or -errno. */
int mue_scene_tcp(struct mue_scene *s, int family, int ends[2]);
/* Closes a kept descriptor before its time. */
void mue_scene_close(struct mue_scene *s, int fd);

/*
 * Sends all of the event behind what will be headers in front of it, `header` bytes, so that the
 * payload begins where MUE_EVENT_PAYLOAD says. 0 or -errno.
 */
int mue_scene_send(struct mue_scene *s, int fd, uint32_t header, const struct mue_address *to);

#endif
