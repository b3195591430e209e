/* The JSON forms: what is written reads back to the same, and the published schemas say the truth.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cases/json.h"
#include "cases/suite.h"
#include "cases/text.h"
#include "cases/words.h"
#include "tests/random_case.h"

#define ROUNDS 1000

/* Large, so never on the stack. */
struct pair {
	struct mue_case a, b;
	struct mue_observation oa, ob;
	char msg[MUE_MSG_MAX];
};

static char *dump(json_t *j)
{
	char *text = json_dumps(j, JSON_COMPACT);

	assert_non_null(text);
	json_decref(j);
	return text;
}

static json_t *load(const char *text)
{
	json_error_t error;
	json_t *j = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

	if (!j)
		fail_msg("%s: %s", error.text, text);
	return j;
}

static const char case_text[] =
	"{\"name\":\"a/b\",\"maps\":["
	"{\"name\":\"m\",\"type\":\"hash\",\"key_size\":4,\"value_size\":8,\"max_entries\":2,"
	"\"flags\":[\"no_prealloc\",\"0x80000000\"]},"
	"{\"name\":\"n\",\"type\":99,\"key_size\":4,\"value_size\":8,\"max_entries\":1,"
	"\"special\":\"timer\"}],"
	"\"phases\":[{\"type\":\"user\",\"cpu\":1,\"ops\":["
	"{\"op\":\"freeze\",\"map\":\"m\"}]},"
	"{\"type\":\"xdp\",\"attach_type\":37,\"load_only\":true,\"ops\":["
	"{\"op\":\"update\",\"map\":\"m\",\"key\":\"01000000\",\"value\":\"0a00000000000000\","
	"\"flags\":[\"exist\",\"0x8000000000000000\"],\"flags_const\":true,\"key_from\":\"rodata\"}"
	"]}]}";

static void test_json_case_is_written_as_it_was_read(void **state)
{
	struct pair *p = *state;
	char *text, *special = strstr(case_text, "timer");

	assert_non_null(special);
	/* The value is too small for a timer: the check has the last word. */
	assert_int_equal(
		mue_case_of_json_text(&p->a, case_text, strlen(case_text), p->msg, sizeof(p->msg)),
		-EINVAL);
	assert_string_equal(p->msg, "map n: value of 8 bytes is too small for its special field");
	text = strdup(case_text);
	memcpy(strstr(text, "\"timer\""), "\"none\" ", 7);
	if (mue_case_of_json_text(&p->a, text, strlen(text), p->msg, sizeof(p->msg)))
		fail_msg("%s", p->msg);
	free(text);
	assert_true(p->a.ops[1].flags == (UINT64_C(1) << 63 | 2));
	assert_int_equal(p->a.maps[1].type, 99);
	p->a.maps[1].special = MUE_SPECIAL_SPIN_LOCK;
	text = dump(mue_case_to_json(&p->a));
	assert_non_null(strstr(text, "\"special\":\"spin_lock\""));
	assert_int_equal(strlen(text), strlen(case_text) + strlen("spin_lock") - strlen("timer"));
	free(text);
}

static void test_json_round_trips_random_cases(void **state)
{
	struct pair *p = *state;

	for (uint64_t seed = 0; seed < ROUNDS; seed++) {
		char *text;

		random_case(&p->a, seed);
		text = dump(mue_case_to_json(&p->a));
		if (mue_case_of_json_text(&p->b, text, strlen(text), p->msg, sizeof(p->msg)))
			fail_msg("seed %llu: %s: %s", (unsigned long long)seed, p->msg, text);
		assert_true(mue_case_same(&p->a, &p->b));
		assert_string_equal(p->a.name, p->b.name);
		assert_string_equal(p->a.note, p->b.note);
		free(text);
	}
}

static bool round_trip_suite_case(void *ctx, const struct mue_suite_case *s)
{
	struct pair *p = ctx;
	json_t *j = mue_case_to_json(s->question);

	if (mue_case_of_json(&p->b, j, p->msg, sizeof(p->msg)))
		fail_msg("%s: %s", s->question->name, p->msg);
	assert_true(mue_case_same(s->question, &p->b));
	json_decref(j);
	return true;
}

static void test_json_round_trips_every_family(void **state)
{
	const struct mue_suite_options all = {0};

	mue_suite_each(&all, round_trip_suite_case, *state);
}

/* Everything but where bytes stand in the arena. */
static void assert_same_observation(const struct mue_case *c, const struct mue_observation *a,
				    const struct mue_observation *b)
{
	assert_int_equal(a->status, b->status);
	assert_string_equal(a->why, b->why);
	assert_memory_equal(a->phases, b->phases, c->n_phases * sizeof(*a->phases));
	for (uint32_t i = 0; i < c->n_ops; i++) {
		const struct mue_result *ra = &a->ops[i], *rb = &b->ops[i];

		assert_int_equal(ra->known, rb->known);
		assert_true(ra->ret == rb->ret && ra->times == rb->times &&
			    ra->failed == rb->failed);
		assert_int_equal(ra->has_value, rb->has_value);
		assert_true(!ra->has_value || mue_blob_same(a, &ra->value, b, &rb->value));
	}
	for (uint32_t i = 0; i < c->n_maps; i++) {
		const struct mue_map_result *ma = &a->maps[i], *mb = &b->maps[i];

		assert_int_equal(ma->known, mb->known);
		assert_int_equal(ma->create, mb->create);
		assert_int_equal(ma->state_known, mb->state_known);
		if (!ma->state_known)
			continue;
		assert_int_equal(ma->n_entries, mb->n_entries);
		assert_int_equal(ma->shown, mb->shown);
		assert_true(ma->digest == mb->digest);
		for (uint32_t j = 0; j < ma->shown; j++) {
			const struct mue_entry *ea = &a->entries[ma->first + j];
			const struct mue_entry *eb = &b->entries[mb->first + j];

			assert_true(mue_blob_same(a, &ea->key, b, &eb->key));
			assert_true(mue_blob_same(a, &ea->value, b, &eb->value));
		}
	}
}

static void test_json_round_trips_random_observations(void **state)
{
	struct pair *p = *state;

	for (uint64_t seed = 0; seed < ROUNDS; seed++) {
		json_t *j;
		char *text;

		random_case(&p->a, seed);
		random_observation(&p->oa, &p->a, seed);
		if (seed % 5 == 0) {
			p->oa.status = seed % 2 ? MUE_BROKEN : MUE_UNSUPPORTED;
			strcpy(p->oa.why, "no such thing: \"x\"\\ \n");
		}
		text = dump(mue_observation_to_json(&p->a, &p->oa));
		j = load(text);
		if (mue_observation_of_json(&p->ob, &p->a, j, p->msg, sizeof(p->msg)))
			fail_msg("seed %llu: %s: %s", (unsigned long long)seed, p->msg, text);
		assert_same_observation(&p->a, &p->oa, &p->ob);
		json_decref(j);
		free(text);
	}
}

/* What people may say in other ways: full hex of long values, in any order, zero elements. */
static void test_json_state_in_full_is_digested(void **state)
{
	static const char text[] = "{\"status\":\"answered\",\"maps\":[{\"state\":{\"entries\":["
				   "{\"key\":\"02000000\",\"value\":\"00ff\"},{\"key\":"
				   "\"00000000\",\"value\":\"0000\"},"
				   "{\"key\":\"01000000\",\"value\":\"0100\"}]}}]}";
	struct pair *p = *state;
	struct mue_state_writer w;
	json_t *j = load(text);

	mue_case_init(&p->a, "x");
	mue_case_add_map(&p->a, "m", MUE_MAP_ARRAY, 4, 2, 4, 0);
	assert_int_equal(mue_observation_of_json(&p->oa, &p->a, j, p->msg, sizeof(p->msg)), 0);
	mue_observation_init(&p->ob, &p->a);
	mue_state_begin(&w, &p->ob, 0, true);
	mue_state_entry(&w, "\1\0\0\0", 4, "\1\0", 2);
	mue_state_entry(&w, "\2\0\0\0", 4, "\0\xff", 2);
	mue_state_end(&w);
	assert_same_observation(&p->a, &p->oa, &p->ob);
	json_decref(j);
}

/* A case with one part replaced, and the message that names it. */
static const struct {
	const char *what, *by, *message;
} case_errors[] = {
	{"\"name\":\"a/b\"", "\"name\":\"a/b\",\"x\":1", "x: unknown member"},
	{"\"name\":\"a/b\"", "\"name\":\"a b\"", "name: expected printable"},
	{"\"name\":\"a/b\"", "\"name\":1", "name: expected a string of at most 127 bytes"},
	{"\"name\":\"a/b\"", "\"name\":\"a\",\"name\":\"b\"",
	 "line 1 column 18: duplicate object key"},
	{"\"name\":\"m\",\"type\"", "\"type\"", "maps[0].name: missing"},
	{"\"hash\"", "\"hsh\"", "maps[0].type: unknown map type; expected hash, array,"},
	{"\"hash\"", "-1", "maps[0].type: unknown map type; expected hash, array,"},
	{"\"key_size\":4", "\"key_size\":4294967296",
	 "maps[0].key_size: expected an integer of 0 to 4294967295"},
	{"\"key_size\":4", "\"key_size\":\"4\"", "maps[0].key_size: expected an integer"},
	{"\"no_prealloc\"", "\"no_alloc\"", "maps[0].flags: [0] is no flag"},
	{"\"no_prealloc\"", "\"no_prealloc|clone\"", "maps[0].flags: [0] is no flag"},
	{"\"0x80000000\"", "\"0x180000000\"", "maps[0].flags: [1] is no flag"},
	{"\"timer\"", "\"tmer\"",
	 "maps[1].special: unknown special field; expected none, spin_lock, timer"},
	{"\"user\"", "\"usr\"", "phases[0].type: unknown phase type; expected user, socket,"},
	{"\"cpu\":1", "\"cpu\":65536", "phases[0].cpu: expected an integer of 0 to 65535"},
	{"\"cpu\":1", "\"cpu\":1.5", "phases[0].cpu: expected an integer"},
	{"\"load_only\":true", "\"load_only\":1", "phases[1].load_only: expected true or false"},
	{"\"op\":\"freeze\"", "\"op\":\"freez\"",
	 "phases[0].ops[0].op: unknown op; expected update,"},
	{"\"op\":\"freeze\"", "\"op\":\"delete\"", "phases[0].ops[0].key: missing"},
	{"\"op\":\"freeze\"", "\"op\":\"freeze\",\"key\":\"01\"",
	 "phases[0].ops[0].key: unknown member of an op of this kind"},
	{"\"map\":\"m\"}", "\"map\":\"o\"}", "phases[0].ops[0].map: expected the name of a map"},
	{"\"key\":\"01000000\"", "\"key\":\"010000\"", "phases[1].ops[0].key: 3 bytes; expected 4"},
	{"\"key\":\"01000000\"", "\"key\":\"0100000\"", "phases[1].ops[0].key: expected hex"},
	{"\"rodata\"", "\"rom\"", "phases[1].ops[0].key_from: unknown origin; expected stack,"},
	{"\"phases\":[{", "\"phases\":[1,{", "phases[0]: expected an object"},
	{"\"phases\":[{", "\"phases\":{\"a\":[{", "line 1 "},
};

/* A copy of `text` with the first `what` replaced. */
static char *replaced(const char *text, const char *what, const char *by)
{
	const char *at = strstr(text, what);
	char *out;

	if (!at)
		fail_msg("no %s in %s", what, text);
	if (asprintf(&out, "%.*s%s%s", (int)(at - text), text, by, at + strlen(what)) < 0)
		fail();
	return out;
}

static void test_json_case_errors_name_the_member(void **state)
{
	struct pair *p = *state;

	for (size_t i = 0; i < sizeof(case_errors) / sizeof(*case_errors); i++) {
		char *text = replaced(case_text, case_errors[i].what, case_errors[i].by);

		assert_int_equal(
			mue_case_of_json_text(&p->a, text, strlen(text), p->msg, sizeof(p->msg)),
			-EINVAL);
		if (strncmp(p->msg, case_errors[i].message, strlen(case_errors[i].message)))
			fail_msg("%s\ngave: %s\nexpected: %s", text, p->msg,
				 case_errors[i].message);
		free(text);
	}
}

static const struct {
	const char *text, *message;
} observation_errors[] = {
	{"[]", "expected an object"},
	{"{}", "status: missing"},
	{"{\"status\":\"fine\"}", "status: unknown status; expected answered, unsupported, broken"},
	{"{\"status\":\"answered\",\"maps\":[]}", "maps: expected an array of 1, as the case has"},
	{"{\"status\":\"answered\",\"maps\":[{\"create\":1}]}",
	 "maps[0].create: expected 0 or a negative errno"},
	{"{\"status\":\"answered\",\"maps\":[{\"state\":{}}]}", "maps[0].state.entries: missing"},
	{"{\"status\":\"answered\",\"maps\":[{\"state\":{\"count\":1,\"entries\":[]}}]}",
	 "maps[0].state: expected count and digest together"},
	{"{\"status\":\"answered\",\"maps\":[{\"state\":{\"entries\":[{\"key\":\"\"}]}}]}",
	 "maps[0].state.entries[0].value: missing"},
	{"{\"status\":\"answered\",\"phases\":[{\"run\":0}]}", "phases[0].run: unknown member"},
	{"{\"status\":\"answered\",\"phases\":[{\"load\":0,\"ops\":[null,null]}]}",
	 "phases[0].ops: expected an array of 1, as the case has"},
	{"{\"status\":\"answered\",\"phases\":[{\"load\":0,\"ops\":[{\"ret\":\"ENOENT\"}]}]}",
	 "phases[0].ops[0].ret: expected an integer"},
	{"{\"status\":\"answered\",\"phases\":[{\"load\":0,\"ops\":[{\"ret\":0,\"value\":\"0\"}]}]"
	 "}",
	 "phases[0].ops[0].value: expected bytes in hex"},
};

static void test_json_observation_errors_name_the_member(void **state)
{
	struct pair *p = *state;

	mue_case_init(&p->a, "x");
	mue_case_add_map(&p->a, "m", MUE_MAP_HASH, 4, 4, 1, 0);
	mue_case_add_phase(&p->a, 0);
	mue_case_add_op(&p->a, MUE_OP_FREEZE, 0);
	for (size_t i = 0; i < sizeof(observation_errors) / sizeof(*observation_errors); i++) {
		json_t *j = load(observation_errors[i].text);
		const char *message = observation_errors[i].message;

		assert_int_equal(mue_observation_of_json(&p->oa, &p->a, j, p->msg, sizeof(p->msg)),
				 -EINVAL);
		if (strncmp(p->msg, message, strlen(message)))
			fail_msg("gave: %s\nexpected: %s", p->msg, message);
		json_decref(j);
	}
}

static void test_json_why_need_not_be_utf8(void **state)
{
	struct pair *p = *state;
	json_t *j;

	mue_case_init(&p->a, "x");
	mue_observation_init(&p->oa, &p->a);
	strcpy(p->oa.why, "bad \xff byte");
	j = mue_observation_to_json(&p->a, &p->oa);
	assert_string_equal(json_string_value(json_object_get(j, "why")), "bad ? byte");
	json_decref(j);
}

/* The examples of the page: a case, and an answer to it. */
static void test_json_docs_examples_are_such(void **state)
{
	struct pair *p = *state;
	FILE *file = fopen("docs/case-format.md", "r");
	char *docs = NULL, *example;
	size_t size = 0;
	json_t *j;

	assert_non_null(file);
	assert_true(getdelim(&docs, &size, 0, file) > 0);
	fclose(file);
	example = strstr(docs, "```json\n") + 8;
	if (mue_case_of_json_text(&p->a, example, strstr(example, "```") - example, p->msg,
				  sizeof(p->msg)))
		fail_msg("%s", p->msg);
	example = strstr(example, "```json\n") + 8;
	*strstr(example, "```") = 0;
	j = load(example);
	if (mue_observation_of_json(&p->oa, &p->a, j, p->msg, sizeof(p->msg)))
		fail_msg("%s", p->msg);
	json_decref(j);
	free(docs);
}

/* Runs the validator over documents that `write` gives it. */
static void validate(struct pair *p, const char *schema, void (*write)(struct pair *p, FILE *to))
{
	char command[128];
	FILE *to;

	if (system("python3 -c 'import jsonschema' 2>/dev/null")) {
		print_message("no python3-jsonschema: the schemas were not used\n");
		skip();
	}
	signal(SIGPIPE, SIG_IGN); /* a validator that stops early fails by its exit code */
	snprintf(command, sizeof(command), "python3 tests/validate_json.py %s", schema);
	to = popen(command, "w");
	assert_non_null(to);
	write(p, to);
	assert_int_equal(pclose(to), 0);
}

/* Those errors that a schema cannot see: they hang on the case, or are no JSON. */
static bool beyond_schema(const char *message)
{
	return !strncmp(message, "line ", 5) || strstr(message, "of a map") ||
	       strstr(message, "bytes; expected") || strstr(message, "as the case has") ||
	       strstr(message, "is no flag") == message;
}

static void write_cases(struct pair *p, FILE *to)
{
	for (uint64_t seed = 0; seed < 100; seed++) {
		char *text;

		random_case(&p->a, seed);
		text = dump(mue_case_to_json(&p->a));
		fprintf(to, "+%s\n", text);
		free(text);
	}
	for (size_t i = 0; i < sizeof(case_errors) / sizeof(*case_errors); i++) {
		char *text = replaced(case_text, case_errors[i].what, case_errors[i].by);

		if (!beyond_schema(case_errors[i].message))
			fprintf(to, "-%s\n", text);
		free(text);
	}
}

static void test_json_cases_fit_the_schema(void **state)
{
	validate(*state, "docs/case.schema.json", write_cases);
}

static void write_observations(struct pair *p, FILE *to)
{
	for (uint64_t seed = 0; seed < 100; seed++) {
		char *text;

		random_case(&p->a, seed);
		random_observation(&p->oa, &p->a, seed);
		text = dump(mue_observation_to_json(&p->a, &p->oa));
		fprintf(to, "+%s\n", text);
		free(text);
	}
	for (size_t i = 0; i < sizeof(observation_errors) / sizeof(*observation_errors); i++)
		if (!beyond_schema(observation_errors[i].message))
			fprintf(to, "-%s\n", observation_errors[i].text);
}

static void test_json_observations_fit_the_schema(void **state)
{
	validate(*state, "docs/observation.schema.json", write_observations);
}

/* The lists in the schema are the vocabularies, in their order: nothing is said there alone. */
static void assert_enum(json_t *schema, const char *path, const struct mue_words *words,
			const char *first)
{
	const json_t *j = json_object_get(schema, "$defs");
	char copy[128], *part, *rest = copy;
	size_t at = 0;

	snprintf(copy, sizeof(copy), "%s", path);
	while ((part = strsep(&rest, "/")))
		j = json_is_array(j) ? json_array_get(j, atoi(part)) : json_object_get(j, part);
	if (!json_is_array(j))
		fail_msg("nothing at %s", path);
	if (first)
		assert_string_equal(json_string_value(json_array_get(j, at++)), first);
	for (unsigned i = 0; i < words->n; i++) {
		const char *word = mue_words_name(words, i);
		const char *there = json_string_value(json_array_get(j, at));

		if (word && (!there || strcmp(word, there)))
			fail_msg("%s[%zu]: %s; expected %s", path, at, there, word);
		at += !!word;
	}
	assert_int_equal(at, json_array_size(j));
}

static void test_json_schema_has_the_words_of_the_tables(void **state)
{
	json_error_t error;
	json_t *schema = json_load_file("docs/case.schema.json", JSON_REJECT_DUPLICATES, &error);

	assert_non_null(schema);
	assert_enum(schema, "map/properties/type/anyOf/0/enum", &mue_words_map_type, NULL);
	assert_enum(schema, "map/properties/flags/items/anyOf/0/enum", &mue_words_map_flag, NULL);
	assert_enum(schema, "map/properties/special/enum", &mue_words_special, NULL);
	assert_enum(schema, "phase/properties/type/enum", &mue_words_prog_type, "user");
	assert_enum(schema, "op/properties/op/enum", &mue_words_op, NULL);
	assert_enum(schema, "op/properties/flags/items/anyOf/0/enum", &mue_words_update_flag, NULL);
	assert_enum(schema, "op/properties/reach/enum", &mue_words_reach, NULL);
	assert_enum(schema, "origin/enum", &mue_words_origin, NULL);
	json_decref(schema);
}

static int setup(void **state)
{
	*state = malloc(sizeof(struct pair));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_case_is_written_as_it_was_read),
		cmocka_unit_test(test_json_round_trips_random_cases),
		cmocka_unit_test(test_json_round_trips_every_family),
		cmocka_unit_test(test_json_round_trips_random_observations),
		cmocka_unit_test(test_json_state_in_full_is_digested),
		cmocka_unit_test(test_json_case_errors_name_the_member),
		cmocka_unit_test(test_json_observation_errors_name_the_member),
		cmocka_unit_test(test_json_why_need_not_be_utf8),
		cmocka_unit_test(test_json_docs_examples_are_such),
		cmocka_unit_test(test_json_schema_has_the_words_of_the_tables),
		cmocka_unit_test(test_json_cases_fit_the_schema),
		cmocka_unit_test(test_json_observations_fit_the_schema),
	};

	return cmocka_run_group_tests_name("json", tests, setup, teardown);
}
