/* Triggers on this kernel: each fires once, and what does not fire is no agreement. */
#include "tests/kernel/host.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "runners/kernel/host.h"

static void ask_row(struct fixture *f, const struct mue_trigger_row *row)
{
	struct mue_phase *p;

	add_map(f, MUE_MAP_HASH);
	p = mue_case_add_phase(&f->c, row->prog_type);
	p->attach_type = row->attach_type;
	p->trigger = row->via;
	add_op(f, MUE_OP_UPDATE, 1, 7, MUE_UPDATE_NOEXIST);
	add_op(f, MUE_OP_UPDATE, 1, 8, MUE_UPDATE_NOEXIST);
	ask(f);
}

static void name_row(const struct mue_trigger_row *row, char *to, size_t size)
{
	snprintf(to, size, "%s of %s attach %u via %s", row->how,
		 mue_prog_type_row(row->prog_type)->name, row->attach_type,
		 mue_via_names[row->via]);
}

static void test_every_trigger_fires_once(void **state)
{
	struct fixture *f = *state;
	unsigned fired = 0;
	char name[128];

	for (const struct mue_trigger_row *row = mue_trigger_rows; row->how; row++) {
		name_row(row, name, sizeof(name));
		ask_row(f, row);
		if (f->seen.status == MUE_UNSUPPORTED) {
			print_message("SKIP: %s: %s\n", name, f->seen.why);
			continue;
		}
		if (f->seen.status != MUE_ANSWERED)
			fail_msg("%s: %s", name, f->seen.why);
		if (f->seen.phases[0].load || f->seen.phases[0].run ||
		    f->seen.phases[0].invoked != 1)
			fail_msg("%s: load %d, run %d, invoked %u", name, f->seen.phases[0].load,
				 f->seen.phases[0].run, f->seen.phases[0].invoked);
		assert_int_equal(f->seen.ops[0].ret, 0);
		assert_int_equal((int32_t)f->seen.ops[1].ret, -EEXIST);
		assert_int_equal(f->seen.maps[0].n_entries, 1);
		fired++;
	}
	assert_true(fired > 40);
}

/* What can be run both ways answers the same both ways. */
static void test_events_agree_with_test_runs(void **state)
{
	struct fixture *f = *state;
	unsigned compared = 0;

	for (const struct mue_trigger_row *row = mue_trigger_rows; row->how; row++) {
		struct mue_trigger_row usual = *row;

		ask_row(f, row);
		if (!row->via || f->seen.status == MUE_UNSUPPORTED)
			continue;
		mue_observation_copy(&f->expected, &f->seen);
		usual.via = MUE_VIA_DEFAULT;
		ask_row(f, &usual);
		if (!mue_phase_test_run(&f->c.phases[0])) /* another event, or none */
			continue;
		if (f->seen.status != MUE_ANSWERED)
			fail_msg("%s: %s", row->how, f->seen.why);
		if (f->seen.phases[0].run) /* XDP behind a redirect */
			continue;
		for (uint32_t i = 0; i < 2; i++)
			assert_int_equal(f->seen.ops[i].ret, f->expected.ops[i].ret);
		assert_int_equal(f->seen.maps[0].digest, f->expected.maps[0].digest);
		compared++;
	}
	assert_true(compared >= 10);
}

/* A session of its own, all of whose triggers are this one. */
static struct fixture *plant(const struct mue_trigger *trigger)
{
	static const struct mue_trigger *planted[256];
	struct fixture *f = calloc(1, sizeof(*f));

	for (size_t i = 0; i < LENGTH(planted); i++)
		planted[i] = trigger;
	f->reusing = open_host("");
	((struct mue_host *)f->reusing)->triggers = planted;
	ask_row(f, mue_trigger_rows); /* programs of CGROUP_DEVICE */
	return f;
}

static void uproot(struct fixture *f)
{
	f->reusing->close(f->reusing);
	free(f);
}

static int idle(struct mue_scene *s)
{
	return 0;
}

static int open_null(struct mue_scene *s)
{
	int fd = mue_scene_keep(s, open("/dev/null", O_RDONLY));

	return fd < 0 ? fd : 0;
}

static int open_null_twice(struct mue_scene *s)
{
	return open_null(s) ?: open_null(s);
}

static int refuse(struct mue_scene *s)
{
	return -EINVAL;
}

static int lack(struct mue_scene *s)
{
	return -EOPNOTSUPP;
}

static int die(struct mue_scene *s)
{
	return raise(SIGKILL);
}

static void expect_planted(const struct mue_trigger *trigger, enum mue_status status, const char *why)
{
	struct fixture *f = plant(trigger);

	if (f->seen.status != status || !strstr(f->seen.why, why))
		fail_msg("status %u: %s; expected %u: %s", f->seen.status, f->seen.why, status, why);
	uproot(f);
}

static void test_idle_triggers_are_caught(void **state)
{
	const struct mue_trigger nothing = {idle, idle, idle};
	const struct mue_trigger not_attached = {idle, idle, open_null};
	const struct mue_trigger not_fired = {idle, mue_scene_link_cgroup, idle};

	expect_planted(&nothing, MUE_BROKEN, "phase 0: the program was not invoked");
	expect_planted(&not_attached, MUE_BROKEN, "phase 0: the program was not invoked");
	expect_planted(&not_fired, MUE_BROKEN, "phase 0: the program was not invoked");
}

/* Only the first invocation does anything, and the others are counted. */
static void test_second_invocations_show(void **state)
{
	const struct mue_trigger twice = {idle, mue_scene_link_cgroup, open_null_twice};
	struct fixture *f = plant(&twice);

	assert_int_equal(f->seen.status, MUE_ANSWERED);
	assert_int_equal(f->seen.phases[0].invoked, 2);
	assert_int_equal(f->seen.ops[0].ret, 0);
	assert_int_equal(f->seen.ops[0].times, 1);
	uproot(f);
}

static void test_failures_name_their_step(void **state)
{
	const struct mue_trigger lacking = {lack, idle, idle};
	const struct mue_trigger refused = {idle, refuse, idle};
	const struct mue_trigger broken = {idle, mue_scene_link_cgroup, lack};

	expect_planted(&lacking, MUE_UNSUPPORTED, "preparing the trigger device");
	expect_planted(&refused, MUE_BROKEN, "attaching the trigger device");
	expect_planted(&broken, MUE_BROKEN, "firing the trigger device");
}

/* A stage that dies is replaced, and its cgroup goes with it. */
static void test_dead_stages_are_replaced(void **state)
{
	const struct mue_trigger dying = {idle, idle, die};
	struct fixture *f = plant(&dying);
	struct mue_host *h = (struct mue_host *)f->reusing;

	assert_int_equal(f->seen.status, MUE_BROKEN);
	assert_non_null(strstr(f->seen.why, "the stage of triggers"));
	assert_null(h->stage);
	h->triggers = mue_triggers;
	ask_row(f, mue_trigger_rows);
	assert_int_equal(f->seen.status, MUE_ANSWERED);
	assert_non_null(h->stage);
	uproot(f);
}

/* Values of per-CPU maps show where a program ran. */
static void test_triggers_fire_on_the_cpu_of_their_phase(void **state)
{
	struct fixture *f = *state;
	uint32_t cpus = ((struct mue_host *)f->reusing)->cpus;

	for (const struct mue_trigger_row *row = mue_trigger_rows; row->how; row++) {
		uint32_t cpu = cpus - 1;
		struct mue_phase *p;

		add_map(f, MUE_MAP_PERCPU_ARRAY);
		p = mue_case_add_phase(&f->c, row->prog_type);
		p->attach_type = row->attach_type;
		p->trigger = row->via;
		p->cpu = cpu;
		add_op(f, MUE_OP_UPDATE, 0, 0x0101, 0);
		mue_case_add_phase(&f->c, 0);
		add_op(f, MUE_OP_LOOKUP, 0, 0, 0);
		ask(f);
		if (f->seen.status == MUE_UNSUPPORTED)
			continue;
		assert_int_equal(f->seen.status, MUE_ANSWERED);
		for (uint32_t i = 0; i < cpus; i++)
			if (mue_blob_head(&f->seen, &f->seen.ops[1].value)[8 * i] != (i == cpu))
				fail_msg("%s ran elsewhere than on CPU %u", row->how, cpu);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_trigger_fires_once),
		cmocka_unit_test(test_events_agree_with_test_runs),
		cmocka_unit_test(test_idle_triggers_are_caught),
		cmocka_unit_test(test_second_invocations_show),
		cmocka_unit_test(test_failures_name_their_step),
		cmocka_unit_test(test_dead_stages_are_replaced),
		cmocka_unit_test(test_triggers_fire_on_the_cpu_of_their_phase),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
