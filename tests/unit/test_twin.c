/* Helper against syscall: the twin of a case asks the same from user space. */
#include "oracle/twin.h"
#include "tests/unit/judging.h"

static struct mue_case twin;
static struct mue_twin_verdict twin_verdict;

/* Makes the twin of a case, and answers both. */
static void answer_twins(const char *text, const char *version)
{
	struct mue_world w = world_of(version);
	char msg[MUE_MSG_MAX];

	read_case(text);
	assert_true(mue_twin_make(&twin, &c));
	if (mue_case_check(&twin, msg, sizeof(msg)))
		fail_msg("%s", msg);
	mue_model_answer(&w, &c, &a);
	mue_model_answer(&w, &twin, &b);
}

static enum mue_outcome judge_twins(void)
{
	memset(&twin_verdict, 0xff, sizeof(twin_verdict));
	mue_twin_judge(&twin_verdict, &c, &a, &b);
	return twin_verdict.outcome;
}

static void test_twin_makes_the_same_calls_from_user_space(void **state)
{
	answer_twins("map m hash key 4 value 4 max 4\nxdp cpu 1\n"
		     "\tupdate m 01000000 = 0a000000 noexist via loop times 3\n\tdelete m 02000000\n"
		     "\tlookup m 03000000\n",
		     "6.1");
	assert_int_equal(twin.phases[0].prog_type, 0);
	assert_int_equal(twin.phases[0].cpu, 1);
	assert_int_equal(twin.ops[0].times, 3);
	assert_int_equal(judge_twins(), MUE_AGREE);
}

static void test_no_twin_of_what_only_programs_do(void **state)
{
	read_case("map m hash key 4 value 4 max 4\nxdp\n\tlookup m 01000000\n\treread\n");
	assert_false(mue_twin_make(&twin, &c));
	read_case("map m hash key 4 value 4 max 4\nuser\n\tlookup m 01000000\n");
	assert_false(mue_twin_make(&twin, &c));
	read_case("map m hash key 4 value 8 max 4\nxdp\n\tupdate m 01000000 = ~00*8 value scalar\n");
	assert_false(mue_twin_make(&twin, &c));
}

static void test_other_cpus_are_declared(void **state)
{
	const char *text = "map m percpu_hash key 4 value 8 max 4\nxdp cpu 1\n"
			   "\tupdate m 01000000 = 0a00000000000000\n\tlookup m 01000000\n";

	answer_twins(text, "6.18");
	assert_int_equal(judge_twins(), MUE_DECLARED);
	assert_true(twin_verdict.paths == 1u << MUE_PATH_OTHER_CPUS);
	/* The program's own CPU is not excused. */
	b.arena[b.entries[0].value.at + 8]++;
	b.entries[0].value.digest++;
	b.maps[0].digest++;
	assert_int_equal(judge_twins(), MUE_DIVERGE);
	assert_string_equal(twin_verdict.difference.field, "map m [01000000]");
}

/* What a lookup of that CPU alone had shown of a value of 8 bytes. */
static void only_of(struct mue_observation *o, struct mue_blob *b, uint32_t cpu)
{
	b->at += cpu * 8;
	b->len = 8;
	b->digest = mue_blob_head(o, b)[0];
}

static void test_a_lookup_of_one_cpu(void **state)
{
	const char *text = "map m percpu_hash key 4 value 8 max 2\nxdp\n\tupdate m 01000000 = ~00*8\n"
			   "user\n\tlookup m 01000000\n";

	for (uint32_t cpu = 0; cpu < 2; cpu++) {
		answer_twins(text, "7.3");
		c.ops[1].flags = MUE_UPDATE_CPU | (uint64_t)cpu << 32;
		only_of(&a, &a.ops[1].value, cpu);
		only_of(&b, &b.ops[1].value, cpu);
		assert_int_equal(judge_twins(), MUE_DECLARED);
	}
	c.ops[1].flags = MUE_UPDATE_CPU; /* the program's own CPU, with the other's value */
	assert_int_equal(judge_twins(), MUE_DIVERGE);
	assert_string_equal(twin_verdict.difference.field, "phase 1 op 0 value");
}

static void test_values_of_cpus_are_counted_behind_special_fields(void **state)
{
	answer_twins("map m percpu_array key 4 value 9 max 1 special kptr\nsocket cpu 1\n"
		     "\tupdate m 00000000 = ~00*9\nuser\n\tlookup m 00000000\n",
		     "6.18");
	assert_int_equal(judge_twins(), MUE_DECLARED);
}

static void test_lock_order_is_declared_for_arrays_only(void **state)
{
	answer_twins("map m array key 4 value 8 max 1\nxdp\n\tupdate m 01000000 = ~00*8 lock\n", "6.18");
	assert_int_equal(judge_twins(), MUE_DECLARED);
	assert_true(twin_verdict.paths == 1u << MUE_PATH_LOCK_ORDER);
	a.ops[0].ret = -EPERM;
	assert_int_equal(judge_twins(), MUE_DIVERGE);
	answer_twins("map m hash key 4 value 8 max 1\nxdp\n\tupdate m 01000000 = ~00*8 lock\n", "6.18");
	assert_int_equal(judge_twins(), MUE_AGREE);
	a.ops[0].ret = -E2BIG;
	assert_int_equal(judge_twins(), MUE_DIVERGE);
}

static void test_cpu_flags_are_declared_for_per_cpu_maps_only(void **state)
{
	answer_twins("map m percpu_hash key 4 value 8 max 2\nxdp\n\tupdate m 01000000 = ~00*8 noexist|exist\n",
		     "7.0");
	assert_int_equal(judge_twins(), MUE_DECLARED);
	assert_true(twin_verdict.paths & 1u << MUE_PATH_CPU_FLAGS);
	a.ops[0].ret = -EPERM;
	assert_int_equal(judge_twins(), MUE_DIVERGE);
	answer_twins("map m hash key 4 value 8 max 2\nxdp\n\tupdate m 01000000 = ~00*8 noexist|exist\n",
		     "7.0");
	assert_int_equal(judge_twins(), MUE_AGREE);
	b.ops[0].ret = 0;
	assert_int_equal(judge_twins(), MUE_DIVERGE);
}

static void test_access_of_descriptors_is_declared(void **state)
{
	answer_twins("map m array key 4 value 4 max 2 flags rdonly\nxdp\n"
		     "\tupdate m 01000000 = 0a000000\n",
		     "6.18");
	assert_int_equal(judge_twins(), MUE_DECLARED);
	assert_true(twin_verdict.paths == 1u << MUE_PATH_FD_ACCESS);
}

/* A program's lookup shows zeros for a special field, also where the kernel keeps what was written. */
static void test_twin_looks_beyond_special_fields(void **state)
{
	answer_twins("map m array key 4 value 24 max 1 special timer\nxdp\n"
		     "\tupdate m 00000000 = ~a7*24\n\tlookup m 00000000\n",
		     "5.10");
	assert_int_equal(judge_twins(), MUE_AGREE);
	b.arena[b.ops[1].value.at + 16]++;
	b.ops[1].value.digest++;
	assert_int_equal(judge_twins(), MUE_DIVERGE);
	assert_string_equal(twin_verdict.difference.field, "phase 0 op 1 value");
}

static void test_lru_reference_is_declared(void **state)
{
	answer_twins("map m lru_hash key 4 value 4 max 4\nuser\n"
		     "\tupdate m 01000000 = 0a000000 times 4\nxdp\n\tlookup m 01000000\nuser\n"
		     "\tupdate m 05000000 = 0e000000 times 3\n",
		     "6.18");
	assert_int_equal(judge_twins(), MUE_DECLARED);
	assert_true(twin_verdict.paths == 1u << MUE_PATH_LRU_REFERENCE);
}

static void test_twin_that_lies_diverges(void **state)
{
	answer_twins("map m hash key 4 value 4 max 4\nxdp\n\tupdate m 01000000 = 0a000000 exist\n",
		     "6.18");
	assert_int_equal(judge_twins(), MUE_AGREE);
	b.ops[0].ret = 0;
	assert_int_equal(judge_twins(), MUE_DIVERGE);
	assert_string_equal(twin_verdict.difference.field, "phase 0 op 0 ret");
	assert_string_equal(twin_verdict.difference.a, "-ENOENT");
	assert_string_equal(twin_verdict.difference.b, "0");
}

static void test_twin_of_a_refused_program_is_skipped(void **state)
{
	answer_twins("map m array key 4 value 4 max 2 flags rdonly_prog\nxdp\n"
		     "\tupdate m 01000000 = 0a000000\n",
		     "6.18");
	assert_int_equal(judge_twins(), MUE_SKIP);
	a.status = MUE_BROKEN;
	assert_int_equal(judge_twins(), MUE_ERROR);
}

static void test_a_crash_by_the_syscall_diverges(void **state)
{
	answer_twins("map m hash key 4 value 4 max 4\nxdp\n\tupdate m 01000000 = 0a000000\n",
		     "6.18");
	b.status = MUE_CRASHED;
	strcpy(b.why, "logged: panic");
	assert_int_equal(judge_twins(), MUE_DIVERGE);
	assert_string_equal(twin_verdict.difference.field, "kernel");
	assert_string_equal(twin_verdict.difference.a, "logged: panic");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_twin_makes_the_same_calls_from_user_space),
		cmocka_unit_test(test_no_twin_of_what_only_programs_do),
		cmocka_unit_test(test_other_cpus_are_declared),
		cmocka_unit_test(test_a_lookup_of_one_cpu),
		cmocka_unit_test(test_values_of_cpus_are_counted_behind_special_fields),
		cmocka_unit_test(test_lock_order_is_declared_for_arrays_only),
		cmocka_unit_test(test_cpu_flags_are_declared_for_per_cpu_maps_only),
		cmocka_unit_test(test_access_of_descriptors_is_declared),
		cmocka_unit_test(test_lru_reference_is_declared),
		cmocka_unit_test(test_twin_looks_beyond_special_fields),
		cmocka_unit_test(test_twin_that_lies_diverges),
		cmocka_unit_test(test_twin_of_a_refused_program_is_skipped),
		cmocka_unit_test(test_a_crash_by_the_syscall_diverges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
