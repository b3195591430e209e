/* What sequences of lowered steps do and record: lookups, loops, tail calls, large values. */
#include "tests/kernel/bench.h"

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
	enum { KEY = 40001, VALUE = 100001 };
	struct bench *b = *state;
	uint8_t *key = malloc(KEY), *got = malloc(VALUE), *want = malloc(VALUE);

	begin_empty(b, MUE_PROG_SYSCALL);
	add_map(b, MUE_MAP_HASH, KEY, VALUE);
	for (unsigned i = 0; i < 3; i++) {
		struct mue_op *op = add_op(b, MUE_OP_UPDATE, 0, i, i);

		op->value.fill = i;
		op->key_from = i == 2 ? MUE_ORIGIN_RODATA : MUE_ORIGIN_MAP;
		op->value_from = i == 1 ? MUE_ORIGIN_RODATA : MUE_ORIGIN_MAP;
		add_op(b, MUE_OP_LOOKUP, 0, i, 0)->key_from = MUE_ORIGIN_MAP;
	}
	load_and_run(b);
	for (uint32_t i = 0; i < 3; i++) {
		mue_bytes_resolve(&b->c.ops[2 * i].key, key, KEY);
		mue_bytes_resolve(&b->c.ops[2 * i].value, want, VALUE);
		assert_int_equal(bpf_map_lookup_elem(b->fds[0], key, got), 0);
		assert_memory_equal(got, want, VALUE);
		assert_value(b, 2 * i + 1, want, MUE_OUT_MAX);
	}
	free(want);
	free(got);
	free(key);
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

/* A random step; it may be one that mue_case_check refuses. */
static void add_random_op(struct bench *b)
{
	struct mue_op *op = add_op(b, rand() % (MUE_OP_REREAD + 1), rand() % 3, rand() % 8, rand());

	if (op->kind != MUE_OP_REREAD)
		op->key_from = rand() % MUE_ORIGIN_SOCKMAP;
	if (op->kind != MUE_OP_UPDATE)
		return;
	op->value_from = rand() % MUE_ORIGIN_SOCKMAP;
	op->reach = rand() % MUE_REACHES;
	op->flags_const = rand() % 2;
	op->flags = rand() % 8;
	op->map2 = op->reach == MUE_REACH_SHARED ? rand() % 3 : 0;
	op->times = op->reach == MUE_REACH_LOOP ? 1 + rand() % 9 : 1;
}

static void make_random_case(struct bench *b)
{
	static const unsigned progs[] = {MUE_PROG_XDP, MUE_PROG_SCHED_CLS, MUE_PROG_CGROUP_SKB,
					 MUE_PROG_RAW_TRACEPOINT, MUE_PROG_FLOW_DISSECTOR};
	static const unsigned types[] = {MUE_MAP_HASH, MUE_MAP_ARRAY, MUE_MAP_PERCPU_HASH,
					 MUE_MAP_LPM_TRIE, MUE_MAP_LRU_HASH};
	unsigned size = 1 + rand() % 40;
	char msg[256];

	begin_empty(b, progs[rand() % 5]);
	for (unsigned i = 0; i < 3; i++) {
		unsigned type = types[rand() % 5];

		add_map(b, type, type == MUE_MAP_ARRAY ? 4 : 5 + rand() % 30, size);
	}
	for (unsigned i = 0; i < 20; i++) {
		add_random_op(b);
		if (mue_case_check(&b->c, msg, sizeof(msg))) {
			b->c.n_ops--;
			b->c.phases[0].count--;
		}
	}
}

/* Any sequence of steps whose origins run is accepted and run by the kernel. */
static void test_random_programs(void **state)
{
	struct bench *b = *state;

	srand(1);
	for (unsigned n = 0; n < 300; n++) {
		make_random_case(b);
		load_and_run(b);
		for (unsigned i = 0; i < b->c.n_ops; i++) {
			const struct mue_op *op = &b->c.ops[i];
			bool may_skip = op->key_from == MUE_ORIGIN_LOOKUP ||
					op->value_from == MUE_ORIGIN_LOOKUP;

			assert_int_equal(b->o.ops[i].known, 1);
			if (!may_skip)
				assert_int_equal(b->o.ops[i].times, op->times);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
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
