/* Suspect: runners/emulator/maps/hash.c, table.h */
#include "tests/unit/maps.h"

#define NO_PREALLOC MUE_MAP_F_NO_PREALLOC

/* What update gives for a present key, an absent one, and an absent one in a full map. */
struct row {
	uint64_t flags;
	int present, absent, full;
};

static const struct row rows[] = {
	{0, 0, 0, -E2BIG},
	{1, -EEXIST, 0, -E2BIG},
	{2, 0, -ENOENT, -ENOENT},
	{3, -EINVAL, -EINVAL, -EINVAL},
	{4, -EINVAL, -EINVAL, -EINVAL},
	{5, -EINVAL, -EINVAL, -EINVAL},
	{6, -EINVAL, -EINVAL, -EINVAL},
	{7, -EINVAL, -EINVAL, -EINVAL},
	{8, -EINVAL, -EINVAL, -EINVAL},
	{1ull << 32, -EINVAL, -EINVAL, -EINVAL},
	{1ull << 32 | 1, -EINVAL, -EINVAL, -EINVAL},
	{~0ull, -EINVAL, -EINVAL, -EINVAL},
	{~4ull, -EINVAL, -EINVAL, -EINVAL},
};
static const struct row lock_rows[] = {
	{4, 0, 0, -E2BIG},
	{5, -EEXIST, 0, -E2BIG},
	{6, 0, -ENOENT, -ENOENT},
	{7, -EINVAL, -EINVAL, -EINVAL},
};

static void check_rows(struct emu_map *m, const struct row *row, size_t n)
{
	for (size_t i = 0; i < n; i++, row++) {
		m->ops->reset(m);
		assert_int_equal(put(m, 1, 1, 0), 0);
		assert_int_equal(put(m, 1, 2, row->flags), row->present);
		assert_int_equal(put(m, 2, 2, row->flags), row->absent);
		assert_int_equal(look(m, 2) != NULL, row->absent == 0);
		if (row->absent)
			assert_int_equal(put(m, 2, 2, 0), 0);
		assert_int_equal(put(m, 3, 2, row->flags), row->full);
		assert_null(look(m, 3));
		assert_int_equal(put(m, 1, 2, row->flags), row->present);
	}
	emu_map_free(m);
}

static void test_flags_by_key_state(void **state)
{
	static const uint32_t types[] = {MUE_MAP_HASH, MUE_MAP_PERCPU_HASH};
	const struct emu_map_attr lock = {.type = MUE_MAP_HASH,
					  .key_size = 4,
					  .value_size = 8,
					  .max_entries = 2,
					  .special = MUE_SPECIAL_SPIN_LOCK};

	for (size_t i = 0; i < COUNT(types); i++) {
		check_rows(make(types[i], 2, 0), rows, COUNT(rows));
		check_rows(make(types[i], 2, NO_PREALLOC), rows, COUNT(rows));
	}
	check_rows(make_in("6.18", 2, &lock), lock_rows, COUNT(lock_rows));
}

static void test_capacity_is_exact_from_any_cpu(void **state)
{
	static const uint32_t types[] = {MUE_MAP_HASH, MUE_MAP_PERCPU_HASH};

	for (uint32_t n = 1; n < 9; n++) {
		for (uint32_t variant = 0; variant < 8; variant++) {
			struct emu_map *m =
				make(types[variant & 1], n, variant & 2 ? NO_PREALLOC : 0);

			for (uint32_t key = 0; key < n; key++)
				assert_int_equal(put_on(m, variant & 4 ? key % 2 : 1, key, 1, 0),
						 0);
			assert_int_equal(put_on(m, 0, n, 1, 0), -E2BIG);
			assert_int_equal(put_on(m, 1, n, 1, 0), -E2BIG);
			assert_int_equal(put_on(m, 1, 0, 1, 0), 0);
			assert_int_equal(drop(m, 0), 0);
			assert_int_equal(put_on(m, 1, n, 1, 0), 0);
			assert_int_equal(put_on(m, 1, 0, 1, 0), -E2BIG);
			emu_map_free(m);
		}
	}
}

/* The replaced element becomes the spare of its CPU, which the next replacement there takes. */
static void test_an_old_pointer_keeps_its_value_until_the_spare_is_used(void **state)
{
	struct emu_map *m = make(MUE_MAP_HASH, 4, 0);
	const uint64_t *old;

	assert_int_equal(put(m, 1, 1, 0), 0);
	assert_int_equal(put(m, 2, 2, 0), 0);
	old = look(m, 1);
	assert_int_equal(put(m, 1, 10, 0), 0);
	assert_int_equal(*old, 1);
	assert_int_equal(*look(m, 1), 10);
	assert_int_equal(put(m, 3, 30, 0), 0);
	assert_int_equal(put_on(m, 1, 2, 20, 0), 0);
	assert_int_equal(*old, 1);
	assert_int_equal(put(m, 2, 21, 0), 0);
	assert_int_equal(*old, 21);
	emu_map_free(m);
}

static void test_not_preallocated_elements_are_free_at_once(void **state)
{
	struct emu_map *m = make(MUE_MAP_HASH, 4, NO_PREALLOC);
	const uint64_t *old;

	assert_int_equal(put(m, 1, 1, 0), 0);
	old = look(m, 1);
	assert_int_equal(put(m, 1, 10, 0), 0);
	assert_int_equal(*old, 1);
	assert_int_equal(put(m, 2, 20, 0), 0);
	assert_int_equal(*old, 20);
	emu_map_free(m);
}

static void test_before_6_1_freed_elements_rest(void **state)
{
	const struct emu_map_attr attr = {MUE_MAP_HASH, 4, 8, 4, NO_PREALLOC};
	struct emu_map *m = make_in("5.10", 2, &attr);
	const uint64_t *old;

	assert_int_equal(put(m, 1, 1, 0), 0);
	old = look(m, 1);
	for (uint32_t i = 0; i < 4096; i++)
		assert_int_equal(put(m, 1, 10, 0), 0);
	assert_int_equal(*old, 1);
	emu_map_free(m);
}

static void test_deleted_elements_are_used_again_latest_first(void **state)
{
	struct emu_map *m = make(MUE_MAP_HASH, 8, 0);
	const uint64_t *first, *second;

	assert_int_equal(put(m, 1, 1, 0), 0);
	assert_int_equal(put(m, 2, 2, 0), 0);
	first = look(m, 1);
	second = look(m, 2);
	assert_int_equal(drop(m, 1), 0);
	assert_int_equal(drop(m, 2), 0);
	assert_int_equal(*first, 1);
	/* CPU 1 has elements of its own. */
	assert_int_equal(put_on(m, 1, 3, 3, 0), 0);
	assert_int_equal(*second, 2);
	assert_int_equal(put(m, 4, 4, 0), 0);
	assert_int_equal(*second, 4);
	assert_int_equal(put(m, 5, 5, 0), 0);
	assert_int_equal(*first, 5);
	emu_map_free(m);
}

static void test_f_lock_updates_in_place(void **state)
{
	const struct emu_map_attr attr = {.type = MUE_MAP_HASH,
					  .key_size = 4,
					  .value_size = 8,
					  .max_entries = 2,
					  .special = MUE_SPECIAL_SPIN_LOCK};
	struct emu_map *m = make_in("6.18", 2, &attr);
	const uint64_t *old;

	assert_int_equal(put(m, 1, 0x11ffffffff, MUE_UPDATE_LOCK), 0);
	old = look(m, 1);
	assert_int_equal(put(m, 1, 0x22ffffffff, MUE_UPDATE_LOCK), 0);
	assert_int_equal(*old, 0x2200000000);
	emu_map_free(m);
}

static void test_percpu_insertion_zeroes_the_other_cpus(void **state)
{
	struct emu_map *m = make(MUE_MAP_PERCPU_HASH, 1, 0);
	const uint64_t all[2] = {8, 9};
	uint32_t key = 1;

	assert_int_equal(emu_user_update(m, 0, &key, all, 0), 0);
	assert_int_equal(put_on(m, 1, 1, 7, 0), 0);
	assert_int_equal(*look_on(m, 0, 1), 8);
	assert_int_equal(*look_on(m, 1, 1), 7);
	assert_int_equal(drop(m, 1), 0);
	assert_int_equal(put_on(m, 0, 2, 5, 0), 0);
	assert_int_equal(*look_on(m, 0, 2), 5);
	assert_int_equal(*look_on(m, 1, 2), 0);
	emu_map_free(m);
}

static void test_percpu_update_is_in_place(void **state)
{
	struct emu_map *m = make(MUE_MAP_PERCPU_HASH, 2, 0);
	const uint64_t *old;

	assert_int_equal(put(m, 1, 1, 0), 0);
	old = look(m, 1);
	assert_int_equal(put(m, 1, 2, 0), 0);
	assert_int_equal(*old, 2);
	emu_map_free(m);
}

static void test_delete(void **state)
{
	struct emu_map *m = make(MUE_MAP_HASH, 2, 0);
	uint32_t key = 1;

	assert_int_equal(drop(m, 1), -ENOENT);
	assert_int_equal(emu_user_delete(m, 0, &key), -ENOENT);
	assert_int_equal(put(m, 1, 1, 0), 0);
	assert_int_equal(drop(m, 1), 0);
	assert_null(look(m, 1));
	emu_map_free(m);
}

/* Every byte of the key counts, also in keys longer than a word or than any stack. */
static void test_whole_keys_are_compared(void **state)
{
	static const uint32_t sizes[] = {1, 2, 3, 5, 7, 8, 9, 13, 16, 31, 700};
	static uint8_t key[700];

	for (size_t i = 0; i < COUNT(sizes); i++) {
		const struct emu_map_attr attr = {MUE_MAP_HASH, sizes[i], 2, 1000};
		struct emu_map *m = make_in("6.18", 2, &attr);

		for (uint16_t b = 0; b < sizes[i]; b++) {
			memset(key, 0, sizeof(key));
			key[b] = 1;
			assert_int_equal(m->ops->update(m, 0, key, &b, MUE_UPDATE_NOEXIST), 0);
		}
		for (uint16_t b = 0; b < sizes[i]; b++) {
			memset(key, 0, sizeof(key));
			key[b] = 1;
			assert_memory_equal(m->ops->lookup(m, 0, key), &b, 2);
		}
		memset(key, 0, sizeof(key));
		assert_null(m->ops->lookup(m, 0, key));
		assert_int_equal(count_of(m), sizes[i]);
		emu_map_free(m);
	}
}

static void test_many_elements(void **state)
{
	struct emu_map *m = make(MUE_MAP_HASH, 1000000, 0);

	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t key = 0; key < 5000; key++)
			assert_int_equal(put(m, key * 4096, key, MUE_UPDATE_NOEXIST), 0);
		for (uint32_t key = 0; key < 5000; key++)
			assert_int_equal(*look(m, key * 4096), key);
		assert_int_equal(count_of(m), 5000);
		m->ops->reset(m);
		assert_int_equal(count_of(m), 0);
	}
	emu_map_free(m);
}

static void test_next_key_of_an_absent_key_is_the_first(void **state)
{
	struct emu_map *m = make(MUE_MAP_HASH, 4, 0);
	uint32_t key = 77, first;

	assert_int_equal(m->ops->next_key(m, NULL, &first), -ENOENT);
	put(m, 1, 1, 0);
	put(m, 2, 2, 0);
	assert_int_equal(m->ops->next_key(m, NULL, &first), 0);
	assert_int_equal(m->ops->next_key(m, &key, &key), 0);
	assert_int_equal(key, first);
	emu_map_free(m);
}

static void test_values_of_four_mebibytes(void **state)
{
	const struct emu_map_attr attr = {MUE_MAP_HASH, 4, (4 << 20) - 64, 1000, NO_PREALLOC};
	struct emu_map *m = make_in("6.18", 2, &attr);
	static uint8_t value[4 << 20];
	uint32_t key = 5;

	value[attr.value_size - 1] = 9;
	assert_int_equal(m->ops->update(m, 0, &key, value, 0), 0);
	assert_int_equal(((uint8_t *)m->ops->lookup(m, 0, &key))[attr.value_size - 1], 9);
	emu_map_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags_by_key_state),
		cmocka_unit_test(test_capacity_is_exact_from_any_cpu),
		cmocka_unit_test(test_an_old_pointer_keeps_its_value_until_the_spare_is_used),
		cmocka_unit_test(test_not_preallocated_elements_are_free_at_once),
		cmocka_unit_test(test_before_6_1_freed_elements_rest),
		cmocka_unit_test(test_deleted_elements_are_used_again_latest_first),
		cmocka_unit_test(test_f_lock_updates_in_place),
		cmocka_unit_test(test_percpu_insertion_zeroes_the_other_cpus),
		cmocka_unit_test(test_percpu_update_is_in_place),
		cmocka_unit_test(test_delete),
		cmocka_unit_test(test_whole_keys_are_compared),
		cmocka_unit_test(test_many_elements),
		cmocka_unit_test(test_next_key_of_an_absent_key_is_the_first),
		cmocka_unit_test(test_values_of_four_mebibytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
