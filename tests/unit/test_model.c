/* The model against cases that pin its answers, in worlds of several versions and CPU counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cases/text.h"
#include "oracle/judge.h"
#include "oracle/model.h"
#include "tests/random_case.h"

/* All that is large, so not on the stack. */
static struct mue_case c;
static struct mue_observation expect, got, again;
static struct mue_condition when;
static struct mue_difference difference;

static struct mue_world world_of(const char *version, uint32_t cpus)
{
	struct mue_world w;

	assert_int_equal(mue_world_of_version(&w, version, cpus), 0);
	return w;
}

static void read_case(const char *text)
{
	char msg[MUE_MSG_MAX];

	if (mue_text_parse(&c, &expect, &when, text, strlen(text), "test", msg, sizeof(msg)))
		fail_msg("%s", msg);
}

/* The case's own expectations are what the model answers. */
static void holds_in(struct mue_world w, const char *text)
{
	read_case(text);
	mue_model_answer(&w, &c, &got);
	if (got.status != MUE_ANSWERED)
		fail_msg("%s", got.why);
	if (!mue_expectation_met(&c, &expect, &got, &difference))
		fail_msg("%s: expected %s, got %s", difference.field, difference.a, difference.b);
}

static void holds(const char *text)
{
	holds_in(world_of("6.18", 2), text);
}

static const char *const versions[] = {"5.10", "5.15", "6.1", "6.6", "6.12", "6.18", "7.2"};
#define VERSIONS (sizeof(versions) / sizeof(*versions))

static bool curated_holds(void *ctx, const struct mue_suite_case *s)
{
	const struct mue_world *w = ctx;

	if (!mue_expectations_hold(s, w))
		return true;
	mue_model_answer(w, s->question, &got);
	if (got.status == MUE_UNSUPPORTED)
		return true;
	if (!mue_expectation_met(s->question, s->expect, &got, &difference))
		fail_msg("%s in %x: %s: expected %s, got %s", s->question->name, w->version,
			 difference.field, difference.a, difference.b);
	return true;
}

static void test_curated_cases_hold_in_every_world(void **state)
{
	const struct mue_suite_options all = {.glob = NULL};
	static const uint32_t cpus[] = {2, 4};

	for (size_t i = 0; i < VERSIONS; i++)
		for (size_t j = 0; j < sizeof(cpus) / sizeof(*cpus); j++) {
			struct mue_world w = world_of(versions[i], cpus[j]);

			mue_suite_each(&all, curated_holds, &w);
		}
}

/* Any case has an answer, the same twice, and a complete one. */
static void test_random_cases_are_answered_twice_the_same(void **state)
{
	for (uint64_t seed = 0; seed < 1000; seed++) {
		struct mue_world w = world_of(versions[seed % VERSIONS], 1 + seed % 4);

		random_case(&c, seed);
		mue_model_answer(&w, &c, &got);
		mue_model_answer(&w, &c, &again);
		assert_int_equal(got.status, again.status);
		if (got.status != MUE_ANSWERED)
			continue;
		assert_true(mue_observation_same(&c, &got, &again, &difference));
		assert_int_equal(got.maps[0].known, 1);
	}
}

/* Only what was reached is known. */
static void test_answers_end_where_the_case_does(void **state)
{
	struct mue_world w = world_of("6.18", 2);

	read_case("map a array key 4 value 4 max 1\nmap b array key 5 value 4 max 1\n"
		  "map c array key 4 value 4 max 1\nuser\n\tupdate a 00000000 = 01000000\n");
	mue_model_answer(&w, &c, &got);
	assert_int_equal(got.maps[0].create, 0);
	assert_int_equal(got.maps[1].create, -EINVAL);
	assert_int_equal(got.maps[2].known, 0);
	assert_int_equal(got.phases[0].known, 0);
	assert_int_equal(got.ops[0].known, 0);
	assert_int_equal(got.maps[0].state_known, 0);
}

static void test_refused_phases_do_not_run(void **state)
{
	struct mue_world w = world_of("6.18", 2);

	read_case("map a array key 4 value 4 max 1 flags rdonly_prog\nmap b array key 4 value 4 max 1\n"
		  "xdp\n\tupdate a 00000000 = 01000000\nxdp\n\tupdate b 00000000 = 01000000\n"
		  "xdp load_only\n\tupdate b 00000000 = 02000000\n");
	mue_model_answer(&w, &c, &got);
	assert_int_equal(got.phases[0].load, -EACCES);
	assert_int_equal(got.phases[0].invoked, 0);
	assert_int_equal(got.ops[0].known, 0);
	assert_int_equal(got.phases[1].invoked, 1);
	assert_int_equal(got.phases[1].retval, 2);
	assert_int_equal(got.ops[1].known, 1);
	assert_int_equal(got.phases[2].known, 1);
	assert_int_equal(got.phases[2].invoked, 0);
	assert_int_equal(got.ops[2].known, 0);
	assert_int_equal(got.maps[1].n_entries, 1);
}

static void test_unsupported_is_said_where_no_rule_is(void **state)
{
	struct mue_world w = world_of("6.18", 2);

	read_case("map m array key 4 value 4 max 4\nuser cpu 2\n\tlookup m 00000000\n");
	mue_model_answer(&w, &c, &got);
	assert_int_equal(got.status, MUE_UNSUPPORTED);
	assert_true(strlen(got.why) > 0);
	read_case("map m array key 4 value 1048576 max 4096\n");
	mue_model_answer(&w, &c, &got);
	assert_int_equal(got.status, MUE_UNSUPPORTED);
}

/* H4, H5 */
static void test_hash_pointers_follow_the_memory(void **state)
{
	holds("map m hash key 4 value 4 max 4\n"
	      "xdp\n"
	      "\tupdate m 01000000 = 0a000000 -> 0\n"
	      "\tupdate m 02000000 = 0b000000 -> 0\n"
	      "\tlookup m 01000000 -> 0a000000\n"
	      "\tupdate m 01000000 = 0c000000 -> 0\n"
	      "\treread -> 0a000000\n"
	      "\tupdate m 03000000 = 0d000000 -> 0\n"
	      "\treread -> 0a000000\n"
	      "\tupdate m 02000000 = 0e000000 -> 0\n"
	      "\treread -> 0e000000\n");
	holds("map m hash key 4 value 4 max 4 flags no_prealloc\n"
	      "xdp\n"
	      "\tupdate m 01000000 = 0a000000 -> 0\n"
	      "\tlookup m 01000000 -> 0a000000\n"
	      "\tupdate m 01000000 = 0c000000 -> 0\n"
	      "\treread -> 0a000000\n"
	      "\tupdate m 03000000 = 0d000000 -> 0\n"
	      "\treread -> 0d000000\n");
}

/* H6: three freed values are more than the allocator keeps. */
static void test_no_rule_where_the_allocator_takes_back(void **state)
{
	const char *text = "map m percpu_hash key 4 value 8 max 8 flags no_prealloc\nxdp\n"
			   "\tupdate m 01000000 = 0100000000000000 via loop times 4\n"
			   "\tlookup m 01000000\n\tdelete m 01000000\n\tdelete m 02000000\n"
			   "\tdelete m 03000000\n\tupdate m 11000000 = 1100000000000000\n";
	struct mue_world w = world_of("6.18", 2);
	char looking[1024];

	read_case(text);
	mue_model_answer(&w, &c, &got);
	assert_int_equal(got.status, MUE_ANSWERED);
	snprintf(looking, sizeof(looking), "%s\treread\n", text);
	read_case(looking);
	mue_model_answer(&w, &c, &got);
	assert_int_equal(got.status, MUE_UNSUPPORTED);
	assert_non_null(strstr(got.why, "allocator"));
}

static void test_tries_and_old_hashes_keep_what_was_replaced(void **state)
{
	holds("map m lpm_trie key 8 value 4 max 4 flags no_prealloc\n"
	      "xdp\n"
	      "\tupdate m 0800000001000000 = 0a000000 -> 0\n"
	      "\tlookup m 0800000001000000 -> 0a000000\n"
	      "\tdelete m 0800000001000000 -> 0\n"
	      "\tupdate m 0800000002000000 = 0b000000 -> 0\n"
	      "\treread -> 0a000000\n");
	holds_in(world_of("5.15", 2), "map m hash key 4 value 4 max 4 flags no_prealloc\n"
				      "xdp\n"
				      "\tupdate m 01000000 = 0a000000 -> 0\n"
				      "\tlookup m 01000000 -> 0a000000\n"
				      "\tdelete m 01000000 -> 0\n"
				      "\tupdate m 03000000 = 0d000000 -> 0\n"
				      "\treread -> 0a000000\n");
}

/* R5: the new element's value lands on the key that is looked up. */
static void test_lru_writes_over_its_own_key(void **state)
{
	const char *text = "map m lru_hash key 4 value 4 max 8\n"
			   "map n lru_hash key 4 value 4 max 8\n"
			   "xdp\n"
			   "\tupdate m 01000000 = 07000000 -> 0\n"
			   "\tupdate m 07000000 = 0a000000 -> 0\n"
			   "\tlookup m 01000000 -> 07000000\n"
			   "\tdelete m 01000000 -> 0\n"
			   "\tupdate m 07000000 = 0b000000 exist key lookup -> -ENOENT\n"
			   "\treread -> 0b000000\n";

	holds(text);
}

/* How many keys are left after n insertions of new ones from CPU 0. */
static uint32_t left_after(const char *version, uint32_t cpus, uint32_t max, uint32_t n, bool common)
{
	struct mue_world w = world_of(version, cpus);
	struct mue_op *op;

	mue_case_init(&c, "lru");
	mue_case_add_map(&c, "m", MUE_MAP_LRU_HASH, 4, 4, max,
			 common ? 0 : MUE_MAP_F_NO_COMMON_LRU);
	mue_case_add_phase(&c, MUE_PROG_UNSPEC);
	op = mue_case_add_op(&c, MUE_OP_UPDATE, 0);
	op->times = n;
	op->key = mue_bytes_u32(1);
	mue_model_answer(&w, &c, &got);
	assert_int_equal(got.status, MUE_ANSWERED);
	return got.maps[0].n_entries;
}

/* L4: when eviction begins, and how much it takes. */
static void test_lru_evicts_by_the_batch(void **state)
{
	assert_int_equal(left_after("6.1", 1, 4, 5, true), 1);
	assert_int_equal(left_after("6.18", 1, 4, 5, true), 3);
	assert_int_equal(left_after("6.18", 4, 4, 5, true), 4);
	assert_int_equal(left_after("6.18", 2, 8, 9, true), 7);
	assert_int_equal(left_after("6.18", 4, 100, 96, true), 96);
	assert_int_equal(left_after("6.18", 4, 100, 97, true), 89);
	assert_int_equal(left_after("6.18", 4, 100, 101, true), 93);
	assert_int_equal(left_after("6.1", 4, 200, 128, true), 128);
	assert_int_equal(left_after("6.1", 4, 200, 129, true), 73);
	assert_int_equal(left_after("6.18", 4, 200, 201, true), 176);
	assert_int_equal(left_after("6.18", 2, 4, 5, false), 1);
}

/* C4: 5 entries on 4 CPUs are 8, 2 for each. */
static void test_no_common_lru_is_rounded_up(void **state)
{
	assert_int_equal(left_after("6.18", 4, 5, 2, false), 2);
	assert_int_equal(left_after("6.18", 4, 5, 3, false), 1);
}

static void test_r0_of_old_kernels_is_its_lower_half(void **state)
{
	struct mue_world w = world_of("6.1", 2);
	static struct mue_alternatives also;

	read_case("map m hash key 4 value 4 max 1\nmap n hash key 4 value 4 max 1\nxdp\n"
		  "\tupdate m 01000000 = 0a000000 exist\n"
		  "\tupdate m 01000000 = 0a000000 exist via shared n\n"
		  "\tupdate m 01000000 = 0a000000\n");
	mue_model_answer_also(&w, &c, &got, &also);
	assert_true(got.ops[0].ret == 0xfffffffe);
	assert_true(got.ops[1].ret == -ENOENT);
	assert_int_equal(got.ops[2].ret, 0);
	assert_int_equal(also.n, 1);
	assert_true(*mue_alternatives_of(&also, 0) == -ENOENT);
	assert_null(mue_alternatives_of(&also, 1));
	w.jit = false;
	mue_model_answer_also(&w, &c, &got, &also);
	assert_true(got.ops[0].ret == -ENOENT);
	assert_int_equal(also.n, 0);
}

/* V8: what the verifier meets first. */
static void test_first_error_of_a_walk_wins(void **state)
{
	holds("map m array key 4 value 8 max 1\nxdp -> -EINVAL\n"
	      "\tupdate m 00000000 = ~00*8 value short_stack\n"
	      "\tupdate m 00000000 = ~00*8 value scalar\n");
	holds("map m array key 4 value 8 max 1\nxdp -> -EACCES\n"
	      "\tupdate m 00000000 = ~00*8 value scalar\n"
	      "\tupdate m 00000000 = ~00*8 value short_stack\n");
	holds("map m array key 4 value 1 max 1\nxdp -> -EACCES\n"
	      "\tupdate m 00000000 = 00 value short_stack\n");
	holds("map m array key 4 value 8 max 1 special spin_lock\nsocket -> -EINVAL\n"
	      "\tupdate m 00000000 = ~00*8 value scalar\n");
}

/* The second map of a shared site is walked to the end before the first one is. */
static void test_shared_site_walks_its_second_map_first(void **state)
{
	const char *text = "map a array key 4 value 8 max 1 flags rdonly_prog\n"
			   "map b array key 4 value 8 max 1\nxdp -> -EINVAL\n"
			   "\tupdate a 00000000 = ~00*8 via shared b\n"
			   "\tupdate b 00000000 = ~00*8 value short_stack\n";

	holds(text);
}

static void test_digest_is_that_of_the_state(void **state)
{
	struct mue_world w = world_of("6.18", 2);

	read_case("map m percpu_array key 4 value 6 max 9\nuser\n"
		  "\tupdate m 01000000 = 0a0000000000\n\tupdate m 02000000 = 000000000000\n"
		  "\tdigest m\n");
	mue_model_answer(&w, &c, &got);
	assert_true((uint64_t)got.ops[2].ret == got.maps[0].digest);
	assert_int_equal(got.maps[0].n_entries, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_curated_cases_hold_in_every_world),
		cmocka_unit_test(test_random_cases_are_answered_twice_the_same),
		cmocka_unit_test(test_answers_end_where_the_case_does),
		cmocka_unit_test(test_refused_phases_do_not_run),
		cmocka_unit_test(test_unsupported_is_said_where_no_rule_is),
		cmocka_unit_test(test_hash_pointers_follow_the_memory),
		cmocka_unit_test(test_no_rule_where_the_allocator_takes_back),
		cmocka_unit_test(test_tries_and_old_hashes_keep_what_was_replaced),
		cmocka_unit_test(test_lru_writes_over_its_own_key),
		cmocka_unit_test(test_lru_evicts_by_the_batch),
		cmocka_unit_test(test_no_common_lru_is_rounded_up),
		cmocka_unit_test(test_r0_of_old_kernels_is_its_lower_half),
		cmocka_unit_test(test_first_error_of_a_walk_wins),
		cmocka_unit_test(test_shared_site_walks_its_second_map_first),
		cmocka_unit_test(test_digest_is_that_of_the_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
