/* Bytes, cases and observations: what everything else stands on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cases/attach.h"
#include "cases/case.h"
#include "cases/observation.h"

static void test_bytes_resolve_head_fill_and_tail(void **state)
{
	struct mue_bytes b = {.fill = 0xee, .n_head = 2, .head = {1, 2}, .n_tail = 1, .tail = {9}};
	uint8_t out[6];

	mue_bytes_resolve(&b, out, 6);
	assert_memory_equal(out, ((uint8_t[]){1, 2, 0xee, 0xee, 0xee, 9}), 6);
	mue_bytes_resolve(&b, out, 2); /* the tail wins */
	assert_memory_equal(out, ((uint8_t[]){1, 9}), 2);
	mue_bytes_resolve(&b, out, 0);
}

/* Any two forms that resolve alike have one canonical form, and it resolves alike. */
static void test_bytes_canon_is_unique(void **state)
{
	unsigned seed = 1;

	for (int round = 0; round < 200000; round++) {
		struct mue_bytes a = {0}, b;
		size_t size = rand_r(&seed) % 40;
		uint8_t want[64], got[64];

		/* Few values, so that heads run into the fill. */
		a.fill = rand_r(&seed) % 2;
		a.n_head = rand_r(&seed) % (MUE_HEAD_MAX + 1);
		a.n_tail = rand_r(&seed) % (MUE_TAIL_MAX + 1);
		for (int i = 0; i < MUE_HEAD_MAX; i++)
			a.head[i] = rand_r(&seed) % 2;
		for (int i = 0; i < MUE_TAIL_MAX; i++)
			a.tail[i] = rand_r(&seed) % 2;
		mue_bytes_resolve(&a, want, size);
		b = a;
		mue_bytes_canon(&b, size);
		mue_bytes_resolve(&b, got, size);
		assert_memory_equal(want, got, size);
		/* The same bytes said another way: unused head bytes and a longer head. */
		if (a.n_head < MUE_HEAD_MAX && (size_t)a.n_head + a.n_tail < size) {
			struct mue_bytes c = a;

			c.head[c.n_head++] = c.fill;
			mue_bytes_canon(&c, size);
			assert_memory_equal(&b, &c, sizeof(b));
		}
	}
}

static void test_bytes_count_up_carries_within_four_bytes(void **state)
{
	uint8_t p[6] = {0xff, 0xff, 0, 0, 7, 7}, one[1] = {0xff};

	mue_bytes_count_up(p, 6, 0, 1);
	assert_memory_equal(p, ((uint8_t[]){0, 0, 1, 0, 7, 7}), 6);
	mue_bytes_count_up(p, 6, 4, 0x0102);
	assert_memory_equal(p, ((uint8_t[]){0, 0, 1, 0, 9, 8}), 6);
	mue_bytes_count_up(one, 1, 0, 3);
	assert_int_equal(one[0], 2);
	mue_bytes_count_up(one, 1, 1, 3); /* nothing there to count */
	assert_int_equal(one[0], 2);
}

static struct mue_case *small_case(void)
{
	struct mue_case *c = calloc(1, sizeof(*c));

	mue_case_init(c, "test");
	mue_case_add_map(c, "m", MUE_MAP_HASH, 4, 8, 2, 0);
	mue_case_add_phase(c, 0);
	mue_case_add_op(c, MUE_OP_UPDATE, 0)->key = mue_bytes_u32(1);
	mue_case_add_phase(c, MUE_PROG_XDP);
	mue_case_add_op(c, MUE_OP_LOOKUP, 0)->key = mue_bytes_u32(1);
	mue_case_add_op(c, MUE_OP_REREAD, 0);
	return c;
}

static void test_case_check_accepts_what_can_be_asked(void **state)
{
	struct mue_case *c = small_case();
	char msg[200] = "";

	assert_int_equal(mue_case_check(c, msg, sizeof(msg)), 0);
	free(c);
}

static void iterate(struct mue_case *c, unsigned via)
{
	c->phases[1].prog_type = MUE_PROG_TRACING;
	c->phases[1].trigger = via;
	c->ops[1].kind = MUE_OP_UPDATE;
	c->ops[1].value_from = MUE_ORIGIN_CTX_SK;
	c->phases[1].count = 1;
	c->n_ops = 2;
}

/* One offence a row: it must be refused, by a message with these words. */
#define OFFENCES \
	X(no_map, "0 maps", c->n_maps = 0) \
	X(bad_map, "phase 0 op 0: map 1 of 1", c->ops[0].map = 1) \
	X(kind, "unknown kind 99", c->ops[0].kind = 99) \
	X(user_kind, "reread does not stand in a user phase", c->ops[0].kind = MUE_OP_REREAD) \
	X(prog_kind, "phase 1 op 0: freeze does not stand in a program phase", c->ops[1].kind = MUE_OP_FREEZE) \
	X(user_origin, "take no origin", c->ops[0].key_from = MUE_ORIGIN_MAP) \
	X(times, "times 0", c->ops[0].times = 0) \
	X(lookup_times, "reach loop only", c->ops[1].times = 2) \
	X(reread, "expected a lookup before it", c->ops[1].kind = MUE_OP_REREAD) \
	X(stack, "does not fit on the stack", c->maps[0].key_size = 4096) \
	X(packet, "no packet", c->phases[1].prog_type = MUE_PROG_SYSCALL; c->ops[1].key_from = MUE_ORIGIN_PACKET) \
	X(pool, "do not follow", c->phases[1].first = 0) \
	X(lost, "1 ops belong to no phase", c->phases[1].count = 1) \
	X(prog, "unknown program type 999", c->phases[1].prog_type = 999) \
	X(cpu, "CPU 64", c->phases[1].cpu = 64) \
	X(special, "too small for its special field", c->maps[0].special = MUE_SPECIAL_TIMER) \
	X(flags, "lookup takes no flags", c->ops[1].flags = 1) \
	X(no_listener, "meets 0 of the case's sockets", iterate(c, MUE_VIA_ITER_TCP)) \
	X(connected, "both ends of socket 1", iterate(c, MUE_VIA_ITER_UDP); mue_case_add_sock(c, MUE_SOCK_UDP_CONNECTED)) \
	X(two_met, "meets 2 of the case's sockets", iterate(c, MUE_VIA_ITER_UNIX); \
	  mue_case_add_sock(c, MUE_SOCK_UNIX_LISTEN); mue_case_add_sock(c, MUE_SOCK_UNIX_CLOSED)) \
	X(not_listening, "go on listening", iterate(c, MUE_VIA_ITER_TCP); mue_case_add_sock(c, MUE_SOCK_TCP_LISTEN); \
	  c->ops[0].kind = MUE_OP_CLOSE)

#define X(name, words, ...)                                                                        \
	static void spoil_##name(struct mue_case *c)                                               \
	{                                                                                          \
		__VA_ARGS__;                                                                       \
	}
OFFENCES
#undef X

static void test_case_check_names_each_offence(void **state)
{
	static const struct {
		const char *words;
		void (*spoil)(struct mue_case *c);
	} rows[] = {
#define X(name, words, ...) {words, spoil_##name},
		OFFENCES
#undef X
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct mue_case *c = small_case();
		char msg[200] = "";

		rows[i].spoil(c);
		assert_int_equal(mue_case_check(c, msg, sizeof(msg)), -EINVAL);
		if (!strstr(msg, rows[i].words))
			fail_msg("expected \"%s\" in \"%s\"", rows[i].words, msg);
		free(c);
	}
}

static void test_case_same_ignores_names_and_spelling(void **state)
{
	struct mue_case *a = small_case(), *b = small_case();

	strcpy(b->name, "other");
	strcpy(b->maps[0].name, "n");
	b->ops[0].key.n_head = 0; /* 01 as the fill of a 1, then zeros: no */
	assert_false(mue_case_same(a, b));
	b->ops[0].key = (struct mue_bytes){.fill = 0, .n_head = 1, .head = {1}};
	assert_true(mue_case_same(a, b));
	b->phases[1].cpu = 1;
	assert_false(mue_case_same(a, b));
	free(a);
	free(b);
}

static void test_state_is_sorted_and_digests_any_order(void **state)
{
	struct mue_observation *a = malloc(sizeof(*a)), *b = malloc(sizeof(*b));
	struct mue_case *c = small_case();
	struct mue_state_writer w;

	for (int backwards = 0; backwards < 2; backwards++) {
		struct mue_observation *o = backwards ? b : a;

		mue_observation_init(o, c);
		mue_state_begin(&w, o, 0, true);
		for (uint32_t i = 0; i < 2000; i++) {
			uint32_t key = backwards ? 1999 - i : i, value = key % 1000;

			mue_state_entry(&w, &key, 4, &value, 4);
		}
		mue_state_end(&w);
	}
	assert_int_equal(a->maps[0].n_entries, 1998); /* two values were zero */
	assert_int_equal(a->maps[0].shown, MUE_ENTRIES_MAX);
	assert_true(a->maps[0].digest == b->maps[0].digest);
	for (uint32_t i = 1; i < a->n_entries; i++)
		assert_true(memcmp(mue_blob_head(a, &a->entries[i - 1].key),
				   mue_blob_head(a, &a->entries[i].key), 4) < 0);
	free(a);
	free(b);
	free(c);
}

static void test_long_blobs_differ_by_digest(void **state)
{
	struct mue_observation *o = malloc(sizeof(*o));
	struct mue_case *c = small_case();
	struct mue_blob a, b;
	uint8_t bytes[5000] = {0};

	mue_observation_init(o, c);
	assert_true(mue_observe_blob(o, &a, bytes, sizeof(bytes)));
	bytes[4999] = 1;
	assert_true(mue_observe_blob(o, &b, bytes, sizeof(bytes)));
	assert_false(mue_blob_same(o, &a, o, &b));
	assert_true(mue_blob_same(o, &a, o, &a));
	assert_int_equal(o->arena_used, 2 * MUE_BLOB_HEAD);
	free(o);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_resolve_head_fill_and_tail),
		cmocka_unit_test(test_bytes_canon_is_unique),
		cmocka_unit_test(test_bytes_count_up_carries_within_four_bytes),
		cmocka_unit_test(test_case_check_accepts_what_can_be_asked),
		cmocka_unit_test(test_case_check_names_each_offence),
		cmocka_unit_test(test_case_same_ignores_names_and_spelling),
		cmocka_unit_test(test_state_is_sorted_and_digests_any_order),
		cmocka_unit_test(test_long_blobs_differ_by_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
