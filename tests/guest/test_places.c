/*
 * The places of an image are those that it tells when it runs: this program is its own image, and
 * notes what calls its tracer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runners/guest/places.h"
#include "tests/guest/covered.h"

static uint32_t told[1024];
static unsigned n_told;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	if (n_told < sizeof(told) / sizeof(*told))
		told[n_told++] = (uintptr_t)__builtin_return_address(0);
}

static int begin(void **state)
{
	static struct mue_places p;
	char msg[4352] = "no name", path[4096] = "";

	*state = &p;
	/* By its name: it is another process that reads its lines. */
	if (readlink("/proc/self/exe", path, sizeof(path) - 1) > 0 &&
	    !mue_places_read(&p, path, msg, sizeof(msg)))
		return 0;
	fprintf(stderr, "%s\n", msg);
	return -1;
}

static int end(void **state)
{
	mue_places_clear(*state);
	return 0;
}

static const struct mue_place *find(const struct mue_places *p, uint32_t at)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (p->rows[i].at == at)
			return &p->rows[i];
	return NULL;
}

static void test_what_is_told_is_a_place(void **state)
{
	bool twice = false, entered = false;

	n_told = 0;
	covered_entered(9);
	assert_in_range(n_told, 10, 200);
	for (unsigned i = 0; i < n_told; i++) {
		const struct mue_place *place = find(*state, told[i]);

		assert_non_null(place);
		assert_string_equal(place->file, "covered.c");
		assert_in_range(place->line, 4, 17);
		twice |= !strcmp(place->function, "twice");
		entered |= !strcmp(place->function, "covered_entered");
	}
	assert_true(twice && entered);
}

static void test_what_is_not_told_is_one_too(void **state)
{
	const struct mue_places *p = *state;
	unsigned never = 0;

	for (uint32_t i = 0; i < p->n; i++) {
		assert_true(!i || p->rows[i].at > p->rows[i - 1].at);
		never += !strcmp(p->rows[i].function, "covered_never");
	}
	assert_in_range(never, 1, 5);
	assert_int_not_equal(covered_never(0), 0);
}

static void test_what_is_no_image(void **state)
{
	struct mue_places p;
	char msg[256];

	assert_true(mue_places_read(&p, "/bin/sh", msg, sizeof(msg)) < 0);
	assert_string_equal(msg, "/bin/sh: has no KCOV");
	assert_true(mue_places_read(&p, "/etc/passwd", msg, sizeof(msg)) < 0);
	assert_string_equal(msg, "/etc/passwd: expected an ELF image of a kernel");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_is_told_is_a_place, begin, end),
		cmocka_unit_test_setup_teardown(test_what_is_not_told_is_one_too, begin, end),
		cmocka_unit_test(test_what_is_no_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
