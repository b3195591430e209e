/* Closed programs do not pile up, and the session that closes them ends cleanly. */
#include "runners/kernel/host.h"
#include "tests/kernel/host.h"

static void test_few_wait(void **state)
{
	struct mue_grace *g;

	assert_int_equal(mue_grace_open(&g), 0);
	for (unsigned i = 0; i < 5000; i++) {
		mue_grace_closed(g, 1 + i % 8);
		assert_in_range(mue_grace_waiting(g), 0, MUE_GRACE_WAITING_MAX);
	}
	mue_grace_close(g);
}

static void test_more_at_once_than_may_wait(void **state)
{
	struct mue_grace *g;

	assert_int_equal(mue_grace_open(&g), 0);
	mue_grace_closed(g, MUE_GRACE_WAITING_MAX * 3);
	assert_in_range(mue_grace_waiting(g), 0, MUE_GRACE_WAITING_MAX);
	mue_grace_close(g);
}

static void test_idle_ends(void **state)
{
	struct mue_grace *g;

	assert_int_equal(mue_grace_open(&g), 0);
	assert_int_equal(mue_grace_waiting(g), 0);
	mue_grace_close(g);
	mue_grace_close(NULL);
}

/* Each case of a session without reuse closes its program. */
static void test_the_host_says_what_it_closes(void **state)
{
	struct fixture *f = *state;

	add_map(f, MUE_MAP_ARRAY);
	mue_case_add_phase(&f->c, MUE_PROG_XDP);
	add_op(f, MUE_OP_UPDATE, 0, 7, 0);
	for (unsigned i = 1; i < MUE_GRACE_WAITING_MAX / 4; i++) {
		f->fresh->ask(f->fresh, &f->c, &f->expected);
		assert_int_equal(f->expected.status, MUE_ANSWERED);
		assert_int_equal(mue_grace_waiting(((struct mue_host *)f->fresh)->grace), i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few_wait),
		cmocka_unit_test(test_more_at_once_than_may_wait),
		cmocka_unit_test(test_idle_ends),
		cmocka_unit_test(test_the_host_says_what_it_closes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
