/* Coverage as feedback, and as a report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/coverage.h"
#include "fuzz/live/live.h"
#include "reports/cover.h"

static struct mue_cover seen;

static void see(uint32_t place, uint32_t times)
{
	seen.hits[seen.n++] = (struct mue_cover_hit){place, times};
}

static int begin(void **state)
{
	seen.n = 0;
	*state = mue_coverage_new();
	return !*state;
}

static int end(void **state)
{
	mue_coverage_free(*state);
	return 0;
}

static int add(struct mue_coverage *k)
{
	int new = mue_coverage_add(k, &seen);

	seen.n = 0;
	return new;
}

static void test_a_place_is_new_once_for_each_step(void **state)
{
	static const uint32_t last[] = {1, 2, 3, 7, 15, 31, 127, 5000};
	struct mue_coverage *k = *state;

	for (unsigned i = 0; i < 8; i++) {
		see(77, last[i]);
		assert_int_equal(add(k), 1);
		see(77, last[i]);
		assert_int_equal(add(k), 0);
		see(77, i ? last[i - 1] + 1 : 1);
		assert_int_equal(add(k), 0);
	}
	assert_int_equal(mue_coverage_places(k), 1);
	assert_true(mue_coverage_has(k, 77));
	assert_false(mue_coverage_has(k, 78));
}

static void test_many_places_are_kept_apart(void **state)
{
	struct mue_coverage *k = *state;

	for (uint32_t i = 0; i < 50000; i += 2) {
		see(0x60000000 + 3 * i, 1);
		see(0, 1 + (i & 1));
		assert_int_equal(add(k), i ? 1 : 2);
	}
	assert_int_equal(mue_coverage_places(k), 25001);
	for (uint32_t i = 0; i < 50000; i++)
		assert_int_equal(mue_coverage_has(k, 0x60000000 + 3 * i), !(i & 1));
}

static void test_counters_add_up_and_stop(void **state)
{
	uint8_t counters[64] = {0}, again[64] = {0};
	unsigned touched = 0;

	see(1000, 200);
	mue_coverage_count(counters, 64, &seen);
	mue_coverage_count(counters, 64, &seen);
	see(1001, UINT32_MAX);
	mue_coverage_count(again, 64, &seen);
	for (unsigned i = 0; i < 64; i++) {
		assert_true(counters[i] == 0 || counters[i] == 255);
		assert_true(again[i] == 0 || again[i] == 200 || again[i] == 255);
		touched += again[i] != 0;
	}
	assert_int_equal(touched, 2);
}

/* An engine's counters, and a kernel that tells its coverage or does not. */
static uint8_t engine[64];

uint8_t *mue_engine_counters(uint32_t *n)
{
	*n = sizeof(engine);
	return engine;
}

static void answer(struct mue_session *s, const struct mue_case *c, struct mue_observation *o)
{
	seen.n = 0;
	see(c->n_maps, 3);
}

static const struct mue_cover *covered(struct mue_session *s)
{
	return &seen;
}

static unsigned counted(void)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < sizeof(engine); i++)
		sum += engine[i];
	return sum;
}

static void test_engines_are_told_of_each_answer(void **state)
{
	static struct mue_case c;
	static struct mue_observation o;
	struct mue_session s = {.ask = answer};
	struct mue_live live = {.session = &s};

	mue_live_ask(&live, &c, &o);
	assert_int_equal(counted(), 0);
	s.cover = covered;
	mue_live_ask(&live, &c, &o);
	assert_int_equal(counted(), 3);
	c.n_maps = 5;
	mue_live_ask(&live, &c, &o);
	assert_int_equal(counted(), 6);
}

static void test_report(void **state)
{
	struct mue_cover_row rows[] = {
		{"b.c", "late", 30, true},   {"b.c", "early", 20, true},
		{"b.c", "early", 22, false}, {"b.c", "early", 21, false},
		{"b.c", "early", 21, true},  {"b.c", "early", 25, false},
		{"b.c", "early", 25, false}, {"b.c", "never", 10, false},
		{"b.c", "never", 9, false},  {"a.c", "also_never", 1, false},
		{"c.c", "late", 3, true},
	};
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	assert_int_equal(mue_cover_print(to, rows, sizeof(rows) / sizeof(*rows)), 0);
	fclose(to);
	assert_string_equal(text, "4 of 11 places, 3 of 5 functions\n"
				  "a.c: 0 of 1 places, 0 of 1 functions\n"
				  "\nb.c: 3 of 9 places, 2 of 3 functions\n"
				  "  never                                           0 of    2"
				  "   never, line 9\n"
				  "  early                                           2 of    6"
				  "   not: 22 25\n"
				  "  late                                            1 of    1\n"
				  "\nc.c: 1 of 1 places, 1 of 1 functions\n"
				  "  late                                            1 of    1\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_place_is_new_once_for_each_step, begin, end),
		cmocka_unit_test_setup_teardown(test_many_places_are_kept_apart, begin, end),
		cmocka_unit_test_setup_teardown(test_counters_add_up_and_stop, begin, end),
		cmocka_unit_test_setup_teardown(test_engines_are_told_of_each_answer, begin, end),
		cmocka_unit_test_setup_teardown(test_report, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
