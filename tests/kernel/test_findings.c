/*
 * Findings of this kernel: it is asked proofs of changes while its world is said to be another, one
 * change the other way. What diverges is reduced and written down; the C program of each compiles
 * and says on its own that this kernel differs, and one that expects what this kernel does says
 * that it does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases/attach.h"
#include "cases/export_c.h"
#include "cases/suite.h"
#include "cases/text.h"
#include "fuzz/finding.h"
#include "fuzz/reduce.h"
#include "oracle/probe.h"
#include "runners/runner.h"

#define FINDINGS 10 /* at least, of the changes of this kernel */

struct findings {
	struct mue_session *host;
	struct mue_world truth, said;
	struct mue_case c;
	struct mue_observation seen, expect;
	struct mue_testimony testimony;
	struct mue_verdict verdict;
	char kind[MUE_KIND_MAX];
	char dir[32], path[512];
	unsigned n;
};

static void ask_host(void *ctx, const struct mue_case *c, struct mue_observation *o)
{
	struct mue_session *s = ctx;

	s->ask(s, c, o);
}

static int setup(void **state)
{
	struct findings *f = calloc(1, sizeof(*f));
	struct mue_probed *probed = calloc(1, sizeof(*probed));
	char msg[256];

	*state = f;
	strcpy(f->dir, "/tmp/mue-findings-XXXXXX");
	if (!mkdtemp(f->dir) || mue_runner_host.open(&f->host, "", NULL, msg, sizeof(msg)))
		return -1;
	f->host->world(f->host, &f->truth);
	mue_probe(probed, &f->truth, ask_host, f->host);
	free(probed);
	f->testimony = (struct mue_testimony){"host", &f->said, &f->seen};
	return 0;
}

static int teardown(void **state)
{
	struct findings *f = *state;
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", f->dir);
	f->host->close(f->host);
	free(f);
	return system(command);
}

/* Whether it diverges, and in which way. */
static bool diverges(struct findings *f, const struct mue_case *c, char *kind)
{
	f->host->ask(f->host, c, &f->seen);
	mue_judge(&f->verdict, c, &f->testimony, 1);
	if (f->verdict.outcome != MUE_DIVERGE)
		return false;
	mue_divergence_kind(kind, MUE_KIND_MAX, c, &f->verdict.difference);
	return true;
}

static bool differs(void *ctx, const struct mue_case *c)
{
	struct findings *f = ctx;
	char kind[MUE_KIND_MAX];

	return diverges(f, c, kind) && !strcmp(kind, f->kind);
}

/* Compiles a program and runs it; its exit code. What it prints goes to DIR/out. */
static int run_program(const struct findings *f, const char *source)
{
	char command[2048];
	int status;

	snprintf(command, sizeof(command), "cc -Wall -Werror -o %s/repro %s", f->dir, source);
	if (system(command))
		fail_msg("%s", command);
	snprintf(command, sizeof(command), "%s/repro >%s/out 2>&1", f->dir, f->dir);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A line of DIR/out that holds `text`. */
static bool said(const struct findings *f, const char *text)
{
	char path[64], line[4096];
	bool found = false;
	FILE *out;

	snprintf(path, sizeof(path), "%s/out", f->dir);
	out = fopen(path, "r");
	assert_non_null(out);
	while (fgets(line, sizeof(line), out))
		found |= strstr(line, text) != NULL;
	fclose(out);
	return found;
}

/*
 * The case as a program that expects what this kernel does. (Events that a C program does not make are left out: what
 * needs one is loaded only, and the program's own case said so.)
 */
static void check_that_the_truth_is_expected(struct findings *f)
{
	char source[64];
	FILE *to;

	for (uint32_t i = 0; i < f->c.n_phases; i++)
		if (f->c.phases[i].prog_type && !mue_phase_test_run(&f->c.phases[i]))
			f->c.phases[i].load_only = 1;
	snprintf(source, sizeof(source), "%s/truth.c", f->dir);
	to = fopen(source, "w");
	f->host->ask(f->host, &f->c, &f->seen);
	assert_int_equal(mue_case_export_c(to, &f->c, &f->seen), 0);
	fclose(to);
	assert_int_equal(run_program(f, source), 0);
	assert_true(said(f, "as expected"));
}

/* The case that was written parses, is the reduced one, and pins what this kernel does not answer.
 */
static void check_case(struct findings *f, const char *name)
{
	static struct mue_case c;
	static char text[65536];
	struct mue_condition when;
	struct mue_difference d;
	char path[1024], msg[MUE_MSG_MAX];
	FILE *from;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s.case", f->path, name);
	from = fopen(path, "r");
	assert_non_null(from);
	n = fread(text, 1, sizeof(text), from);
	fclose(from);
	if (mue_text_parse(&c, &f->expect, &when, text, n, path, msg, sizeof(msg)))
		fail_msg("%s", msg);
	assert_true(mue_case_same(&c, &f->c));
	assert_true(mue_condition_holds(&when, &f->said));
	if (mue_expectation_met(&c, &f->expect, &f->seen, &d))
		fail_msg("%s pins nothing that differs", path);
	assert_string_equal(d.field, f->verdict.difference.field);
}

static void check_summary(const struct findings *f, const char *says)
{
	char command[2048];

	snprintf(command, sizeof(command), "grep -q '%s' %s/README.md", says, f->path);
	assert_int_equal(system(command), 0);
}

/* Written once, and known the second time. */
static void check_finding(struct findings *f)
{
	char identity[MUE_IDENTITY_MAX], name[MUE_NAME_MAX], source[1024], got[64];
	const char *identities[] = {identity};
	const struct mue_finding finding = {.c = &f->c,
					    .verdict = &f->verdict,
					    .answers = &f->testimony,
					    .identities = identities,
					    .n = 1,
					    .other = "model",
					    .command = "mue exec"};
	int err;

	f->host->identify(f->host, identity, sizeof(identity));
	assert_non_null(strstr(identity, "Linux "));
	err = mue_finding_write(&finding, f->dir, f->path, sizeof(f->path));
	if (err == -EEXIST)
		return; /* two changes that show in the same way */
	assert_int_equal(err, 0);
	assert_int_equal(mue_finding_write(&finding, f->dir, f->path, sizeof(f->path)), -EEXIST);
	mue_finding_name(name, sizeof(name), &f->c, &f->verdict.difference);
	check_case(f, name);
	snprintf(source, sizeof(source), "%s/%s.c", f->path, name);
	if (access(source, R_OK)) {
		check_summary(f, "There is no stand-alone program");
		return;
	}
	check_summary(f, "cc -Wall -o repro");
	if (run_program(f, source) != 1)
		fail_msg("%s does not reproduce", source);
	snprintf(got, sizeof(got), "%.60s", f->verdict.difference.a);
	assert_true(said(f, got));
	assert_true(said(f, "DIFFERENT in "));
	check_that_the_truth_is_expected(f);
	f->n++;
}

static bool take(void *ctx, const struct mue_suite_case *s)
{
	struct findings *f = ctx;

	mue_case_copy(&f->c, s->question);
	if (!diverges(f, &f->c, f->kind))
		return false;
	mue_reduce(&f->c, differs, f);
	if (!differs(f, &f->c))
		fail_msg("%s does not show %s again", s->question->name, f->kind);
	check_finding(f);
	return false;
}

static void test_findings_reproduce(void **state)
{
	struct findings *f = *state;

	for (unsigned i = 0; i < MUE_CHANGES; i++) {
		f->said = f->truth;
		f->said.changes ^= UINT64_C(1) << i;
		mue_suite_find(mue_change_rows[i].proof, take, f);
	}
	print_message("%u findings\n", f->n);
	assert_in_range(f->n, FINDINGS, MUE_CHANGES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_findings_reproduce, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
