/* Programs that see sockets of a cgroup come, go and listen. */
#include <errno.h>

#include "runners/kernel/triggers/net.h"

static int family_of(const struct mue_scene *s)
{
	return s->row->attach_type == MUE_ATTACH_CGROUP_INET6_POST_BIND ? AF_INET6 : AF_INET;
}

static int make_udp(struct mue_scene *s)
{
	int fd = mue_scene_socket(s, family_of(s), SOCK_DGRAM);

	return fd < 0 ? fd : 0;
}

static int close_udp(struct mue_scene *s)
{
	mue_scene_close(s, s->fds[0]);
	return 0;
}

static int bind_udp(struct mue_scene *s)
{
	struct mue_address a = mue_address_any(family_of(s));

	return bind(s->fds[0], &a.any, a.size) ? -errno : 0;
}

const struct mue_trigger mue_trigger_sock_create = {mue_scene_ready, mue_scene_link_cgroup,
						    make_udp};
const struct mue_trigger mue_trigger_sock_release = {make_udp, mue_scene_link_cgroup, close_udp};
const struct mue_trigger mue_trigger_post_bind = {make_udp, mue_scene_link_cgroup, bind_udp};

static int make_tcp(struct mue_scene *s)
{
	struct mue_address a;
	int fd = mue_scene_bound(s, AF_INET, SOCK_STREAM, &a);

	return fd < 0 ? fd : 0;
}

/* Of all that is told to such programs, the only call that stands alone. */
static int listen_tcp(struct mue_scene *s)
{
	return listen(s->fds[0], 1) ? -errno : 0;
}

const struct mue_trigger mue_trigger_listen = {make_tcp, mue_scene_link_cgroup, listen_tcp};
