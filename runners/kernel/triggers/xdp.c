/* XDP programs: on an interface, and behind a redirect to an interface or a CPU. */
#include <errno.h>
#include <linux/if_link.h>

#include "cases/insn.h"
#include "runners/kernel/triggers/frames.h"

#define HELPER_REDIRECT_MAP 51

/* The packet socket; behind redirects, the map. */
enum { SOCKET, MAP };

static int prepare(struct mue_scene *s)
{
	int err = mue_frames_veth(s);

	if (!err)
		err = mue_frames_socket(s);
	return err < 0 ? err : 0;
}

static int link_native(struct mue_scene *s, int prog, unsigned end)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = XDP_FLAGS_DRV_MODE);
	int fd = bpf_link_create(prog, s->veth[end], BPF_XDP, &opts);

	if (fd < 0)
		return fd;
	fd = mue_scene_keep(s, fd);
	return fd < 0 ? fd : 0;
}

static int attach(struct mue_scene *s)
{
	return link_native(s, s->prog, MUE_FRAMES_TO);
}

static int send_frame(struct mue_scene *s)
{
	return mue_frames_send(s, s->fds[SOCKET], s->veth[MUE_FRAMES_FROM]);
}

const struct mue_trigger mue_trigger_xdp = {prepare, attach, send_frame};

/* A kept program of ours, or -errno. */
static int load(struct mue_scene *s, const struct bpf_insn *insns, size_t n)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_XDP);
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, NULL, "GPL", insns, n, &opts);

	return fd < 0 ? fd : mue_scene_keep(s, fd);
}

/* Whatever comes goes to element `to` of the map. */
static int link_redirect(struct mue_scene *s, uint32_t to)
{
	const struct bpf_insn insns[] = {
		MUE_LD_IMM64_LO(BPF_REG_1, BPF_PSEUDO_MAP_FD, s->fds[MAP]), MUE_LD_IMM64_HI(0),
		MUE_MOV64_IMM(BPF_REG_2, to), MUE_MOV64_IMM(BPF_REG_3, 0),
		MUE_CALL(HELPER_REDIRECT_MAP), MUE_EXIT()};
	int fd = load(s, insns, sizeof(insns) / sizeof(*insns));

	return fd < 0 ? fd : link_native(s, fd, MUE_FRAMES_TO);
}

static int make_map(struct mue_scene *s, enum bpf_map_type type, uint32_t max_entries)
{
	int err = prepare(s), fd;

	if (err)
		return err;
	fd = bpf_map_create(type, NULL, 4, 8, max_entries, NULL);
	if (fd < 0)
		return fd;
	fd = mue_scene_keep(s, fd);
	return fd < 0 ? fd : 0;
}

static int make_devmap(struct mue_scene *s)
{
	return make_map(s, BPF_MAP_TYPE_DEVMAP, 1);
}

/* An interface takes redirected frames when its peer has XDP too. */
static int link_pass(struct mue_scene *s)
{
	const struct bpf_insn pass[] = {MUE_MOV64_IMM(BPF_REG_0, XDP_PASS), MUE_EXIT()};
	int fd = load(s, pass, 2);

	return fd < 0 ? fd : link_native(s, fd, MUE_FRAMES_FROM);
}

static int attach_devmap(struct mue_scene *s)
{
	struct bpf_devmap_val value = {.ifindex = s->veth[MUE_FRAMES_TO], .bpf_prog.fd = s->prog};
	const uint32_t zero = 0;

	return bpf_map_update_elem(s->fds[MAP], &zero, &value, BPF_ANY) ?: link_pass(s)
		       ?: link_redirect(s, 0);
}

const struct mue_trigger mue_trigger_xdp_devmap = {make_devmap, attach_devmap, send_frame};

static int make_cpumap(struct mue_scene *s)
{
	return make_map(s, BPF_MAP_TYPE_CPUMAP, s->cpu + 1);
}

/* It runs in a thread of the map, on the CPU that the redirect says. */
static int attach_cpumap(struct mue_scene *s)
{
	struct bpf_cpumap_val value = {.qsize = 8, .bpf_prog.fd = s->prog};

	return bpf_map_update_elem(s->fds[MAP], &s->cpu, &value, BPF_ANY)
		       ?: link_redirect(s, s->cpu);
}

const struct mue_trigger mue_trigger_xdp_cpumap = {make_cpumap, attach_cpumap, send_frame};
