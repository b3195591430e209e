/* The text form: what is printed parses back to the same, and errors say where and what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cases/suite.h"
#include "cases/text.h"
#include "cases/words.h"
#include "cases/world.h"
#include "tests/random_case.h"

/* A parsed text. Large, so never on the stack. */
struct parsed {
	struct mue_case c;
	struct mue_observation expect;
	struct mue_condition when;
	char msg[MUE_MSG_MAX];
};

static int parse_bytes(struct parsed *p, const char *text, size_t n)
{
	/* A copy of exactly this size, so that a sanitizer sees reads beyond it. */
	char *exact = malloc(n ? n : 1);
	int err;

	memcpy(exact, text, n);
	err = mue_text_parse(&p->c, &p->expect, &p->when, exact, n, "dir/x.case", p->msg,
			     sizeof(p->msg));
	free(exact);
	return err;
}

static void parse(struct parsed *p, const char *text)
{
	if (parse_bytes(p, text, strlen(text)))
		fail_msg("%s", p->msg);
}

static char *print(const struct mue_case *c, const struct mue_observation *o,
		   const struct mue_condition *when)
{
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	mue_text_print(to, c, o, when);
	fclose(to);
	return text;
}

static const char full_hash[] =
	"# A full hash reports the missing key before the missing room.\n"
	"name hash/full/exist-absent\n"
	"when !lpm-honours-flags lru-batch-scaled cpus 2\n"
	"map m hash key 4 value 8 max 2 flags no_prealloc|zero_seed -> 0\n"
	"map p percpu_array key 4 value 4 max 1\n"
	"user cpu 1\n"
	"  update m 01000000 = 0a00000000000000 times 2 -> 0\n"
	"  lookup p 00000000 -> 01000000, 02000000\n"
	"  lookup m 00000000 -> -ENOENT\n"
	"  batch m 00000000 = 0000000000000000 lock times 9 -> -EINVAL times 3\n"
	"xdp cpu 1 attach 37 -> 0\n"
	"  update m 03000000 = 0c00000000000000 exist const key literal value map -> -ENOENT\n"
	"  lookup m 01000000 -> 0a00000000000000\n"
	"  reread -> found\n"
	"  lookup m 03000000 -> none\n"
	"  update m 04000000 = 0c00000000000000 0x100000001 via loop times 5 -> -E2BIG failed 2\n"
	"state m\n"
	"  01000000 = 0a00000000000000\n"
	"  02000000 = 0b00000000000000\n"
	"state p\n";

static void test_text_is_printed_as_it_was_read(void **state)
{
	struct parsed *p = *state;
	char *text;

	parse(p, full_hash);
	text = print(&p->c, &p->expect, &p->when);
	assert_string_equal(text, full_hash);
	free(text);
}

static void test_text_fields(void **state)
{
	struct parsed *p = *state;
	const struct mue_op *op;

	parse(p, full_hash);
	assert_string_equal(p->c.name, "hash/full/exist-absent");
	assert_string_equal(p->c.note,
			    "A full hash reports the missing key before the missing room.\n");
	assert_int_equal(p->when.with, UINT64_C(1) << MUE_CHANGE_LRU_BATCH_SCALED);
	assert_int_equal(p->when.without, UINT64_C(1) << MUE_CHANGE_LPM_HONOURS_FLAGS);
	assert_int_equal(p->when.cpus, 2);
	assert_int_equal(p->c.maps[0].flags, 0x41);
	assert_int_equal(p->expect.maps[0].known, 1);
	assert_int_equal(p->expect.maps[1].known, 0);
	assert_int_equal(p->c.phases[1].prog_type, MUE_PROG_XDP);
	assert_int_equal(p->c.phases[1].first, 4);
	assert_int_equal(p->expect.phases[0].known, 0);
	assert_int_equal(p->expect.phases[1].known, 1);
	op = &p->c.ops[4];
	assert_int_equal(op->flags, MUE_UPDATE_EXIST);
	assert_int_equal(op->flags_const, 1);
	assert_int_equal(op->key_from, MUE_ORIGIN_LITERAL);
	assert_int_equal(op->value_from, MUE_ORIGIN_MAP);
	assert_int_equal(p->expect.ops[4].ret, -ENOENT);
	assert_int_equal(p->expect.ops[4].failed, 1);
	assert_int_equal(p->expect.ops[8].failed, 2);
	assert_int_equal(p->expect.ops[8].times, 5);
	assert_int_equal(p->expect.ops[1].value.len, 8);
	assert_int_equal(p->expect.maps[1].state_known, 1);
	assert_int_equal(p->expect.maps[1].n_entries, 0);
}

/* A state block pins the same count and digest as writing the state does. */
static void test_text_state_digest(void **state)
{
	struct parsed *p = *state;
	struct mue_observation *o = malloc(sizeof(*o));
	struct mue_state_writer w;

	parse(p, full_hash);
	mue_observation_init(o, &p->c);
	mue_state_begin(&w, o, 0, false);
	mue_state_entry(&w, "\2\0\0\0", 4, "\v\0\0\0\0\0\0\0", 8);
	mue_state_entry(&w, "\1\0\0\0", 4, "\n\0\0\0\0\0\0\0", 8);
	mue_state_end(&w);
	assert_int_equal(p->expect.maps[0].n_entries, 2);
	assert_true(p->expect.maps[0].digest == o->maps[0].digest);
	free(o);
}

/* Comments, blank lines, CRLF, a missing last newline, a default name. */
static void test_text_layout_is_free(void **state)
{
	struct parsed *p = *state;

	parse(p, "\r\n# a\r\n#\r\n#  b \r\n\r\n# not the note\r\n"
		 "map m type 99 key 0x4 value 0 max 4294967295 flags 0x80000000 # why\r\n"
		 "\r\n\t \r\nuser#\r\n\tupdate m 00000000 = - any");
	assert_string_equal(p->c.name, "dir/x");
	assert_string_equal(p->c.note, "a\n\n b\n");
	assert_int_equal(p->c.maps[0].type, 99);
	assert_int_equal(p->c.maps[0].flags, 0x80000000);
	assert_int_equal(p->c.n_ops, 1);
}

static void test_text_bytes_forms(void **state)
{
	struct parsed *p = *state;
	uint8_t want[600] = {1, 2}, got[600];

	want[599] = 0xff;
	parse(p, "map m hash key 600 value 4 max 1\nuser\n update m 0102~00*597~ff = ~0a*4\n");
	mue_bytes_resolve(&p->c.ops[0].key, got, 600);
	assert_memory_equal(got, want, 600);
	mue_bytes_resolve(&p->c.ops[0].value, got, 4);
	assert_memory_equal(got, "\n\n\n\n", 4);
	/* Plain hex of any length will do where head, fill and tail can say it. */
	parse(p,
	      "map m hash key 4 value 40 max 1\nuser\n update m 01020304 = "
	      "00000000000000000000000000000000000000000000000000000000000000000000000000000001");
	assert_int_equal(p->c.ops[0].value.n_tail, 1);
}

#define MAP "map m hash key 4 value 8 max 2\n"

static const struct {
	const char *text, *message;
} errors[] = {
	{"", "dir/x.case:0: 0 maps; expected 1 to 8"},
	{"user\n", "dir/x.case:1: 0 maps; expected 1 to 8"},
	{"map m hsh key 4",
	 "dir/x.case:1: unknown map type 'hsh'; expected hash, array, prog_array,"},
	{"map m hash key 4 value 8",
	 "dir/x.case:1: map m is incomplete; expected key, value and max"},
	{"map m hash key 4294967296", "dir/x.case:1: key '4294967296'; expected a number of 0 to "
				      "4294967295"},
	{"map m hash key 4 key 4", "dir/x.case:1: 'key' stands twice; expected it once"},
	{"map 12345678901234567 hash",
	 "dir/x.case:1: map name '12345678901234567'; expected 1 to 15 "
	 "characters"},
	{"map m hash key 4 value 8 max 2 flags x", "dir/x.case:1: unknown map flag 'x'; expected "
						   "no_prealloc, "},
	{MAP "map m hash key 1 value 1 max 1", "dir/x.case:2: map 1: name m is taken"},
	{MAP "map m/ hash key 1 value 1 max 1", "dir/x.case:2: map 1: expected a name of"},
	{MAP "xpd\n", "dir/x.case:2: unknown line 'xpd'; expected name, when, map, sock, edit, "
		      "state, user, socket,"},
	{MAP "  update m",
	 "dir/x.case:2: nothing to indent below; expected a phase or a state above"},
	{MAP "user\n updat m",
	 "dir/x.case:3: unknown op 'updat'; expected update, delete, lookup,"},
	{MAP "user\n update n 0", "dir/x.case:3: no map 'n'; expected the name of a map above"},
	{MAP "user\n update m 0", "dir/x.case:3: '0' is no bytes; expected hex as 0a00 or"},
	{MAP "user\n update m 01", "dir/x.case:3: 1 bytes; expected 4"},
	{MAP "user\n update m ~00*4~", "dir/x.case:3: '~00*4~' is no bytes"},
	{MAP "user\n update m 01000000 0a", "dir/x.case:3: '0a'; expected '='"},
	{MAP "user\n update m 01000000 = ~00*8 exits",
	 "dir/x.case:3: unknown option or flags 'exits'; expected const, key, value, via, times"},
	{MAP "user\n update m 01000000 = ~00*8 key map",
	 "dir/x.case:3: unknown object 'map'; expected none, map_fd, closed_fd,"},
	{MAP "user\n update m 01000000 = ~00*8 key map_fd m",
	 "dir/x.case:3: phase 0 op 0: a key names no map"},
	{MAP "user\n update m 01000000 = ~00*8 value map_fd",
	 "dir/x.case:3: no map ''; expected the name of a map above"},
	{"map m xskmap key 4 value 4 max 2\nuser\n update m 01000000 = ~00*4 value file times 2",
	 "dir/x.case:3: phase 0 op 0: an object is named once"},
	/* What a descriptor's number is, nobody knows: it is no bytes for a map that holds bytes.
	 */
	{MAP "user\n update m 01000000 = ~00*8 value file",
	 "dir/x.case:3: phase 0 op 0: there is no value that holds an object"},
	{"map m sockmap key 4 value 4 max 1\nuser\n update m 00000000 = 00000000 value map_fd m",
	 "dir/x.case:3: phase 0 op 0: there is no value that holds an object"},
	{MAP "user\n update m 01000000 = ~00*8 key file",
	 "dir/x.case:3: phase 0 op 0: there is no key that names an object"},
	{"map m bloom_filter key 0 value 4 max 2\nuser\n lookup m -",
	 "dir/x.case:3: phase 0 op 0: a bloom_filter is asked by contains only"},
	{MAP "user\n delete m 01000000 value file",
	 "dir/x.case:3: phase 0 op 0: there is no value that holds an object"},
	{MAP "user\n contains m 01000000 = ~00*8",
	 "dir/x.case:3: phase 0 op 0: contains asks a bloom_filter only"},
	{MAP "map o array_of_maps key 4 value 4 max 1 inner o",
	 "dir/x.case:2: map o: expected the inner map before it"},
	{MAP "map o hash key 4 value 4 max 1 inner m",
	 "dir/x.case:2: map o: a map of its type has no inner map"},
	{MAP "user\n reread", "dir/x.case:3: phase 0 op 0: reread does not stand in a user phase"},
	{MAP "xdp\n update m 01000000 = ~00*8 via lop",
	 "dir/x.case:3: unknown reach 'lop'; expected "
	 "main, subprog,"},
	{MAP "user\n update m 01000000 = ~00*8 -> ENOENT",
	 "dir/x.case:3: 'ENOENT' is no result; expected 0, -ENAME or a number"},
	{MAP "user\n lookup m 01000000 -> none", "dir/x.case:3: 'none' is no bytes"},
	{MAP "user\n lookup m 01000000 -> ~00*8, ~00*8", "dir/x.case:3: unknown result ','"},
	{MAP "user -> 5", "dir/x.case:2: '5'; expected 0 or -ENAME"},
	{MAP "user cpu 64", "dir/x.case:2: phase 0: CPU 64; expected 0 to 63"},
	{MAP "state m\nstate m\n", "dir/x.case:3: a second state of map m; expected one"},
	{MAP "state m\n 01000000 = ~00*8\n 01000000 = ~01*8\n",
	 "dir/x.case:4: a key of map m stands twice; expected it once"},
	{MAP "state m\n 01000000 = ~00*8 x\n", "dir/x.case:3: 'x' is too much; expected the end"},
	{MAP "state m entries 1\n", "dir/x.case:2: ''; expected 'digest'"},
	{MAP "when nothing", "dir/x.case:2: unknown change 'nothing'; expected "},
	{MAP "name a b", "dir/x.case:2: 'b' is too much; expected the end of the line"},
	{MAP "name a\nname b", "dir/x.case:3: a second name; expected at most one"},
	{MAP "user \x01", "dir/x.case:2: control character 0x01; expected text"},
};

static void test_text_errors_name_the_line(void **state)
{
	struct parsed *p = *state;

	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		assert_int_equal(parse_bytes(p, errors[i].text, strlen(errors[i].text)), -EINVAL);
		if (strncmp(p->msg, errors[i].message, strlen(errors[i].message)))
			fail_msg("%s\ngave: %s\nexpected: %s", errors[i].text, p->msg,
				 errors[i].message);
	}
}

static void test_text_pools_are_bounded(void **state)
{
	struct parsed *p = *state;
	char *text = malloc(1 << 20), *end = text;

	end += sprintf(end, MAP "user\n");
	for (int i = 0; i <= MUE_OPS_MAX; i++)
		end += sprintf(end, " freeze m\n");
	assert_int_equal(parse_bytes(p, text, end - text), -EINVAL);
	assert_string_equal(p->msg, "dir/x.case:515: too many ops; expected at most 512");
	end = text + sprintf(text, MAP);
	for (int i = 0; i <= MUE_PHASES_MAX; i++)
		end += sprintf(end, "user\n");
	assert_int_equal(parse_bytes(p, text, end - text), -EINVAL);
	assert_string_equal(p->msg, "dir/x.case:130: too many phases; expected at most 128");
	end = text + sprintf(text, MAP "state m\n");
	for (int i = 0; i <= MUE_ENTRIES_MAX; i++)
		end += sprintf(end, " %08x = ~00*8\n", i);
	assert_int_equal(parse_bytes(p, text, end - text), -EINVAL);
	assert_string_equal(p->msg, "dir/x.case:1027: too many entries; expected at most 1024");
	memset(text, 'x', 1 << 20);
	assert_int_equal(parse_bytes(p, text, 1 << 20), -EINVAL);
	memset(text, '#', 1 << 20);
	assert_int_equal(parse_bytes(p, text, 1 << 20), -EINVAL);
	assert_int_equal(parse_bytes(p, "\0", 1), -EINVAL);
	free(text);
}

/* Printing what was parsed gives the same text: nothing known was lost. */
static void test_text_round_trips_random_cases(void **state)
{
	struct parsed *p = *state;
	struct mue_case *c = malloc(sizeof(*c));
	struct mue_observation *o = malloc(sizeof(*o));

	for (uint64_t seed = 0; seed < 3000; seed++) {
		struct mue_condition when = {
			.with = seed % 3, .without = seed % 5 & 4, .cpus = seed % 2};
		char *text, *again;

		random_case(c, seed);
		random_observation(o, c, seed);
		text = print(c, o, &when);
		if (parse_bytes(p, text, strlen(text)))
			fail_msg("seed %llu: %s\n%s", (unsigned long long)seed, p->msg, text);
		assert_true(mue_case_same(c, &p->c));
		assert_string_equal(c->name, p->c.name);
		assert_string_equal(c->note, p->c.note);
		again = print(&p->c, &p->expect, &p->when);
		if (strcmp(text, again)) {
			size_t same = 0;

			while (text[same] == again[same])
				same++;
			fail_msg("seed %llu: %.80s\nbecame %.80s", (unsigned long long)seed,
				 text + same, again + same);
		}
		free(text);
		free(again);
	}
	free(c);
	free(o);
}

static bool round_trip_suite_case(void *ctx, const struct mue_suite_case *s)
{
	struct parsed *p = ctx;
	char *text = print(s->question, s->expect, &s->when);

	parse(p, text);
	if (!mue_case_same(s->question, &p->c) || strcmp(s->question->name, p->c.name))
		fail_msg("%s: became another:\n%s", s->question->name, text);
	free(text);
	return true;
}

static void test_text_round_trips_every_family(void **state)
{
	const struct mue_suite_options all = {0};

	mue_suite_each(&all, round_trip_suite_case, *state);
}

static void test_text_pieces(void **state)
{
	struct mue_bytes b = {.fill = 0xee, .n_head = 1, .head = {1}, .n_tail = 1, .tail = {2}};
	char to[80];

	mue_text_bytes(to, sizeof(to), &b, 4);
	assert_string_equal(to, "01eeee02");
	mue_text_bytes(to, sizeof(to), &b, 500);
	assert_string_equal(to, "01~ee*498~02");
	mue_text_bytes(to, sizeof(to), &b, 0);
	assert_string_equal(to, "-");
	mue_text_bytes(to, 4, &b, 500);
	assert_string_equal(to, "01~");
	mue_text_ret(to, sizeof(to), -524);
	assert_string_equal(to, "-ENOTSUPP");
	mue_text_ret(to, sizeof(to), 0xfffffffeu);
	assert_string_equal(to, "0xfffffffe");
	mue_text_ret(to, sizeof(to), -4000);
	assert_string_equal(to, "-4000");
	mue_text_update_flags(to, sizeof(to), 0);
	assert_string_equal(to, "any");
	mue_text_update_flags(to, sizeof(to), 5);
	assert_string_equal(to, "noexist|lock");
	mue_text_update_flags(to, sizeof(to), UINT64_C(0x100000001));
	assert_string_equal(to, "0x100000001");
}

#define DOCS "docs/case-format.md"

/* The caller frees it. */
static char *read_file(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "r");

	if (!file || getdelim(&text, &size, 0, file) < 0)
		fail_msg("%s cannot be read", path);
	fclose(file);
	return text;
}

/* The page names every word of every table. */
static void test_text_docs_have_every_word(void **state)
{
	static const struct mue_words *const all[] = {
		&mue_words_map_type,	&mue_words_prog_type, &mue_words_op,
		&mue_words_origin,	&mue_words_reach,     &mue_words_map_flag,
		&mue_words_update_flag,
	};
	char *docs = read_file(DOCS), quoted[64];

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		for (unsigned j = 0; j < all[i]->n; j++) {
			const char *word = mue_words_name(all[i], j);

			/* In code: `word` or `word OPERANDS`. */
			snprintf(quoted, sizeof(quoted), "`%s", word ? word : "");
			for (char *at = docs; word; at++) {
				at = strstr(at, quoted);
				if (!at)
					fail_msg(DOCS " lacks the %s %s", all[i]->what, word);
				if (strchr("` ", at[strlen(quoted)]))
					break;
			}
		}
	free(docs);
}

/* Its first example is one, and is printed as it stands there. */
static void test_text_docs_example_is_one(void **state)
{
	struct parsed *p = *state;
	char *docs = read_file(DOCS), *example, *text;

	example = strstr(docs, "```\n") + 4;
	*strstr(example, "```") = 0;
	parse(p, example);
	text = print(&p->c, &p->expect, &p->when);
	assert_string_equal(text, example);
	free(text);
	free(docs);
}

static int setup(void **state)
{
	*state = malloc(sizeof(struct parsed));
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
		cmocka_unit_test(test_text_is_printed_as_it_was_read),
		cmocka_unit_test(test_text_fields),
		cmocka_unit_test(test_text_state_digest),
		cmocka_unit_test(test_text_layout_is_free),
		cmocka_unit_test(test_text_bytes_forms),
		cmocka_unit_test(test_text_errors_name_the_line),
		cmocka_unit_test(test_text_pools_are_bounded),
		cmocka_unit_test(test_text_round_trips_random_cases),
		cmocka_unit_test(test_text_round_trips_every_family),
		cmocka_unit_test(test_text_pieces),
		cmocka_unit_test(test_text_docs_have_every_word),
		cmocka_unit_test(test_text_docs_example_is_one),
	};

	return cmocka_run_group_tests_name("text", tests, setup, teardown);
}
