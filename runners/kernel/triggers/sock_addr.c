/* Programs that see the addresses that a cgroup's sockets are given and give. */
#include <errno.h>

#include "runners/kernel/triggers/net.h"

/* The peer, bound; and the socket itself, in the order in which they are kept. */
enum { PEER, SELF };

struct call {
	uint32_t attach_type;
	int family;
	bool bound;	/* before attaching, the socket is bound, */
	bool connected; /* connected to the peer, */
	bool sent;	/* and has sent a datagram to it */
	int (*fire)(struct mue_scene *s);
};

static const struct call *call_of(const struct mue_scene *s);

static int address_of(int fd, struct mue_address *a)
{
	a->size = sizeof(*a);
	return getsockname(fd, &a->any, &a->size) ? -errno : 0;
}

static int do_bind(struct mue_scene *s)
{
	struct mue_address a = mue_address_any(call_of(s)->family);

	return bind(s->fds[SELF], &a.any, a.size) ? -errno : 0;
}

static int do_connect(struct mue_scene *s)
{
	struct mue_address a;
	int err = address_of(s->fds[PEER], &a);

	if (err)
		return err;
	return connect(s->fds[SELF], &a.any, a.size) ? -errno : 0;
}

static int do_send(struct mue_scene *s)
{
	struct mue_address a;
	int err = address_of(s->fds[PEER], &a);

	if (err)
		return err;
	return sendto(s->fds[SELF], "", 1, MSG_NOSIGNAL, &a.any, a.size) < 0 ? -errno : 0;
}

/* It is asked for the sender's address, else no program runs. */
static int do_receive(struct mue_scene *s)
{
	struct mue_address a = {.size = sizeof(a)};
	char byte;

	return recvfrom(s->fds[PEER], &byte, 1, 0, &a.any, &a.size) < 0 ? -errno : 0;
}

static int do_getpeername(struct mue_scene *s)
{
	struct mue_address a = {.size = sizeof(a)};

	return getpeername(s->fds[SELF], &a.any, &a.size) ? -errno : 0;
}

static int do_getsockname(struct mue_scene *s)
{
	struct mue_address a;

	return address_of(s->fds[SELF], &a);
}

static const struct call calls[] = {
	{MUE_ATTACH_CGROUP_INET4_BIND, AF_INET, .fire = do_bind},
	{MUE_ATTACH_CGROUP_INET6_BIND, AF_INET6, .fire = do_bind},
	{MUE_ATTACH_CGROUP_INET4_CONNECT, AF_INET, .fire = do_connect},
	{MUE_ATTACH_CGROUP_INET6_CONNECT, AF_INET6, .fire = do_connect},
	{MUE_ATTACH_CGROUP_UNIX_CONNECT, AF_UNIX, .fire = do_connect},
	{MUE_ATTACH_CGROUP_UDP4_SENDMSG, AF_INET, .fire = do_send},
	{MUE_ATTACH_CGROUP_UDP6_SENDMSG, AF_INET6, .fire = do_send},
	{MUE_ATTACH_CGROUP_UNIX_SENDMSG, AF_UNIX, .fire = do_send},
	{MUE_ATTACH_CGROUP_UDP4_RECVMSG, AF_INET, .sent = true, .fire = do_receive},
	{MUE_ATTACH_CGROUP_UDP6_RECVMSG, AF_INET6, .sent = true, .fire = do_receive},
	{MUE_ATTACH_CGROUP_UNIX_RECVMSG, AF_UNIX, true, .sent = true, .fire = do_receive},
	{MUE_ATTACH_CGROUP_INET4_GETPEERNAME, AF_INET, .connected = true, .fire = do_getpeername},
	{MUE_ATTACH_CGROUP_INET6_GETPEERNAME, AF_INET6, .connected = true, .fire = do_getpeername},
	{MUE_ATTACH_CGROUP_UNIX_GETPEERNAME, AF_UNIX, .connected = true, .fire = do_getpeername},
	{MUE_ATTACH_CGROUP_INET4_GETSOCKNAME, AF_INET, true, .fire = do_getsockname},
	{MUE_ATTACH_CGROUP_INET6_GETSOCKNAME, AF_INET6, true, .fire = do_getsockname},
	{MUE_ATTACH_CGROUP_UNIX_GETSOCKNAME, AF_UNIX, true, .fire = do_getsockname},
};

static const struct call *call_of(const struct mue_scene *s)
{
	const struct call *c = calls;

	while (c->attach_type != s->row->attach_type)
		c++;
	return c;
}

static int prepare(struct mue_scene *s)
{
	const struct call *c = call_of(s);
	struct mue_address a;
	int err = mue_scene_bound(s, c->family, SOCK_DGRAM, &a);

	if (err >= 0)
		err = mue_scene_socket(s, c->family, SOCK_DGRAM);
	if (err < 0)
		return err;
	err = c->bound ? do_bind(s) : 0;
	if (!err && c->connected)
		err = do_connect(s);
	if (!err && c->sent)
		err = do_send(s);
	return err;
}

static int fire(struct mue_scene *s)
{
	return call_of(s)->fire(s);
}

const struct mue_trigger mue_trigger_sock_addr = {prepare, mue_scene_link_cgroup, fire};
