/* The parts of guests that need no guest: options, images, logs, distrust of answers, patience. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "runners/guest/answer.h"
#include "runners/guest/log.h"
#include "runners/guest/options.h"
#include "runners/guest/patience.h"
#include "runners/guest/vmlinux.h"

/* A file with the marks of a bzImage; its name holds a '+' as Debian's do. */
static void write_bzimage(const char *path)
{
	uint8_t head[0x400] = {0};
	FILE *f = fopen(path, "w");

	head[0x1fe] = 0x55;
	head[0x1ff] = 0xaa;
	memcpy(head + 0x202, "HdrS", 4);
	head[0x20e] = 0x00;
	head[0x20f] = 0x01;
	strcpy((char *)head + 0x300, "6.12.9+deb13-cloud-amd64 (builder) #1");
	assert_non_null(f);
	assert_int_equal(fwrite(head, sizeof(head), 1, f), 1);
	fclose(f);
}

static void test_options_are_taken_off_the_end(void **state)
{
	char path[] = "/tmp/mue-test+deb13-XXXXXX", target[128], msg[256];
	struct mue_guest_options o;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	write_bzimage(path);
	snprintf(target, sizeof(target), "%s+nojit+noreuse+smp=4+mem=700+boot=7", path);
	assert_int_equal(mue_guest_options_parse(&o, target, msg, sizeof(msg)), 0);
	assert_string_equal(o.kernel.kernel, path);
	assert_true(o.nojit && !o.harden && o.noreuse && o.smp == 4 && o.memory_mb == 700 &&
		    o.boot_s == 7);
	assert_int_equal(mue_guest_options_parse(&o, path, msg, sizeof(msg)), 0);
	assert_true(!o.nojit && !o.noreuse && o.smp == MUE_GUEST_SMP &&
		    o.memory_mb == MUE_GUEST_MEMORY_MB);
	snprintf(target, sizeof(target), "%s+smp=65", path);
	assert_int_equal(mue_guest_options_parse(&o, target, msg, sizeof(msg)), -EINVAL);
	assert_non_null(strstr(msg, "from 1 to 64"));
	snprintf(target, sizeof(target), "%s+warp", path);
	assert_int_equal(mue_guest_options_parse(&o, target, msg, sizeof(msg)), -EINVAL);
	unlink(path);
}

static void test_images_are_told_apart(void **state)
{
	char path[] = "/tmp/mue-test-XXXXXX", version[64], msg[256];
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_true(mue_image_kind(path, msg, sizeof(msg)) < 0);
	close(fd);
	write_bzimage(path);
	assert_int_equal(mue_image_kind(path, msg, sizeof(msg)), MUE_IMAGE_BZIMAGE);
	assert_int_equal(mue_image_version(path, version, sizeof(version)), 0);
	assert_string_equal(version, "6.12.9+deb13-cloud-amd64");
	assert_int_equal(mue_vmlinux(path), -1); /* no payload */
	assert_int_equal(mue_image_kind("/proc/self/exe", msg, sizeof(msg)), MUE_IMAGE_UML);
	assert_true(mue_image_kind("/nowhere", msg, sizeof(msg)) < 0);
	unlink(path);
}

static void test_uml_says_its_version(void **state)
{
	char path[] = "/tmp/mue-test-XXXXXX", version[64];
	static const char *const contents[] = {"\0\0Linux version 6.1.176 (builder)",
					       "Linux version 6.1.176", "no banner"};
	static const size_t sizes[] = {33, 21, 9};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		int fd = mkstemp(path), err;

		assert_int_equal(write(fd, contents[i], sizes[i]), sizes[i]);
		close(fd);
		err = mue_image_version(path, version, sizeof(version));
		unlink(path);
		strcpy(path, "/tmp/mue-test-XXXXXX");
		assert_int_equal(err, i ? -EINVAL : 0);
	}
	assert_string_equal(version, "6.1.176");
}

static void test_splats_are_found(void **state)
{
	static const char *const splats[] = {
		"Kernel panic - not syncing: Fatal exception",
		"WARNING: CPU: 0 PID: 1 at kernel/bpf/hashtab.c:1 htab_map_update_elem+0x1/0x2",
		"BUG: KASAN: slab-use-after-free in trie_update_elem+0x1/0x2",
		"WARNING: possible circular locking dependency detected",
		"rcu: INFO: rcu_preempt self-detected stall on CPU",
		"watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [init:1]",
	};
	struct mue_log log = {0};

	for (size_t i = 0; i < sizeof(splats) / sizeof(*splats); i++)
		assert_true(mue_log_splat(&log, splats[i]));
	assert_false(mue_log_splat(&log, "device lo entered promiscuous mode"));
	assert_false(mue_log_splat(&log, "bpf: a warning is no WARNING without its colon"));
	/* A warning to whoever loads a program says what it is about on the line before. */
	assert_false(mue_log_splat(&log, "trace type BPF program uses run-time allocation"));
	assert_false(mue_log_splat(&log, splats[1]));
	assert_true(mue_log_splat(&log, splats[1]));
	assert_false(mue_log_splat(&log, "trace type BPF program uses run-time allocation"));
	assert_true(mue_log_splat(&log, splats[2]));
}

/* A case with one map and one op, and a right answer to it. */
struct told {
	struct mue_case c;
	struct mue_observation o, copy;
};

static void make_answer(struct told *t)
{
	struct mue_state_writer w;
	struct mue_op *op;

	mue_case_init(&t->c, "t");
	mue_case_add_map(&t->c, "m", MUE_MAP_HASH, 4, 8, 4, 0);
	mue_case_add_phase(&t->c, 0);
	op = mue_case_add_op(&t->c, MUE_OP_LOOKUP, 0);
	op->key = mue_bytes_u32(1);
	mue_observation_init(&t->o, &t->c);
	t->o.ops[0].known = t->o.ops[0].has_value = 1;
	mue_observe_blob(&t->o, &t->o.ops[0].value, "12345678", 8);
	mue_state_begin(&w, &t->o, 0, false);
	mue_state_entry(&w, "1234", 4, "12345678", 8);
	mue_state_end(&w);
}

static void test_answers_are_not_trusted(void **state)
{
	struct told *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	make_answer(t);
	assert_true(mue_answer_copy(&t->copy, &t->o, &t->c));
	assert_int_equal(t->copy.n_entries, 1);
	t->o.n_entries = UINT32_MAX;
	assert_false(mue_answer_copy(&t->copy, &t->o, &t->c));
	make_answer(t);
	t->o.n_maps = 2;
	assert_false(mue_answer_copy(&t->copy, &t->o, &t->c));
	make_answer(t);
	t->o.ops[0].value.at = MUE_ARENA_MAX - 4;
	assert_false(mue_answer_copy(&t->copy, &t->o, &t->c));
	make_answer(t);
	t->o.maps[0].first = 7;
	assert_false(mue_answer_copy(&t->copy, &t->o, &t->c));
	make_answer(t);
	t->o.status = 77;
	assert_false(mue_answer_copy(&t->copy, &t->o, &t->c));
	free(t);
}

enum pace { SLEEPS, HURRIES, WAITS };

/* A process that sleeps, that takes the CPU it can get, or that gets it when nobody else wants it.
 */
static pid_t begin_process(enum pace pace)
{
	const struct sched_param none = {0};
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (pace == WAITS && sched_setscheduler(0, SCHED_IDLE, &none))
		_exit(1);
	while (pace != SLEEPS)
		;
	for (;;)
		pause();
}

static void end_process(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* What `pid` had of two seconds, in milliseconds. */
static uint64_t had_of_two_seconds(pid_t pid)
{
	struct mue_patience p;
	uint64_t had = 0;

	mue_patience_begin(&p, pid);
	for (int i = 0; i < 20; i++) {
		usleep(100000);
		had = mue_patience_ms(&p, pid);
	}
	return had;
}

static void test_who_waits_for_a_cpu_has_no_time(void **state)
{
	pid_t sleeper, rival, waiter;
	uint64_t slept, waited;
	cpu_set_t home, here;

	/* The three share one CPU. */
	assert_int_equal(sched_getaffinity(0, sizeof(home), &home), 0);
	CPU_ZERO(&here);
	CPU_SET(sched_getcpu(), &here);
	assert_int_equal(sched_setaffinity(0, sizeof(here), &here), 0);
	sleeper = begin_process(SLEEPS);
	rival = begin_process(HURRIES);
	waiter = begin_process(WAITS);
	sched_setaffinity(0, sizeof(home), &home);
	assert_true(sleeper > 0 && rival > 0 && waiter > 0);
	usleep(100000); /* until they are what they will be */
	slept = had_of_two_seconds(sleeper);
	waited = had_of_two_seconds(waiter);
	end_process(waiter);
	end_process(rival);
	end_process(sleeper);
	assert_true(slept >= 1900);
	assert_true(waited < 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_are_taken_off_the_end),
		cmocka_unit_test(test_images_are_told_apart),
		cmocka_unit_test(test_uml_says_its_version),
		cmocka_unit_test(test_splats_are_found),
		cmocka_unit_test(test_answers_are_not_trusted),
		cmocka_unit_test(test_who_waits_for_a_cpu_has_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
