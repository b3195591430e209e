/* Reports: recorded results in, bytes out, the golden file beside (tests/golden/reports). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/text.h"
#include "reports/compare.h"
#include "reports/markup.h"
#include "reports/report.h"
#include "reports/results.h"
#include "reports/side_by_side.h"

#define GOLDEN "tests/golden/reports/"
#define MSG_MAX 1024

static char *read_file(const char *name, size_t *n)
{
	FILE *f = fopen(name, "r");
	char *text = calloc(1, 1 << 20);

	assert_non_null(text);
	if (!f)
		fail_msg("%s: %s", name, strerror(errno));
	*n = fread(text, 1, (1 << 20) - 1, f);
	fclose(f);
	return text;
}

/* MUE_GOLDEN=write writes the file instead; then the diff is to be reviewed. */
static void assert_golden(const char *name, const char *text, size_t n)
{
	const char *mode = getenv("MUE_GOLDEN");
	size_t expected_n;
	char *expected;

	if (mode && !strcmp(mode, "write")) {
		FILE *f = fopen(name, "w");

		assert_non_null(f);
		fwrite(text, 1, n, f);
		fclose(f);
		return;
	}
	expected = read_file(name, &expected_n);
	assert_string_equal(text, expected);
	assert_int_equal(n, expected_n);
	free(expected);
}

static void render(FILE *to, const struct mue_format *format, const char *broken_off)
{
	struct mue_tally *tally = mue_tally_new();
	struct mue_record record;
	struct mue_run run;
	struct mue_report report = {.format = format, .to = to, .run = &run, .width = 100};
	char msg[MSG_MAX];
	struct mue_results *f = mue_results_open(&run, GOLDEN "results.jsonl", msg, sizeof(msg));

	assert_non_null(f);
	assert_non_null(tally);
	format->begin(&report);
	while (mue_results_next(f, &record, msg, sizeof(msg)) == MUE_LINE_RECORD) {
		mue_tally_add(tally, &record);
		format->record(&report, &record);
	}
	format->end(&report, tally, broken_off);
	mue_results_close(f);
	mue_tally_free(tally);
}

static void check_format(const struct mue_format *format, const char *broken_off,
			 const char *golden)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	render(to, format, broken_off);
	fclose(to);
	assert_golden(golden, text, n);
	free(text);
}

static void test_terminal_is_golden(void **state)
{
	check_format(&mue_format_terminal, NULL, GOLDEN "terminal.txt");
}

static void test_tap_is_golden(void **state)
{
	check_format(&mue_format_tap, NULL, GOLDEN "results.tap");
	check_format(&mue_format_tap, "the disk is full", GOLDEN "broken_off.tap");
}

static void test_ktap_is_golden(void **state)
{
	check_format(&mue_format_ktap, NULL, GOLDEN "results.ktap");
}

static void test_junit_is_golden(void **state)
{
	check_format(&mue_format_junit, NULL, GOLDEN "results.xml");
	check_format(&mue_format_junit, "the disk is \"full\"", GOLDEN "broken_off.xml");
}

static void test_html_is_golden(void **state)
{
	check_format(&mue_format_html, NULL, GOLDEN "results.html");
}

/* It needs nothing from elsewhere, and nothing in it runs. */
static void test_html_stands_alone(void **state)
{
	static const char *const never[] = {"http",    "src=",	"href", "url(",	   "@import",
					    "<script", "<link", "<img", " onclick"};
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	render(to, &mue_format_html, "<script>alert(1)</script> & \"more\"");
	fclose(to);
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		if (strstr(text, never[i]))
			fail_msg("there is %s in it", never[i]);
	assert_non_null(
		strstr(text, "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;"));
	free(text);
}

static void test_markup_is_taken_out(void **state)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	mue_markup_text(to, "<a href=\"x\">&'\t\n\x01\x7f \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80 "
			    "\xff \xc3( \xe2\x82");
	fclose(to);
	assert_string_equal(text, "&lt;a href=&quot;x&quot;&gt;&amp;'\t\n?? \xc3\xa4 \xe2\x82\xac "
				  "\xf0\x9f\x98\x80 ? ?( ??");
	free(text);
}

static void test_json_is_golden(void **state)
{
	check_format(&mue_format_json, NULL, GOLDEN "results.json");
	check_format(&mue_format_json, "the disk is \"full\"", GOLDEN "broken_off.json");
}

static void test_every_format_renders(void **state)
{
	for (int i = 0; i < MUE_FORMATS; i++) {
		char *text = NULL;
		size_t n = 0;
		FILE *to = open_memstream(&text, &n);

		render(to, mue_formats[i], NULL);
		fclose(to);
		assert_true(n > 0);
		free(text);
	}
}

/* Two observations of a case that differ in a step and in an entry. */
static void test_side_by_side_is_golden(void **state)
{
	static const char question[] = "name side/by/side\n"
				       "map m hash key 4 value 8 max 2\n"
				       "user\n"
				       "  update m 01000000 = 0a00000000000000\n"
				       "xdp\n"
				       "  update m 02000000 = 0b00000000000000 exist\n"
				       "  lookup m 01000000\n";
	struct mue_observation *o = calloc(2, sizeof(*o)), *expect = calloc(1, sizeof(*expect));
	const struct mue_observation *seen[] = {&o[0], &o[1]};
	static const char *const names[] = {"one", "another"};
	struct mue_case *c = calloc(1, sizeof(*c));
	struct mue_condition when;
	char msg[MUE_MSG_MAX], *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	assert_int_equal(mue_text_parse(c, expect, &when, question, strlen(question), "question",
					msg, sizeof(msg)),
			 0);
	for (int i = 0; i < 2; i++) {
		struct mue_state_writer w;

		mue_observation_init(&o[i], c);
		o[i].maps[0].known = o[i].maps[0].state_known = 1;
		o[i].phases[0].known = o[i].phases[1].known = 1;
		o[i].phases[1].invoked = 1;
		o[i].phases[1].retval = 2;
		for (int op = 0; op < 3; op++)
			o[i].ops[op] = (struct mue_result){.known = 1, .times = 1};
		o[i].ops[1].ret = i ? 0 : -ENOENT;
		o[i].ops[1].failed = !i;
		o[i].ops[2].ret = o[i].ops[2].has_value = 1;
		mue_observe_blob(&o[i], &o[i].ops[2].value, "\x0a\0\0\0\0\0\0", 8);
		mue_state_begin(&w, &o[i], 0, false);
		mue_state_entry(&w, "\1\0\0", 4, "\x0a\0\0\0\0\0\0", 8);
		if (i)
			mue_state_entry(&w, "\2\0\0", 4, "\x0b\0\0\0\0\0\0", 8);
		mue_state_end(&w);
	}
	assert_int_equal(mue_side_by_side(to, c, names, seen, 2, false), 0);
	fclose(to);
	assert_golden(GOLDEN "side_by_side.txt", text, n);
	free(text);
	free(c);
	free(o);
	free(expect);
}

static void test_a_record_reads_as_it_was_written(void **state)
{
	struct mue_verdict v = {.outcome = MUE_DIVERGE, .witness = 0, .other = -1};
	struct mue_observation *o = calloc(1, sizeof(*o));
	struct mue_case *c = calloc(1, sizeof(*c));
	struct mue_testimony t = {"host", NULL, o};
	const struct mue_recording recording = {c, &v, &t, 1, "the case file"};
	struct mue_record r;
	char msg[MSG_MAX], *line;

	mue_case_init(c, "a/b");
	assert_non_null(mue_case_add_map(c, "m", MUE_MAP_HASH, 4, 8, 2, 0));
	assert_non_null(mue_case_add_phase(c, MUE_PROG_XDP));
	assert_non_null(mue_case_add_op(c, MUE_OP_UPDATE, 0));
	mue_observation_init(o, c);
	strcpy(v.difference.field, "map m");
	strcpy(v.difference.a, "0");
	strcpy(v.difference.b, "-EEXIST");
	line = mue_record_line(&recording);
	assert_non_null(line);
	assert_int_equal(mue_record_of_line(&r, line, strlen(line), msg, sizeof(msg)), 0);
	assert_string_equal(r.name, "a/b");
	assert_int_equal(r.outcome, MUE_DIVERGE);
	assert_string_equal(r.target, "host");
	assert_string_equal(r.other, "the case file");
	assert_string_equal(r.field, "map m");
	assert_string_equal(r.got, "0");
	assert_string_equal(r.expected, "-EEXIST");
	assert_string_equal(json_string_value(json_object_get(r.cells, "xdp/hash")), "x");
	assert_non_null(json_object_get(r.json, "question"));
	mue_record_clear(&r);
	free(line);
	free(o);
	free(c);
}

static void test_a_digest_sees_every_field(void **state)
{
	struct mue_observation *o = calloc(1, sizeof(*o));
	struct mue_case *c = calloc(1, sizeof(*c));
	uint64_t before, after;

	mue_case_init(c, "a");
	mue_case_add_map(c, "m", MUE_MAP_HASH, 4, 8, 2, 0);
	mue_case_add_phase(c, MUE_PROG_XDP);
	mue_case_add_op(c, MUE_OP_LOOKUP, 0);
	mue_observation_init(o, c);
	o->maps[0].known = o->maps[0].state_known = o->phases[0].known = o->ops[0].known = 1;
	before = mue_observation_digest(o);
#define CHANGE(field)                              \
	do {                                       \
		o->field ^= 1;                     \
		after = mue_observation_digest(o); \
		assert_true(after != before);      \
		o->field ^= 1;                     \
	} while (0)
	CHANGE(maps[0].known);
	CHANGE(maps[0].create);
	CHANGE(maps[0].state_known);
	CHANGE(maps[0].n_entries);
	CHANGE(maps[0].digest);
	CHANGE(phases[0].known);
	CHANGE(phases[0].load);
	CHANGE(phases[0].run);
	CHANGE(phases[0].invoked);
	CHANGE(phases[0].retval);
	CHANGE(ops[0].known);
	CHANGE(ops[0].ret);
	CHANGE(ops[0].times);
	CHANGE(ops[0].failed);
	CHANGE(ops[0].has_value);
	o->ops[0].has_value = 1;
	before = mue_observation_digest(o);
	CHANGE(ops[0].value.len);
	CHANGE(ops[0].value.digest);
	/* Where bytes stand is no part of the answer. */
	o->ops[0].value.at ^= 1;
	assert_true(mue_observation_digest(o) == before);
	free(o);
	free(c);
}

static void test_a_command_is_quoted_for_a_shell(void **state)
{
	const struct mue_run run = {.n_targets = 2, .targets = {"host", "exec:./a 'b', c"}};
	char command[256];

	mue_repeat_command(command, sizeof(command), &run, "hash/full/a+b");
	assert_string_equal(command,
			    "./mue exec hash/full/a+b --on 'host,exec:./a '\\''b'\\''\\, c'");
	mue_repeat_command(command, 16, &run, "hash/full/insert");
	assert_true(strlen(command) < 16);
}

static void test_lines_that_are_no_results_are_refused(void **state)
{
	static const char *const headers[] = {
		"",
		"{",
		"[]",
		"{\"mue-results\":2}",
		"{\"mue-results\":1}",
		"{\"mue-results\":1,\"shard\":[2,1],\"targets\":[]}",
		"{\"mue-results\":1,\"shard\":[1,1],\"targets\":[]}",
		"{\"mue-results\":1,\"shard\":[1,1],\"targets\":[{\"name\":7}]}",
		"{\"mue-results\":1,\"shard\":[1,1],\"targets\":[{\"name\":\"host\"}]}",
	};
	static const char *const records[] = {
		"",
		"7",
		"{}",
		"{\"case\":\"a\"}",
		"{\"case\":\"a\",\"cells\":{},\"digests\":[]}",
		"{\"case\":\"a\",\"cells\":[],\"digests\":[],\"outcome\":\"agree\"}",
	};
	struct mue_run run;
	struct mue_record r;
	char msg[MSG_MAX];

	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		assert_int_equal(
			mue_run_of_line(&run, headers[i], strlen(headers[i]), msg, sizeof(msg)),
			-EINVAL);
	for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++)
		assert_int_equal(
			mue_record_of_line(&r, records[i], strlen(records[i]), msg, sizeof(msg)),
			-EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terminal_is_golden),
		cmocka_unit_test(test_tap_is_golden),
		cmocka_unit_test(test_ktap_is_golden),
		cmocka_unit_test(test_junit_is_golden),
		cmocka_unit_test(test_html_is_golden),
		cmocka_unit_test(test_html_stands_alone),
		cmocka_unit_test(test_markup_is_taken_out),
		cmocka_unit_test(test_json_is_golden),
		cmocka_unit_test(test_every_format_renders),
		cmocka_unit_test(test_side_by_side_is_golden),
		cmocka_unit_test(test_a_record_reads_as_it_was_written),
		cmocka_unit_test(test_a_digest_sees_every_field),
		cmocka_unit_test(test_a_command_is_quoted_for_a_shell),
		cmocka_unit_test(test_lines_that_are_no_results_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
