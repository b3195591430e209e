/* Suspect: runners/emulator/maps/lru.c, lru_list.c */
#include "tests/unit/maps.h"

#define NO_COMMON MUE_MAP_F_NO_COMMON_LRU
#define BITS(from, to) ((2ull << (to)) - (1ull << (from)))
#define OLD "6.1"  /* takes up to 128 elements at a time */
#define NEW "6.18" /* takes max_entries / CPUs / 2 */

static const uint32_t both[] = {MUE_MAP_LRU_HASH, MUE_MAP_LRU_PERCPU_HASH};

static struct emu_map *make_lru(const char *version, uint32_t type, uint32_t cpus, uint32_t max,
				uint32_t flags)
{
	const struct emu_map_attr attr = {type, 4, 8, max, flags};

	return make_in(version, cpus, &attr);
}

/* Keys 1..n, in a map that then holds so many entries, key n among them. */
struct fill {
	uint32_t max, cpus, flags, n;
	uint32_t left_old, left_new; /* 0: not asked */
};

static const struct fill fills[] = {
	{4, 1, 0, 5, 1, 3},
	{4, 2, 0, 5, 1, 4},
	{4, 4, 0, 5, 1, 4},
	{8, 1, 0, 9, 1, 5},
	{8, 2, 0, 9, 1, 7},
	{10, 1, 0, 11, 1, 6},
	{16, 2, 0, 17, 1, 13},
	{64, 8, 0, 65, 1, 61},
	/* A batch that finds too few free elements evicts the rest, also before the map is full. */
	{100, 4, 0, 96, 96, 96},
	{100, 4, 0, 97, 97, 89},
	{100, 4, 0, 101, 1, 93},
	{200, 4, 0, 128, 128, 128},
	{200, 4, 0, 129, 73, 129},
	{200, 4, 0, 200, 0, 200},
	{200, 4, 0, 201, 0, 176},
	{200, 1, 0, 129, 73, 129},
	{200, 1, 0, 201, 0, 101},
	/* Own lists hold max_entries / CPUs, rounded up, whatever the version. */
	{4, 2, NO_COMMON, 5, 1, 1},
	{5, 2, NO_COMMON, 3, 3, 3},
	{5, 2, NO_COMMON, 4, 1, 1},
};

static void check_fill(const char *version, const struct fill *f, uint32_t left)
{
	for (size_t i = 0; i < COUNT(both) && left; i++) {
		struct emu_map *m = make_lru(version, both[i], f->cpus, f->max, f->flags);

		for (uint32_t key = 1; key <= f->n; key++)
			assert_int_equal(put(m, key, key, 0), 0);
		assert_int_equal(count_of(m), left);
		for (uint32_t key = f->n; key > f->n - left; key--)
			assert_non_null(look(m, key));
		emu_map_free(m);
	}
}

static void test_filling_evicts_the_oldest(void **state)
{
	for (size_t i = 0; i < COUNT(fills); i++) {
		check_fill(OLD, &fills[i], fills[i].left_old);
		check_fill(NEW, &fills[i], fills[i].left_new);
	}
}

/* On a map of four that holds keys 1..4, one CPU: what a call gives, and what it leaves. */
struct call {
	const char *version;
	uint32_t type, key;
	uint64_t flags;
	int ret;
	uint64_t left;
};

static const struct call calls[] = {
	{OLD, MUE_MAP_LRU_HASH, 1, 1, 0, BITS(1, 1)},
	{NEW, MUE_MAP_LRU_HASH, 1, 1, 0, BITS(1, 1) | BITS(3, 4)},
	{OLD, MUE_MAP_LRU_HASH, 9, 2, -ENOENT, 0},
	{NEW, MUE_MAP_LRU_HASH, 9, 2, -ENOENT, BITS(3, 4)},
	{OLD, MUE_MAP_LRU_HASH, 1, 2, -ENOENT, 0},
	{NEW, MUE_MAP_LRU_HASH, 1, 2, -ENOENT, BITS(3, 4)},
	{OLD, MUE_MAP_LRU_HASH, 4, 2, -ENOENT, 0},
	{NEW, MUE_MAP_LRU_HASH, 4, 2, 0, BITS(3, 4)},
	{NEW, MUE_MAP_LRU_HASH, 4, 1, -EEXIST, BITS(3, 4)},
	{NEW, MUE_MAP_LRU_HASH, 4, 3, -EINVAL, BITS(1, 4)},
	{NEW, MUE_MAP_LRU_HASH, 9, 4, -EINVAL, BITS(1, 4)},
	{NEW, MUE_MAP_LRU_HASH, 9, 1ull << 32, -EINVAL, BITS(1, 4)},
	/* Per-CPU maps take no element for BPF_EXIST. */
	{NEW, MUE_MAP_LRU_PERCPU_HASH, 9, 2, -ENOENT, BITS(1, 4)},
	{NEW, MUE_MAP_LRU_PERCPU_HASH, 1, 2, 0, BITS(1, 4)},
	{NEW, MUE_MAP_LRU_PERCPU_HASH, 4, 0, 0, BITS(3, 4)},
	{NEW, MUE_MAP_LRU_PERCPU_HASH, 4, 1, -EEXIST, BITS(3, 4)},
	{NEW, MUE_MAP_LRU_PERCPU_HASH, 1, 0, 0, BITS(1, 1) | BITS(3, 4)},
	{NEW, MUE_MAP_LRU_PERCPU_HASH, 1, 4, -EINVAL, BITS(1, 4)},
	{NEW, MUE_MAP_LRU_PERCPU_HASH, 1, 3, -EINVAL, BITS(1, 4)},
};

static void test_a_call_on_a_full_map(void **state)
{
	for (size_t i = 0; i < COUNT(calls); i++) {
		const struct call *c = &calls[i];
		struct emu_map *m = make_lru(c->version, c->type, 1, 4, 0);

		for (uint32_t key = 1; key <= 4; key++)
			assert_int_equal(put(m, key, key, 0), 0);
		assert_int_equal(put(m, c->key, 9, c->flags), c->ret);
		assert_int_equal(keys_of(m), c->left);
		emu_map_free(m);
	}
}

/* Two CPUs, four elements: a batch is one. */
static void test_a_programs_lookup_saves_a_key(void **state)
{
	uint64_t value[2];
	uint32_t key = 1;

	for (size_t i = 0; i < COUNT(both); i++) {
		struct emu_map *m = make_lru(NEW, both[i], 2, 4, 0);

		for (uint32_t k = 1; k <= 4; k++)
			assert_int_equal(put(m, k, k, 0), 0);
		assert_int_equal(emu_user_lookup(m, 0, &key, value, 0), 0);
		assert_non_null(look(m, 2));
		assert_int_equal(put(m, 5, 5, 0), 0);
		assert_int_equal(keys_of(m), BITS(2, 5));
		assert_int_equal(put(m, 6, 6, 0), 0);
		assert_int_equal(keys_of(m), BITS(2, 2) | BITS(4, 6));
		emu_map_free(m);
	}
}

static void test_an_update_of_a_present_key_saves_it(void **state)
{
	struct emu_map *m = make_lru(NEW, MUE_MAP_LRU_PERCPU_HASH, 2, 4, 0);

	for (uint32_t k = 1; k <= 4; k++)
		assert_int_equal(put(m, k, k, 0), 0);
	assert_int_equal(put(m, 1, 1, MUE_UPDATE_EXIST), 0);
	assert_int_equal(put(m, 5, 5, 0), 0);
	assert_int_equal(keys_of(m), BITS(1, 1) | BITS(3, 5));
	emu_map_free(m);
}

static void test_own_lists_evict_only_their_own(void **state)
{
	struct emu_map *m = make_lru(NEW, MUE_MAP_LRU_HASH, 2, 4, NO_COMMON);

	for (uint32_t k = 1; k <= 2; k++)
		assert_int_equal(put_on(m, 1, k, k, 0), 0);
	for (uint32_t k = 3; k <= 12; k++)
		assert_int_equal(put_on(m, 0, k, k, 0), 0);
	assert_int_equal(keys_of(m), BITS(1, 2) | BITS(11, 12));
	emu_map_free(m);
}

/* CPU 1 finds all elements pending on CPU 0, and takes the oldest without a reference. */
static void test_stealing(void **state)
{
	struct emu_map *m = make_lru(OLD, MUE_MAP_LRU_HASH, 2, 4, 0);

	for (uint32_t k = 1; k <= 4; k++)
		assert_int_equal(put_on(m, 0, k, k, 0), 0);
	assert_non_null(look(m, 1));
	assert_int_equal(put_on(m, 1, 5, 5, 0), 0);
	assert_int_equal(keys_of(m), BITS(1, 1) | BITS(3, 5));
	emu_map_free(m);
}

static void test_values_move_or_stay(void **state)
{
	for (size_t i = 0; i < COUNT(both); i++) {
		struct emu_map *m = make_lru(NEW, both[i], 2, 8, 0);
		bool moves = both[i] == MUE_MAP_LRU_HASH;
		const uint64_t *old;

		assert_int_equal(put(m, 1, 1, 0), 0);
		old = look(m, 1);
		assert_int_equal(put(m, 1, 2, 0), 0);
		assert_int_equal(*old, moves ? 1 : 2);
		assert_int_equal(*look(m, 1), 2);
		emu_map_free(m);
	}
}

/* Six elements wait in the global list, the deleted one first. */
static void test_order_of_a_batch(void **state)
{
	static const char *const versions[] = {"6.12", "6.18"};

	for (size_t i = 0; i < COUNT(versions); i++) {
		struct emu_map *m = make_lru(versions[i], MUE_MAP_LRU_HASH, 2, 16, 0);
		const uint64_t *old;

		for (uint32_t k = 1; k <= 8; k++)
			assert_int_equal(put(m, k, k, 0), 0);
		old = look(m, 1);
		assert_int_equal(drop(m, 1), 0);
		for (uint32_t k = 20; k < 24; k++)
			assert_int_equal(put(m, k, k, 0), 0);
		assert_int_equal(*old, i ? 20 : 23);
		emu_map_free(m);
	}
}

static void test_percpu_insertion_zeroes_the_other_cpus(void **state)
{
	struct emu_map *m = make_lru(NEW, MUE_MAP_LRU_PERCPU_HASH, 2, 2, 0);
	const uint64_t all[2] = {8, 9};
	uint32_t key = 1;

	assert_int_equal(emu_user_update(m, 0, &key, all, 0), 0);
	assert_int_equal(*look_on(m, 1, 1), 9);
	assert_int_equal(drop(m, 1), 0);
	for (uint32_t k = 2; k < 4; k++) {
		assert_int_equal(put(m, k, 5, 0), 0);
		assert_int_equal(*look_on(m, 0, k), 5);
		assert_int_equal(*look_on(m, 1, k), 0);
	}
	emu_map_free(m);
}

/* A reset map goes through the same evictions as a new one. */
static void test_reset_is_as_new(void **state)
{
	for (uint32_t variant = 0; variant < 4; variant++) {
		uint32_t flags = variant & 1 ? NO_COMMON : 0;
		struct emu_map *used = make_lru(NEW, both[variant / 2], 2, 10, flags);

		for (uint32_t k = 0; k < 100; k++)
			put_on(used, k % 3 == 0, k * 7 % 31, k, k % 3);
		used->ops->reset(used);
		assert_int_equal(keys_of(used), 0);
		struct emu_map *fresh = make_lru(NEW, both[variant / 2], 2, 10, flags);

		for (uint32_t k = 0; k < 100; k++) {
			long a = put_on(used, k % 5 == 0, k * 11 % 31, k, k % 3);

			assert_int_equal(put_on(fresh, k % 5 == 0, k * 11 % 31, k, k % 3), a);
			assert_int_equal(keys_of(used), keys_of(fresh));
		}
		emu_map_free(fresh);
		emu_map_free(used);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filling_evicts_the_oldest),
		cmocka_unit_test(test_a_call_on_a_full_map),
		cmocka_unit_test(test_a_programs_lookup_saves_a_key),
		cmocka_unit_test(test_an_update_of_a_present_key_saves_it),
		cmocka_unit_test(test_own_lists_evict_only_their_own),
		cmocka_unit_test(test_stealing),
		cmocka_unit_test(test_values_move_or_stay),
		cmocka_unit_test(test_order_of_a_batch),
		cmocka_unit_test(test_percpu_insertion_zeroes_the_other_cpus),
		cmocka_unit_test(test_reset_is_as_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
