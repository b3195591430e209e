/* Extensions: programs that take the place of a function of another, which is ours. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cases/btf.h"
#include "cases/insn.h"
#include "runners/kernel/triggers/trigger.h"

/* What is kept first; its functions. */
enum { TARGET };
enum { MAIN, REPLACED, FUNCS };

/* Calls its second function with its context. A descriptor and the function's BTF id, or -errno. */
static int load_target(uint32_t *btf_id)
{
	const struct bpf_insn insns[] = {
		MUE_CALL_SUB(2),
		MUE_MOV64_IMM(BPF_REG_0, XDP_PASS),
		MUE_EXIT(),
		MUE_MOV64_IMM(BPF_REG_0, XDP_PASS),
		MUE_EXIT(),
	};
	const uint32_t funcs[FUNCS] = {[MAIN] = 0, [REPLACED] = 3};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_XDP);
	struct bpf_func_info *infos;
	struct btf *btf = mue_btf_funcs(funcs, FUNCS, REPLACED, &infos);
	const void *raw;
	uint32_t size;
	int fd;

	if (!btf)
		return -errno;
	raw = btf__raw_data(btf, &size);
	opts.prog_btf_fd = bpf_btf_load(raw, size, NULL);
	btf__free(btf);
	opts.func_info = infos;
	opts.func_info_cnt = FUNCS;
	opts.func_info_rec_size = sizeof(*infos);
	fd = (int)opts.prog_btf_fd < 0 ? (int)opts.prog_btf_fd
				       : bpf_prog_load(BPF_PROG_TYPE_XDP, NULL, "GPL", insns,
						       sizeof(insns) / sizeof(*insns), &opts);
	*btf_id = infos[REPLACED].type_id;
	if ((int)opts.prog_btf_fd >= 0)
		close(opts.prog_btf_fd);
	free(infos);
	return fd;
}

static int find_target(struct mue_target *t, const struct btf *kernel)
{
	t->prog = load_target(&t->btf_id);
	return t->prog < 0 ? t->prog : 0;
}

/* What the program was loaded for is in another process, and may have an extension: here is its twin. */
static int attach(struct mue_scene *s)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts);
	int fd = load_target(&opts.target_btf_id);

	if (fd < 0)
		return fd;
	fd = mue_scene_keep(s, fd);
	if (fd < 0)
		return fd;
	fd = bpf_link_create(s->prog, fd, 0, &opts);
	if (fd < 0)
		return fd;
	fd = mue_scene_keep(s, fd);
	return fd < 0 ? fd : 0;
}

static int run_target(struct mue_scene *s)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = s->event, .data_size_in = s->event_size,
		    .repeat = 1);

	return bpf_prog_test_run_opts(s->fds[TARGET], &opts);
}

const struct mue_trigger mue_trigger_extension = {mue_scene_ready, attach, run_target,
						  .target = find_target, .needs = "a JIT"};
