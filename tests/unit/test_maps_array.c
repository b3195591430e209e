/* Suspect: runners/emulator/maps/array.c */
#include "tests/unit/maps.h"

struct row {
	uint64_t flags;
	int prog, prog_beyond; /* of an index in range, and beyond */
	int user, user_beyond; /* emu_user_update, F_LOCK refused by the command itself */
};

static const struct row array_rows[] = {
	{0, 0, -E2BIG, 0, -E2BIG},
	{1, -EEXIST, -E2BIG, -EEXIST, -E2BIG},
	{2, 0, -E2BIG, 0, -E2BIG},
	{3, -EINVAL, -EINVAL, -EINVAL, -EINVAL},
	{4, -EINVAL, -E2BIG, -EINVAL, -EINVAL},
	{5, -EEXIST, -E2BIG, -EINVAL, -EINVAL},
	{6, -EINVAL, -E2BIG, -EINVAL, -EINVAL},
	{7, -EINVAL, -EINVAL, -EINVAL, -EINVAL},
	{8, -EINVAL, -EINVAL, -EINVAL, -EINVAL},
	{1ull << 32, -EINVAL, -EINVAL, -EINVAL, -EINVAL},
	{1ull << 32 | 1, -EINVAL, -EINVAL, -EINVAL, -EINVAL},
	{~0ull, -EINVAL, -EINVAL, -EINVAL, -EINVAL},
	{~4ull, -EINVAL, -EINVAL, -EINVAL, -EINVAL},
};

static void check_rows(uint32_t type)
{
	struct emu_map *m = make(type, 3, 0);
	const uint32_t in = 2, beyond = 3;
	const uint64_t value[2] = {1, 2};

	for (size_t i = 0; i < COUNT(array_rows); i++) {
		const struct row *r = &array_rows[i];

		assert_int_equal(put(m, in, 1, r->flags), r->prog);
		assert_int_equal(put(m, beyond, 1, r->flags), r->prog_beyond);
		assert_int_equal(emu_user_update(m, 0, &in, value, r->flags), r->user);
		assert_int_equal(emu_user_update(m, 0, &beyond, value, r->flags), r->user_beyond);
	}
	emu_map_free(m);
}

static void test_flags_by_index(void **state)
{
	check_rows(MUE_MAP_ARRAY);
	check_rows(MUE_MAP_PERCPU_ARRAY);
}

static void test_spin_lock_allows_f_lock(void **state)
{
	const struct emu_map_attr attr = {.type = MUE_MAP_ARRAY,
					  .key_size = 4,
					  .value_size = 8,
					  .max_entries = 1,
					  .special = MUE_SPECIAL_SPIN_LOCK};
	struct emu_map *m = make_in("6.18", 2, &attr);

	assert_int_equal(put(m, 0, 0x1111111122222222, MUE_UPDATE_LOCK), 0);
	assert_int_equal(put(m, 0, 0, MUE_UPDATE_LOCK | MUE_UPDATE_NOEXIST), -EEXIST);
	assert_int_equal(put(m, 1, 0, MUE_UPDATE_LOCK), -E2BIG);
	/* The four bytes of the lock are not copied. */
	assert_int_equal(*look(m, 0), 0x1111111100000000);
	emu_map_free(m);
}

static void test_updates_are_in_place(void **state)
{
	static const uint32_t types[] = {MUE_MAP_ARRAY, MUE_MAP_PERCPU_ARRAY};

	for (size_t i = 0; i < COUNT(types); i++) {
		struct emu_map *m = make(types[i], 2, 0);
		const uint64_t *old = look(m, 1);

		assert_int_equal(*old, 0);
		assert_int_equal(put(m, 1, 7, 0), 0);
		assert_int_equal(*old, 7);
		assert_null(look(m, 2));
		emu_map_free(m);
	}
}

static void test_each_cpu_has_its_own_value(void **state)
{
	struct emu_map *m = make(MUE_MAP_PERCPU_ARRAY, 2, 0);
	uint64_t value[2] = {10, 20};
	uint32_t key = 1;

	assert_int_equal(put_on(m, 1, 1, 5, 0), 0);
	assert_int_equal(*look_on(m, 0, 1), 0);
	assert_int_equal(*look_on(m, 1, 1), 5);
	assert_int_equal(emu_user_update(m, 0, &key, value, 0), 0);
	assert_int_equal(*look_on(m, 0, 1), 10);
	assert_int_equal(*look_on(m, 1, 1), 20);
	assert_int_equal(put_on(m, 0, 1, 6, 0), 0);
	assert_int_equal(emu_user_lookup(m, 0, &key, value, 0), 0);
	assert_int_equal(value[0], 6);
	assert_int_equal(value[1], 20);
	emu_map_free(m);
}

static void test_elements_cannot_be_deleted(void **state)
{
	struct emu_map *m = make(MUE_MAP_ARRAY, 2, 0);
	uint32_t key = 0;

	assert_int_equal(drop(m, 0), -EINVAL);
	assert_int_equal(drop(m, 2), -EINVAL);
	assert_int_equal(emu_user_delete(m, 0, &key), -EINVAL);
	emu_map_free(m);
}

static void test_next_key_counts_up(void **state)
{
	struct emu_map *m = make(MUE_MAP_ARRAY, 3, 0);
	uint32_t key;

	assert_int_equal(m->ops->next_key(m, NULL, &key), 0);
	assert_int_equal(key, 0);
	for (uint32_t i = 1; i < 3; i++) {
		assert_int_equal(m->ops->next_key(m, &key, &key), 0);
		assert_int_equal(key, i);
	}
	assert_int_equal(m->ops->next_key(m, &key, &key), -ENOENT);
	key = 3;
	assert_int_equal(m->ops->next_key(m, &key, &key), 0);
	assert_int_equal(key, 0);
	emu_map_free(m);
}

/* Also of memory that is mapped, not from the heap. */
static void test_reset_zeroes(void **state)
{
	static const uint32_t sizes[] = {3, 1000000};

	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct emu_map *m = make(MUE_MAP_PERCPU_ARRAY, sizes[i], 0);
		const uint8_t *memory = m->memory;

		assert_int_equal(put_on(m, 1, sizes[i] - 1, 5, 0), 0);
		assert_int_equal(emu_user_freeze(m), 0);
		m->ops->reset(m);
		assert_int_equal(*look_on(m, 1, sizes[i] - 1), 0);
		assert_false(m->frozen);
		assert_ptr_equal(m->memory, memory);
		emu_map_free(m);
	}
}

static void test_a_value_may_overlap_its_target(void **state)
{
	const struct emu_map_attr attr = {MUE_MAP_ARRAY, 4, 24, 2};
	struct emu_map *m = make_in("6.18", 1, &attr);
	uint32_t key = 0;

	for (uint8_t i = 0; i < 48; i++)
		m->memory[i] = i;
	assert_int_equal(m->ops->update(m, 0, &key, m->memory + 5, 0), 0);
	for (uint8_t i = 0; i < 24; i++)
		assert_int_equal(m->memory[i], i + 5);
	emu_map_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags_by_index),
		cmocka_unit_test(test_spin_lock_allows_f_lock),
		cmocka_unit_test(test_updates_are_in_place),
		cmocka_unit_test(test_each_cpu_has_its_own_value),
		cmocka_unit_test(test_elements_cannot_be_deleted),
		cmocka_unit_test(test_next_key_counts_up),
		cmocka_unit_test(test_reset_zeroes),
		cmocka_unit_test(test_a_value_may_overlap_its_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
