/* Programs of a cgroup that need no network: devices, sysctls, socket options. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runners/kernel/triggers/trigger.h"

static int open_device(struct mue_scene *s)
{
	int fd = mue_scene_keep(s, open("/dev/null", O_RDONLY | O_CLOEXEC));

	return fd < 0 ? fd : 0;
}

const struct mue_trigger mue_trigger_device = {mue_scene_ready, mue_scene_link_cgroup, open_device};

static int open_sysctl(struct mue_scene *s)
{
	int fd = mue_scene_keep(s, open("/proc/sys/kernel/ostype", O_RDONLY | O_CLOEXEC));

	return fd < 0 ? fd : 0;
}

/* One read is one run. */
static int read_sysctl(struct mue_scene *s)
{
	char text[64];

	return read(s->fds[0], text, sizeof(text)) < 0 ? -errno : 0;
}

const struct mue_trigger mue_trigger_sysctl = {open_sysctl, mue_scene_link_cgroup, read_sysctl};

/* A socket counts as of the cgroup in which it was made. */
static int make_socket(struct mue_scene *s)
{
	int fd = mue_scene_keep(s, socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	return fd < 0 ? fd : 0;
}

static int get_option(struct mue_scene *s)
{
	int type;
	socklen_t size = sizeof(type);

	return getsockopt(s->fds[0], SOL_SOCKET, SO_TYPE, &type, &size) ? -errno : 0;
}

static int set_option(struct mue_scene *s)
{
	const int on = 1;

	return setsockopt(s->fds[0], SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ? -errno : 0;
}

const struct mue_trigger mue_trigger_getsockopt = {make_socket, mue_scene_link_cgroup, get_option};
const struct mue_trigger mue_trigger_setsockopt = {make_socket, mue_scene_link_cgroup, set_option};
