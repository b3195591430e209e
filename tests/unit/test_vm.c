/* The machine: memory that programs reach and do not reach, helpers, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "cases/insn.h"
#include "runners/emulator/vm.h"

enum { ARRAY, HASH, OUTER, RING, TAILS, RODATA };
enum { LOOKUP = 1, UPDATE = 2, DELETE = 3, TAIL_CALL = 12, RESERVE = 131, LOOP = 181 };

/* A vm with an object of each kind, and the latest program. */
struct fixture {
	struct mue_world w;
	struct emu_vm *vm;
	struct emu_map *array, *hash, *rodata;
	struct emu_prog *prog;
	uint8_t ctx[64], packet[64];
	struct emu_input in;
	uint64_t r0;
};

static struct emu_map *map_new(const struct mue_world *w, uint32_t type, uint32_t flags)
{
	struct emu_map_attr attr = {
		.type = type,
		.key_size = 4,
		.value_size = 8,
		.max_entries = 1,
		.flags = flags,
	};
	struct emu_map *m;

	assert_false(emu_map_create(&m, w, &attr));
	return m;
}

static int setup_world(void **state, const char *version)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	assert_false(mue_world_of_version(&f->w, version, 2));
	f->vm = emu_vm_open(&f->w);
	f->array = map_new(&f->w, MUE_MAP_ARRAY, 0);
	f->hash = map_new(&f->w, MUE_MAP_HASH, 0);
	f->rodata = map_new(&f->w, MUE_MAP_ARRAY, MUE_MAP_F_RDONLY_PROG);
	emu_vm_bind_map(f->vm, ARRAY, f->array);
	emu_vm_bind_map(f->vm, HASH, f->hash);
	emu_vm_bind_map(f->vm, RODATA, f->rodata);
	emu_vm_bind_outer(f->vm, OUTER, HASH);
	assert_false(emu_vm_bind_ringbuf(f->vm, RING, 4096));
	emu_vm_bind_tails(f->vm, TAILS);
	f->in = (struct emu_input){
		.ctx = f->ctx,
		.ctx_size = sizeof(f->ctx),
		.packet = f->packet,
		.packet_size = sizeof(f->packet),
		.insns = 1000000,
	};
	*state = f;
	return 0;
}

static int setup(void **state)
{
	return setup_world(state, "6.18");
}

static int setup_old(void **state)
{
	return setup_world(state, "6.1");
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	emu_prog_free(f->prog);
	emu_vm_close(f->vm);
	emu_map_free(f->array);
	emu_map_free(f->hash);
	emu_map_free(f->rodata);
	test_free(f);
	return 0;
}

/* Loads and runs; gives how the run ended, and R0 in f->r0. */
static int run(struct fixture *f, bool unchecked, const struct bpf_insn *insns, uint32_t n)
{
	struct emu_load load = {
		.insns = insns,
		.n = n,
		.prog_type = MUE_PROG_XDP,
		.attach_type = 37,
		.unchecked = unchecked,
	};
	char msg[EMU_MSG_MAX] = "";

	emu_prog_free(f->prog);
	f->prog = NULL;
	if (emu_vm_load(&f->prog, f->vm, &load, msg))
		fail_msg("%s", msg);
	return emu_vm_run(f->vm, f->prog, &f->in, &f->r0);
}

#define INSNS(...)                        \
	(struct bpf_insn[]){__VA_ARGS__}, \
		sizeof((struct bpf_insn[]){__VA_ARGS__}) / sizeof(struct bpf_insn)
#define RUN(f, ...) run(f, false, INSNS(__VA_ARGS__))
#define RUN_UNCHECKED(f, ...) run(f, true, INSNS(__VA_ARGS__))
#define MAP(DST, NUMBER) MUE_LD_IMM64_LO(DST, BPF_PSEUDO_MAP_FD, NUMBER), MUE_LD_IMM64_HI(0)
#define VALUE(DST, NUMBER) MUE_LD_IMM64_LO(DST, BPF_PSEUDO_MAP_VALUE, NUMBER), MUE_LD_IMM64_HI(0)
#define FUNC(DST, OFF) MUE_LD_IMM64_LO(DST, BPF_PSEUDO_FUNC, OFF), MUE_LD_IMM64_HI(0)
#define STACK(DST, OFF) MUE_MOV64_REG(DST, 10), MUE_ALU64_IMM(BPF_ADD, DST, OFF)
/* R1 to R4 for an update of a map with key and value on the stack. */
#define UPDATE_ARGS(NUMBER, FLAGS)                                                          \
	MUE_ST(BPF_W, 10, -4, 0), MUE_ST(BPF_DW, 10, -16, 7), MAP(1, NUMBER), STACK(2, -4), \
		STACK(3, -16), MUE_MOV64_IMM(4, FLAGS)

static void test_update_and_lookup(void **state)
{
	struct fixture *f = *state;

	assert_false(RUN(f, UPDATE_ARGS(HASH, 0), MUE_CALL(UPDATE), MAP(1, HASH), STACK(2, -4),
			 MUE_CALL(LOOKUP), MUE_JMP_IMM(BPF_JEQ, 0, 0, 1), MUE_LDX(BPF_DW, 0, 0, 0),
			 MUE_EXIT()));
	assert_int_equal(f->r0, 7);
}

static void test_failed_update_is_sign_extended(void **state)
{
	struct fixture *f = *state;

	assert_false(RUN(f, UPDATE_ARGS(HASH, 2), MUE_CALL(UPDATE), MUE_EXIT()));
	assert_int_equal(f->r0, -ENOENT);
}

/* Before operations returned long, the upper half was lost where the JIT called them directly. */
static void test_failed_update_was_zero_extended(void **state)
{
	struct fixture *f = *state;

	assert_false(RUN(f, UPDATE_ARGS(HASH, 2), MUE_CALL(UPDATE), MUE_EXIT()));
	assert_int_equal(f->r0, (uint32_t)-ENOENT);
	assert_false(RUN(f, UPDATE_ARGS(HASH, 2), MUE_LDX(BPF_W, 5, 10, -16),
			 MUE_JMP_IMM(BPF_JEQ, 5, 7, 2), MAP(1, ARRAY), MUE_CALL(UPDATE),
			 MUE_EXIT()));
	assert_int_equal(f->r0, (uint32_t)-ENOENT);
}

static void test_call_of_two_maps_was_sign_extended(void **state)
{
	struct fixture *f = *state;

	assert_false(RUN(f, UPDATE_ARGS(HASH, 2), VALUE(6, ARRAY), MUE_LDX(BPF_DW, 5, 6, 0),
			 MUE_JMP_IMM(BPF_JEQ, 5, 0, 2), MAP(1, ARRAY), MUE_CALL(UPDATE),
			 MUE_EXIT()));
	assert_int_equal(f->r0, -ENOENT);
}

static void test_inner_map_is_the_map_itself(void **state)
{
	struct fixture *f = *state;
	uint32_t key = 0;
	uint64_t value = 0;

	assert_false(RUN(f, MUE_ST(BPF_W, 10, -20, 0), MAP(1, OUTER), STACK(2, -20),
			 MUE_CALL(LOOKUP), MUE_JMP_IMM(BPF_JNE, 0, 0, 2), MUE_MOV64_IMM(0, -1),
			 MUE_EXIT(), MUE_MOV64_REG(1, 0), MUE_ST(BPF_W, 10, -4, 0),
			 MUE_ST(BPF_DW, 10, -16, 9), STACK(2, -4), STACK(3, -16),
			 MUE_MOV64_IMM(4, 0), MUE_CALL(UPDATE), MUE_EXIT()));
	assert_int_equal(f->r0, 0);
	assert_false(emu_user_lookup(f->hash, 0, &key, &value, 0));
	assert_int_equal(value, 9);
}

static void test_loop_calls_back_until_it_says_stop(void **state)
{
	struct fixture *f = *state;

	assert_false(RUN(f, MUE_MOV64_IMM(1, 10), FUNC(2, 7), MUE_ST(BPF_DW, 10, -8, 0),
			 STACK(3, -8), MUE_MOV64_IMM(4, 0), MUE_CALL(LOOP), MUE_EXIT(),
			 /* the callback */
			 MUE_MOV64_IMM(0, 0), MUE_JMP_IMM(BPF_JLT, 1, 6, 1), MUE_MOV64_IMM(0, 1),
			 MUE_EXIT()));
	assert_int_equal(f->r0, 7);
}

static void test_tail_calls_end_at_their_limit(void **state)
{
	struct fixture *f = *state;
	const struct bpf_insn insns[] = {
		VALUE(6, ARRAY),
		MUE_MOV64_IMM(7, 1),
		MUE_ATOMIC(BPF_DW, BPF_ADD, 6, 0, 7),
		MAP(2, TAILS),
		MUE_MOV64_IMM(3, 0),
		MUE_CALL(TAIL_CALL),
		MUE_LDX(BPF_DW, 0, 6, 0),
		MUE_EXIT(),
	};

	/* Empty: the call is passed by. */
	assert_false(run(f, false, insns, sizeof(insns) / sizeof(insns[0])));
	assert_int_equal(f->r0, 1);
	emu_vm_set_tail(f->vm, TAILS, f->prog);
	assert_false(emu_vm_run(f->vm, f->prog, &f->in, &f->r0));
	assert_int_equal(f->r0, 1 + 1 + EMU_TAIL_CALLS_MAX);
}

static void test_ring_buffer_fills_up(void **state)
{
	struct fixture *f = *state;
	const struct bpf_insn insns[] = {
		MAP(1, RING),
		MUE_MOV64_IMM(2, 1000),
		MUE_MOV64_IMM(3, 0),
		MUE_CALL(RESERVE),
		MUE_JMP_IMM(BPF_JEQ, 0, 0, 4),
		MUE_MOV64_REG(1, 0),
		MUE_MOV64_IMM(2, 0),
		MUE_CALL(133),
		MUE_MOV64_IMM(0, 1),
		MUE_EXIT(),
	};
	int reserved = 0;

	assert_false(run(f, false, insns, sizeof(insns) / sizeof(insns[0])));
	for (reserved = f->r0; f->r0; reserved += f->r0)
		assert_false(emu_vm_run(f->vm, f->prog, &f->in, &f->r0));
	assert_int_equal(reserved, 4); /* of 1008 bytes each in 4095 */
	emu_vm_reset(f->vm);
	assert_false(emu_vm_run(f->vm, f->prog, &f->in, &f->r0));
	assert_int_equal(f->r0, 1);
}

static void test_packet_pointers_enclose_the_packet(void **state)
{
	struct fixture *f = *state;

	f->packet[63] = 42;
	assert_false(RUN(f, MUE_LDX(BPF_W, 2, 1, 0), MUE_LDX(BPF_W, 3, 1, 4), MUE_MOV64_REG(4, 2),
			 MUE_ALU64_IMM(BPF_ADD, 4, 64), MUE_MOV64_IMM(0, 0),
			 MUE_JMP_REG(BPF_JGT, 4, 3, 1), MUE_LDX(BPF_B, 0, 2, 63), MUE_EXIT()));
	assert_int_equal(f->r0, 42);
}

/* Addresses that no region has: numbers, edges of regions, other regions by far offsets. */
static void test_nothing_else_is_reached(void **state)
{
	static const uint64_t pointers[] = {
		0,
		1,
		4096,
		UINT64_MAX,
		UINT64_MAX - 7,
		1ull << 40,
		(1ull << 40) - 1,
		2ull << 40 | 57,	 /* the context's last 7 bytes */
		3ull << 40 | 60,	 /* the packet's */
		1ull << 47 | 1ull << 40, /* the stack's number with a bit above */
		127ull << 40,
		5ull << 40,
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
		struct bpf_insn insns[] = {
			MUE_LD_IMM64_LO(1, 0, (int32_t)pointers[i]),
			MUE_LD_IMM64_HI((int32_t)(pointers[i] >> 32)),
			MUE_LDX(BPF_DW, 0, 1, 0),
			MUE_EXIT(),
		};

		if (pointers[i] == 1ull << 40)
			assert_int_equal(run(f, true, insns, 4), 0); /* the stack's lowest byte */
		else
			assert_int_equal(run(f, true, insns, 4), -EFAULT);
		insns[2] = MUE_ST(BPF_DW, 1, 0, 1);
		insns[3] = MUE_EXIT();
		if (pointers[i] != 1ull << 40)
			assert_int_equal(run(f, true, insns, 4), -EFAULT);
	}
}

static void test_read_only_values_are_not_written(void **state)
{
	struct fixture *f = *state;

	assert_false(RUN_UNCHECKED(f, VALUE(1, RODATA), MUE_LDX(BPF_DW, 0, 1, 0), MUE_EXIT()));
	assert_int_equal(RUN_UNCHECKED(f, VALUE(1, RODATA), MUE_ST(BPF_DW, 1, 0, 1), MUE_EXIT()),
			 -EFAULT);
	assert_int_equal(RUN_UNCHECKED(f, VALUE(1, RODATA), MUE_MOV64_IMM(2, 1),
				       MUE_ATOMIC(BPF_DW, BPF_ADD, 1, 0, 2), MUE_EXIT()),
			 -EFAULT);
}

static void test_helpers_check_their_pointers(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(RUN_UNCHECKED(f, UPDATE_ARGS(HASH, 0), VALUE(3, ARRAY),
				       MUE_ALU64_IMM(BPF_ADD, 3, 1), MUE_CALL(UPDATE), MUE_EXIT()),
			 -EFAULT);
	assert_int_equal(RUN_UNCHECKED(f, UPDATE_ARGS(HASH, 0), MUE_MOV64_IMM(2, 0),
				       MUE_CALL(UPDATE), MUE_EXIT()),
			 -EFAULT);
	assert_int_equal(
		RUN_UNCHECKED(f, UPDATE_ARGS(HASH, 0), STACK(1, -8), MUE_CALL(UPDATE), MUE_EXIT()),
		-EINVAL);
	assert_int_equal(RUN_UNCHECKED(f, UPDATE_ARGS(RING, 0), MUE_CALL(UPDATE), MUE_EXIT()),
			 -EINVAL);
}

static void test_runs_end_within_their_budget(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(RUN_UNCHECKED(f, MUE_JA(-1)), -ETIMEDOUT);
	assert_int_equal(RUN_UNCHECKED(f, MUE_MOV64_IMM(0, 0), MUE_JMP_IMM(BPF_JEQ, 0, 0, -2)),
			 -ETIMEDOUT);
	/* A loop of loops, by a callback that calls bpf_loop itself. */
	assert_int_equal(RUN_UNCHECKED(f, MUE_MOV64_IMM(1, 1 << 20), FUNC(2, -2),
				       MUE_MOV64_IMM(3, 0), MUE_MOV64_IMM(4, 0), MUE_CALL(LOOP),
				       MUE_MOV64_IMM(0, 0), MUE_EXIT()),
			 -EFAULT);
}

static void test_recursion_and_missing_ends_break_off(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(RUN_UNCHECKED(f, MUE_CALL_SUB(-1), MUE_EXIT()), -EFAULT);
	assert_int_equal(RUN_UNCHECKED(f, MUE_MOV64_IMM(0, 0)), -EINVAL);
	assert_int_equal(RUN_UNCHECKED(f, MUE_CALL(9999), MUE_EXIT()), -EINVAL);
	assert_int_equal(RUN_UNCHECKED(f, MUE_INSN(0xff, 0, 0, 0, 0), MUE_EXIT()), -EINVAL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define OLD(name) cmocka_unit_test_setup_teardown(name, setup_old, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_update_and_lookup),
		TEST(test_failed_update_is_sign_extended),
		OLD(test_failed_update_was_zero_extended),
		OLD(test_call_of_two_maps_was_sign_extended),
		TEST(test_inner_map_is_the_map_itself),
		TEST(test_loop_calls_back_until_it_says_stop),
		TEST(test_tail_calls_end_at_their_limit),
		TEST(test_ring_buffer_fills_up),
		TEST(test_packet_pointers_enclose_the_packet),
		TEST(test_nothing_else_is_reached),
		TEST(test_read_only_values_are_not_written),
		TEST(test_helpers_check_their_pointers),
		TEST(test_runs_end_within_their_budget),
		TEST(test_recursion_and_missing_ends_break_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
