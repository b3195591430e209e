/* Exported C programs, compiled and run, print what the host runner observes of the same case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/curated.h"
#include "cases/export_c.h"
#include "cases/print.h"
#include "cases/suite.h"
#include "cases/text.h"
#include "runners/runner.h"

struct world {
	struct mue_session *session;
	struct mue_case c;
	struct mue_observation o, expect;
	char dir[32];
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char msg[256];

	strcpy(w->dir, "/tmp/mue-export-XXXXXX");
	*state = w;
	return !mkdtemp(w->dir) || mue_runner_host.open(&w->session, "", NULL, msg, sizeof(msg));
}

static int teardown(void **state)
{
	struct world *w = *state;
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", w->dir);
	w->session->close(w->session);
	free(w);
	return system(command);
}

static char *slurp(FILE *f)
{
	char *text = calloc(1, 1 << 20);

	assert_non_null(f);
	assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
	return text;
}

/* The program's output; to be freed. */
static char *run_export(struct world *w)
{
	char command[256], *text;
	FILE *f;

	snprintf(command, sizeof(command), "%s/case.c", w->dir);
	f = fopen(command, "w");
	assert_int_equal(mue_case_export_c(f, &w->c, NULL), 0);
	fclose(f);
	snprintf(command, sizeof(command), "cc -Wall -Werror -o %s/case %s/case.c", w->dir, w->dir);
	assert_int_equal(system(command), 0);
	snprintf(command, sizeof(command), "%s/case 2>/dev/null", w->dir);
	f = popen(command, "r");
	text = slurp(f);
	assert_int_equal(pclose(f), 0);
	return text;
}

static char *print_host(struct world *w)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	w->session->ask(w->session, &w->c, &w->o);
	mue_observation_print(f, &w->c, &w->o);
	fclose(f);
	return text;
}

static void parse(struct world *w, const char *text)
{
	struct mue_condition when;
	char msg[MUE_MSG_MAX];

	if (mue_text_parse(&w->c, &w->expect, &when, text, strlen(text), "case", msg, sizeof(msg)))
		fail_msg("%s", msg);
}

/* Not all kernels have vsock's loopback, say. */
static bool host_answers(struct world *w, const char *name)
{
	w->session->ask(w->session, &w->c, &w->o);
	if (w->o.status == MUE_UNSUPPORTED)
		print_message("%s: not here: %s\n", name, w->o.why);
	return w->o.status != MUE_UNSUPPORTED;
}

/* Its program says what the host runner does; or there is none, for a reason. */
static void check_case(struct world *w, const char *name)
{
	char msg[MUE_MSG_MAX], *got, *want;
	FILE *null;

	if (!mue_case_exports(&w->c, msg, sizeof(msg))) {
		null = fopen("/dev/null", "w");
		assert_non_null(null);
		assert_int_equal(mue_case_export_c(null, &w->c, NULL), -ENOTSUP);
		fclose(null);
		print_message("%s: %s\n", name, msg);
		return;
	}
	if (!host_answers(w, name))
		return;
	got = run_export(w);
	want = print_host(w);
	assert_int_equal(w->o.status, MUE_ANSWERED);
	if (strcmp(got, want))
		print_error("%s\n", name);
	assert_string_equal(got, want);
	free(got);
	free(want);
}

static void check(struct world *w, const char *text)
{
	parse(w, text);
	check_case(w, w->c.name);
	assert_int_equal(w->o.status, MUE_ANSWERED);
}

static void test_values_and_states(void **state)
{
	check(*state, "# A full hash */ of /* \"maps\".\n"
		      "map m hash key 4 value 8 max 2\n"
		      "map p percpu_array key 4 value 5 max 3\n"
		      "map l hash key 4 value 100 max 9\n"
		      "user\n"
		      "	update m 01000000 = 0a00000000000000\n"
		      "	update p 01000000 = 0102030405\n"
		      "	update l 01000000 = 01~77*98~02 times 7\n"
		      "xdp\n"
		      "	update m 03000000 = 0c00000000000000 exist\n"
		      "	update m 02000000 = 0c00000000000000\n"
		      "	lookup m 02000000\n"
		      "	lookup l 02000000\n"
		      "tc\n"
		      "	update p 02000000 = ff00ff00ff\n"
		      "	update m 02000000 = 0000000000000000 key packet value ringbuf\n"
		      "user\n"
		      "	lookup p 02000000\n"
		      "	lookup l 03000000\n"
		      "	delete m 07000000\n"
		      "	digest m\n"
		      "	freeze m\n"
		      "	update m 01000000 = 0000000000000000\n");
}

static void test_reaches(void **state)
{
	check(*state, "map m hash key 4 value 8 max 4\n"
		      "map n hash key 4 value 8 max 4\n"
		      "xdp\n"
		      "	update m 01000000 = 0100000000000000 via subprog\n"
		      "	update m 02000000 = 0200000000000000 via callback\n"
		      "	update m 03000000 = 0300000000000000 via loop times 5\n"
		      "	update m 00000000 = 0400000000000000 via shared n\n"
		      "	update n 00000000 = 0500000000000000 via inner\n"
		      "	update n 01000000 = 0600000000000000 via tail_call\n"
		      "	update n 02000000 = 0700000000000000 via callback\n"
		      "	lookup n 02000000\n");
}

static void test_refusals(void **state)
{
	check(*state, "map m queue key 0 value 8 max 4\n"
		      "map n array key 4 value 8 max 4\n"
		      "xdp\n"
		      "	update m - = 0100000000000000\n"
		      "xdp\n"
		      "	update n 01000000 = 0200000000000000 value null\n"
		      "raw_tp\n"
		      "	update n 01000000 = 0200000000000000\n");
	check(*state, "map n array key 4 value 8 max 4\n"
		      "map m array key 5 value 8 max 4\n"
		      "map o array key 4 value 8 max 4\n");
}

/* Every n-th of the curated cases, so that all features come up and the test takes seconds. */
static void test_curated_cases(void **state)
{
	struct world *w = *state;
	uint32_t n = 0;

	for (const struct mue_curated *k = mue_curated; k->name; k++) {
		if (n++ % 9)
			continue;
		parse(w, k->text);
		check_case(w, k->name);
	}
}

/* One of many of the suite's. */
struct sample {
	struct world *w;
	uint32_t n, every;
};

static bool check_sampled(void *ctx, const struct mue_suite_case *s)
{
	struct sample *x = ctx;

	if (x->n++ % x->every)
		return true;
	mue_case_copy(&x->w->c, s->question);
	check_case(x->w, s->question->name);
	return true;
}

static void check_suite(struct world *w, const char *glob, uint32_t every)
{
	const struct mue_suite_options opts = {.glob = glob, .seed = 1};
	struct sample x = {w, 0, every};

	mue_suite_each(&opts, check_sampled, &x);
	assert_true(x.n > every);
}

static void test_objects(void **state)
{
	check_suite(*state, "user_only/object/*", 61);
}

static void test_events(void **state)
{
	check_suite(*state, "triggers/*/hash/flags", 3);
	check_suite(*state, "triggers/*/percpu_array/packet", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_values_and_states, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reaches, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_curated_cases, setup, teardown),
		cmocka_unit_test_setup_teardown(test_objects, setup, teardown),
		cmocka_unit_test_setup_teardown(test_events, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
