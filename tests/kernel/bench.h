/*
 * A bench for lowered programs: makes what a case's first phase needs, loads it, runs it by
 * BPF_PROG_TEST_RUN, and reads what it has recorded. It uses no runner, so that a failing
 * test is lowering's fault.
 */
#ifndef MUE_TESTS_KERNEL_BENCH_H
#define MUE_TESTS_KERNEL_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/btf.h"
#include "cases/lower.h"

#define LOG_SIZE (1 << 20)

/* A case being asked, and all that the kernel holds for it. */
struct bench {
	struct mue_case c;
	struct mue_layout l;
	struct mue_program p;
	struct mue_observation o;
	int fds[MUE_HANDLES];
	int progs[MUE_PARTS_MAX];
	void *io;
	char *log;
	uint8_t packet[MUE_PACKET_HEADER + MUE_PACKET_MAX];
};

static inline int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	memset(b->fds, -1, sizeof(b->fds));
	memset(b->progs, -1, sizeof(b->progs));
	b->log = malloc(LOG_SIZE);
	*state = b;
	return 0;
}

static inline void close_all(struct bench *b)
{
	for (unsigned i = 0; i < MUE_HANDLES; i++)
		if (b->fds[i] >= 0)
			close(b->fds[i]);
	for (unsigned i = 0; i < MUE_PARTS_MAX; i++)
		if (b->progs[i] >= 0)
			close(b->progs[i]);
	memset(b->fds, -1, sizeof(b->fds));
	memset(b->progs, -1, sizeof(b->progs));
	free(b->io);
	b->io = NULL;
}

static inline int teardown(void **state)
{
	struct bench *b = *state;

	close_all(b);
	free(b->log);
	free(b);
	return 0;
}

static inline int make(unsigned type, uint32_t key, uint32_t value, uint32_t entries,
		       uint32_t flags, int inner)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = flags);
	int fd;

	if (inner >= 0)
		opts.inner_map_fd = inner;
	fd = bpf_map_create(type, NULL, key, value, entries, &opts);
	assert_true(fd >= 0);
	return fd;
}

static inline int make_special(const struct mue_map *m)
{
	uint32_t key, value;
	struct btf *btf = mue_btf_map(m, &key, &value);
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = m->flags);
	int fd;

	assert_non_null(btf);
	assert_int_equal(btf__load_into_kernel(btf), 0);
	opts.btf_fd = btf__fd(btf);
	opts.btf_key_type_id = key;
	opts.btf_value_type_id = value;
	fd = bpf_map_create(m->type, NULL, m->key_size, m->value_size, m->max_entries, &opts);
	btf__free(btf);
	assert_true(fd >= 0);
	return fd;
}

static inline int make_map(const struct mue_map *m)
{
	if (m->special)
		return make_special(m);
	return make(m->type, m->key_size, m->value_size, m->max_entries, m->flags, -1);
}

static inline void make_outer(struct bench *b, uint32_t map)
{
	uint32_t zero = 0;
	int *fd = &b->fds[MUE_HANDLE_OUTER + map];

	*fd = make(BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 1, 0, b->fds[map]);
	assert_int_equal(bpf_map_update_elem(*fd, &zero, &b->fds[map], 0), 0);
}

static inline void make_maps(struct bench *b)
{
	uint32_t zero = 0;

	for (uint32_t i = 0; i < b->c.n_maps; i++) {
		b->fds[i] = make_map(&b->c.maps[i]);
		if (b->l.handles >> (MUE_HANDLE_OUTER + i) & 1)
			make_outer(b, i);
	}
	b->io = malloc(b->l.io_size);
	mue_io_fill(b->io, &b->l, &b->c, 0);
	b->fds[MUE_HANDLE_IO] = make(BPF_MAP_TYPE_ARRAY, 4, b->l.io_size, 1, 0, -1);
	b->fds[MUE_HANDLE_RODATA] =
		make(BPF_MAP_TYPE_ARRAY, 4, b->l.io_size, 1, BPF_F_RDONLY_PROG, -1);
	b->fds[MUE_HANDLE_RINGBUF] = make(BPF_MAP_TYPE_RINGBUF, 0, 0, MUE_RINGBUF_SIZE, 0, -1);
	b->fds[MUE_HANDLE_TAILS] = make(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0, -1);
	assert_int_equal(bpf_map_update_elem(b->fds[MUE_HANDLE_IO], &zero, b->io, 0), 0);
	assert_int_equal(bpf_map_update_elem(b->fds[MUE_HANDLE_RODATA], &zero, b->io, 0), 0);
}

static inline void put_fds(struct bench *b)
{
	for (uint32_t i = 0; i < b->p.n; i++) {
		struct bpf_insn *insn = &b->p.insns[i];

		if (insn->code != (BPF_LD | BPF_DW | BPF_IMM))
			continue;
		if (insn->src_reg == BPF_PSEUDO_MAP_FD || insn->src_reg == BPF_PSEUDO_MAP_VALUE)
			insn->imm = b->fds[insn->imm];
		i++;
	}
}

static inline int load_part(struct bench *b, uint32_t part)
{
	const struct mue_phase *p = &b->c.phases[0];
	const struct mue_prog_type_row *row = mue_prog_type_row(p->prog_type);
	struct bpf_func_info *infos = NULL;
	struct btf *btf = NULL;
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = row->attach,
		    .log_buf = b->log, .log_size = LOG_SIZE, .log_level = 4);

	assert_int_equal(mue_lower(&b->p, &b->l, &b->c, 0, part), 0);
	put_fds(b);
	if (row->flags & MUE_PROG_F_SLEEPABLE)
		opts.prog_flags = BPF_F_SLEEPABLE;
	if (b->p.has_callback) {
		btf = mue_btf_funcs(b->p.funcs, b->p.n_funcs, MUE_BTF_NONE, &infos);
		assert_non_null(btf);
		assert_int_equal(btf__load_into_kernel(btf), 0);
		opts.prog_btf_fd = btf__fd(btf);
		opts.func_info = infos;
		opts.func_info_cnt = b->p.n_funcs;
		opts.func_info_rec_size = sizeof(*infos);
	}
	b->log[0] = 0;
	b->progs[part] = bpf_prog_load(p->prog_type, "mue", "GPL", b->p.insns, b->p.n, &opts);
	btf__free(btf);
	free(infos);
	return b->progs[part] < 0 ? b->progs[part] : 0;
}

static inline int load(struct bench *b)
{
	uint32_t zero = 0, parts = mue_lower_parts(&b->c, 0);

	mue_layout_phase(&b->l, &b->c, 0);
	make_maps(b);
	for (uint32_t part = 0; part < parts; part++) {
		int err = load_part(b, part);

		if (err)
			return err;
	}
	if (parts > 1)
		return bpf_map_update_elem(b->fds[MUE_HANDLE_TAILS], &zero, &b->progs[1], 0);
	return 0;
}

static inline void run(struct bench *b)
{
	const struct mue_prog_type_row *row = mue_prog_type_row(b->c.phases[0].prog_type);
	struct bpf_sk_lookup sk = {.family = 2};
	uint32_t zero = 0;
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	if (row->test_run == MUE_TEST_RUN_SK_LOOKUP) {
		opts.ctx_in = &sk;
		opts.ctx_size_in = sizeof(sk);
	} else if (row->test_run != MUE_TEST_RUN_RAW_TP && row->test_run != MUE_TEST_RUN_SYSCALL) {
		mue_packet_fill(b->packet + MUE_PACKET_HEADER, &b->l, &b->c, 0);
		opts.data_in = b->packet;
		opts.data_size_in = MUE_PACKET_HEADER + b->l.packet_payload;
		if (opts.data_size_in < MUE_PACKET_MIN)
			opts.data_size_in = MUE_PACKET_MIN;
		opts.repeat = 1;
	}
	assert_int_equal(bpf_prog_test_run_opts(b->progs[0], &opts), 0);
	assert_int_equal(opts.retval, row->ret);
	assert_int_equal(bpf_map_lookup_elem(b->fds[MUE_HANDLE_IO], &zero, b->io), 0);
	mue_observation_init(&b->o, &b->c);
	mue_io_read(&b->o, b->io, &b->l, &b->c, 0);
	assert_int_equal(b->o.phases[0].invoked, 1);
}

#endif
