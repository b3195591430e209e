/* Comparison, judgement and groups: every way in which a target can lie is caught. */
#include "tests/unit/judging.h"

/* Two user insertions, an XDP program that looks, replaces and fails; two maps. */
static const char question[] =
	"map m hash key 4 value 4 max 2\n"
	"map p percpu_array key 4 value 8 max 2\n"
	"user\n"
	"	update m 01000000 = 0a000000\n"
	"	update p 01000000 = 0b00000000000000\n"
	"xdp cpu 1\n"
	"	lookup m 01000000\n"
	"	update m 01000000 = 0c000000\n"
	"	update m 02000000 = 0d000000 exist\n"
	"	update p 01000000 = 0e00000000000000\n";

static struct mue_observation d;
static struct mue_verdict verdict;
static struct mue_difference difference;

static void answer(struct mue_observation *o, const char *version)
{
	struct mue_world w = world_of(version);

	mue_model_answer(&w, &c, o);
	if (o->status != MUE_ANSWERED)
		fail_msg("%s", o->why);
}

static int setup(void **state)
{
	read_case(question);
	answer(&a, "6.18");
	answer(&b, "6.18");
	return 0;
}

static void differs_in(const char *field, const char *ta, const char *tb)
{
	assert_false(mue_observation_same(&c, &a, &b, &difference));
	assert_string_equal(difference.field, field);
	assert_string_equal(difference.a, ta);
	assert_string_equal(difference.b, tb);
}

static void test_equal_answers_are_the_same(void **state)
{
	assert_true(mue_observation_same(&c, &a, &b, &difference));
}

static void test_wrong_creation_is_named(void **state)
{
	b.maps[1].create = -EINVAL;
	differs_in("map p create", "0", "-EINVAL");
}

static void test_wrong_load_is_named(void **state)
{
	b.phases[1].load = -EACCES;
	differs_in("phase 1 (xdp) load", "0", "-EACCES");
}

static void test_wrong_run_is_named(void **state)
{
	b.phases[1].invoked = 2;
	differs_in("phase 1 (xdp) invoked", "1", "2");
	b.phases[1].invoked = 1;
	b.phases[1].retval = 1;
	differs_in("phase 1 (xdp) retval", "2", "1");
}

static void test_wrong_errno_is_named(void **state)
{
	b.ops[4].ret = -EEXIST;
	differs_in("phase 1 (xdp) step 2 ret", "-ENOENT", "-EEXIST");
	assert_int_equal(difference.op, 4);
	assert_int_equal(difference.map, -1);
}

static void test_wrong_counts_are_named(void **state)
{
	b.ops[3].times = 2;
	differs_in("phase 1 (xdp) step 1 times", "1", "2");
	b.ops[3].times = 1;
	b.ops[0].failed = 1;
	differs_in("phase 0 (user) op 0 failed", "0", "1");
}

static void test_missing_result_is_named(void **state)
{
	b.ops[3].known = 0;
	differs_in("phase 1 (xdp) step 1", "known", "not reached");
}

static void test_stale_value_is_named(void **state)
{
	uint32_t stale = 7;

	mue_observe_blob(&b, &b.ops[2].value, &stale, sizeof(stale));
	differs_in("phase 1 (xdp) step 0 value", "0a000000", "07000000");
	b.ops[2].has_value = 0;
	differs_in("phase 1 (xdp) step 0 value", "a value", "none");
}

/* A state of one entry with this value. */
static void set_state(struct mue_observation *o, uint32_t map, uint32_t key, const void *value,
		      size_t n)
{
	struct mue_state_writer w;

	mue_state_begin(&w, o, map, false);
	mue_state_entry(&w, &key, sizeof(key), value, n);
	mue_state_end(&w);
}

static void test_wrong_entry_is_named(void **state)
{
	const uint32_t value = 9;

	set_state(&b, 0, 1, &value, sizeof(value));
	differs_in("map m [01000000]", "0c000000", "09000000");
	assert_int_equal(difference.map, 0);
	assert_int_equal(difference.op, -1);
}

static void test_wrong_cpu_is_named(void **state)
{
	const uint64_t values[] = {0x0b, 0x0f};

	set_state(&b, 1, 1, values, sizeof(values));
	differs_in("map p [01000000] cpu 1", "0b000000000000000e00000000000000",
		   "0b000000000000000f00000000000000");
}

static void test_lost_entry_is_named(void **state)
{
	struct mue_state_writer w;

	mue_state_begin(&w, &b, 0, false);
	mue_state_end(&w);
	differs_in("map m [01000000]", "0c000000", "absent");
}

static void test_extra_entry_is_named(void **state)
{
	struct mue_state_writer w;
	const uint32_t keys[] = {1, 3}, value = 0x0c;

	mue_state_begin(&w, &b, 0, false);
	mue_state_entry(&w, &keys[1], 4, &value, 4);
	mue_state_entry(&w, &keys[0], 4, &value, 4);
	mue_state_end(&w);
	differs_in("map m [03000000]", "absent", "0c000000");
}

static void test_entries_beyond_the_pool_are_counted(void **state)
{
	b.maps[0].n_entries = 5000;
	differs_in("map m entries", "1", "5000");
	b.maps[0].n_entries = 1;
	b.maps[0].digest++;
	assert_false(mue_observation_same(&c, &a, &b, &difference));
	assert_string_equal(difference.field, "map m digest");
}

static void test_expectation_compares_only_what_is_known(void **state)
{
	mue_observation_init(&a, &c);
	assert_true(mue_expectation_met(&c, &a, &b, &difference));
	a.ops[4].known = 1;
	a.ops[4].times = 1;
	a.ops[4].failed = 1;
	a.ops[4].ret = -ENOENT;
	assert_true(mue_expectation_met(&c, &a, &b, &difference));
	a.ops[4].ret = 0;
	assert_false(mue_expectation_met(&c, &a, &b, &difference));
	assert_string_equal(difference.field, "phase 1 (xdp) step 2 ret");
	a.ops[4].known = 0;
	a.maps[1].state_known = 1;
	assert_false(mue_expectation_met(&c, &a, &b, &difference));
	assert_string_equal(difference.field, "map p [01000000]");
}

static void test_expected_phase_pins_a_run_that_is_not_as_usual(void **state)
{
	mue_observation_init(&a, &c);
	a.phases[1] = (struct mue_phase_result){.known = 1, .retval = 7};
	assert_false(mue_expectation_met(&c, &a, &b, &difference));
	assert_string_equal(difference.field, "phase 1 (xdp) retval");
	b.phases[1].retval = 7;
	assert_true(mue_expectation_met(&c, &a, &b, &difference));
	a.phases[1].run = -EINVAL;
	assert_false(mue_expectation_met(&c, &a, &b, &difference));
	assert_string_equal(difference.field, "phase 1 (xdp) run");
}

static void test_expected_phase_pins_its_load_only(void **state)
{
	mue_observation_init(&a, &c);
	a.phases[1].known = 1;
	assert_true(mue_expectation_met(&c, &a, &b, &difference));
	a.phases[1].load = -EINVAL;
	assert_false(mue_expectation_met(&c, &a, &b, &difference));
}

/* Judging */

static void judge(const struct mue_testimony *t, uint32_t n)
{
	memset(&verdict, 0xff, sizeof(verdict));
	mue_judge(&verdict, &c, t, n);
}

static void test_right_answers_agree(void **state)
{
	struct mue_world w = world_of("6.18");
	struct mue_testimony t[] = {{"a", &w, &a}, {"b", &w, &b}};

	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_AGREE);
	assert_int_equal(verdict.witness, -1);
	assert_int_equal(verdict.other, -1);
}

static void test_one_right_answer_agrees_with_the_model(void **state)
{
	struct mue_world w = world_of("6.18");
	struct mue_testimony t = {"a", &w, &a};

	judge(&t, 1);
	assert_int_equal(verdict.outcome, MUE_AGREE);
}

static void test_a_wrong_answer_diverges_from_the_model(void **state)
{
	struct mue_world w = world_of("6.18");
	struct mue_testimony t[] = {{"a", &w, &a}, {"b", &w, &b}};

	b.ops[4].ret = 0;
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DIVERGE);
	assert_int_equal(verdict.witness, 1);
	assert_int_equal(verdict.other, -1);
	assert_string_equal(verdict.difference.field, "phase 1 (xdp) step 2 ret");
	assert_string_equal(verdict.difference.a, "0");
	assert_string_equal(verdict.difference.b, "-ENOENT");
}

/* Two targets that agree on a wrong answer do not agree: the model is one of three. */
static void test_agreeing_liars_diverge(void **state)
{
	struct mue_world w = world_of("6.18");
	struct mue_testimony t[] = {{"a", &w, &a}, {"b", &w, &b}};

	a.ops[4].ret = b.ops[4].ret = 0;
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DIVERGE);
	assert_int_equal(verdict.witness, 0);
}

static void test_known_change_is_declared(void **state)
{
	struct mue_world old = world_of("6.12.5"), new = world_of("6.12.200");
	struct mue_testimony t[] = {{"old", &old, &a}, {"new", &new, &b}};

	read_case("map m lru_hash key 4 value 4 max 4\nuser\n\tupdate m 01000000 = 0a000000 times 5\n");
	mue_model_answer(&old, &c, &a);
	mue_model_answer(&new, &c, &b);
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DECLARED);
	assert_true(verdict.changes == UINT64_C(1) << MUE_CHANGE_LRU_BATCH_SCALED);
}

static void test_two_changes_in_one_case_are_both_declared(void **state)
{
	struct mue_world old = world_of("6.3"), new = world_of("6.18");
	struct mue_testimony t[] = {{"old", &old, &a}, {"new", &new, &b}};

	read_case("map m lru_hash key 4 value 4 max 4\nxdp\n\tupdate m 01000000 = 0a000000 exist\n"
		  "user\n\tupdate m 01000000 = 0a000000 times 5\n");
	mue_model_answer(&old, &c, &a);
	mue_model_answer(&new, &c, &b);
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DECLARED);
	assert_true(verdict.changes == (UINT64_C(1) << MUE_CHANGE_LRU_BATCH_SCALED |
					UINT64_C(1) << MUE_CHANGE_RET_SIGN_EXTENDED));
}

static void test_a_change_does_not_excuse_a_wrong_answer(void **state)
{
	struct mue_world old = world_of("6.12.5"), new = world_of("6.12.200");
	struct mue_testimony t[] = {{"old", &old, &a}, {"new", &new, &b}};

	read_case("map m lru_hash key 4 value 4 max 4\nuser\n\tupdate m 01000000 = 0a000000 times 5\n");
	mue_model_answer(&old, &c, &b); /* the new target behaves like the old one */
	mue_model_answer(&old, &c, &a);
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DIVERGE);
	assert_int_equal(verdict.witness, 1);
}

static void test_number_of_cpus_is_declared(void **state)
{
	struct mue_world two = world_of("6.18"), four = two;
	struct mue_testimony t[] = {{"two", &two, &a}, {"four", &four, &b}};

	four.cpus = 4;
	mue_model_answer(&four, &c, &b);
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DECLARED);
	assert_true(verdict.changes == 0);
	assert_non_null(strstr(verdict.why, "CPUs"));
}

/* C13: a CPUMAP has room for the CPUs that a kernel is built for. */
static void test_number_of_built_cpus_is_declared(void **state)
{
	struct mue_world unknown = world_of("6.18"), one = unknown, many = unknown;
	struct mue_testimony t[] = {{"one", &one, &a}, {"many", &many, &b}};

	one.built_cpus = one.cpus = many.cpus = 1;
	many.built_cpus = 8192;
	read_case("map m cpumap key 4 value 4 max 3\n");
	mue_model_answer(&one, &c, &a);
	mue_model_answer(&many, &c, &b);
	assert_int_equal(a.maps[0].create, -E2BIG);
	assert_int_equal(b.maps[0].create, 0);
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DECLARED);
	assert_non_null(strstr(verdict.why, "built for"));
	t[0].world = t[1].world = &unknown;
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DIVERGE);
}

/* No rule says what 7.3 answers. What lies between and does not tell (25 changes) is not named. */
static void test_only_changes_that_tell_are_declared(void **state)
{
	struct mue_world old = world_of("5.10"), now = world_of("7.3");
	struct mue_testimony t[] = {{"old", &old, &a}, {"now", &now, &b}};

	read_case("map m percpu_hash key 4 value 8 max 4\n"
		  "user\n"
		  "	batch m 00000000 = 50000000a0a0a0a0 cpu times 3\n");
	answer(&a, "5.10");
	b = a;
	b.ops[0].ret = 0;
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DECLARED);
	assert_true(verdict.changes == UINT64_C(1) << MUE_CHANGE_CPU_FLAGS);
}

/* How much memory there is, no rule says: who has it and who has not differ in nothing that is asked. */
static void test_short_memory_is_a_skip(void **state)
{
	struct mue_world w = world_of("6.12");
	struct mue_testimony t[] = {{"guest", &w, &a}, {"emulator", &w, &b}};

	read_case("map m prog_array key 4 value 4 max 60875777\nuser\n\tdelete m 00000000\n");
	mue_model_answer(&w, &c, &a);
	assert_int_equal(a.status, MUE_UNSUPPORTED);
	mue_observation_init(&a, &c);
	a.maps[0].known = 1;
	b = a;
	a.maps[0].create = -ENOMEM;
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_SKIP);
	assert_int_equal(verdict.witness, 0);
	assert_non_null(strstr(verdict.why, "memory"));
	a.maps[0].create = -EINVAL;
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DIVERGE);
	/* Of a small one there is enough for all. */
	a.maps[0].create = -ENOMEM;
	c.maps[0].max_entries = 4;
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DIVERGE);
}

static void test_having_a_jit_is_declared(void **state)
{
	struct mue_world with = world_of("6.1"), without = with;
	struct mue_testimony t[] = {{"with", &with, &a}, {"without", &without, &b}};

	without.jit = false;
	mue_model_answer(&with, &c, &a);
	mue_model_answer(&without, &c, &b);
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DECLARED);
	assert_true(verdict.changes == 0);
	assert_string_equal(verdict.why, "the targets differ in whether they have a JIT");
}

/* The upper half of R0 was free: both readings are right, a third is not. */
static void test_free_half_of_r0_is_a_set_of_two(void **state)
{
	struct mue_world w = world_of("6.1");
	struct mue_testimony t[] = {{"a", &w, &a}, {"b", &w, &b}};

	answer(&a, "6.1");
	answer(&b, "6.1");
	assert_true(a.ops[4].ret == (uint32_t)-ENOENT);
	b.ops[4].ret = -ENOENT;
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_AGREE);
	b.ops[4].ret = -ENOENT & 0xffffffffffffLL;
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DIVERGE);
	b.ops[4].ret = (uint32_t)-EEXIST;
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DIVERGE);
}

static void test_a_crash_diverges_whatever_the_others_say(void **state)
{
	struct mue_world w = world_of("6.18");
	struct mue_testimony t[] = {{"a", &w, &a}, {"b", &w, &b}};

	a.status = MUE_BROKEN;
	b.status = MUE_CRASHED;
	strcpy(b.why, "the guest logged: BUG: unable to handle page fault");
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DIVERGE);
	assert_int_equal(verdict.witness, 1);
	assert_int_equal(verdict.other, -1);
	assert_string_equal(verdict.difference.field, "kernel");
	assert_string_equal(verdict.difference.a, b.why);
}

static void test_broken_is_an_error(void **state)
{
	struct mue_world w = world_of("6.18");
	struct mue_testimony t[] = {{"a", &w, &a}, {"b", &w, &b}};

	a.ops[4].ret = 0;
	b.status = MUE_BROKEN;
	strcpy(b.why, "it fell over");
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_ERROR);
	assert_int_equal(verdict.witness, 1);
	assert_string_equal(verdict.why, "it fell over");
}

static void test_unsupported_is_a_skip_unless_the_rest_diverge(void **state)
{
	struct mue_world w = world_of("6.18");
	struct mue_testimony t[] = {{"a", &w, &a}, {"b", &w, &b}};

	b.status = MUE_UNSUPPORTED;
	strcpy(b.why, "no such trigger");
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_SKIP);
	assert_int_equal(verdict.witness, 1);
	assert_string_equal(verdict.why, "no such trigger");
	a.ops[4].ret = 0;
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DIVERGE);
	assert_int_equal(verdict.witness, 0);
}

/* Where the model has no rule, targets are judged by one another, and one alone by nobody. */
static void test_answers_without_a_rule(void **state)
{
	struct mue_world w = world_of("6.18");
	struct mue_testimony t[] = {{"a", &w, &a}, {"b", &w, &b}};

	read_case("map m prog_array key 4 value 4 max 4 flags numa_node numa 0\nuser\n"
		  "\tupdate m 01000000 = 0a000000\n");
	mue_observation_init(&a, &c);
	mue_observation_init(&b, &c);
	judge(t, 1);
	assert_int_equal(verdict.outcome, MUE_SKIP);
	assert_true(strlen(verdict.why) > 0);
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_AGREE);
	b.maps[0].create = -EINVAL;
	judge(t, 2);
	assert_int_equal(verdict.outcome, MUE_DIVERGE);
	assert_int_equal(verdict.witness, 1);
	assert_int_equal(verdict.other, 0);
}

static void test_groups_are_of_equal_answers(void **state)
{
	struct mue_world w = world_of("6.18");
	struct mue_testimony t[] = {{"a", &w, &a}, {"d", &w, &d}, {"b", &w, &b}, {"d", &w, &d},
				    {"-", &w, &expect}};
	int groups[5];

	answer(&d, "6.18");
	d.ops[4].ret = 0;
	mue_observation_init(&expect, &c);
	expect.status = MUE_UNSUPPORTED;
	assert_int_equal(mue_judge_groups(groups, &c, t, 5), 2);
	assert_int_equal(groups[0], 0);
	assert_int_equal(groups[1], 1);
	assert_int_equal(groups[2], 0);
	assert_int_equal(groups[3], 1);
	assert_int_equal(groups[4], -1);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_equal_answers_are_the_same),
		TEST(test_wrong_creation_is_named),
		TEST(test_wrong_load_is_named),
		TEST(test_wrong_run_is_named),
		TEST(test_wrong_errno_is_named),
		TEST(test_wrong_counts_are_named),
		TEST(test_missing_result_is_named),
		TEST(test_stale_value_is_named),
		TEST(test_wrong_entry_is_named),
		TEST(test_wrong_cpu_is_named),
		TEST(test_lost_entry_is_named),
		TEST(test_extra_entry_is_named),
		TEST(test_entries_beyond_the_pool_are_counted),
		TEST(test_expectation_compares_only_what_is_known),
		TEST(test_expected_phase_pins_a_run_that_is_not_as_usual),
		TEST(test_expected_phase_pins_its_load_only),
		TEST(test_right_answers_agree),
		TEST(test_one_right_answer_agrees_with_the_model),
		TEST(test_a_wrong_answer_diverges_from_the_model),
		TEST(test_agreeing_liars_diverge),
		TEST(test_known_change_is_declared),
		TEST(test_two_changes_in_one_case_are_both_declared),
		TEST(test_only_changes_that_tell_are_declared),
		TEST(test_short_memory_is_a_skip),
		TEST(test_a_change_does_not_excuse_a_wrong_answer),
		TEST(test_number_of_cpus_is_declared),
		TEST(test_number_of_built_cpus_is_declared),
		TEST(test_having_a_jit_is_declared),
		TEST(test_free_half_of_r0_is_a_set_of_two),
		TEST(test_a_crash_diverges_whatever_the_others_say),
		TEST(test_broken_is_an_error),
		TEST(test_unsupported_is_a_skip_unless_the_rest_diverge),
		TEST(test_answers_without_a_rule),
		TEST(test_groups_are_of_equal_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
