/* Suspect: runners/emulator/maps/lpm_trie.c */
#include "tests/unit/maps.h"

struct prefix {
	uint32_t length;
	uint8_t data[4];
};

static struct emu_map *make_trie(const char *version, uint32_t max)
{
	const struct emu_map_attr attr = {MUE_MAP_LPM_TRIE, 8, 8, max, MUE_MAP_F_NO_PREALLOC};

	return make_in(version, 2, &attr);
}

#define p(length, ...) ((struct prefix){length, {__VA_ARGS__}})

static long set(struct emu_map *m, struct prefix key, uint64_t value, uint64_t flags)
{
	return m->ops->update(m, 0, &key, &value, flags);
}

static long unset(struct emu_map *m, struct prefix key)
{
	return m->ops->delete (m, 0, &key);
}

/* The value found for an address, or 0. */
static uint64_t match(struct emu_map *m, struct prefix key)
{
	const uint64_t *value = m->ops->lookup(m, 0, &key);

	return value ? *value : 0;
}

static void expect_keys(struct emu_map *m, const struct prefix *keys, size_t n)
{
	struct prefix key;
	int err = m->ops->next_key(m, NULL, &key);

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(err, 0);
		assert_memory_equal(&key, &keys[i], sizeof(key));
		err = m->ops->next_key(m, &key, &key);
	}
	assert_int_equal(err, -ENOENT);
}

static void test_longest_match(void **state)
{
	struct emu_map *m = make_trie("6.18", 10);

	assert_int_equal(match(m, p(32, 10, 0, 0, 1)), 0);
	set(m, p(16, 10, 0, 0, 0), 16, 0);
	set(m, p(24, 10, 0, 1, 0), 24, 0);
	set(m, p(32, 10, 0, 1, 5), 32, 0);
	assert_int_equal(match(m, p(32, 10, 0, 1, 5)), 32);
	assert_int_equal(match(m, p(32, 10, 0, 1, 4)), 24);
	assert_int_equal(match(m, p(31, 10, 0, 1, 5)), 24);
	assert_int_equal(match(m, p(32, 10, 0, 2, 5)), 16);
	assert_int_equal(match(m, p(15, 10, 0, 1, 5)), 0);
	assert_int_equal(match(m, p(32, 11, 0, 1, 5)), 0);
	set(m, p(0, 1, 2, 3, 4), 99, 0);
	assert_int_equal(match(m, p(32, 11, 0, 1, 5)), 99);
	assert_int_equal(match(m, p(0, 0, 0, 0, 0)), 99);
	assert_int_equal(match(m, p(33, 10, 0, 1, 5)), 0);
	emu_map_free(m);
}

/* More specific before less specific, 0 before 1. */
static void test_keys_come_in_post_order(void **state)
{
	static const struct prefix keys[] = {
		{24, {192, 168, 0, 0}}, {24, {192, 168, 1, 0}}, {24, {192, 168, 128, 0}},
		{16, {192, 168, 0, 0}}, {8, {193, 0, 0, 0}},	{0, {0, 0, 0, 0}},
	};
	static const uint8_t orders[][6] = {
		{0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}, {3, 0, 5, 1, 4, 2}};
	struct prefix absent = p(9, 1, 1, 1, 1), too_long = p(33, 1, 1, 1, 1), key;

	for (size_t o = 0; o < COUNT(orders); o++) {
		struct emu_map *m = make_trie("6.18", 10);

		assert_int_equal(m->ops->next_key(m, NULL, &key), -ENOENT);
		for (size_t i = 0; i < 6; i++)
			assert_int_equal(set(m, keys[orders[o][i]], 1, 0), 0);
		expect_keys(m, keys, 6);
		assert_int_equal(m->ops->next_key(m, &absent, &key), 0);
		assert_memory_equal(&key, &keys[0], sizeof(key));
		assert_int_equal(m->ops->next_key(m, &too_long, &key), 0);
		assert_memory_equal(&key, &keys[0], sizeof(key));
		emu_map_free(m);
	}
}

static void test_bits_behind_the_prefix_are_kept_but_not_compared(void **state)
{
	struct emu_map *m = make_trie("6.18", 10);
	const struct prefix first = p(24, 10, 0, 0, 77), second = p(24, 10, 0, 0, 88);

	assert_int_equal(set(m, first, 1, 0), 0);
	expect_keys(m, &first, 1);
	assert_int_equal(set(m, second, 2, MUE_UPDATE_NOEXIST), -EEXIST);
	expect_keys(m, &first, 1);
	assert_int_equal(set(m, second, 2, 0), 0);
	expect_keys(m, &second, 1);
	assert_int_equal(match(m, p(32, 10, 0, 0, 1)), 2);
	assert_int_equal(unset(m, first), 0);
	expect_keys(m, NULL, 0);
	emu_map_free(m);
}

static void test_flags_by_key_state(void **state)
{
	static const struct {
		uint64_t flags;
		int present, absent, full;
	} rows[] = {
		{0, 0, 0, -ENOSPC},
		{1, -EEXIST, 0, -ENOSPC},
		{2, 0, -ENOENT, -ENOENT},
		{3, -EINVAL, -EINVAL, -EINVAL},
		{4, -EINVAL, -EINVAL, -EINVAL},
		{5, -EINVAL, -EINVAL, -EINVAL},
		{1ull << 32 | 1, -EINVAL, -EINVAL, -EINVAL},
	};
	struct emu_map *m = make_trie("6.18", 2);

	for (size_t i = 0; i < COUNT(rows); i++) {
		m->ops->reset(m);
		assert_int_equal(set(m, p(8, 1), 1, 0), 0);
		assert_int_equal(set(m, p(8, 1), 2, rows[i].flags), rows[i].present);
		assert_int_equal(set(m, p(8, 2), 2, rows[i].flags), rows[i].absent);
		if (rows[i].absent)
			assert_int_equal(set(m, p(8, 2), 2, 0), 0);
		assert_int_equal(set(m, p(8, 3), 2, rows[i].flags), rows[i].full);
		assert_int_equal(set(m, p(8, 1), 2, rows[i].flags), rows[i].present);
		assert_int_equal(set(m, p(33, 1), 2, rows[i].flags), -EINVAL);
		assert_int_equal(count_of(m), 2);
	}
	emu_map_free(m);
}

static void test_older_kernels(void **state)
{
	struct emu_map *m = make_trie("6.1.100", 2);

	assert_int_equal(set(m, p(8, 1), 1, MUE_UPDATE_EXIST), 0);
	assert_int_equal(set(m, p(8, 1), 2, MUE_UPDATE_NOEXIST), 0);
	assert_int_equal(match(m, p(32, 1)), 2);
	assert_int_equal(set(m, p(8, 2), 1, 0), 0);
	assert_int_equal(set(m, p(8, 2), 3, 0), -ENOSPC);
	assert_int_equal(set(m, p(8, 2), 3, 3), -EINVAL);
	assert_int_equal(match(m, p(32, 2)), 1);
	emu_map_free(m);
}

/* Nodes that only part others are no entries: not counted, found, shown or deleted. */
static void test_parting_nodes(void **state)
{
	struct emu_map *m = make_trie("6.18", 3);
	const struct prefix zero = p(16, 10, 0), one = p(16, 10, 128), parting = p(8, 10);

	assert_int_equal(set(m, zero, 1, 0), 0);
	assert_int_equal(set(m, one, 2, 0), 0);
	assert_int_equal(count_of(m), 2);
	assert_int_equal(unset(m, parting), -ENOENT);
	assert_int_equal(match(m, p(32, 10, 64)), 0);
	assert_int_equal(set(m, parting, 3, MUE_UPDATE_EXIST), -ENOENT);
	/* It becomes an entry, and counts. */
	assert_int_equal(set(m, parting, 3, MUE_UPDATE_NOEXIST), 0);
	assert_int_equal(match(m, p(32, 10, 64)), 3);
	assert_int_equal(set(m, p(8, 99), 4, 0), -ENOSPC);
	/* And stops being one, under two children. */
	assert_int_equal(unset(m, parting), 0);
	assert_int_equal(match(m, p(32, 10, 64)), 0);
	assert_int_equal(set(m, p(8, 99), 4, 0), 0);
	assert_int_equal(unset(m, zero), 0);
	assert_int_equal(match(m, p(32, 10, 128)), 2);
	assert_int_equal(count_of(m), 2);
	emu_map_free(m);
}

static void test_delete(void **state)
{
	struct emu_map *m = make_trie("6.18", 8);

	assert_int_equal(unset(m, p(8, 1)), -ENOENT);
	assert_int_equal(unset(m, p(33, 1)), -EINVAL);
	set(m, p(8, 10), 8, 0);
	set(m, p(16, 10, 1), 16, 0);
	set(m, p(24, 10, 1, 1), 24, 0);
	assert_int_equal(unset(m, p(16, 10, 2)), -ENOENT);
	assert_int_equal(unset(m, p(15, 10, 1)), -ENOENT);
	assert_int_equal(unset(m, p(16, 10, 1)), 0);
	assert_int_equal(match(m, p(32, 10, 1, 1)), 24);
	assert_int_equal(match(m, p(32, 10, 1, 2)), 8);
	assert_int_equal(unset(m, p(8, 10)), 0);
	assert_int_equal(match(m, p(32, 10, 1, 1)), 24);
	assert_int_equal(unset(m, p(24, 10, 1, 1)), 0);
	assert_int_equal(count_of(m), 0);
	emu_map_free(m);
}

static void test_old_pointers_keep_their_value(void **state)
{
	struct emu_map *m = make_trie("6.18", 2);
	struct prefix key = p(8, 1);
	const uint64_t *old;

	set(m, key, 1, 0);
	old = m->ops->lookup(m, 0, &key);
	for (uint32_t i = 0; i < 4096; i++)
		assert_int_equal(set(m, key, 2, 0), 0);
	assert_int_equal(*old, 1);
	emu_map_free(m);
}

/* Against a list, with all lengths, in a trie that is full now and then. */
static void test_against_a_list(void **state)
{
	const struct emu_map_attr attr = {MUE_MAP_LPM_TRIE, 5, 8, 20, MUE_MAP_F_NO_PREALLOC};
	struct emu_map *m = make_in("6.18", 1, &attr);
	uint64_t list[9][256] = {0}, r = 1, value;
	uint32_t count = 0;

	for (uint32_t i = 0; i < 200000; i++) {
		r = r * 6364136223846793005 + 1442695040888963407;
		uint8_t key[5] = {(r >> 33) % 9, 0, 0, 0, r >> 40};
		uint8_t bits = key[0] ? key[4] & 0xff << (8 - key[0]) : 0;
		uint64_t *entry = &list[key[0]][bits];
		long expected;

		if (r >> 60 < 9) {
			expected = !*entry && count == 20 ? -ENOSPC : 0;
			value = i + 1;
			assert_int_equal(m->ops->update(m, 0, key, &value, 0), expected);
			if (!expected) {
				count += !*entry;
				*entry = value;
			}
		} else {
			expected = *entry ? 0 : -ENOENT;
			assert_int_equal(m->ops->delete (m, 0, key), expected);
			count -= !expected;
			*entry = 0;
		}
		uint64_t best = 0;
		const uint64_t *found;

		for (uint32_t l = 0; l <= key[0]; l++) {
			uint64_t v = list[l][l ? key[4] & 0xff << (8 - l) & 0xff : 0];

			best = v ? v : best;
		}
		found = m->ops->lookup(m, 0, key);
		assert_int_equal(found ? *found : 0, best);
		if (i % 64 == 0)
			assert_int_equal(count_of(m), count);
	}
	emu_map_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_longest_match),
		cmocka_unit_test(test_keys_come_in_post_order),
		cmocka_unit_test(test_bits_behind_the_prefix_are_kept_but_not_compared),
		cmocka_unit_test(test_flags_by_key_state),
		cmocka_unit_test(test_older_kernels),
		cmocka_unit_test(test_parting_nodes),
		cmocka_unit_test(test_delete),
		cmocka_unit_test(test_old_pointers_keep_their_value),
		cmocka_unit_test(test_against_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
