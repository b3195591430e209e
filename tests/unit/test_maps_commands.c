/* Suspect: runners/emulator/map.c, and the check functions in maps/ */
#include "tests/unit/maps.h"

struct creation {
	const char *version;
	struct emu_map_attr attr;
	int err;
};

#define NP MUE_MAP_F_NO_PREALLOC
#define LOCK MUE_SPECIAL_SPIN_LOCK
#define TIMER MUE_SPECIAL_TIMER

static const struct creation creations[] = {
	/* Types, and flags that any type refuses */
	{"6.18", {0, 4, 8, 1}, -EINVAL},
	{"6.18", {1000, 4, 8, 1}, -EINVAL},
	{"6.12", {MUE_MAP_INSN_ARRAY, 4, 32, 1}, -EINVAL},
	{"6.18", {MUE_MAP_QUEUE, 0, 8, 1}, 0},
	{"6.18", {MUE_MAP_TASK_STORAGE, 4, 8, 0, NP}, -EINVAL},
	{"6.18", {MUE_MAP_HASH, 4, 8, 1, MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY}, -EINVAL},
	{"6.18", {MUE_MAP_HASH, 4, 8, 1, MUE_MAP_F_RDONLY_PROG | MUE_MAP_F_WRONLY_PROG}, -EINVAL},
	{"6.18", {MUE_MAP_HASH, 4, 8, 1, MUE_MAP_F_NUMA_NODE, 1}, -EINVAL},
	/* Arrays */
	{"6.18", {MUE_MAP_ARRAY, 4, 8, 0}, -EINVAL},
	{"6.18", {MUE_MAP_ARRAY, 8, 8, 1}, -EINVAL},
	{"6.18", {MUE_MAP_ARRAY, 4, 0, 1}, -EINVAL},
	{"6.18", {MUE_MAP_ARRAY, 4, 1u << 31, 1}, -E2BIG},
	{"6.18", {MUE_MAP_ARRAY, 4, 1u << 31, 0}, -EINVAL},
	{"6.18", {MUE_MAP_ARRAY, 4, 1u << 30, UINT32_MAX}, -ENOMEM},
	{"6.18", {MUE_MAP_ARRAY, 4, 8, 1, NP}, -EINVAL},
	{"6.18", {MUE_MAP_ARRAY, 4, 8, 1, MUE_MAP_F_MMAPABLE | MUE_MAP_F_INNER_MAP}, 0},
	{"6.18", {MUE_MAP_PERCPU_ARRAY, 4, 8, 1, MUE_MAP_F_MMAPABLE}, -EINVAL},
	{"6.18", {MUE_MAP_PERCPU_ARRAY, 4, 8, 1, MUE_MAP_F_NUMA_NODE}, -EINVAL},
	{"6.18", {MUE_MAP_PERCPU_ARRAY, 4, 8, 1, MUE_MAP_F_NUMA_NODE, UINT32_MAX}, 0},
	{"6.18", {MUE_MAP_PERCPU_ARRAY, 4, 32768, 1}, 0},
	{"6.18", {MUE_MAP_PERCPU_ARRAY, 4, 32769, 1}, -E2BIG},
	/* Hashes */
	{"6.18", {MUE_MAP_HASH, 0, 8, 1}, -EINVAL},
	{"6.18", {MUE_MAP_HASH, 4, 8, 0}, -EINVAL},
	{"6.18", {MUE_MAP_HASH, 4, 4194251, 1}, 0},
	{"6.18", {MUE_MAP_HASH, 4, 4194252, 1}, -E2BIG},
	{"6.18", {MUE_MAP_HASH, 4, 4194252, 0}, -EINVAL},
	{"6.18", {MUE_MAP_HASH, 4, 8, (1u << 27) + 1}, -E2BIG},
	{"6.18", {MUE_MAP_HASH, 4, 8, 1, MUE_MAP_F_ZERO_SEED}, 0},
	{"6.18", {MUE_MAP_HASH, 4, 8, 1, MUE_MAP_F_NO_COMMON_LRU}, -EINVAL},
	{"6.18", {MUE_MAP_PERCPU_HASH, 4, 32769, 1}, -E2BIG},
	{"6.18", {MUE_MAP_PERCPU_HASH, 4, 8, 1, MUE_MAP_F_NUMA_NODE}, -EINVAL},
	{"6.18", {MUE_MAP_LRU_HASH, 4, 8, 1, NP}, -ENOTSUPP},
	{"6.18", {MUE_MAP_LRU_HASH, 0, 8, 1, NP}, -ENOTSUPP},
	{"6.18", {MUE_MAP_LRU_PERCPU_HASH, 4, 8, 1, NP}, -ENOTSUPP},
	{"6.18", {MUE_MAP_LRU_HASH, 4, 8, 1, MUE_MAP_F_NO_COMMON_LRU}, 0},
	/* Tries */
	{"6.18", {MUE_MAP_LPM_TRIE, 8, 8, 1}, -EINVAL},
	{"6.18", {MUE_MAP_LPM_TRIE, 8, 8, UINT32_MAX, NP}, 0},
	{"6.18", {MUE_MAP_LPM_TRIE, 4, 8, 1, NP}, -EINVAL},
	{"6.18", {MUE_MAP_LPM_TRIE, 260, 8, 1, NP}, 0},
	{"6.18", {MUE_MAP_LPM_TRIE, 261, 8, 1, NP}, -EINVAL},
	{"6.18", {MUE_MAP_LPM_TRIE, 8, 4194024, 1, NP}, 0},
	{"6.18", {MUE_MAP_LPM_TRIE, 8, 4194025, 1, NP}, -EINVAL},
	{"6.12", {MUE_MAP_LPM_TRIE, 8, 4194008, 1, NP}, 0},
	{"6.12", {MUE_MAP_LPM_TRIE, 8, 4194009, 1, NP}, -EINVAL},
	/* Special fields */
	{"6.18", {MUE_MAP_HASH, 4, 8, 1, 0, 0, LOCK}, 0},
	{"6.18", {MUE_MAP_LRU_HASH, 4, 8, 1, 0, 0, LOCK}, -EOPNOTSUPP},
	{"6.1", {MUE_MAP_LRU_HASH, 4, 8, 1, 0, 0, LOCK}, -ENOTSUPP},
	{"6.18", {MUE_MAP_LRU_HASH, 4, 16, 1, 0, 0, TIMER}, 0},
	{"6.1", {MUE_MAP_PERCPU_HASH, 4, 16, 1, 0, 0, TIMER}, -EOPNOTSUPP},
	{"6.18", {MUE_MAP_LPM_TRIE, 8, 16, 1, NP, 0, TIMER}, -EOPNOTSUPP},
	{"6.1", {MUE_MAP_ARRAY, 4, 8, 1, MUE_MAP_F_RDONLY_PROG, 0, LOCK}, -EACCES},
	{"6.1", {MUE_MAP_ARRAY, 4, 8, 1, MUE_MAP_F_WRONLY_PROG, 0, LOCK}, 0},
	{"6.18", {MUE_MAP_ARRAY, 4, 8, 1, MUE_MAP_F_WRONLY_PROG, 0, LOCK}, -EACCES},
	{"6.18", {MUE_MAP_LRU_HASH, 4, 8, 1, MUE_MAP_F_RDONLY_PROG, 0, LOCK}, -EACCES},
};

static void test_creation(void **state)
{
	for (size_t i = 0; i < COUNT(creations); i++) {
		const struct creation *c = &creations[i];
		struct mue_world w = world_of(c->version, 2);
		struct emu_map *m = NULL;
		int err = emu_map_create(&m, &w, &c->attr);

		if (err != c->err)
			fail_msg("row %zu (type %u): expected %d, got %d", i, c->attr.type, c->err,
				 err);
		emu_map_free(m);
	}
}

/* Making them must cost what is used, not what could be. */
static void test_large_maps_are_cheap(void **state)
{
	static const uint32_t types[] = {MUE_MAP_HASH,	      MUE_MAP_ARRAY,
					 MUE_MAP_PERCPU_HASH, MUE_MAP_PERCPU_ARRAY,
					 MUE_MAP_LRU_HASH,    MUE_MAP_LRU_PERCPU_HASH};

	for (size_t i = 0; i < COUNT(types) * 200; i++) {
		struct emu_map *m = make(types[i % COUNT(types)], 50 * 1000 * 1000, 0);

		assert_int_equal(put(m, 12345, 1, 0), 0);
		m->ops->reset(m);
		assert_int_equal(put(m, 12345, 2, 0), 0);
		assert_int_equal(*look(m, 12345), 2);
		emu_map_free(m);
	}
}

static void test_access_flags(void **state)
{
	struct emu_map *m = make(MUE_MAP_HASH, 4, MUE_MAP_F_RDONLY);
	uint64_t value = 7;
	uint32_t key = 1, done;

	assert_int_equal(emu_user_update(m, 0, &key, &value, ~0ull), -EPERM);
	assert_int_equal(emu_user_delete(m, 0, &key), -EPERM);
	assert_int_equal(emu_user_update_batch(m, 0, &key, &value, 1, ~0ull, &done), -EPERM);
	assert_int_equal(done, 1);
	assert_int_equal(put(m, 1, 5, 0), 0);
	assert_int_equal(emu_user_lookup(m, 0, &key, &value, 0), 0);
	assert_int_equal(value, 5);
	emu_map_free(m);

	m = make(MUE_MAP_HASH, 4, MUE_MAP_F_WRONLY);
	assert_int_equal(emu_user_update(m, 0, &key, &value, 0), 0);
	assert_int_equal(emu_user_lookup(m, 0, &key, &value, MUE_UPDATE_LOCK), -EPERM);
	assert_int_equal(emu_user_lookup(m, 0, &key, &value, 1), -EINVAL);
	assert_int_equal(emu_user_delete(m, 0, &key), 0);
	emu_map_free(m);
}

/* The newest kernels ask for the right to read before they look at the flags. */
static void test_write_only_maps_by_version(void **state)
{
	const struct emu_map_attr attr = {MUE_MAP_HASH, 4, 8, 1, MUE_MAP_F_WRONLY};
	uint64_t value;
	uint32_t key = 1;

	for (uint32_t i = 0; i < 2; i++) {
		struct emu_map *m = make_in(i ? "7.0" : "6.18", 2, &attr);

		assert_int_equal(emu_user_lookup(m, 0, &key, &value, 1), i ? -EPERM : -EINVAL);
		emu_map_free(m);
	}
}

static void test_one_value_for_all_cpus(void **state)
{
	static const uint32_t types[] = {MUE_MAP_PERCPU_HASH, MUE_MAP_PERCPU_ARRAY,
					 MUE_MAP_LRU_PERCPU_HASH};
	const uint64_t values[2] = {7, 8};
	uint32_t key = 0;

	for (size_t i = 0; i < COUNT(types) * 2; i++) {
		const struct emu_map_attr attr = {types[i / 2], 4, 8, 1};
		struct emu_map *m = make_in(i % 2 ? "7.0" : "6.18", 2, &attr);

		assert_int_equal(emu_user_update(m, 0, &key, values, MUE_UPDATE_ALL_CPUS),
				 i % 2 ? 0 : -EINVAL);
		if (i % 2)
			assert_int_equal(*look_on(m, 1, 0), 7);
		emu_map_free(m);
	}
}

static void test_flags_of_lookup(void **state)
{
	struct emu_map *m = make(MUE_MAP_HASH, 4, 0);
	uint64_t value = 7;
	uint32_t key = 1;

	assert_int_equal(emu_user_lookup(m, 0, &key, &value, 0), -ENOENT);
	assert_int_equal(emu_user_lookup(m, 0, &key, &value, MUE_UPDATE_LOCK), -EINVAL);
	assert_int_equal(emu_user_lookup(m, 0, &key, &value, MUE_UPDATE_EXIST), -EINVAL);
	emu_map_free(m);
}

static void test_a_frozen_map_is_written_by_programs_only(void **state)
{
	struct emu_map *m = make(MUE_MAP_HASH, 4, 0);
	uint64_t value = 7;
	uint32_t key = 1;

	assert_int_equal(emu_user_freeze(m), 0);
	assert_int_equal(emu_user_update(m, 0, &key, &value, MUE_UPDATE_LOCK), -EPERM);
	assert_int_equal(emu_user_delete(m, 0, &key), -EPERM);
	assert_int_equal(put(m, 1, 5, 0), 0);
	assert_int_equal(emu_user_lookup(m, 0, &key, &value, 0), 0);
	m->ops->reset(m);
	assert_int_equal(emu_user_update(m, 0, &key, &value, 0), 0);
	emu_map_free(m);
}

static void test_who_can_be_frozen(void **state)
{
	static const struct {
		const char *version;
		uint32_t flags, special;
		int first, second;
	} rows[] = {
		{"6.18", 0, 0, 0, -EPERM},
		{"6.1", 0, 0, 0, -EBUSY},
		{"6.18", MUE_MAP_F_RDONLY, 0, -EPERM, -EPERM},
		{"6.1", MUE_MAP_F_RDONLY, 0, 0, -EBUSY},
		{"6.18", 0, LOCK, -ENOTSUPP, -ENOTSUPP},
		{"6.1", 0, LOCK, 0, -EBUSY},
		{"6.18", MUE_MAP_F_RDONLY, TIMER, -ENOTSUPP, -ENOTSUPP},
		{"6.1", 0, TIMER, -ENOTSUPP, -ENOTSUPP},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct emu_map_attr attr = {MUE_MAP_ARRAY,  4, 16, 1, rows[i].flags, 0,
						  rows[i].special};
		struct emu_map *m = make_in(rows[i].version, 2, &attr);

		assert_int_equal(emu_user_freeze(m), rows[i].first);
		assert_int_equal(emu_user_freeze(m), rows[i].second);
		emu_map_free(m);
	}
}

static void test_batch_stops_at_the_first_error(void **state)
{
	struct emu_map *m = make(MUE_MAP_PERCPU_HASH, 2, 0);
	const uint32_t keys[3] = {1, 2, 3};
	const uint64_t values[6] = {10, 11, 20, 21, 30, 31};
	uint32_t done;

	assert_int_equal(emu_user_update_batch(m, 0, keys, values, 3, 1, &done), -EINVAL);
	assert_int_equal(done, 3);
	assert_int_equal(emu_user_update_batch(m, 0, keys, values, 3, 4, &done), -EINVAL);
	assert_int_equal(emu_user_update_batch(m, 0, keys, values, 0, 0, &done), 0);
	assert_int_equal(done, 0);
	assert_int_equal(emu_user_update_batch(m, 0, keys, values, 3, 0, &done), -E2BIG);
	assert_int_equal(done, 2);
	assert_int_equal(*look_on(m, 0, 2), 20);
	assert_int_equal(*look_on(m, 1, 2), 21);
	emu_map_free(m);
}

/* The bytes of a special field are never copied in, nor out. */
static void test_special_fields_read_as_zero(void **state)
{
	static const uint32_t types[] = {MUE_MAP_ARRAY, MUE_MAP_HASH};

	for (size_t i = 0; i < COUNT(types); i++) {
		const struct emu_map_attr attr = {types[i], 4, 20, 1, 0, 0, TIMER};
		struct emu_map *m = make_in("6.18", 2, &attr);
		uint8_t in[24], out[24];
		uint32_t key = 0;

		memset(in, 0xff, sizeof(in));
		assert_int_equal(emu_user_update(m, 0, &key, in, 0), 0);
		memset(m->ops->lookup(m, 0, &key), 0xee, 4);
		memset(out, 0x55, sizeof(out));
		assert_int_equal(emu_user_lookup(m, 0, &key, out, 0), 0);
		for (uint32_t b = 0; b < 24; b++)
			assert_int_equal(out[b], b < 16 ? 0 : b < 20 ? 0xff : 0x55);
		emu_map_free(m);
	}
}

/* Where programs may point: a lookup's result lies in the map's memory. */
static void test_values_lie_in_memory(void **state)
{
	static const uint32_t types[] = {MUE_MAP_HASH,	      MUE_MAP_ARRAY,
					 MUE_MAP_PERCPU_HASH, MUE_MAP_PERCPU_ARRAY,
					 MUE_MAP_LRU_HASH,    MUE_MAP_LRU_PERCPU_HASH};

	for (size_t i = 0; i < COUNT(types); i++) {
		struct emu_map *m = make(types[i], 40, 0);

		for (uint32_t key = 0; key < 40; key++) {
			const uint8_t *value;

			assert_int_equal(put_on(m, 1, key, 1, 0), 0);
			value = m->ops->lookup(m, 1, &key);
			assert_true(value >= m->memory);
			assert_true(value + m->stride <= m->memory + m->memory_size);
		}
		emu_map_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_creation),
		cmocka_unit_test(test_large_maps_are_cheap),
		cmocka_unit_test(test_access_flags),
		cmocka_unit_test(test_write_only_maps_by_version),
		cmocka_unit_test(test_one_value_for_all_cpus),
		cmocka_unit_test(test_flags_of_lookup),
		cmocka_unit_test(test_a_frozen_map_is_written_by_programs_only),
		cmocka_unit_test(test_who_can_be_frozen),
		cmocka_unit_test(test_batch_stops_at_the_first_error),
		cmocka_unit_test(test_special_fields_read_as_zero),
		cmocka_unit_test(test_values_lie_in_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
