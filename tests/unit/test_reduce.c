/* The reducer: any case, any question, ends in a case that shows it and that no pass makes smaller.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "cases/text.h"
#include "fuzz/reduce.h"
#include "tests/random_case.h"

static struct mue_case c, again;
static struct mue_observation expect;

static void read_case(struct mue_case *to, const char *text)
{
	struct mue_condition when;
	char msg[MUE_MSG_MAX];

	if (mue_text_parse(to, &expect, &when, text, strlen(text), "test", msg, sizeof(msg)))
		fail_msg("%s", msg);
}

static void expect_case(const char *text)
{
	static struct mue_case want;

	read_case(&want, text);
	if (mue_case_same(&c, &want))
		return;
	mue_text_print(stderr, &c, NULL, NULL);
	fail_msg("expected: %s", text);
}

/* A question about a case's data: does a step of a program update a map of this type, with NOEXIST?
 */
static bool has_noexist_step(void *ctx, const struct mue_case *asked)
{
	const unsigned *type = ctx;

	for (uint32_t i = 0; i < asked->n_phases; i++) {
		const struct mue_phase *p = &asked->phases[i];

		for (uint32_t op = p->first; p->prog_type && op < p->first + p->count; op++)
			if (asked->ops[op].kind == MUE_OP_UPDATE &&
			    asked->ops[op].flags & MUE_UPDATE_NOEXIST &&
			    asked->maps[asked->ops[op].map].type == *type)
				return true;
	}
	return false;
}

static void test_everything_else_goes(void **state)
{
	unsigned type = MUE_MAP_HASH;

	read_case(&c, "name a/b\n"
		      "map a array key 4 value 8 max 3\n"
		      "map h hash key 16 value 100 max 50 flags no_prealloc\n"
		      "map i hash key 16 value 100 max 50\n"
		      "user cpu 1\n"
		      "  update a 01000000 = ~0a*8 times 3\n"
		      "xdp cpu 1\n"
		      "  update a 01000000 = ~0b*8\n"
		      "  update h 0102~00*14 = ~0b*100 noexist|lock const via shared i\n"
		      "tc\n"
		      "  lookup h 0102~00*14\n");
	assert_true(mue_reduce(&c, has_noexist_step, &type) < 300);
	assert_string_equal(c.name, "a/b");
	expect_case("map m hash key 4 value 4 max 1\n"
		    "socket\n"
		    "  update m 00000000 = 00000000 noexist\n");
}

/* Two ops, of which neither shows it alone. */
static bool has_equal_keys(void *ctx, const struct mue_case *asked)
{
	for (uint32_t i = 0; i < asked->n_ops; i++)
		for (uint32_t j = 0; j < i; j++)
			if (asked->ops[i].map == asked->ops[j].map &&
			    asked->ops[i].kind == MUE_OP_UPDATE &&
			    asked->ops[j].kind == MUE_OP_DELETE &&
			    !memcmp(&asked->ops[i].key, &asked->ops[j].key,
				    sizeof(asked->ops[i].key)))
				return true;
	return false;
}

static void test_equal_bytes_go_down_together(void **state)
{
	read_case(&c, "map h hash key 4 value 8 max 3\n"
		      "user\n"
		      "  delete h 0b0c0d0e\n"
		      "xdp\n"
		      "  update h 00000001 = ~01*8\n"
		      "  update h 0b0c0d0e = ~01*8 times 40 via loop\n");
	mue_reduce(&c, has_equal_keys, NULL);
	expect_case("map m hash key 4 value 4 max 1\n"
		    "user\n"
		    "  delete m 00000000\n"
		    "  update m 00000000 = 00000000\n");
}

/* Numbers that cannot become small: each is found in some dozens of questions. */
static bool is_large(void *ctx, const struct mue_case *asked)
{
	return asked->n_maps == 1 && asked->maps[0].max_entries >= 3000001 &&
	       asked->maps[0].value_size >= 70001 && asked->maps[0].key_size >= 5;
}

static void test_large_numbers_take_few_questions(void **state)
{
	read_case(&c, "map m hash key 1024 value 1000000 max 4294967295\n");
	assert_true(mue_reduce(&c, is_large, NULL) < 1000);
	expect_case("map m hash key 8 value 70001 max 3000001\n");
	read_case(&c, "map m hash key 7 value 1000000 max 4294967295\n");
	mue_reduce(&c, is_large, NULL);
	expect_case("map m hash key 8 value 70001 max 3000001\n");
}

/* Whatever is asked of it: some property that shapes, and numbers below the surface, decide. */
static bool has_the_digest(void *ctx, const struct mue_case *asked)
{
	uint64_t sum = *(uint64_t *)ctx;

	for (uint32_t i = 0; i < asked->n_ops; i++)
		sum += asked->ops[i].flags * 3 + asked->ops[i].kind + asked->ops[i].key.head[0];
	return sum % 5 == 0 && asked->n_ops > sum % 3;
}

/* A candidate is a case; the end is a fixed point that still shows it; twice gives the same. */
static bool checked(void *ctx, const struct mue_case *asked)
{
	char msg[256];

	assert_int_equal(mue_case_check(asked, msg, sizeof(msg)), 0);
	return has_the_digest(ctx, asked);
}

static void test_random_cases_end_in_a_fixed_point(void **state)
{
	unsigned reduced = 0;

	for (uint64_t seed = 1; seed <= 400; seed++) {
		random_case(&c, seed);
		if (!has_the_digest(&seed, &c))
			continue;
		mue_case_copy(&again, &c);
		mue_reduce(&c, checked, &seed);
		assert_true(has_the_digest(&seed, &c));
		mue_reduce(&again, checked, &seed);
		assert_true(mue_case_same(&c, &again));
		mue_reduce(&again, checked, &seed);
		assert_true(mue_case_same(&c, &again));
		reduced++;
	}
	assert_in_range(reduced, 20, 400);
}

static void expect_kind(const char *want, const struct mue_difference *d)
{
	char kind[MUE_KIND_MAX];

	mue_divergence_kind(kind, sizeof(kind), &c, d);
	assert_string_equal(kind, want);
}

static void test_kinds(void **state)
{
	read_case(&c, "map m hash key 4 value 8 max 3\n"
		      "user\n"
		      "  lookup m 00000000\n"
		      "xdp\n"
		      "  update m 00000000 = ~01*8\n");
	expect_kind("update step ret 0, expected -EEXIST",
		    &(struct mue_difference){"phase 1 (xdp) step 0 ret", "0", "-EEXIST", -1, 1});
	expect_kind("update step ret 0, expected -EEXIST", /* as twins call it */
		    &(struct mue_difference){"phase 1 op 0 ret", "0", "-EEXIST", -1, 1});
	expect_kind("lookup op reached known, expected not reached",
		    &(struct mue_difference){"phase 0 (user) op 0", "known", "not reached", -1, 0});
	expect_kind("hash entry",
		    &(struct mue_difference){"map m [00000000] cpu 1", "01", "02", 0, -1});
	expect_kind("hash entry",
		    &(struct mue_difference){"phase 0 (user) op 0 value", "01", "02", -1, 0});
	expect_kind("hash entry extra",
		    &(struct mue_difference){"map m [00000000]", "01", "absent", 0, -1});
	expect_kind("hash entry missing",
		    &(struct mue_difference){"map m [00000000]", "absent", "02", 0, -1});
	expect_kind("hash create 0, expected -EINVAL",
		    &(struct mue_difference){"map m create", "0", "-EINVAL", 0, -1});
	expect_kind("load -EACCES, expected 0",
		    &(struct mue_difference){"phase 1 (xdp) load", "-EACCES", "0", -1, -1});
	expect_kind("kernel", &(struct mue_difference){"kernel", "BUG: 1", "an answer", -1, -1});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_else_goes),
		cmocka_unit_test(test_equal_bytes_go_down_together),
		cmocka_unit_test(test_large_numbers_take_few_questions),
		cmocka_unit_test(test_random_cases_end_in_a_fixed_point),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
