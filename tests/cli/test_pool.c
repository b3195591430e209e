/* The pool of workers: order, crashes, hangs, and workers that leave children behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/pool.h"

#define ITEMS 1000
#define DEADLINE_MS 300

/* What the work does at which item; 0: nowhere (item 0 is never a bad one). */
struct work {
	uint64_t crash_at, hang_at, exit_at, orphan_at, stop_before;
};

static void misbehave(const struct work *k, uint64_t item)
{
	if (!item)
		return;
	if (item == k->crash_at)
		raise(SIGKILL);
	if (item == k->exit_at)
		_exit(9);
	if (item == k->hang_at)
		pause();
	if (item == k->orphan_at) {
		if (!fork()) {
			sleep(30); /* holds the pipe open */
			_exit(0);
		}
		raise(SIGKILL);
	}
}

static uint64_t work(struct mue_worker *w, void *ctx)
{
	const struct work *k = ctx;

	for (uint64_t item = 0; item < ITEMS; item++) {
		char line[160];
		const char *lost;

		if (k->stop_before && item == k->stop_before)
			raise(SIGKILL);
		if (!mue_worker_wants(w, item))
			continue;
		lost = mue_worker_lost(w, item);
		if (!lost) {
			mue_worker_at(w, item);
			misbehave(k, item);
		}
		snprintf(line, sizeof(line), "%llu%s%s", (unsigned long long)item,
			 lost ? " lost: " : "", lost ? lost : "");
		mue_worker_send(w, item, line, strlen(line));
	}
	return ITEMS;
}

static struct mue_pool *open_pool(struct work *k, uint32_t jobs, uint64_t start)
{
	const struct mue_pool_options options = {
		.jobs = jobs, .start = start, .deadline_ms = DEADLINE_MS, .work = work, .ctx = k};
	char msg[256];
	struct mue_pool *p = mue_pool_open(&options, msg, sizeof(msg));

	assert_non_null(p);
	return p;
}

/* The next line, however long it takes. */
static int next(struct mue_pool *p, const char **line, char *msg)
{
	size_t n;
	int got;

	do
		got = mue_pool_next(p, line, &n, 1000, msg, 256);
	while (got == -EAGAIN);
	return got;
}

/* All items come in order, but for those lost, which come with the reason. */
static void check(struct work *k, uint32_t jobs, uint64_t start, uint64_t bad, const char *reason)
{
	struct mue_pool *p = open_pool(k, jobs, start);
	const char *line;
	char msg[256], expected[160];

	for (uint64_t item = start; item < ITEMS; item++) {
		assert_int_equal(next(p, &line, msg), 1);
		snprintf(expected, sizeof(expected), "%llu%s%s", (unsigned long long)item,
			 item == bad ? " lost: " : "", item == bad ? reason : "");
		assert_string_equal(line, expected);
	}
	assert_int_equal(next(p, &line, msg), 0);
	mue_pool_close(p);
}

static void test_items_come_in_order(void **state)
{
	struct work k = {0};

	for (uint32_t jobs = 1; jobs < 6; jobs++)
		check(&k, jobs, 0, ITEMS, "");
	check(&k, 3, 500, ITEMS, "");
	check(&k, 3, ITEMS, ITEMS, "");
}

static void test_a_crash_costs_its_item_only(void **state)
{
	struct work k = {.crash_at = 70};

	for (uint32_t jobs = 1; jobs < 4; jobs++)
		check(&k, jobs, 0, 70, "the worker was killed by signal 9 (Killed)");
	k = (struct work){.exit_at = ITEMS - 1};
	check(&k, 2, 0, ITEMS - 1, "the worker exited with status 9");
}

static void test_a_hang_costs_its_item_only(void **state)
{
	struct work k = {.hang_at = 64};

	check(&k, 2, 0, 64, "no answer in 0.3 s");
}

static void test_orphans_do_not_hold_up_the_run(void **state)
{
	struct work k = {.orphan_at = 5};

	check(&k, 2, 0, 5, "the worker was killed by signal 9 (Killed)");
}

static void test_a_loss_that_no_item_is_to_blame_for_ends_the_run(void **state)
{
	struct work k = {.stop_before = 10};
	struct mue_pool *p = open_pool(&k, 1, 0);
	const char *line;
	char msg[256];
	int got;

	while ((got = next(p, &line, msg)) == 1)
		;
	assert_int_equal(got, -EIO);
	assert_non_null(strstr(msg, "before case number 10: the worker was killed by signal 9"));
	mue_pool_close(p);
}

static void test_an_interrupt_is_told(void **state)
{
	struct work k = {.hang_at = 64};
	struct mue_pool *p = open_pool(&k, 1, 0);
	const char *line;
	char msg[256];
	int got;

	kill(getpid(), SIGINT); /* blocked: the pool reads it */
	while ((got = next(p, &line, msg)) == 1)
		;
	assert_int_equal(got, -EINTR);
	/* Taken, so that closing the pool does not deliver it to us. */
	signal(SIGINT, SIG_IGN);
	mue_pool_close(p);
	signal(SIGINT, SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_items_come_in_order),
		cmocka_unit_test(test_a_crash_costs_its_item_only),
		cmocka_unit_test(test_a_hang_costs_its_item_only),
		cmocka_unit_test(test_orphans_do_not_hold_up_the_run),
		cmocka_unit_test(test_a_loss_that_no_item_is_to_blame_for_ends_the_run),
		cmocka_unit_test(test_an_interrupt_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
