/*
 * The host runner: every plain map type x every program type that TEST_RUN feeds, and what it
 * says of maps, programs and user-side calls that succeed, are refused, or cannot be asked.
 */
#include "tests/kernel/host.h"

#include <unistd.h>

static void test_every_map_type_in_every_program_type(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < LENGTH(map_types) * LENGTH(prog_types); i++) {
		unsigned map = map_types[i / LENGTH(prog_types)];
		unsigned prog = prog_types[i % LENGTH(prog_types)];
		bool array = map == MUE_MAP_ARRAY || map == MUE_MAP_PERCPU_ARRAY;

		add_map(f, map);
		mue_case_add_phase(&f->c, prog);
		add_op(f, MUE_OP_UPDATE, 1, 7, 0);
		add_op(f, MUE_OP_UPDATE, 1, 8, MUE_UPDATE_NOEXIST);
		add_op(f, MUE_OP_DELETE, 2, 0, 0);
		add_op(f, MUE_OP_LOOKUP, 1, 0, 0);
		ask_answered(f);
		assert_int_equal(f->seen.phases[0].known, 1);
		if (prog == MUE_PROG_SYSCALL && map == MUE_MAP_LPM_TRIE && f->seen.phases[0].load) {
			assert_int_equal(f->seen.phases[0].load, -EINVAL);
			assert_int_equal(f->seen.ops[0].known, 0);
			continue;
		}
		assert_int_equal(f->seen.phases[0].load, 0);
		assert_int_equal(f->seen.phases[0].run, 0);
		assert_int_equal(f->seen.phases[0].invoked, 1);
		assert_int_equal(f->seen.phases[0].retval, mue_prog_type_row(prog)->ret);
		assert_int_equal(f->seen.ops[0].ret, 0);
		assert_int_equal(f->seen.ops[1].ret, -EEXIST);
		assert_int_equal(f->seen.ops[2].ret, array ? -EINVAL : -ENOENT);
		assert_int_equal(f->seen.ops[3].ret, 1);
		assert_int_equal(*mue_blob_head(&f->seen, &f->seen.ops[3].value), 7);
		assert_int_equal(f->seen.maps[0].n_entries, 1);
	}
}

static void test_a_program_reaches_its_own_cpu_only(void **state)
{
	struct fixture *f = *state;
	struct mue_phase *p;
	const uint8_t *value;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		skip();
	add_map(f, MUE_MAP_PERCPU_ARRAY);
	p = mue_case_add_phase(&f->c, MUE_PROG_XDP);
	p->cpu = 1;
	add_op(f, MUE_OP_UPDATE, 0, 9, 0);
	ask_answered(f);
	value = mue_blob_head(&f->seen, &f->seen.entries[0].value);
	assert_int_equal(value[0], 0);
	assert_int_equal(value[8], 9);
}

static void test_values_of_all_cpus_count_up_from_user_space(void **state)
{
	struct fixture *f = *state;
	const uint8_t *value;

	add_map(f, MUE_MAP_PERCPU_HASH)->value_size = 5;
	mue_case_add_phase(&f->c, 0);
	add_op(f, MUE_OP_UPDATE, 1, 7, 0)->times = 3;
	add_op(f, MUE_OP_LOOKUP, 2, 0, 0);
	add_op(f, MUE_OP_BATCH, 3, 1, 0)->times = 2; /* the second finds no room */
	ask_answered(f);
	assert_int_equal(f->seen.ops[0].times, 3);
	assert_int_equal(f->seen.ops[0].failed, 0);
	assert_int_equal(f->seen.ops[1].ret, 0);
	value = mue_blob_head(&f->seen, &f->seen.ops[1].value);
	assert_int_equal(f->seen.ops[1].value.len % 5, 0);
	assert_int_equal(value[0], 8);
	if (f->seen.ops[1].value.len > 5)
		assert_int_equal(value[5], 8 + MUE_CPU_STEP);
	assert_int_equal(f->seen.ops[2].ret, 0);
	assert_int_equal(f->seen.ops[2].times, 2);
	assert_int_equal(f->seen.maps[0].n_entries, 4);
}

static void test_a_batch_stops_where_there_is_no_room(void **state)
{
	struct fixture *f = *state;

	add_map(f, MUE_MAP_HASH);
	mue_case_add_phase(&f->c, 0);
	add_op(f, MUE_OP_BATCH, 3, 1, 0)->times = 6;
	add_op(f, MUE_OP_DIGEST, 0, 0, 0);
	ask_answered(f);
	assert_int_equal(f->seen.ops[0].ret, -E2BIG);
	assert_int_equal(f->seen.ops[0].times, 4);
	assert_true((uint64_t)f->seen.ops[1].ret == f->seen.maps[0].digest);
	assert_int_equal(f->seen.maps[0].n_entries, 4);
}

static void test_the_first_refused_map_ends_the_case(void **state)
{
	struct fixture *f = *state;

	add_map(f, MUE_MAP_HASH);
	mue_case_add_map(&f->c, "bad", MUE_MAP_LRU_HASH, 4, 8, 4, MUE_MAP_F_NO_PREALLOC);
	mue_case_add_map(&f->c, "later", MUE_MAP_HASH, 4, 8, 4, 0);
	mue_case_add_phase(&f->c, MUE_PROG_XDP);
	add_op(f, MUE_OP_UPDATE, 1, 7, 0);
	ask_answered(f);
	assert_int_equal(f->seen.maps[0].known, 1);
	assert_int_equal(f->seen.maps[0].create, 0);
	assert_int_equal(f->seen.maps[0].state_known, 0);
	assert_int_equal(f->seen.maps[1].known, 1);
	assert_int_equal(f->seen.maps[1].create, -524);
	assert_int_equal(f->seen.maps[2].known, 0);
	assert_int_equal(f->seen.phases[0].known, 0);
	assert_int_equal(f->seen.ops[0].known, 0);
}

static void test_a_refused_program_does_not_stop_the_others(void **state)
{
	struct fixture *f = *state;

	add_map(f, MUE_MAP_HASH);
	mue_case_add_phase(&f->c, MUE_PROG_XDP);
	add_op(f, MUE_OP_UPDATE, 1, 7, 0)->value_from = MUE_ORIGIN_SHORT_MAP;
	mue_case_add_phase(&f->c, MUE_PROG_XDP)->load_only = 1;
	add_op(f, MUE_OP_UPDATE, 2, 7, 0);
	mue_case_add_phase(&f->c, MUE_PROG_XDP);
	add_op(f, MUE_OP_UPDATE, 3, 7, 0);
	ask_answered(f);
	assert_int_equal(f->seen.phases[0].load, -EACCES);
	assert_int_equal(f->seen.ops[0].known, 0);
	assert_int_equal(f->seen.phases[1].known, 1);
	assert_int_equal(f->seen.phases[1].load, 0);
	assert_int_equal(f->seen.phases[1].invoked, 0);
	assert_int_equal(f->seen.ops[1].known, 0);
	assert_int_equal(f->seen.ops[2].known, 1);
	assert_int_equal(f->seen.maps[0].n_entries, 1);
}

static void test_what_a_map_keeps_from_users_is_read_all_the_same(void **state)
{
	static const struct {
		uint32_t flag;
		int update, lookup;
	} rows[] = {{MUE_MAP_F_RDONLY, -EPERM, 0}, {MUE_MAP_F_WRONLY, 0, -EPERM}};
	struct fixture *f = *state;

	for (unsigned i = 0; i < 2 * LENGTH(rows); i++) { /* the second time with what was kept */
		add_map(f, MUE_MAP_HASH)->flags = rows[i / 2].flag;
		mue_case_add_phase(&f->c, MUE_PROG_XDP);
		add_op(f, MUE_OP_UPDATE, 1, 7, MUE_UPDATE_NOEXIST);
		mue_case_add_phase(&f->c, 0);
		add_op(f, MUE_OP_UPDATE, 1, 8, 0);
		add_op(f, MUE_OP_LOOKUP, 1, 0, 0);
		ask_answered(f);
		assert_int_equal(f->seen.ops[0].ret, 0);
		assert_int_equal(f->seen.ops[1].ret, rows[i / 2].update);
		assert_int_equal(f->seen.ops[2].ret, rows[i / 2].lookup);
		assert_int_equal(f->seen.maps[0].n_entries, 1);
	}
}

static void test_a_frozen_map_is_not_used_again(void **state)
{
	struct fixture *f = *state;

	for (int frozen = 0; frozen < 4; frozen++) {
		add_map(f, MUE_MAP_ARRAY);
		mue_case_add_phase(&f->c, 0);
		if (frozen % 2)
			add_op(f, MUE_OP_FREEZE, 0, 0, 0);
		add_op(f, MUE_OP_UPDATE, 1, 8, 0);
		ask_answered(f);
		assert_int_equal(f->seen.ops[f->c.n_ops - 1].ret, frozen % 2 ? -EPERM : 0);
	}
}

/* User phases are no part of a shape: they may stand before or behind the program. */
static void test_programs_are_found_again_behind_other_user_phases(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 4; i++) {
		add_map(f, MUE_MAP_HASH);
		if (i % 2) {
			mue_case_add_phase(&f->c, 0);
			add_op(f, MUE_OP_UPDATE, 1, 8, 0);
		}
		mue_case_add_phase(&f->c, MUE_PROG_XDP);
		add_op(f, MUE_OP_UPDATE, 1, 7, MUE_UPDATE_NOEXIST);
		mue_case_add_phase(&f->c, MUE_PROG_SCHED_CLS);
		add_op(f, MUE_OP_UPDATE, 1, 7, MUE_UPDATE_EXIST);
		ask_answered(f);
		assert_int_equal(f->seen.ops[i % 2].ret, i % 2 ? -EEXIST : 0);
		assert_int_equal(f->seen.ops[i % 2 + 1].ret, 0);
		assert_int_equal(f->seen.phases[i % 2].retval, 2);
	}
}

static void test_every_reach_and_private_map(void **state)
{
	static const uint8_t origins[] = {MUE_ORIGIN_STACK, MUE_ORIGIN_MAP, MUE_ORIGIN_RODATA};
	struct fixture *f = *state;

	for (unsigned i = 0; i < MUE_REACHES * LENGTH(origins); i++) {
		struct mue_op *op;

		add_map(f, MUE_MAP_HASH);
		mue_case_add_map(&f->c, "n", MUE_MAP_HASH, 4, 8, 4, 0);
		mue_case_add_phase(&f->c, MUE_PROG_SCHED_CLS);
		op = add_op(f, MUE_OP_UPDATE, 3, 7, 0);
		op->reach = i / LENGTH(origins);
		op->key_from = op->value_from = origins[i % LENGTH(origins)];
		op->map2 = op->reach == MUE_REACH_SHARED;
		for (int again = 0; again < 2; again++) {
			ask_answered(f);
			assert_int_equal(f->seen.phases[0].load, 0);
			assert_int_equal(f->seen.ops[0].times, 1);
			assert_int_equal(f->seen.ops[0].ret, 0);
			assert_int_equal(f->seen.maps[0].n_entries, 1);
			assert_int_equal(f->seen.maps[1].n_entries, 0);
			op->value = mue_bytes_u32(8);
		}
		assert_int_equal(*mue_blob_head(&f->seen, &f->seen.entries[0].value), 8);
	}
}

static void test_the_ring_buffer_never_fills(void **state)
{
	struct fixture *f = *state;

	add_map(f, MUE_MAP_HASH)->value_size = 600;
	mue_case_add_phase(&f->c, MUE_PROG_XDP);
	add_op(f, MUE_OP_UPDATE, 3, 7, 0)->value_from = MUE_ORIGIN_RINGBUF;
	for (int i = 0; i < 300; i++) {
		ask_answered(f);
		if (f->seen.phases[0].load)
			skip(); /* before 6.6 */
		assert_int_equal(f->seen.ops[0].times, 1);
		assert_int_equal(f->seen.ops[0].ret, 0);
	}
}

static void test_large_keys_and_values(void **state)
{
	struct fixture *f = *state;
	struct mue_map *m = add_map(f, MUE_MAP_HASH);
	struct mue_op *op;

	m->key_size = 5000;
	m->value_size = 4 << 20;
	m->value_size -= m->key_size + 49 + 7;
	m->value_size &= ~7u;
	mue_case_add_phase(&f->c, MUE_PROG_XDP);
	op = add_op(f, MUE_OP_UPDATE, 3, 7, 0);
	op->key_from = op->value_from = MUE_ORIGIN_MAP;
	op->value.fill = 5;
	mue_case_add_phase(&f->c, 0);
	add_op(f, MUE_OP_LOOKUP, 3, 0, 0);
	ask_answered(f);
	assert_int_equal(f->seen.ops[0].ret, 0);
	assert_int_equal(f->seen.ops[1].ret, 0);
	assert_int_equal(f->seen.ops[1].value.len, m->value_size);
	assert_true(f->seen.ops[1].value.digest == f->seen.entries[0].value.digest);
}

static void test_special_fields_and_what_cannot_have_them(void **state)
{
	struct fixture *f = *state;

	add_map(f, MUE_MAP_HASH)->special = MUE_SPECIAL_SPIN_LOCK;
	mue_case_add_phase(&f->c, 0);
	add_op(f, MUE_OP_UPDATE, 1, 0xffffffff, MUE_UPDATE_LOCK);
	f->c.ops[0].value.fill = 9;
	ask_answered(f);
	assert_int_equal(f->seen.maps[0].create, 0);
	assert_int_equal(f->seen.ops[0].ret, 0);
	assert_memory_equal(mue_blob_head(&f->seen, &f->seen.entries[0].value),
			    "\0\0\0\0\x9\x9\x9\x9", 8);
	f->c.maps[0].type = MUE_MAP_PERCPU_HASH;
	ask_answered(f);
	assert_true(f->seen.maps[0].create < 0);
}

static void test_what_cannot_be_asked_says_why(void **state)
{
	static const struct {
		uint32_t prog_type, attach_type, cpu;
		const char *why;
	} rows[] = {
		{0, 0, 63, "CPU 63"},
		{MUE_PROG_XDP, 0, 63, "CPU 63"},
		{MUE_PROG_TRACING, 99, 0, "tracing"},
		{MUE_PROG_LIRC_MODE2, 0, 0, "lirc_mode2"},
	};
	struct fixture *f = *state;
	struct mue_phase *p;

	for (unsigned i = 0; i < LENGTH(rows); i++) {
		add_map(f, MUE_MAP_HASH);
		p = mue_case_add_phase(&f->c, rows[i].prog_type);
		p->cpu = rows[i].cpu;
		p->attach_type = rows[i].attach_type;
		ask(f);
		assert_int_equal(f->seen.status, MUE_UNSUPPORTED);
		if (!strstr(f->seen.why, rows[i].why))
			fail_msg("expected %s in: %s", rows[i].why, f->seen.why);
	}
}

/* With interrupts off only what is at hand can be had (H8). */
static void test_an_event_asks_for_what_is_at_hand(void **state)
{
	static const struct {
		uint32_t type, value_size, most;
	} rows[] = {
		{MUE_MAP_HASH, 8, 4},
		{MUE_MAP_HASH, 256, 1},
		{MUE_MAP_PERCPU_HASH, 8, 1},
	};
	struct fixture *f = *state;

	for (unsigned i = 0; i < LENGTH(rows); i++) {
		for (uint32_t n = 1; n <= rows[i].most + 1; n++) {
			struct mue_map *m = add_map(f, rows[i].type);

			m->value_size = rows[i].value_size;
			m->max_entries = 8;
			m->flags = MUE_MAP_F_NO_PREALLOC;
			mue_case_add_phase(&f->c, MUE_PROG_PERF_EVENT);
			for (uint32_t key = 0; key < n; key++)
				add_op(f, MUE_OP_UPDATE, key, 7, 0);
			ask(f);
			assert_int_equal(strstr(f->seen.why, "at hand") != NULL, n > rows[i].most);
		}
	}
	/* The second map of a shared call, too. */
	add_map(f, MUE_MAP_ARRAY);
	mue_case_add_map(&f->c, "n", MUE_MAP_HASH, 4, 8, 8, MUE_MAP_F_NO_PREALLOC);
	mue_case_add_phase(&f->c, MUE_PROG_PERF_EVENT);
	for (uint32_t key = 0; key < 5; key++) {
		struct mue_op *op = add_op(f, MUE_OP_UPDATE, key, 7, 0);

		op->reach = MUE_REACH_SHARED;
		op->map2 = 1;
	}
	ask(f);
	assert_non_null(strstr(f->seen.why, "map n"));
}

/* The kernel takes a closed map's value from its object late; the next case's update finds it going. */
static void test_what_goes_from_an_object_keeps_nothing_from_coming(void **state)
{
	struct fixture *f = *state;
	struct mue_map *m;

	for (unsigned i = 0; i < 3000; i++) {
		mue_case_init(&f->c, "test");
		m = mue_case_add_map(&f->c, "m", MUE_MAP_TASK_STORAGE, 4, 8, 0,
				     MUE_MAP_F_NO_PREALLOC);
		m->special = MUE_SPECIAL_BTF;
		mue_case_add_phase(&f->c, 0);
		add_op(f, MUE_OP_UPDATE, 0, 7, 0)->key_object = MUE_OBJECT_TASK;
		ask_answered(f);
		if (f->seen.ops[0].ret)
			fail_msg("case %u: %jd", i, (intmax_t)f->seen.ops[0].ret);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_map_type_in_every_program_type),
		cmocka_unit_test(test_a_program_reaches_its_own_cpu_only),
		cmocka_unit_test(test_values_of_all_cpus_count_up_from_user_space),
		cmocka_unit_test(test_a_batch_stops_where_there_is_no_room),
		cmocka_unit_test(test_the_first_refused_map_ends_the_case),
		cmocka_unit_test(test_a_refused_program_does_not_stop_the_others),
		cmocka_unit_test(test_what_a_map_keeps_from_users_is_read_all_the_same),
		cmocka_unit_test(test_a_frozen_map_is_not_used_again),
		cmocka_unit_test(test_programs_are_found_again_behind_other_user_phases),
		cmocka_unit_test(test_every_reach_and_private_map),
		cmocka_unit_test(test_the_ring_buffer_never_fills),
		cmocka_unit_test(test_large_keys_and_values),
		cmocka_unit_test(test_special_fields_and_what_cannot_have_them),
		cmocka_unit_test(test_what_cannot_be_asked_says_why),
		cmocka_unit_test(test_an_event_asks_for_what_is_at_hand),
		cmocka_unit_test(test_what_goes_from_an_object_keeps_nothing_from_coming),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
