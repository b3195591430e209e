/* The host runner answers the same with and without reuse, and leaves nothing behind. */
#include "tests/kernel/host.h"

#include <dirent.h>
#include <sched.h>

#include "oracle/judge.h"
#include "runners/kernel/floor.h"
#include "runners/kernel/host.h"
#include "tests/random_case.h"

static bool has_special(uint32_t type)
{
	return type == MUE_MAP_HASH || type == MUE_MAP_ARRAY;
}

/* A case of which this host can answer most, of plain maps only: others hold descriptors. */
static bool tame(struct mue_case *c, uint64_t *seed)
{
	static struct fixture plain;

	for (uint32_t i = 0; i < c->n_maps; i++) {
		const struct mue_map_type_row *type = mue_map_type_row(c->maps[i].type);

		if (!type || type->class != MUE_CLASS_PLAIN)
			return false;
		if (random_once_in(seed, 4)) /* most maps would be refused */
			continue;
		add_map(&plain, c->maps[i].type);
		c->maps[i].flags = plain.c.maps[0].flags;
		c->maps[i].key_size = plain.c.maps[0].key_size;
		c->maps[i].value_size = c->maps[i].value_size % 512 + 16;
		c->maps[i].special =
			has_special(c->maps[i].type) ? random_below(seed, MUE_SPECIALS) : 0;
	}
	for (uint32_t i = 0; i < c->n_phases; i++) {
		struct mue_phase *p = &c->phases[i];

		p->cpu %= 2;
		if (!p->prog_type)
			continue;
		p->prog_type = random_of(seed, prog_types);
		p->attach_type = 0;
		p->sleepable = 0;
	}
	for (uint32_t i = 0; i < c->n_ops; i++) /* one call is as good as thousands */
		c->ops[i].times = 1 + (c->ops[i].times - 1) % 20;
	return !mue_case_check(c, (char[256]){0}, 256);
}

/* The same shape, other bytes and flags. */
static void vary(struct mue_case *c, uint64_t *seed)
{
	for (uint32_t i = 0; i < c->n_phases; i++)
		for (uint32_t j = 0; j < c->phases[i].count; j++) {
			struct mue_op *op = &c->ops[c->phases[i].first + j];

			if (op->key_from != MUE_ORIGIN_LITERAL && mue_op_has_key(op->kind))
				op->key = random_bytes(seed);
			if (op->value_from != MUE_ORIGIN_LITERAL && mue_op_has_value(op->kind))
				op->value = random_bytes(seed);
			if (!op->flags_const && op->kind == MUE_OP_UPDATE)
				op->flags = random_below(seed, 5);
		}
}

static void test_reuse_does_not_show(void **state)
{
	struct fixture *f = *state;
	const char *text = getenv("MUE_SEED");
	uint64_t seed = text ? strtoull(text, NULL, 0) : 1, first = seed;
	struct mue_difference d;
	unsigned answered = 0;

	for (; seed < first + 800; seed++) {
		uint64_t s = seed;

		random_case(&f->c, seed);
		for (int round = 0; round < 3 && tame(&f->c, &s); round++, vary(&f->c, &s)) {
			ask(f);
			f->fresh->ask(f->fresh, &f->c, &f->expected);
			assert_int_equal(f->seen.status, f->expected.status);
			if (f->seen.status == MUE_BROKEN)
				fail_msg("%s (MUE_SEED=%ju)", f->seen.why, (uintmax_t)seed);
			if (f->seen.status != MUE_ANSWERED)
				break;
			answered++;
			if (!mue_observation_same(&f->c, &f->expected, &f->seen, &d))
				fail_msg("%s: without reuse %s, with %s (MUE_SEED=%ju round %d)",
					 d.field, d.a, d.b, (uintmax_t)seed, round);
		}
	}
	assert_true(answered > 500);
}

static unsigned open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* The numbers of all maps and programs that this process holds, added up. */
static unsigned long held_objects(void)
{
	unsigned long sum = 0, id;
	char path[64], line[128];

	for (int fd = 0; fd < 1000; fd++) {
		FILE *info;

		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
		info = fopen(path, "re");
		while (info && fgets(line, sizeof(line), info))
			if (sscanf(line, "map_id: %lu", &id) == 1 ||
			    sscanf(line, "prog_id: %lu", &id) == 1)
				sum += id;
		if (info)
			fclose(info);
	}
	return sum;
}

static void test_maps_and_programs_are_used_again_where_they_can(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < LENGTH(map_types); i++) {
		bool lru =
			map_types[i] == MUE_MAP_LRU_HASH || map_types[i] == MUE_MAP_LRU_PERCPU_HASH;
		unsigned long none = held_objects(), first;

		add_map(f, map_types[i])->max_entries = 33;
		mue_case_add_phase(&f->c, MUE_PROG_XDP);
		add_op(f, MUE_OP_UPDATE, 1, 7, 0);
		ask_answered(f);
		first = held_objects();
		f->c.ops[0].value = mue_bytes_u32(i);
		ask_answered(f);
		assert_int_equal(held_objects(), first);
		assert_true((first == none) == lru);
	}
}

static void test_what_is_kept_is_bounded_and_nothing_stays(void **state)
{
	struct fixture *f = *state;
	unsigned before = open_files();
	cpu_set_t home, after;
	struct fixture own = {0};

	assert_int_equal(sched_getaffinity(0, sizeof(home), &home), 0);
	own.reusing = open_host("");
	for (uint32_t i = 0; i < 200; i++) {
		add_map(&own, MUE_MAP_HASH)->max_entries = 1 + i % 100;
		for (uint32_t j = 0; j < 1 + i % 8; j++) {
			mue_case_add_phase(&own.c, prog_types[j]);
			add_op(&own, MUE_OP_UPDATE, 1, 7, 0);
		}
		ask_answered(&own);
		assert_int_equal(own.seen.maps[0].n_entries, 1);
		assert_true(open_files() < before + MUE_HOST_KEPT_FDS_MAX + 48);
	}
	own.reusing->close(own.reusing);
	assert_int_equal(open_files(), before);
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&home, &after));
	(void)f;
}

static void test_large_maps_are_kept_up_to_a_sum(void **state)
{
	struct fixture own = {.reusing = open_host("")};
	const struct mue_host *h = (struct mue_host *)own.reusing;
	uint64_t most = 0;

	for (uint32_t i = 0; i < 40; i++) {
		struct mue_map *m = add_map(&own, MUE_MAP_ARRAY);

		m->value_size = 256;
		m->max_entries = 13000 + i;
		mue_case_add_phase(&own.c, MUE_PROG_XDP);
		add_op(&own, MUE_OP_UPDATE, 1, 7, 0);
		ask_answered(&own);
		assert_true(h->kept_bytes <= MUE_HOST_KEPT_BYTES_MAX);
		most = h->kept_bytes > most ? h->kept_bytes : most;
	}
	assert_true(most > MUE_HOST_KEPT_BYTES_MAX / 10 * 9);
	own.reusing->close(own.reusing);
}

static void test_the_floor_is_below(void **state)
{
	struct fixture *f = *state;
	unsigned before = open_files();
	struct mue_floor *floor;
	char msg[256] = "";
	double ns;

	for (unsigned i = 0; i < LENGTH(map_types); i++) {
		struct mue_op *op;

		add_map(f, map_types[i]);
		mue_case_add_phase(&f->c, 0);
		add_op(f, MUE_OP_UPDATE, 1, 7, 0)->times = 2;
		add_op(f, MUE_OP_BATCH, 1, 7, 0)->times = 2;
		mue_case_add_phase(&f->c, MUE_PROG_XDP);
		op = add_op(f, MUE_OP_UPDATE, 1, 7, 0);
		op->key_from = MUE_ORIGIN_RODATA;
		add_op(f, MUE_OP_UPDATE, 1, 7, 0)->reach = MUE_REACH_INNER;
		if (mue_floor_open(&floor, &f->c, msg, sizeof(msg)))
			fail_msg("%s", msg);
		assert_int_equal(mue_floor_run(floor, 20, &ns), 0);
		/* map, rodata, outer and its element, program; update x 2, batch; rodata, run;
		 * dump; 4 closes */
		assert_int_equal(mue_floor_calls(floor), 5 + 3 + 2 + 1 + 4);
		assert_true(ns > 1000);
		mue_floor_close(floor);
		assert_int_equal(open_files(), before);
	}
}

static void test_a_trigger_has_no_floor(void **state)
{
	struct fixture *f = *state;
	struct mue_floor *floor;
	char msg[256] = "";

	add_map(f, MUE_MAP_ARRAY);
	mue_case_add_phase(&f->c, MUE_PROG_CGROUP_SOCK);
	add_op(f, MUE_OP_UPDATE, 1, 7, 0);
	assert_int_equal(mue_case_check(&f->c, msg, sizeof(msg)), 0);
	assert_int_equal(mue_floor_open(&floor, &f->c, msg, sizeof(msg)), -ENOTSUP);
	assert_string_equal(msg, "there is no floor for this case");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reuse_does_not_show),
		cmocka_unit_test(test_maps_and_programs_are_used_again_where_they_can),
		cmocka_unit_test(test_what_is_kept_is_bounded_and_nothing_stays),
		cmocka_unit_test(test_large_maps_are_kept_up_to_a_sum),
		cmocka_unit_test(test_the_floor_is_below),
		cmocka_unit_test(test_a_trigger_has_no_floor),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
