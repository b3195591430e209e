/* The mutator: the same for the same seed, always a case, and everything within its reach. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "cases/lower.h"
#include "cases/suite.h"
#include "fuzz/codec.h"
#include "fuzz/fields.h"
#include "fuzz/input.h"
#include "fuzz/mutate.h"
#include "fuzz/mutation.h"
#include "tests/random_case.h"

static struct mue_case c, again, other;

static void check_case(const struct mue_case *k)
{
	char msg[256];

	if (mue_case_check(k, msg, sizeof(msg)))
		fail_msg("no case: %s", msg);
}

static void test_deterministic(void **state)
{
	for (uint64_t seed = 0; seed < 2000; seed++) {
		random_case(&c, seed);
		random_case(&again, seed);
		random_case(&other, seed + 1);
		mue_mutate(&c, seed % 3 ? &other : NULL, seed);
		mue_mutate(&again, seed % 3 ? &other : NULL, seed);
		check_case(&c);
		assert_true(mue_case_same(&c, &again));
		mue_splice(&c, &other, seed);
		mue_splice(&again, &other, seed);
		check_case(&c);
		assert_true(mue_case_same(&c, &again));
	}
}

/* Most of what it does is a change; and cases stay small. */
static void test_changes(void **state)
{
	unsigned same = 0;

	mue_mutate_first(&c);
	for (uint64_t seed = 0; seed < 20000; seed++) {
		mue_case_copy(&again, &c);
		mue_mutate(&c, NULL, seed);
		same += mue_case_same(&c, &again);
		assert_true(c.n_ops <= MUE_MUTATE_OPS && c.n_phases <= MUE_MUTATE_PHASES);
	}
	if (same > 20000 / 5)
		fail_msg("%u of 20000 mutations changed nothing", same);
}

/* Cases of others are larger than what it makes; it takes them, too. */
static bool mutate_large(void *ctx, const struct mue_suite_case *s)
{
	uint64_t *seed = ctx;

	mue_case_copy(&c, s->question);
	mue_mutate(&c, &other, ++*seed);
	check_case(&c);
	mue_case_copy(&other, s->question);
	return true;
}

static void test_large_cases(void **state)
{
	struct mue_suite_options opts = {.glob = "lru*", .seed = 1};
	uint64_t seed = 0;

	random_case(&other, 1);
	mue_suite_each(&opts, mutate_large, &seed);
	assert_true(seed > 500);
}

/* Each row of the table finds a place in some case. */
static void test_every_mutation_works(void **state)
{
	static const struct {
		const char *name;
		mutation_fn *make;
	} rows[] = {
#define MUE_MUTATION(name, weight) {#name, mutate_##name},
#include "fuzz/mutations.def"
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool made = false;

		for (uint64_t seed = 0; seed < 500 && !made; seed++) {
			struct mue_dice d = {seed};
			struct mutation m = {&c, &other, &d};

			random_case(&c, seed);
			random_case(&other, seed + 1);
			if (seed % 2) {
				mue_mutate_edit(&c);
				c.edits[c.n_edits++].code = seed;
				c.edits[1].insert = 0;
			}
			mue_case_copy(&again, &c);
			if (c.n_ops > MUE_MUTATE_OPS)
				continue;
			made = rows[i].make(&m);
			mue_case_mend(&c);
			check_case(&c);
			made = made && !mue_case_same(&c, &again);
		}
		if (!made)
			fail_msg("%s never changes anything", rows[i].name);
	}
}

/* From the first case on: every program type, plain map type, origin, reach, kind, flag. */
static void test_everything_within_reach(void **state)
{
	static unsigned progs[MUE_PROG_TYPES], maps[MUE_MAP_TYPES], origins[MUE_ORIGINS],
		reaches[MUE_REACHES], kinds[MUE_OP_KINDS];

	for (uint64_t seed = 0; seed < 60000; seed++) {
		if (seed % 20 == 0)
			mue_mutate_first(&c);
		mue_mutate(&c, NULL, seed);
		for (uint32_t i = 0; i < c.n_maps; i++)
			if (c.maps[i].type < MUE_MAP_TYPES)
				maps[c.maps[i].type]++;
		for (uint32_t i = 0; i < c.n_phases; i++)
			progs[c.phases[i].prog_type]++;
		for (uint32_t i = 0; i < c.n_ops; i++) {
			kinds[c.ops[i].kind]++;
			origins[c.ops[i].value_from]++;
			reaches[c.ops[i].reach]++;
		}
	}
	for (unsigned i = 0; i < MUE_PROG_TYPES; i++)
		assert_true(!mue_prog_type_row(i) || progs[i]);
	for (unsigned i = 0; i < MUE_MAP_TYPES; i++)
		assert_true(!mue_map_type_row(i) || maps[i]);
	for (unsigned i = 0; i < MUE_ORIGINS; i++)
		assert_true(origins[i]);
	for (unsigned i = 0; i < MUE_REACHES; i++)
		assert_true(reaches[i]);
	for (unsigned i = 0; i < MUE_OP_KINDS; i++)
		if (!kinds[i])
			fail_msg("no %s", mue_op_rows[i].name);
}

/* The same maps and programs, other questions. */
static void test_steady_keeps_the_shape(void **state)
{
	unsigned changed = 0;

	for (uint64_t seed = 0; seed < 2000; seed++) {
		random_case(&c, seed);
		mue_case_copy(&again, &c);
		if (mue_mutate_steady(&c, seed))
			changed += !mue_case_same(&c, &again);
		check_case(&c);
		assert_true(mue_shape_same(&c, &again));
	}
	assert_true(changed > 1000);
}

/* Bytes that the case's calls move. */
static uint64_t bytes_moved(const struct mue_case *k)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < k->n_ops; i++) {
		const struct mue_op *op = &k->ops[i];
		const struct mue_map *m = &k->maps[op->map];
		bool moved = mue_op_has_value(op->kind) || op->kind == MUE_OP_LOOKUP;

		if (mue_op_has_key(op->kind))
			sum += op->times * ((uint64_t)m->key_size + (moved ? m->value_size : 0));
	}
	return sum;
}

/* Heavy cases are made, but few: else they would take all the time. */
static void test_heavy_cases_are_rare(void **state)
{
	const unsigned cases = 400000;
	unsigned heavy = 0, large = 0;

	for (uint64_t seed = 0; seed < cases; seed++) {
		if (seed % 20 == 0)
			mue_mutate_first(&c);
		mue_mutate(&c, NULL, seed);
		heavy += bytes_moved(&c) > 128 << 10;
		large += c.maps[0].value_size > 128 << 10;
	}
	assert_true(heavy && heavy < cases / 512);
	if (!large)
		fail_msg("large values are out of reach");
}

/* Two inputs that libFuzzer's own mutations came to: each took half a minute, and all memory. */
static void test_none_is_without_bound(void **state)
{
	struct mue_op *op;

	mue_case_init(&c, "batch");
	mue_case_add_map(&c, "m0", MUE_MAP_LPM_TRIE, 8, 4194009, 500, BPF_F_NO_PREALLOC);
	mue_case_add_phase(&c, MUE_PROG_UNSPEC);
	op = mue_case_add_op(&c, MUE_OP_BATCH, 0);
	op->times = 500;
	mue_case_bound(&c);
	check_case(&c);
	assert_true(c.n_ops == 1 && bytes_moved(&c) <= 16 << 20);

	mue_case_init(&c, "digest");
	mue_case_add_map(&c, "m0", MUE_MAP_ARRAY, 4, 16, UINT32_C(1) << 31, 0);
	mue_case_add_phase(&c, MUE_PROG_UNSPEC);
	mue_case_add_op(&c, MUE_OP_LOOKUP, 0);
	mue_case_copy(&again, &c);
	mue_case_bound(&c);
	assert_true(mue_case_same(&c, &again));
	mue_case_add_op(&c, MUE_OP_DIGEST, 0);
	mue_case_bound(&c);
	assert_true(mue_case_same(&c, &again));
}

static void assert_same_fields(const struct mue_case *a, const struct mue_case *b)
{
	for (enum mue_element e = 0; e < MUE_ELEMENTS; e++) {
		uint32_t n = mue_element_count(a, e);

		assert_int_equal(n, mue_element_count(b, e));
		for (uint32_t i = 0; i < n; i++)
			assert_memory_equal(mue_element_at((struct mue_case *)a, e, i),
					    mue_element_at((struct mue_case *)b, e, i),
					    mue_elements[e].size);
	}
}

/* The mutator remembers the case that it made: it is what its bytes say. */
static void test_what_is_made_is_what_is_decoded(void **state)
{
	static uint8_t bytes[MUE_INPUT_MAX], other[MUE_INPUT_MAX];
	static struct mue_input in, afresh;
	size_t n = 0, size = 0;

	for (uint64_t seed = 1; seed < 20000; seed++) {
		const struct mue_raw from = {bytes, n}, with = {other, size};

		if (seed % 40 == 0)
			n = mue_input_mutate((struct mue_raw){NULL, 0}, &from, true, seed, bytes, 2000);
		else if (seed % 3)
			n = mue_input_mutate(from, seed % 5 ? NULL : &with, seed % 10 == 0, seed, bytes, 2000);
		else
			n = mue_input_steady(from, seed, bytes, 2000) ?: n;
		mue_input_decode_edited(&in, bytes, n);
		size = n;
		memcpy(other, bytes, n);
		mue_case_decode(&afresh.c, bytes + 1, n - 1);
		mue_case_bound(&afresh.c);
		assert_int_equal(in.world, bytes[0]);
		assert_same_fields(&in.c, &afresh.c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deterministic),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_large_cases),
		cmocka_unit_test(test_every_mutation_works),
		cmocka_unit_test(test_everything_within_reach),
		cmocka_unit_test(test_heavy_cases_are_rare),
		cmocka_unit_test(test_none_is_without_bound),
		cmocka_unit_test(test_steady_keeps_the_shape),
		cmocka_unit_test(test_what_is_made_is_what_is_decoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
