/* What is still moving is read until it rests. */
#include "runners/kernel/steady.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

struct script {
	const char *digests; /* one reading a letter; the last goes on for ever */
	unsigned readings, fails_at;
};

static int read_letter(void *ctx, uint64_t *digest)
{
	struct script *s = ctx;

	if (++s->readings == s->fails_at)
		return -EIO;
	*digest = *s->digests;
	s->digests += s->digests[1] != 0;
	return 0;
}

static int change_always(void *ctx, uint64_t *digest)
{
	*digest = ++*(uint64_t *)ctx;
	return 0;
}

static void test_reads_until_it_rests(void **state)
{
	struct script s = {"a"}, moving = {"abac"}, failing = {"abcd", 0, 3};
	uint64_t n = 0;

	assert_int_equal(mue_steady_read(read_letter, &s), 0);
	assert_int_equal(s.readings, 2);
	assert_int_equal(mue_steady_read(read_letter, &moving), 0);
	assert_int_equal(moving.readings, 5);
	assert_int_equal(mue_steady_read(read_letter, &failing), -EIO);
	assert_int_equal(mue_steady_read(change_always, &n), -EBUSY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_reads_until_it_rests)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
