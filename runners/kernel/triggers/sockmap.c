/* Programs of a SOCKMAP, which see what its sockets send and receive. */
#include <errno.h>
#include <sys/socket.h>

#include "cases/insn.h"
#include "runners/kernel/triggers/net.h"

/* The map, and two connected sockets of which it gets one. */
enum { MAP, FAR, NEAR };

static int make_map(struct mue_scene *s)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_SOCKMAP, NULL, 4, 4, 1, NULL);

	if (fd < 0)
		return fd;
	fd = mue_scene_keep(s, fd);
	return fd < 0 ? fd : 0;
}

static int make_unix(struct mue_scene *s)
{
	int err = make_map(s), ends[2];

	if (err)
		return err;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	if (mue_scene_keep(s, ends[0]) < 0 || mue_scene_keep(s, ends[1]) < 0)
		return -EMFILE;
	return 0;
}

/* In the same places; the listener goes. */
static int make_tcp(struct mue_scene *s)
{
	int ends[2];
	int err = make_map(s) ?: mue_scene_tcp(s, AF_INET, ends);

	if (err)
		return err;
	mue_scene_close(s, s->fds[FAR]);
	s->fds[FAR] = ends[0];
	s->fds[NEAR] = ends[1];
	s->n_fds = NEAR + 1;
	return 0;
}

/* A socket takes on the programs that the map has when it comes. */
static int add_socket(struct mue_scene *s)
{
	const uint32_t zero = 0;

	return bpf_map_update_elem(s->fds[MAP], &zero, &s->fds[NEAR], BPF_ANY);
}

static int attach_as(struct mue_scene *s, uint32_t attach_type)
{
	return bpf_prog_attach(s->prog, s->fds[MAP], attach_type, 0) ?: add_socket(s);
}

static int attach(struct mue_scene *s)
{
	return attach_as(s, s->row->attach_type);
}

/* Loaded without an expected attach type, it can be attached as any. */
static int attach_verdict(struct mue_scene *s)
{
	return attach_as(s, MUE_ATTACH_SK_SKB_VERDICT);
}

static int send_to_near(struct mue_scene *s)
{
	return mue_scene_send(s, s->fds[FAR], 0, NULL);
}

const struct mue_trigger mue_trigger_unix_verdict = {make_unix, attach, send_to_near};
const struct mue_trigger mue_trigger_unix_any = {make_unix, attach_verdict, send_to_near};
const struct mue_trigger mue_trigger_tcp_verdict = {make_tcp, attach, send_to_near};

static int send_from_near(struct mue_scene *s)
{
	return send(s->fds[NEAR], "", 1, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

const struct mue_trigger mue_trigger_tcp_message = {make_tcp, attach, send_from_near};

/* A parser works together with a verdict: one that passes all. */
static int attach_parser(struct mue_scene *s)
{
	const struct bpf_insn pass[] = {MUE_MOV64_IMM(BPF_REG_0, SK_PASS), MUE_EXIT()};
	int verdict = bpf_prog_load(BPF_PROG_TYPE_SK_SKB, NULL, "GPL", pass, 2, NULL);

	if (verdict < 0)
		return verdict;
	verdict = mue_scene_keep(s, verdict);
	if (verdict < 0)
		return verdict;
	return bpf_prog_attach(verdict, s->fds[MAP], BPF_SK_SKB_STREAM_VERDICT, 0) ?: attach(s);
}

/* What it returns is the length of a message: as short as what is sent. */
static int send_byte(struct mue_scene *s)
{
	return send(s->fds[FAR], "", 1, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

const struct mue_trigger mue_trigger_tcp_parser = {make_tcp, attach_parser, send_byte};
