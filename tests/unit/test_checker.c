/* The checker's verdicts on tests/checker_rows.def. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "cases/insn.h"
#include "runners/emulator/vm.h"
#include "tests/checker_rows.h"

struct fixture {
	struct emu_vm *vm;
	struct emu_map *maps[CHECKER_MAPS];
	unsigned asked;
};

static struct fixture *begin(const char *version)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	struct mue_world w;

	assert_false(mue_world_of_version(&w, version, 2));
	f->vm = emu_vm_open(&w);
	for (uint32_t i = 0; i < CHECKER_MAPS; i++) {
		const struct checker_map *m = &checker_maps[i];
		struct emu_map_attr attr = {
			.type = m->type,
			.key_size = m->key_size,
			.value_size = m->value_size,
			.max_entries = m->max_entries,
			.flags = m->flags,
		};

		if (m->type == MUE_MAP_RINGBUF) {
			assert_false(emu_vm_bind_ringbuf(f->vm, i, m->max_entries));
		} else if (m->type == MUE_MAP_PROG_ARRAY) {
			emu_vm_bind_tails(f->vm, i);
		} else {
			assert_false(emu_map_create(&f->maps[i], &w, &attr));
			emu_vm_bind_map(f->vm, i, f->maps[i]);
		}
	}
	return f;
}

static void end(struct fixture *f)
{
	emu_vm_close(f->vm);
	for (uint32_t i = 0; i < CHECKER_MAPS; i++)
		emu_map_free(f->maps[i]);
	test_free(f);
}

/* A program's verdict, against the expected one unless `only` names another program. */
static void ask(struct fixture *f, const char *only, const char *name, int expected, uint32_t type,
		uint32_t attach, const struct bpf_insn *insns, uint32_t n)
{
	struct emu_load l = {
		.insns = insns,
		.n = n,
		.prog_type = type,
		.attach_type = attach,
		.sleepable = type == MUE_PROG_SYSCALL,
	};
	char msg[EMU_MSG_MAX] = "";
	struct emu_prog *p = NULL;
	int err;

	if (only && strcmp(only, name))
		return;
	err = emu_vm_load(&p, f->vm, &l, msg);
	emu_prog_free(p);
	f->asked++;
	if (err != expected)
		fail_msg("%s: %d, not %d: %s", name, err, expected, msg);
	assert_int_equal(!err, !msg[0]);
}

static void test_verdicts_on_6_18(void **state)
{
	struct fixture *f = begin("6.18");

#define ROW(TYPE, attach, name, err, ...) \
	ask(f, NULL, name, err, MUE_PROG_##TYPE, attach, INSNS(__VA_ARGS__));
#include "tests/checker_rows.def"
#undef ROW
	end(f);
}

static void ask_older(const char *version, const char *only, int expected)
{
	struct fixture *f = begin(version);

#define ROW(TYPE, attach, name, err, ...) \
	ask(f, only, name, expected, MUE_PROG_##TYPE, attach, INSNS(__VA_ARGS__));
#include "tests/checker_rows.def"
#undef ROW
	assert_int_equal(f->asked, 1);
	end(f);
}

static void test_verdicts_of_other_versions(void **state)
{
	ask_older("5.10", "uninit-stack-as-key", -EACCES);
	ask_older("6.12", "uninit-stack-as-key", 0);
	ask_older("6.12", "const-key-lookup-is-not-null", -EACCES);
	ask_older("6.1", "reservation-as-value", -EACCES);
	ask_older("6.12", "reservation-as-value", 0);
	ask_older("5.10", "bpf-loop", -EINVAL);
	ask_older("6.1", "signed-division", -EINVAL);
	ask_older("6.1", "syscall-program-with-lpm-trie", -EINVAL);
	ask_older("7.2", "syscall-program-with-lpm-trie", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts_on_6_18),
		cmocka_unit_test(test_verdicts_of_other_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
