/* The suite: names, well-formed cases, coverage, and the ways to choose among them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases/curated.h"
#include "cases/lower.h"
#include "cases/suite.h"

#define CASES_LEAST 12000
#define CURATED_LEAST 60
/* Of every test-run program type on every plain map type. */
#define PAIR_LEAST 50
/* SYSCALL on LPM_TRIE is a refusal, asked in a few ways. */
#define REFUSED_PAIR_LEAST 5
#define EXHAUSTIVE_WHOLE 867840
#define EXHAUSTIVE_BY_DEFAULT 3840

static const struct mue_suite_options by_default;

struct names {
	uint32_t n, room;
	char **name;
};

static bool keep_name(void *ctx, const struct mue_suite_case *s)
{
	struct names *names = ctx;

	if (names->n == names->room) {
		names->room = names->room ? 2 * names->room : 1024;
		names->name = realloc(names->name, names->room * sizeof(*names->name));
		assert_non_null(names->name);
	}
	names->name[names->n++] = strdup(s->question->name);
	return true;
}

static void free_names(struct names *names)
{
	for (uint32_t i = 0; i < names->n; i++)
		free(names->name[i]);
	free(names->name);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void test_names_are_unique(void **state)
{
	struct names names = {0};

	mue_suite_each(&by_default, keep_name, &names);
	qsort(names.name, names.n, sizeof(*names.name), by_name);
	for (uint32_t i = 1; i < names.n; i++)
		if (!strcmp(names.name[i - 1], names.name[i]))
			fail_msg("two cases are named %s", names.name[i]);
	free_names(&names);
}

/* Names go into globs, shells and file names. */
static bool check_name(void *ctx, const struct mue_suite_case *s)
{
	const char *name = s->question->name;

	if (!name[0] || name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-+.:/")])
		fail_msg("a name with odd characters: '%s'", name);
	return true;
}

static void test_names_are_plain(void **state)
{
	mue_suite_each(&by_default, check_name, NULL);
}

static bool check_case(void *ctx, const struct mue_suite_case *s)
{
	char msg[256];

	if (mue_case_check(s->question, msg, sizeof(msg)))
		fail_msg("%s: %s", s->question->name, msg);
	return true;
}

static void test_every_case_can_be_asked(void **state)
{
	struct mue_suite_options whole = {.glob = "exhaustive/*/room-2/*"};

	mue_suite_each(&by_default, check_case, NULL);
	mue_suite_each(&whole, check_case, NULL);
}

static bool add_to_digest(void *ctx, const struct mue_suite_case *s)
{
	const struct mue_case *c = s->question;
	uint64_t *sum = ctx;

	*sum = *sum * 31 + mue_digest(c->name, strlen(c->name));
	*sum = *sum * 31 + mue_digest(c->maps, c->n_maps * sizeof(*c->maps));
	*sum = *sum * 31 + mue_digest(c->phases, c->n_phases * sizeof(*c->phases));
	for (uint32_t i = 0; i < c->n_ops; i++) {
		const struct mue_op *op = &c->ops[i];

		*sum = *sum * 31 + op->flags + op->kind + op->times;
		*sum = *sum * 31 + mue_digest(&op->key, sizeof(op->key));
		*sum = *sum * 31 + mue_digest(&op->value, sizeof(op->value));
	}
	return true;
}

static uint64_t digest_of(const struct mue_suite_options *opts)
{
	uint64_t sum = 0;

	mue_suite_each(opts, add_to_digest, &sum);
	return sum;
}

static void test_asking_twice_gives_the_same(void **state)
{
	assert_int_equal(digest_of(&by_default), digest_of(&by_default));
}

static void test_seed_chooses_among_the_random(void **state)
{
	struct mue_suite_options one = {.seed = 1}, random = {.glob = "random/*"},
				 random_one = {.glob = "random/*", .seed = 1},
				 flags = {.glob = "flags/*"},
				 flags_one = {.glob = "flags/*", .seed = 1};

	assert_int_equal(mue_suite_count(&by_default), mue_suite_count(&one));
	assert_int_not_equal(digest_of(&random), digest_of(&random_one));
	assert_int_equal(digest_of(&flags), digest_of(&flags_one));
}

/* Counts how often each program type meets each map type. */
static bool count_pairs(void *ctx, const struct mue_suite_case *s)
{
	uint32_t(*pairs)[MUE_MAP_TYPES] = ctx;
	const struct mue_case *c = s->question;

	if (c->maps[0].type >= MUE_MAP_TYPES)
		return true;
	for (uint32_t i = 0; i < c->n_phases; i++)
		pairs[c->phases[i].prog_type][c->maps[0].type]++;
	return true;
}

static void check_pair(unsigned prog, unsigned map, uint32_t n)
{
	bool refused = prog == MUE_PROG_SYSCALL && map == MUE_MAP_LPM_TRIE;

	if (n < (refused ? REFUSED_PAIR_LEAST : PAIR_LEAST))
		fail_msg("%s on %s: %u cases", mue_prog_type_row(prog)->name,
			 mue_map_type_row(map)->name, n);
}

static void test_every_program_type_meets_every_map_type(void **state)
{
	static uint32_t pairs[MUE_PROG_TYPES][MUE_MAP_TYPES];
	unsigned n = 0;

	memset(pairs, 0, sizeof(pairs));
	mue_suite_each(&by_default, count_pairs, pairs);
	for (unsigned p = 1; p < MUE_PROG_TYPES; p++) {
		const struct mue_prog_type_row *prog = mue_prog_type_row(p);

		if (!prog || prog->test_run == MUE_TEST_RUN_NONE)
			continue;
		for (unsigned m = 1; m < MUE_MAP_TYPES; m++) {
			const struct mue_map_type_row *map = mue_map_type_row(m);

			if (!map || map->class != MUE_CLASS_PLAIN ||
			    map->since > MUE_VERSION(6, 18))
				continue;
			check_pair(p, m, pairs[p][m]);
			n++;
		}
	}
	assert_int_equal(n, 13 * 7);
}

/* The default cases whose names begin with a family's: a glob that does not name it asks no large
 * part. */
static uint64_t count_by_default(const char *family)
{
	char glob[64];
	struct mue_suite_options opts = {.glob = glob};

	snprintf(glob, sizeof(glob), "[%c]%s/*", family[0], family + 1);
	return mue_suite_count(&opts);
}

static void test_counts(void **state)
{
	uint64_t all = mue_suite_count(&by_default), sum = 0, curated = 0;

	for (const struct mue_family *f = mue_families; f->name; f++) {
		uint64_t n = count_by_default(f->name);

		print_message("%-12s %6llu\n", f->name, (unsigned long long)n);
		assert_true(n);
		assert_true(f->sentence[0]);
		sum += n;
	}
	for (const struct mue_curated *row = mue_curated; row->name; row++)
		curated++;
	print_message("%-12s %6llu\n%-12s %6llu\n", "curated", (unsigned long long)curated, "all",
		      (unsigned long long)all);
	assert_true(all >= CASES_LEAST);
	assert_true(curated >= CURATED_LEAST);
	/* Curated files may lie in a folder that a family's name begins with. */
	assert_true(sum <= all && all <= sum + curated);
}

static void test_large_part_must_be_named(void **state)
{
	struct mue_suite_options named = {.glob = "exhaustive/*"},
				 unnamed = {.glob = "?xhaustive/*"};

	assert_int_equal(mue_suite_count(&named), EXHAUSTIVE_WHOLE);
	assert_int_equal(mue_suite_count(&unnamed), EXHAUSTIVE_BY_DEFAULT);
}

/* Programs and maps are made anew when the shape changes: here no shape may come twice. */
struct shapes {
	uint64_t latest;
	uint32_t changes;
};

static bool count_shapes(void *ctx, const struct mue_suite_case *s)
{
	struct shapes *shapes = ctx;
	uint64_t digest = mue_shape_digest(s->question);

	shapes->changes += digest != shapes->latest;
	shapes->latest = digest;
	return true;
}

static void test_exhaustive_cases_of_one_shape_stand_together(void **state)
{
	struct mue_suite_options hash = {.glob = "exhaustive/hash/room-1/*"};
	struct shapes shapes = {0};

	mue_suite_each(&hash, count_shapes, &shapes);
	assert_int_equal(shapes.changes, 3 + 9 + 27 + 81);
}

struct found {
	struct mue_case *c;
	unsigned n;
};

static bool keep_case(void *ctx, const struct mue_suite_case *s)
{
	struct found *found = ctx;

	mue_case_copy(found->c, s->question);
	found->n++;
	return true;
}

/* Looks every 50th case up by its name. */
static bool find_again(void *ctx, const struct mue_suite_case *s)
{
	unsigned *n = ctx;
	struct found found = {.c = malloc(sizeof(*found.c))};

	if ((*n)++ % 50 == 0) {
		assert_true(mue_suite_find(s->question->name, keep_case, &found));
		assert_int_equal(found.n, 1);
		assert_string_equal(found.c->name, s->question->name);
		assert_true(mue_case_same(found.c, s->question));
	}
	free(found.c);
	return true;
}

static void test_cases_are_found_by_name(void **state)
{
	static const struct mue_suite_options large = {
		.glob = "exhaustive/lpm_trie/room-2/exist2-*"};
	static const struct mue_suite_options seeded = {.glob = "*random/*", .seed = 12345};
	unsigned n = 0;

	mue_suite_each(&by_default, find_again, &n);
	mue_suite_each(&large, find_again, &n);
	mue_suite_each(&seeded, find_again, &n);
}

static void test_other_names_are_not_found(void **state)
{
	static const char *const names[] = {
		"",	   "nothing",	     "flags",	      "flags/hash",
		"flags/*", "random/hash/01", "random/hash/x", "exhaustive/hash/room-1/any0-",
	};
	struct mue_case c;
	struct found found = {.c = &c};

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_false(mue_suite_find(names[i], keep_case, &found));
	assert_int_equal(found.n, 0);
}

static bool stop_at_third(void *ctx, const struct mue_suite_case *s)
{
	return ++*(unsigned *)ctx < 3;
}

static void test_receiver_can_stop(void **state)
{
	static const char *const globs[] = {NULL, "flags/*", "random/*", "exhaustive/*", "*array*"};

	for (unsigned i = 0; i < sizeof(globs) / sizeof(*globs); i++) {
		struct mue_suite_options opts = {.glob = globs[i]};
		unsigned n = 0;

		mue_suite_each(&opts, stop_at_third, &n);
		assert_int_equal(n, 3);
	}
}

/*
 * A failed call's R0 is sign-extended in newer kernels only: who pins it must say so, but for
 * shared call sites, where it always was.
 */
static void check_sign(const struct mue_suite_case *s)
{
	const struct mue_case *c = s->question;
	uint64_t with = UINT64_C(1) << MUE_CHANGE_RET_SIGN_EXTENDED;

	for (uint32_t i = 0; i < c->n_phases; i++) {
		const struct mue_phase *p = &c->phases[i];

		for (uint32_t j = p->first; p->prog_type && j < p->first + p->count; j++)
			if (s->expect->ops[j].known && s->expect->ops[j].ret < 0 &&
			    c->ops[j].reach != MUE_REACH_SHARED && !(s->when.with & with))
				fail_msg("%s pins a negative R0 without 'when ret-sign-extended'",
					 c->name);
	}
}

static bool pins_something(const struct mue_suite_case *s)
{
	bool some = false;

	for (uint32_t i = 0; i < s->question->n_maps; i++)
		some |= s->expect->maps[i].known || s->expect->maps[i].state_known;
	for (uint32_t i = 0; i < s->question->n_phases; i++)
		some |= s->expect->phases[i].known;
	for (uint32_t i = 0; i < s->question->n_ops; i++)
		some |= s->expect->ops[i].known;
	return some;
}

static bool check_curated(void *ctx, const struct mue_suite_case *s)
{
	const struct mue_curated **row = ctx;

	if (!(*row)->name)
		return false;
	assert_string_equal(s->question->name, (*row)->name);
	assert_non_null(s->expect);
	if (!s->question->note[0])
		fail_msg("%s does not say what it is about", s->question->name);
	if (!pins_something(s))
		fail_msg("%s expects nothing", s->question->name);
	check_sign(s);
	++*row;
	return true;
}

static void test_curated_cases_come_first_and_say_why(void **state)
{
	const struct mue_curated *row = mue_curated;

	mue_suite_each(&by_default, check_curated, &row);
	assert_null(row->name);
}

static void test_condition_holds(void **state)
{
	struct mue_world w = {.cpus = 2, .changes = 1u << 3 | 1u << 5};

	assert_true(mue_condition_holds(&(struct mue_condition){0}, &w));
	assert_true(mue_condition_holds(&(struct mue_condition){.with = 1u << 3, .cpus = 2}, &w));
	assert_true(mue_condition_holds(&(struct mue_condition){.without = 1u << 4}, &w));
	assert_false(mue_condition_holds(&(struct mue_condition){.with = 1u << 3 | 1u << 4}, &w));
	assert_false(mue_condition_holds(&(struct mue_condition){.without = 1u << 5}, &w));
	assert_false(mue_condition_holds(&(struct mue_condition){.cpus = 1}, &w));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_unique),
		cmocka_unit_test(test_names_are_plain),
		cmocka_unit_test(test_every_case_can_be_asked),
		cmocka_unit_test(test_asking_twice_gives_the_same),
		cmocka_unit_test(test_seed_chooses_among_the_random),
		cmocka_unit_test(test_every_program_type_meets_every_map_type),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_large_part_must_be_named),
		cmocka_unit_test(test_exhaustive_cases_of_one_shape_stand_together),
		cmocka_unit_test(test_cases_are_found_by_name),
		cmocka_unit_test(test_other_names_are_not_found),
		cmocka_unit_test(test_receiver_can_stop),
		cmocka_unit_test(test_curated_cases_come_first_and_say_why),
		cmocka_unit_test(test_condition_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
