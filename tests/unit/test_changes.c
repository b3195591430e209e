/* changes.def from all sides: each row has a proof, and the proof shows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/suite.h"
#include "oracle/judge.h"
#include "oracle/probe.h"

/* A world that has every type and every change. */
static struct mue_world newest(void)
{
	struct mue_world w;

	assert_int_equal(mue_world_of_version(&w, "99.0", 2), 0);
	return w;
}

static void test_ids_are_unique_and_name_their_proof(void **state)
{
	char proof[MUE_NAME_MAX];

	for (int i = 0; i < MUE_CHANGES; i++) {
		assert_int_equal(mue_change_of_id(mue_change_rows[i].id), i);
		snprintf(proof, sizeof(proof), "changes/%s", mue_change_rows[i].id);
		assert_string_equal(mue_change_rows[i].proof, proof);
	}
}

static void test_rows_are_in_order_of_versions(void **state)
{
	for (int i = 1; i < MUE_CHANGES; i++)
		assert_true(mue_change_rows[i - 1].since <= mue_change_rows[i].since);
}

static void test_commits_are_twelve_hex_digits(void **state)
{
	for (int i = 0; i < MUE_CHANGES; i++) {
		const char *commit = mue_change_rows[i].commit;

		assert_true(!*commit || strspn(commit, "0123456789abcdef") == 12);
		assert_true(!*commit || strlen(commit) == 12);
	}
}

/* Large, so not on the stack. */
static struct mue_observation with, without;

/* ctx is the row. */
static bool answers_differ(void *ctx, const struct mue_suite_case *s)
{
	const int change = *(int *)ctx;
	struct mue_world w = newest();
	struct mue_difference d;

	mue_model_answer(&w, s->question, &with);
	w.changes ^= UINT64_C(1) << change;
	mue_model_answer(&w, s->question, &without);
	if (with.status != MUE_ANSWERED || without.status != MUE_ANSWERED)
		fail_msg("%s: the model has no answer: %s%s", s->question->name, with.why, without.why);
	if (mue_observation_same(s->question, &with, &without, &d))
		fail_msg("%s: the same answer with and without the change", s->question->name);
	*(int *)ctx = -1;
	return false;
}

static void test_every_proof_tells_its_change(void **state)
{
	for (int i = 0; i < MUE_CHANGES; i++) {
		int change = i;

		mue_suite_find(mue_change_rows[i].proof, answers_differ, &change);
		if (change >= 0)
			fail_msg("%s: no such case", mue_change_rows[i].proof);
	}
}

/* What a proof pins must hold with the change and fail without it. */
static bool expectation_tells(void *ctx, const struct mue_suite_case *s)
{
	const int change = *(int *)ctx;
	struct mue_world w = newest();
	struct mue_difference d;

	assert_non_null(s->expect);
	assert_true(s->when.with >> change & 1);
	mue_model_answer(&w, s->question, &with);
	if (!mue_expectation_met(s->question, s->expect, &with, &d))
		fail_msg("%s: %s: expected %s, got %s", s->question->name, d.field, d.a, d.b);
	w.changes ^= UINT64_C(1) << change;
	mue_model_answer(&w, s->question, &without);
	if (mue_expectation_met(s->question, s->expect, &without, &d))
		fail_msg("%s: pins nothing that the change changes", s->question->name);
	return false;
}

static void test_every_proof_pins_what_changed(void **state)
{
	/* Expectations say nothing of what a test run returns, which is all that FLOW_TEST_RESULT is. */
	for (int i = 0; i < MUE_CHANGES; i++)
		if (i != MUE_CHANGE_FLOW_TEST_RESULT)
			mue_suite_find(mue_change_rows[i].proof, expectation_tells, &i);
}

static void model_ask(void *ctx, const struct mue_case *c, struct mue_observation *o)
{
	mue_model_answer(ctx, c, o);
}

static struct mue_probed probed;

/* A target that is the model of `truth`, whatever its version says. */
static void probe_finds(struct mue_world truth)
{
	struct mue_world found = newest();

	found.version = truth.version;
	mue_probe(&probed, &found, model_ask, &truth);
	for (int i = 0; i < MUE_CHANGES; i++)
		if ((found.changes ^ truth.changes) >> i & ~(probed.unproven >> i) & 1)
			fail_msg("%s: found %d", mue_change_rows[i].id, (int)(found.changes >> i & 1));
	assert_true(found.changes == truth.changes || probed.unproven);
}

static void test_probe_finds_each_missing_change(void **state)
{
	for (int i = 0; i < MUE_CHANGES; i++) {
		struct mue_world truth = newest();

		truth.changes ^= UINT64_C(1) << i;
		probe_finds(truth);
		assert_int_equal(probed.proof[i], MUE_PROOF_ABSENT);
		assert_int_equal(probed.unproven, 0);
	}
}

static void test_probe_finds_none_and_all(void **state)
{
	struct mue_world truth = newest();

	probe_finds(truth);
	assert_int_equal(probed.unproven, 0);
	truth.changes = 0;
	probe_finds(truth);
	assert_int_equal(probed.unproven, 0);
}

/* An old kernel lacks the program types that some proofs need: those stay as the table says. */
static void test_probe_says_what_it_cannot_tell(void **state)
{
	struct mue_world w;

	assert_int_equal(mue_world_of_version(&w, "5.10", 2), 0);
	probe_finds(w);
	assert_true(probed.unproven >> MUE_CHANGE_SLEEPABLE_LPM & 1);
	assert_int_equal(probed.proof[MUE_CHANGE_SLEEPABLE_LPM], MUE_PROOF_SILENT);
	assert_int_equal(probed.proof[MUE_CHANGE_LPM_REPLACES_WHEN_FULL], MUE_PROOF_ABSENT);
}

static void refuse(void *ctx, const struct mue_case *c, struct mue_observation *o)
{
	mue_observation_init(o, c);
	o->status = MUE_UNSUPPORTED;
	strcpy(o->why, "no such thing here");
}

static void test_probe_keeps_the_table_when_nobody_answers(void **state)
{
	struct mue_world w = newest(), before = w;

	mue_probe(&probed, &w, refuse, NULL);
	assert_true(w.changes == before.changes);
	assert_true(probed.unproven == w.changes);
	assert_int_equal(probed.proof[0], MUE_PROOF_UNANSWERED);
	assert_string_equal(probed.why[0], "no such thing here");
}

/* A liar: EXDEV for everything. */
static void lie(void *ctx, const struct mue_case *c, struct mue_observation *o)
{
	mue_model_answer(ctx, c, o);
	o->maps[0].create = -18;
}

static void test_probe_names_answers_that_no_reading_explains(void **state)
{
	struct mue_world w = newest(), truth = w;

	mue_probe(&probed, &w, lie, &truth);
	for (int i = 0; i < MUE_CHANGES; i++) {
		assert_int_equal(probed.proof[i], MUE_PROOF_UNEXPLAINED);
		assert_non_null(strstr(probed.why[i], "create"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids_are_unique_and_name_their_proof),
		cmocka_unit_test(test_rows_are_in_order_of_versions),
		cmocka_unit_test(test_commits_are_twelve_hex_digits),
		cmocka_unit_test(test_every_proof_tells_its_change),
		cmocka_unit_test(test_every_proof_pins_what_changed),
		cmocka_unit_test(test_probe_finds_each_missing_change),
		cmocka_unit_test(test_probe_finds_none_and_all),
		cmocka_unit_test(test_probe_says_what_it_cannot_tell),
		cmocka_unit_test(test_probe_keeps_the_table_when_nobody_answers),
		cmocka_unit_test(test_probe_names_answers_that_no_reading_explains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
