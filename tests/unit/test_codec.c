/* Cases as bytes: decoding is total, encoding canonical, the two inverse; and no field is
 * forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/suite.h"
#include "fuzz/codec.h"
#include "fuzz/fields.h"
#include "tests/random_case.h"

static uint8_t bytes[MUE_ENCODED_MAX], again[MUE_ENCODED_MAX];
static struct mue_case decoded;

static void check_round_trip(const struct mue_case *c)
{
	size_t n = mue_case_encode(c, bytes, sizeof(bytes));

	assert_int_not_equal(n, 0);
	mue_case_decode(&decoded, bytes, n);
	if (!mue_case_same(c, &decoded))
		fail_msg("%s is another case when decoded", c->name);
	assert_int_equal(mue_case_encode(&decoded, again, sizeof(again)), n);
	assert_memory_equal(bytes, again, n);
	/* What has no room gives nothing, and writes nothing beyond. */
	again[n - 1] = 0x5a;
	assert_int_equal(mue_case_encode(c, again, n - 1), 0);
	assert_int_equal(again[n - 1], 0x5a);
}

static bool suite_case(void *ctx, const struct mue_suite_case *s)
{
	check_round_trip(s->question);
	++*(unsigned *)ctx;
	return true;
}

static void test_suite_round_trips(void **state)
{
	struct mue_suite_options opts = {.seed = 1};
	unsigned n = 0;

	mue_suite_each(&opts, suite_case, &n);
	assert_true(n > 20000);
}

static void test_random_round_trips(void **state)
{
	static struct mue_case c;

	for (uint64_t seed = 0; seed < 5000; seed++) {
		random_case(&c, seed);
		check_round_trip(&c);
	}
}

/* Cases of all sizes that bytes without sense decode to are cases, and have canonical bytes. */
static void check_any(const uint8_t *data, size_t n)
{
	static struct mue_case c;
	char msg[MUE_NOTE_MAX];

	mue_case_decode(&c, data, n);
	if (mue_case_check(&c, msg, sizeof(msg)))
		fail_msg("%zu bytes decode to what is no case: %s", n, msg);
	check_round_trip(&c);
}

static void test_any_bytes_are_a_case(void **state)
{
	uint8_t data[1024];
	uint64_t seed = 1;

	check_any(NULL, 0);
	for (unsigned i = 0; i < 3000; i++) {
		size_t n = random_below(&seed, i % 8 ? 64 : sizeof(data));

		/* Small bytes are tags and small numbers; large ones all sorts of trouble. */
		for (size_t j = 0; j < n; j++)
			data[j] = random_next(&seed) & (i % 3 ? 0x0f : 0xff);
		check_any(data, n);
	}
}

/* One byte changed in a good case: this is where nearly all checks of mue_case_check refuse. */
static void test_changed_bytes_are_a_case(void **state)
{
	static struct mue_case c;
	uint8_t data[MUE_ENCODED_MAX];
	uint64_t seed = 7;

	for (unsigned i = 0; i < 3000; i++) {
		size_t n;

		random_case(&c, i);
		n = mue_case_encode(&c, data, sizeof(data));
		data[random_below(&seed, n)] ^= 1u << random_below(&seed, 8);
		check_any(data, random_once_in(&seed, 4) ? random_below(&seed, n) : n);
	}
}

/* All pools full of the longest elements. */
static void test_longest_fits(void **state)
{
	static struct mue_case c;
	char name[16];

	mue_case_init(&c, "longest");
	for (unsigned i = 0; i < MUE_MAPS_MAX; i++) {
		snprintf(name, sizeof(name), "m%u", i);
		mue_case_add_map(&c, name, ~0u, 1u << 23, 1u << 23, ~0u, ~0u)->numa_node = ~0u;
	}
	for (unsigned i = 0; i < MUE_PHASES_MAX; i++)
		mue_case_add_phase(&c, MUE_PROG_XDP)->attach_type = ~0u;
	for (unsigned i = 0; i < MUE_OPS_MAX; i++) {
		struct mue_op *op = mue_case_add_op(&c, MUE_OP_UPDATE, 7);

		op->flags = ~UINT64_C(0);
		memset(&op->key, 0x55, sizeof(op->key));
		op->key.n_head = MUE_HEAD_MAX;
		op->key.n_tail = MUE_TAIL_MAX;
		op->key.fill = 1;
		op->value = op->key;
		op->key_from = op->value_from = MUE_ORIGIN_MAP;
	}
	check_round_trip(&c);
}

/* What passes is left alone; one bad field is set right without touching the others. */
static void test_mending(void **state)
{
	static struct mue_case c, was;
	struct mue_op *op;

	for (uint64_t seed = 0; seed < 200; seed++) {
		random_case(&c, seed);
		mue_case_copy(&was, &c);
		mue_case_mend(&c);
		assert_true(mue_case_same(&was, &c));
	}
	mue_case_init(&c, "mend");
	mue_case_add_map(&c, "m0", MUE_MAP_HASH, 4, 8, 2, 0);
	mue_case_add_phase(&c, MUE_PROG_SOCKET_FILTER);
	op = mue_case_add_op(&c, MUE_OP_UPDATE, 0);
	op->key = mue_bytes_u32(1);
	op->flags = 77;
	op->key_from = MUE_ORIGIN_RODATA;
	mue_case_copy(&was, &c);
	op->times = 3; /* of reach loop only */
	mue_case_mend(&c);
	assert_true(mue_case_same(&was, &c));
	op->value_from = MUE_ORIGINS + 3;
	mue_case_mend(&c);
	assert_true(mue_case_same(&was, &c));
	mue_case_add_op(&c, MUE_OP_REREAD,
			0); /* without a lookup before it; cannot stay what it is */
	mue_case_mend(&c);
	assert_int_equal(c.n_ops, 2);
	assert_int_equal(c.ops[1].kind, MUE_OP_UPDATE);
	assert_int_equal(c.ops[0].flags, 77);
}

/* The text of `struct NAME { ... };` in cases/case.h, without comments. To be freed. */
static char *struct_text(const char *name)
{
	static char file[1 << 16];
	char head[64], *body, *to, *text;
	FILE *f = fopen("cases/case.h", "r");
	size_t n;

	assert_non_null(f);
	n = fread(file, 1, sizeof(file) - 1, f);
	file[n] = 0;
	fclose(f);
	snprintf(head, sizeof(head), "\nstruct %s {", name);
	body = strstr(file, head);
	if (!body)
		fail_msg("no struct %s in cases/case.h", name);
	body += strlen(head);
	*strstr(body, "\n};") = 0;
	to = text = malloc(strlen(body) + 1);
	while (*body) {
		if (!strncmp(body, "/*", 2))
			body = strstr(body, "*/") + 2;
		else
			*to++ = *body++;
	}
	*to = 0;
	return text;
}

static bool has_row(const char *name, const char *member)
{
	static const char *const implied[][2] = {
#define MUE_IMPLIED(of, member) {#of, #member},
#include "fuzz/fields.def"
	};

	for (size_t i = 0; i < sizeof(implied) / sizeof(*implied); i++)
		if (!strcmp(implied[i][0], name) && !strcmp(implied[i][1], member))
			return true;
	for (unsigned e = 0; e < MUE_ELEMENTS; e++)
		for (uint32_t i = 0; i < mue_elements[e].n_fields; i++)
			if (!strcmp(mue_elements[e].name, name + 4) &&
			    !strcmp(mue_elements[e].fields[i].name, member))
				return true;
	return false;
}

static bool is_pool(const char *member)
{
	static const char *const pools[] = {
#define MUE_ELEMENT(ID, element, pool, count, max) #pool, #count,
#include "fuzz/fields.def"
	};

	for (size_t i = 0; i < sizeof(pools) / sizeof(*pools); i++)
		if (!strcmp(pools[i], member))
			return true;
	return false;
}

/* Every member is a row, or one that is implied; "uint8_t map, map2;" are two members. */
static void check_members(const char *name)
{
	char *text = struct_text(name), *save = NULL;
	unsigned n = 0;

	for (char *word = strtok_r(text, ",;", &save); word; word = strtok_r(NULL, ",;", &save)) {
		char *end = strchr(word, '['), *begin;

		if (end)
			*end = 0;
		for (end = word + strlen(word); end > word && isspace((unsigned char)end[-1]);)
			*--end = 0;
		for (begin = end; begin > word && !isspace((unsigned char)begin[-1]); begin--)
			;
		if (!*begin)
			continue;
		n++;
		if (!has_row(name, begin) && !(!strcmp(name, "mue_case") && is_pool(begin)))
			fail_msg("struct %s: %s has no row in fuzz/fields.def", name, begin);
	}
	assert_true(n >= 1);
	free(text);
}

static void test_no_field_is_forgotten(void **state)
{
	char name[32];

	check_members("mue_case");
	for (unsigned e = 0; e < MUE_ELEMENTS; e++) {
		snprintf(name, sizeof(name), "mue_%s", mue_elements[e].name);
		check_members(name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_field_is_forgotten),
		cmocka_unit_test(test_suite_round_trips),
		cmocka_unit_test(test_random_round_trips),
		cmocka_unit_test(test_any_bytes_are_a_case),
		cmocka_unit_test(test_changed_bytes_are_a_case),
		cmocka_unit_test(test_longest_fits),
		cmocka_unit_test(test_mending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
