/* Exported C programs compile without a warning. tests/kernel/test_exported.c runs them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/attach.h"
#include "cases/export_c.h"
#include "cases/text.h"
#include "cases/print.h"

static int setup(void **state)
{
	struct mue_case *c = malloc(sizeof(*c));

	mue_case_init(c, "test/of-\"quotes\"-and-*/-/*");
	strcpy(c->note, "A note.\nWith */ two lines of /* it \\");
	mue_case_add_map(c, "m", MUE_MAP_HASH, 8, 40, 4, 0)->special = MUE_SPECIAL_SPIN_LOCK;
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static void check_compiles(const struct mue_case *c)
{
	FILE *cc = popen(
		"cc -Wall -Wextra -Wno-missing-field-initializers -Werror -fsyntax-only -x c -",
		"w");

	assert_non_null(cc);
	assert_int_equal(mue_case_export_c(cc, c, NULL), 0);
	assert_int_equal(pclose(cc), 0);
}

static void add_update(struct mue_case *c, unsigned origin, unsigned reach)
{
	struct mue_op *op = mue_case_add_op(c, MUE_OP_UPDATE, 0);

	op->key.fill = 0x11;
	op->value = mue_bytes_u32(0x80000000);
	op->key_from = origin;
	op->reach = reach;
}

static void test_programs_compile(void **state)
{
	struct mue_case *c = *state;

	mue_case_add_phase(c, MUE_PROG_XDP);
	for (unsigned reach = 0; reach < MUE_REACHES; reach++)
		add_update(c, MUE_ORIGIN_STACK, reach == MUE_REACH_SHARED ? 0 : reach);
	mue_case_add_phase(c, MUE_PROG_SYSCALL);
	for (unsigned origin = 0; origin < MUE_ORIGINS; origin++)
		if (origin != MUE_ORIGIN_PACKET && origin != MUE_ORIGIN_SHORT_PACKET)
			add_update(c, origin, 0);
	check_compiles(c);
}

static void test_the_least_compiles(void **state)
{
	check_compiles(*state); /* no phase, no op */
}

static void test_user_calls_compile(void **state)
{
	struct mue_case *c = *state;

	mue_case_add_phase(c, MUE_PROG_UNSPEC);
	for (unsigned kind = 0; kind < MUE_OP_KINDS; kind++)
		if (kind != MUE_OP_REREAD)
			mue_case_add_op(c, kind, 0)->times = kind == MUE_OP_BATCH ? 3 : 1;
	check_compiles(c);
}

static void test_events_compile(void **state)
{
	struct mue_case *c = *state;

	mue_case_add_phase(c, MUE_PROG_CGROUP_DEVICE);
	mue_case_add_phase(c, MUE_PROG_EXT);
	mue_case_add_phase(c, MUE_PROG_STRUCT_OPS);
	for (uint32_t i = 0; i < 3; i++)
		c->phases[i].load_only = 1;
	check_compiles(c);
}

static void test_objects_compile(void **state)
{
	struct mue_case *c = *state;

	mue_case_add_map(c, "a", MUE_MAP_PROG_ARRAY, 4, 4, 4, 0);
	mue_case_add_phase(c, MUE_PROG_UNSPEC);
	for (unsigned object = 1; object < MUE_OBJECTS; object++)
		mue_case_add_op(c, MUE_OP_UPDATE, 1)->value_object = object;
	check_compiles(c);
}

static void test_what_cannot_be_exported(void **state)
{
	struct mue_case *c = *state;
	FILE *null = fopen("/dev/null", "w");
	char msg[MUE_MSG_MAX];

	mue_case_add_phase(c, MUE_PROG_XDP)->trigger = MUE_VIA_PACKET;
	assert_int_equal(mue_case_export_c(null, c, NULL), -ENOTSUP);
	assert_false(mue_case_exports(c, msg, sizeof(msg)));
	assert_non_null(strstr(msg, "phase 0 (xdp): "));
	c->phases[0].trigger = 0;
	c->maps[0].value_size = 60000;
	add_update(c, MUE_ORIGIN_STACK, 0);
	c->ops[0].value_from = MUE_ORIGIN_RINGBUF;
	assert_int_equal(mue_case_export_c(null, c, NULL), -E2BIG);
	fclose(null);
}

/* The lines that print.h promises. */
static void test_observations_are_printed(void **state)
{
	struct mue_case *c = *state;
	struct mue_observation *o = calloc(1, sizeof(*o));
	struct mue_state_writer w;
	uint8_t bytes[100] = {1, 2};
	char *text, want[512];
	size_t n;
	FILE *f = open_memstream(&text, &n);

	mue_case_add_phase(c, MUE_PROG_XDP);
	add_update(c, 0, 0);
	add_update(c, 0, 0);
	mue_case_add_op(c, MUE_OP_LOOKUP, 0);
	mue_observation_init(o, c);
	o->maps[0].known = 1;
	o->phases[0] = (struct mue_phase_result){.known = 1, .invoked = 1, .retval = 2};
	o->ops[0] = (struct mue_result){.known = 1, .times = 1, .failed = 1, .ret = -ENOENT};
	o->ops[2] = (struct mue_result){.known = 1, .times = 1, .ret = 1, .has_value = 1};
	mue_observe_blob(o, &o->ops[2].value, bytes, sizeof(bytes));
	mue_state_begin(&w, o, 0, false);
	mue_state_entry(&w, bytes, 8, bytes, 3);
	mue_state_end(&w);
	mue_observation_print(f, c, o);
	fclose(f);
	assert_ptr_equal(strstr(text, "map m: create 0\nphase 0 xdp: load 0\n"
				      "phase 0 xdp: run 0 invoked 1 retval 2\n"
				      "phase 0 op 0: update m "),
			 text);
	assert_non_null(strstr(text, " -> -ENOENT\nphase 0 op 2: lookup m ")); /* op 1 is unknown */
	snprintf(want, sizeof(want),
		 " -> 1 value 0102%0124d..100 digest 0x%llx\nstate m: 1 entries ", 0,
		 (unsigned long long)mue_digest(bytes, sizeof(bytes)));
	assert_non_null(strstr(text, want));
	assert_non_null(strstr(text, "\nstate m: 0102000000000000 = 010200\n"));
	free(text);
	free(o);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_programs_compile),	     TEST(test_the_least_compiles),
		TEST(test_events_compile),	     TEST(test_objects_compile),
		TEST(test_user_calls_compile),	     TEST(test_what_cannot_be_exported),
		TEST(test_observations_are_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
