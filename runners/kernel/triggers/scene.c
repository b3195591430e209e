/* What triggers share. */
#include <errno.h>
#include <unistd.h>

#include "cases/insn.h"
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

int mue_scene_link_tracepoint(struct mue_scene *s, const char *name)
{
	int fd = bpf_raw_tracepoint_open(name, s->prog);

	if (fd < 0)
		return fd;
	fd = mue_scene_keep(s, fd);
	return fd < 0 ? fd : 0;
}

int mue_scene_test_run(struct mue_scene *s)
{
	const struct bpf_insn insns[] = {MUE_MOV64_IMM(BPF_REG_0, 0), MUE_EXIT()};
	char packet[MUE_PACKET_MIN] = {0};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = 1);
	int fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", insns, 2, NULL), err;

	if (fd < 0)
		return fd;
	err = bpf_prog_test_run_opts(fd, &opts);
	close(fd);
	return err;
}

int mue_scene_trace(struct mue_scene *s)
{
	return bpf_prog_test_run_opts(s->prog, NULL);
}

int mue_scene_kernel(struct mue_scene *s)
{
	if (!s->kernel)
		s->kernel = btf__load_vmlinux_btf();
	return s->kernel ? 0 : -errno;
}
