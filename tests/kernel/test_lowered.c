/*
 * Lowered programs on this kernel: every test-run program type x every origin x every
 * reach loads, runs and answers as the tables say.
 */
#include "cases/socks.h"
#include "tests/kernel/bench.h"

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

/* Sockets, which are no values of a hash, are the family socks'. */
static bool runnable(struct bench *b)
{
	char msg[256];
	int err = mue_case_check(&b->c, msg, sizeof(msg));

	return !err && !mue_origin_is_sock(b->c.ops[1].value_from);
}

static void fail_at(struct bench *b, const char *what, int got)
{
	const struct mue_op *op = &b->c.ops[1];

	fail_msg("%s key %s value %s reach %s: %s %d\n%s",
		 mue_prog_type_row(b->c.phases[0].prog_type)->name,
		 mue_origin_rows[op->key_from].name, mue_origin_rows[op->value_from].name,
		 mue_reach_names[op->reach], what, got, b->log);
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

/* What this kernel says to an argument. */
static int verdict(unsigned origin)
{
	switch (origin) {
	case MUE_ORIGIN_UNINIT:
	case MUE_ORIGIN_OR_NULL_CONST:
		return 0;
	case MUE_ORIGIN_SHORT_STACK:
		return -EINVAL;
	default:
		return mue_origin_rows[origin].dry ? -EACCES : 0;
	}
}

static void check_step(struct bench *b, unsigned prog)
{
	const struct mue_op *op = &b->c.ops[1];
	bool dry = mue_origin_rows[op->key_from].dry || mue_origin_rows[op->value_from].dry;
	bool absent = op->key_from == MUE_ORIGIN_LOOKUP || op->value_from == MUE_ORIGIN_LOOKUP;
	int want = verdict(op->key_from) ?: verdict(op->value_from), err = load(b);

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
	for (unsigned key = 0; key < MUE_ORIGINS; key++)
		for (unsigned value = 0; value < MUE_ORIGINS; value++) {
			struct mue_op *op = begin(b, prog, MUE_MAP_HASH, 4 + value % 4, 13);

			op->key_from = key;
			op->value_from = value;
			if (runnable(b))
				check_step(b, prog);
		}
}

static void test_every_pair_of_origins_in_every_type(void **state)
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_pair_of_origins_in_every_type, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_every_reach_in_every_type, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
