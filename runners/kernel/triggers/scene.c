/* What triggers share. */
#include <errno.h>
#include <unistd.h>

#include "runners/kernel/triggers/trigger.h"

int mue_scene_keep(struct mue_scene *s, int fd)
{
	if (fd < 0)
		return -errno;
	if (s->n_fds == MUE_SCENE_FDS) {
		close(fd);
		return -EMFILE;
	}
	s->fds[s->n_fds++] = fd;
	return fd;
}

int mue_scene_ready(struct mue_scene *s)
{
	return 0;
}

int mue_scene_link(struct mue_scene *s, int target)
{
	int fd = bpf_link_create(s->prog, target, s->row->attach_type, NULL);

	if (fd < 0)
		return fd;
	fd = mue_scene_keep(s, fd);
	return fd < 0 ? fd : 0;
}

int mue_scene_link_cgroup(struct mue_scene *s)
{
	return mue_scene_link(s, s->cgroup);
}
