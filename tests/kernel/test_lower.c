/*
 * Lowered programs on this kernel: every test-run program type x every origin x every
 * reach loads, runs and answers as the tables say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
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

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	memset(b->fds, -1, sizeof(b->fds));
	memset(b->progs, -1, sizeof(b->progs));
	b->log = malloc(LOG_SIZE);
	*state = b;
	return 0;
}

static void close_all(struct bench *b)
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

static int teardown(void **state)
{
	struct bench *b = *state;

	close_all(b);
	free(b->log);
	free(b);
	return 0;
}

static int make(unsigned type, uint32_t key, uint32_t value, uint32_t entries, uint32_t flags,
		int inner)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = flags);
	int fd;

	if (inner >= 0)
		opts.inner_map_fd = inner;
	fd = bpf_map_create(type, NULL, key, value, entries, &opts);
	assert_true(fd >= 0);
	return fd;
}

static int make_special(const struct mue_map *m)
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

static int make_map(const struct mue_map *m)
{
	if (m->special)
		return make_special(m);
	return make(m->type, m->key_size, m->value_size, m->max_entries, m->flags, -1);
}

static void make_outer(struct bench *b, uint32_t map)
{
	uint32_t zero = 0;
	int *fd = &b->fds[MUE_HANDLE_OUTER + map];

	*fd = make(BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 1, 0, b->fds[map]);
	assert_int_equal(bpf_map_update_elem(*fd, &zero, &b->fds[map], 0), 0);
}

static void make_maps(struct bench *b)
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

static void put_fds(struct bench *b)
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

static int load_part(struct bench *b, uint32_t part)
{
	const struct mue_phase *p = &b->c.phases[0];
	const struct mue_prog_type_row *row = mue_prog_type_row(p->prog_type);
	struct bpf_func_info *infos = NULL;
	struct btf *btf = NULL;
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = row->attach, .log_buf = b->log,
		    .log_size = LOG_SIZE, .log_level = 4);

	assert_int_equal(mue_lower(&b->p, &b->l, &b->c, 0, part), 0);
	put_fds(b);
	if (row->flags & MUE_PROG_F_SLEEPABLE)
		opts.prog_flags = BPF_F_SLEEPABLE;
	if (b->p.has_callback) {
		btf = mue_btf_funcs(&b->p, &infos);
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

static int load(struct bench *b)
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

static void run(struct bench *b)
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

/* A case of map m (and n of the same kind), one phase, and the op that is asked about. */
static struct mue_op *begin(struct bench *b, unsigned prog, unsigned map, uint32_t key,
			    uint32_t value)
{
	uint32_t flags = map == MUE_MAP_LPM_TRIE ? MUE_MAP_F_NO_PREALLOC : 0;
	struct mue_op *op;

	close_all(b);
	mue_case_init(&b->c, "test");
	mue_case_add_map(&b->c, "m", map, key, value, 8, flags);
	mue_case_add_map(&b->c, "n", map, key, value, 8, flags);
	mue_case_add_phase(&b->c, prog);
	op = mue_case_add_op(&b->c, MUE_OP_LOOKUP, 0);
	op->key = mue_bytes_u32(7);
	op = mue_case_add_op(&b->c, MUE_OP_UPDATE, 0);
	op->key = mue_bytes_u32(1);
	op->value = mue_bytes_u32(0x11223344);
	op->value.fill = 0x55;
	return op;
}

static bool runnable(struct bench *b)
{
	char msg[256];
	int err = mue_case_check(&b->c, msg, sizeof(msg));

	return !err;
}

static void fail_at(struct bench *b, const char *what, int got)
{
	const struct mue_op *op = &b->c.ops[1];

	fail_msg("%s key %s value %s reach %s: %s %d\n%s",
		 mue_prog_type_row(b->c.phases[0].prog_type)->name, mue_origin_rows[op->key_from].name,
		 mue_origin_rows[op->value_from].name, mue_reach_names[op->reach], what, got, b->log);
}

/* The entry that a RUN step has made, as the syscall shows it. */
static void check_entry(struct bench *b, uint32_t nth)
{
	const struct mue_map *m = &b->c.maps[0];
	const struct mue_op *op = &b->c.ops[1];
	uint8_t key[64], want[512], got[512];

	mue_bytes_resolve(&op->key, key, m->key_size);
	mue_bytes_resolve(&op->value, want, m->value_size);
	mue_bytes_count_up(key, m->key_size, 0, nth);
	mue_bytes_count_up(want, m->value_size, 0, nth);
	if (bpf_map_lookup_elem(b->fds[0], key, got))
		fail_at(b, "no entry", nth);
	assert_memory_equal(got, want, m->value_size);
}

static void check_step(struct bench *b, unsigned prog)
{
	const struct mue_op *op = &b->c.ops[1];
	bool dry = mue_origin_rows[op->key_from].dry || mue_origin_rows[op->value_from].dry;
	bool absent = op->key_from == MUE_ORIGIN_LOOKUP || op->value_from == MUE_ORIGIN_LOOKUP;
	/* What this kernel takes of the origins that are only loaded. */
	bool taken = !dry || op->key_from == MUE_ORIGIN_UNINIT ||
		     op->value_from == MUE_ORIGIN_UNINIT || op->key_from == MUE_ORIGIN_OR_NULL_CONST ||
		     op->value_from == MUE_ORIGIN_OR_NULL_CONST;
	bool past = op->key_from == MUE_ORIGIN_SHORT_STACK ||
		    op->value_from == MUE_ORIGIN_SHORT_STACK;
	int want = taken ? 0 : past ? -EINVAL : -EACCES, err = load(b);

	if (prog == MUE_PROG_SYSCALL && op->reach == MUE_REACH_TAIL_CALL)
		want = -EINVAL; /* sleepable programs may use no program arrays */
	if (err != want)
		fail_at(b, "load", err);
	if (err)
		return;
	run(b);
	assert_int_equal(b->o.ops[1].known, 1);
	assert_int_equal(b->o.ops[1].ret, 0);
	assert_int_equal(b->o.ops[1].failed, 0);
	if (b->o.ops[1].times != (dry || absent ? 0 : op->times))
		fail_at(b, "times", b->o.ops[1].times);
	if (!dry && !absent)
		check_entry(b, op->times - 1);
}

typedef void each_fn(struct bench *b, unsigned prog);

static void each_prog(void **state, each_fn *fn)
{
	for (unsigned prog = 1; prog < MUE_PROG_TYPES; prog++) {
		const struct mue_prog_type_row *row = mue_prog_type_row(prog);

		if (row && row->test_run != MUE_TEST_RUN_NONE)
			fn(*state, prog);
	}
}

static void origins_of(struct bench *b, unsigned prog)
{
	for (unsigned origin = 0; origin < MUE_ORIGINS; origin++) {
		struct mue_op *op = begin(b, prog, MUE_MAP_HASH, 4, 13);

		op->key_from = origin;
		if (runnable(b))
			check_step(b, prog);
		op = begin(b, prog, MUE_MAP_HASH, 9, 37);
		op->value_from = origin;
		if (runnable(b))
			check_step(b, prog);
		op = begin(b, prog, MUE_MAP_HASH, 7, 7);
		op->key_from = op->value_from = origin;
		if (runnable(b))
			check_step(b, prog);
	}
}

static void test_every_origin_in_every_type(void **state)
{
	each_prog(state, origins_of);
}

static void reaches_of(struct bench *b, unsigned prog)
{
	for (unsigned reach = 0; reach < MUE_REACHES; reach++)
		for (unsigned origin = 0; origin < MUE_ORIGINS; origin++) {
			struct mue_op *op = begin(b, prog, MUE_MAP_HASH, 5, 6);

			op->reach = reach;
			op->value_from = origin;
			op->map2 = reach == MUE_REACH_SHARED;
			op->flags_const = origin & 1;
			if (!runnable(b))
				continue;
			check_step(b, prog);
		}
}

static void test_every_reach_in_every_type(void **state)
{
	each_prog(state, reaches_of);
}

/* An empty case of one phase; maps are m0, m1, ... */
static void begin_empty(struct bench *b, unsigned prog)
{
	close_all(b);
	mue_case_init(&b->c, "test");
	mue_case_add_phase(&b->c, prog);
}

static void add_map(struct bench *b, unsigned type, uint32_t key, uint32_t value)
{
	char name[4] = {'m', '0' + b->c.n_maps};

	mue_case_add_map(&b->c, name, type, key, value, 16,
			 type == MUE_MAP_LPM_TRIE ? MUE_MAP_F_NO_PREALLOC : 0);
}

static struct mue_op *add_op(struct bench *b, unsigned kind, unsigned map, uint32_t key,
			     uint32_t value)
{
	struct mue_op *op = mue_case_add_op(&b->c, kind, map);

	op->key = mue_bytes_u32(key);
	op->value = mue_bytes_u32(value);
	return op;
}

static void load_and_run(struct bench *b)
{
	char msg[256];

	if (mue_case_check(&b->c, msg, sizeof(msg)))
		fail_msg("%s", msg);
	if (load(b))
		fail_msg("refused: %s", b->log);
	run(b);
}

static void assert_value(struct bench *b, uint32_t op, const void *want, uint32_t size)
{
	const struct mue_result *r = &b->o.ops[op];

	assert_int_equal(r->ret, 1);
	assert_int_equal(r->has_value, 1);
	assert_int_equal(r->value.len, size);
	assert_memory_equal(mue_blob_head(&b->o, &r->value), want, size < 64 ? size : 64);
}

/* A hash replaces an element, an array overwrites it: what an old pointer shows differs. */
static void test_lookup_and_reread(void **state)
{
	static const unsigned types[] = {MUE_MAP_HASH, MUE_MAP_ARRAY};
	struct bench *b = *state;

	for (unsigned i = 0; i < 2; i++) {
		uint64_t old = 5, new = 6;

		begin_empty(b, MUE_PROG_XDP);
		add_map(b, types[i], 4, 8);
		add_op(b, MUE_OP_UPDATE, 0, 1, old);
		add_op(b, MUE_OP_LOOKUP, 0, 1, 0);
		add_op(b, MUE_OP_UPDATE, 0, 1, new);
		add_op(b, MUE_OP_REREAD, 0, 0, 0);
		add_op(b, MUE_OP_LOOKUP, 0, 17, 0);
		add_op(b, MUE_OP_REREAD, 0, 0, 0);
		load_and_run(b);
		assert_value(b, 1, &old, 8);
		assert_value(b, 3, types[i] == MUE_MAP_HASH ? &old : &new, 8);
		for (unsigned op = 4; op < 6; op++) {
			assert_int_equal(b->o.ops[op].known, 1);
			assert_int_equal(b->o.ops[op].times, 1);
			assert_int_equal(b->o.ops[op].ret, 0);
			assert_int_equal(b->o.ops[op].has_value, 0);
		}
	}
}

static void test_found_value_is_key_and_value(void **state)
{
	struct bench *b = *state;
	uint64_t want = 3;

	begin_empty(b, MUE_PROG_SCHED_CLS);
	add_map(b, MUE_MAP_HASH, 4, 8);
	add_op(b, MUE_OP_UPDATE, 0, 1, 3);
	add_op(b, MUE_OP_LOOKUP, 0, 1, 0);
	add_op(b, MUE_OP_UPDATE, 0, 0, 0)->key_from = MUE_ORIGIN_LOOKUP;
	add_op(b, MUE_OP_UPDATE, 0, 2, 0)->value_from = MUE_ORIGIN_LOOKUP;
	add_op(b, MUE_OP_LOOKUP, 0, 2, 0);
	add_op(b, MUE_OP_LOOKUP, 0, 0, 0)->key_from = MUE_ORIGIN_LOOKUP;
	add_op(b, MUE_OP_DELETE, 0, 2, 0);
	add_op(b, MUE_OP_DELETE, 0, 2, 0);
	load_and_run(b);
	assert_value(b, 4, &want, 8);
	want = 0; /* op 2 wrote zeros at the key that is the value of op 1 */
	assert_value(b, 5, &want, 8);
	assert_int_equal(b->o.ops[6].ret, 0);
	assert_int_equal(b->o.ops[7].ret, -ENOENT);
	assert_int_equal(b->o.ops[7].failed, 1);
}

/* Carries, short numbers, the prefix length that stays, and failures that count. */
static void test_loops_count_up(void **state)
{
	struct bench *b = *state;
	uint8_t key[8] = {0}, value[9];
	struct mue_op *op;

	begin_empty(b, MUE_PROG_XDP);
	add_map(b, MUE_MAP_HASH, 3, 9);
	add_map(b, MUE_MAP_LPM_TRIE, 8, 2);
	add_map(b, MUE_MAP_ARRAY, 4, 1);
	for (unsigned i = 0; i < 3; i++) {
		op = add_op(b, MUE_OP_UPDATE, i, 0xfffd, 0xfffffffe);
		op->reach = MUE_REACH_LOOP;
		op->times = 5;
	}
	b->c.ops[0].key_from = MUE_ORIGIN_UNALIGNED;
	b->c.ops[0].value_from = MUE_ORIGIN_LITERAL;
	b->c.ops[1].key = mue_bytes_of((uint8_t[]){32, 0, 0, 0, 10, 0, 0, 254}, 8);
	b->c.ops[2].key = mue_bytes_u32(13);
	load_and_run(b);
	for (uint32_t i = 0; i < 5; i++) {
		mue_bytes_resolve(&b->c.ops[0].key, key, 3);
		mue_bytes_count_up(key, 3, 0, i);
		assert_int_equal(bpf_map_lookup_elem(b->fds[0], key, value), 0);
		assert_int_equal(*(uint32_t *)value, 0xfffffffe + i);
		assert_int_equal(value[4], 0);
		memcpy(key, (uint8_t[]){32, 0, 0, 0, 10, 0, 0, 254}, 8);
		mue_bytes_count_up(key, 8, 4, i);
		assert_int_equal(bpf_map_lookup_elem(b->fds[1], key, value), 0);
		assert_int_equal(*(uint16_t *)value, (0xfffe + i) & 0xffff);
		assert_int_equal(b->o.ops[2].times, 5);
	}
	assert_int_equal(b->o.ops[2].failed, 2); /* 13, 14, 15 are in range */
	assert_int_equal(b->o.ops[2].ret, -E2BIG);
}

static void test_longest_loop_loads(void **state)
{
	struct bench *b = *state;
	struct mue_op *op;

	begin_empty(b, MUE_PROG_SOCKET_FILTER);
	add_map(b, MUE_MAP_HASH, 16, 40);
	op = add_op(b, MUE_OP_UPDATE, 0, 0, 0);
	op->key_from = op->value_from = MUE_ORIGIN_LITERAL;
	op->reach = MUE_REACH_LOOP;
	op->times = MUE_TIMES_MAX;
	load_and_run(b);
	assert_int_equal(b->o.ops[0].times, MUE_TIMES_MAX);
	assert_int_equal(b->o.ops[0].failed, MUE_TIMES_MAX - 16);
}

/* Blocks beyond the reach of 16-bit offsets. */
static void test_large_values(void **state)
{
	struct bench *b = *state;
	uint8_t *got = malloc(100001), want = 0;

	begin_empty(b, MUE_PROG_SYSCALL);
	add_map(b, MUE_MAP_HASH, 40001, 100001);
	for (unsigned i = 0; i < 3; i++) {
		struct mue_op *op = add_op(b, MUE_OP_UPDATE, 0, i, i);

		op->value.fill = i;
		op->key_from = i == 2 ? MUE_ORIGIN_RODATA : MUE_ORIGIN_MAP;
		op->value_from = i == 1 ? MUE_ORIGIN_RODATA : MUE_ORIGIN_MAP;
		add_op(b, MUE_OP_LOOKUP, 0, i, 0)->key_from = MUE_ORIGIN_MAP;
	}
	load_and_run(b);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(b->o.ops[2 * i].ret, 0);
		mue_bytes_resolve(&b->c.ops[2 * i].value, got, MUE_OUT_MAX);
		assert_value(b, 2 * i + 1, got, MUE_OUT_MAX);
	}
	mue_bytes_resolve(&b->c.ops[4].key, got, 40001);
	uint8_t *value = malloc(100001);
	assert_int_equal(bpf_map_lookup_elem(b->fds[0], got, value), 0);
	want = value[100000];
	free(value);
	free(got);
	assert_int_equal(want, 2);
}

static void test_special_fields(void **state)
{
	struct bench *b = *state;

	for (unsigned special = 1; special < MUE_SPECIALS; special++) {
		uint32_t size = mue_special_size(special) + 21;
		uint8_t want[64] = {0};

		begin_empty(b, MUE_PROG_XDP);
		add_map(b, MUE_MAP_HASH, 4, size);
		b->c.maps[0].special = special;
		memset(want, 0x77, size);
		add_op(b, MUE_OP_UPDATE, 0, 1, 0)->value = (struct mue_bytes){.fill = 0x77};
		add_op(b, MUE_OP_LOOKUP, 0, 1, 0);
		load_and_run(b);
		memset(want, 0, mue_special_size(special));
		assert_value(b, 1, want, size);
	}
}

static void test_tail_call_goes_on(void **state)
{
	struct bench *b = *state;
	uint64_t want = 11;

	begin_empty(b, MUE_PROG_XDP);
	add_map(b, MUE_MAP_HASH, 4, 8);
	add_op(b, MUE_OP_UPDATE, 0, 1, 10);
	add_op(b, MUE_OP_UPDATE, 0, 1, 11)->reach = MUE_REACH_TAIL_CALL;
	add_op(b, MUE_OP_LOOKUP, 0, 1, 0);
	add_op(b, MUE_OP_UPDATE, 0, 2, 12)->reach = MUE_REACH_CALLBACK;
	load_and_run(b);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(b->o.ops[i].times, 1);
	assert_value(b, 2, &want, 8);
}

/* Any sequence of steps whose origins run is accepted and run by the kernel. */
static void test_random_programs(void **state)
{
	static const unsigned progs[] = {MUE_PROG_XDP, MUE_PROG_SCHED_CLS, MUE_PROG_CGROUP_SKB,
					 MUE_PROG_RAW_TRACEPOINT, MUE_PROG_FLOW_DISSECTOR};
	struct bench *b = *state;
	char msg[256];

	srand(1);
	for (unsigned n = 0; n < 300; n++) {
		static const unsigned types[] = {MUE_MAP_HASH, MUE_MAP_ARRAY, MUE_MAP_PERCPU_HASH,
						 MUE_MAP_LPM_TRIE, MUE_MAP_LRU_HASH};
		unsigned size = 1 + rand() % 40;

		begin_empty(b, progs[rand() % 5]);
		for (unsigned i = 0; i < 3; i++) {
			unsigned type = types[rand() % 5];

			add_map(b, type, type == MUE_MAP_ARRAY ? 4 : 5 + rand() % 30, size);
		}
		for (unsigned i = 0; i < 20; i++) {
			struct mue_op *op = add_op(b, rand() % (MUE_OP_REREAD + 1), rand() % 3,
						   rand() % 8, rand());

			op->key_from = rand() % MUE_ORIGIN_UNINIT;
			op->value_from = rand() % MUE_ORIGIN_UNINIT;
			op->reach = rand() % MUE_REACHES;
			op->flags_const = rand() % 2;
			op->flags = rand() % 8;
			op->map2 = op->reach == MUE_REACH_SHARED ? rand() % 3 : 0;
			op->times = op->reach == MUE_REACH_LOOP ? 1 + rand() % 9 : 1;
			if (op->kind != MUE_OP_UPDATE)
				op->value_from = op->reach = op->flags_const = op->flags =
					op->map2 = 0, op->times = 1;
			if (op->kind == MUE_OP_REREAD)
				op->key_from = 0;
			if (mue_case_check(&b->c, msg, sizeof(msg))) {
				b->c.n_ops--;
				b->c.phases[0].count--;
			}
		}
		load_and_run(b);
		for (unsigned i = 0; i < b->c.n_ops; i++) {
			assert_int_equal(b->o.ops[i].known, 1);
			if (b->o.ops[i].times != b->c.ops[i].times)
				assert_true(b->c.ops[i].key_from == MUE_ORIGIN_LOOKUP ||
					    b->c.ops[i].value_from == MUE_ORIGIN_LOOKUP);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_origin_in_every_type, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_reach_in_every_type, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lookup_and_reread, setup, teardown),
		cmocka_unit_test_setup_teardown(test_found_value_is_key_and_value, setup, teardown),
		cmocka_unit_test_setup_teardown(test_loops_count_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_longest_loop_loads, setup, teardown),
		cmocka_unit_test_setup_teardown(test_large_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_special_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tail_call_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random_programs, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
