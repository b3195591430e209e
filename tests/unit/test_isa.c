/* Every operation of the instruction set, against what RFC 9669 says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cases/insn.h"
#include "runners/emulator/vm.h"

#define MIN64 0x8000000000000000ull
#define MIN32 0x80000000ull

/* R0 of a program that nobody has checked. */
static uint64_t run(const struct bpf_insn *insns, uint32_t n)
{
	struct emu_load load = {.insns = insns, .n = n, .unchecked = true};
	struct emu_input in = {0};
	char msg[EMU_MSG_MAX];
	struct emu_prog *p;
	struct mue_world w;
	struct emu_vm *vm;
	uint64_t r0;

	assert_false(mue_world_of_version(&w, "6.18", 2));
	vm = emu_vm_open(&w);
	assert_non_null(vm);
	assert_false(emu_vm_load(&p, vm, &load, msg));
	assert_false(emu_vm_run(vm, p, &in, &r0));
	emu_prog_free(p);
	emu_vm_close(vm);
	return r0;
}

#define LD64(DST, N)                                     \
	MUE_LD_IMM64_LO(DST, 0, (int32_t)(uint32_t)(N)), \
		MUE_LD_IMM64_HI((int32_t)(uint32_t)((uint64_t)(N) >> 32))
#define RUN(...)                              \
	run((struct bpf_insn[]){__VA_ARGS__}, \
	    sizeof((struct bpf_insn[]){__VA_ARGS__}) / sizeof(struct bpf_insn))

/* One operation on two numbers. In 32 bits the upper half of the result is zero. */
static const struct {
	uint8_t op;
	int16_t off;
	uint64_t d, s, wide, narrow;
} alu[] = {
	{BPF_ADD, 0, UINT64_MAX, 2, 1, 1},
	{BPF_SUB, 0, 1, 2, UINT64_MAX, UINT32_MAX},
	{BPF_MUL, 0, 0x100000001, 3, 0x300000003, 3},
	{BPF_DIV, 0, 0x700000007, 2, 0x380000003, 3},
	{BPF_DIV, 0, 7, 0, 0, 0},
	{BPF_MOD, 0, 0x700000007, 4, 3, 3},
	{BPF_MOD, 0, 0x700000007, 0, 0x700000007, 7},
	{BPF_DIV, 1, (uint64_t)-7, 2, (uint64_t)-3, (uint32_t)-3},
	{BPF_DIV, 1, MIN64, UINT64_MAX, MIN64, 0},
	{BPF_DIV, 1, MIN32, UINT64_MAX, (uint64_t) - (int64_t)MIN32, MIN32},
	{BPF_DIV, 1, 5, 0, 0, 0},
	{BPF_MOD, 1, (uint64_t)-7, 2, (uint64_t)-1, UINT32_MAX},
	{BPF_MOD, 1, 7, (uint64_t)-2, 1, 1},
	{BPF_MOD, 1, MIN64, UINT64_MAX, 0, 0},
	{BPF_MOD, 1, 5, 0, 5, 5},
	{BPF_OR, 0, 0xf0f0000000ff, 0x0f, 0xf0f0000000ff, 0xff},
	{BPF_AND, 0, 0xffff00000000ff, 0xff0000000f0f, 0xff000000000f, 0xf},
	{BPF_XOR, 0, UINT64_MAX, 1, UINT64_MAX - 1, UINT32_MAX - 1},
	{BPF_MOV, 0, 5, 0xf00000001, 0xf00000001, 1},
	{BPF_LSH, 0, 1, 33, 1ull << 33, 2},
	{BPF_LSH, 0, 1, 64, 1, 1},
	{BPF_RSH, 0, MIN64 | MIN32, 31, (MIN64 | MIN32) >> 31, 1},
	{BPF_ARSH, 0, MIN64 | MIN32, 31, 0xffffffff00000001, UINT32_MAX},
	{BPF_MOV, 8, 0, 0x180, (uint64_t)-128, (uint32_t)-128},
	{BPF_MOV, 16, 0, 0x18000, (uint64_t)-32768, (uint32_t)-32768},
};

static struct bpf_insn binary(uint8_t class, uint8_t op, int16_t off)
{
	return MUE_INSN(class | op | BPF_X, BPF_REG_0, BPF_REG_1, off, 0);
}

static void test_arithmetic_in_both_widths(void **state)
{
	for (size_t i = 0; i < sizeof(alu) / sizeof(alu[0]); i++) {
		uint64_t wide = RUN(LD64(BPF_REG_0, alu[i].d), LD64(BPF_REG_1, alu[i].s),
				    binary(BPF_ALU64, alu[i].op, alu[i].off), MUE_EXIT());
		uint64_t narrow = RUN(LD64(BPF_REG_0, alu[i].d), LD64(BPF_REG_1, alu[i].s),
				      binary(BPF_ALU, alu[i].op, alu[i].off), MUE_EXIT());

		if (wide != alu[i].wide || narrow != alu[i].narrow)
			fail_msg("row %zu: %llx %llx", i, (unsigned long long)wide,
				 (unsigned long long)narrow);
	}
	assert_int_equal(RUN(LD64(BPF_REG_1, MIN32), binary(BPF_ALU64, BPF_MOV, 32), MUE_EXIT()),
			 0xffffffff80000000);
}

static void test_immediates_are_sign_extended(void **state)
{
	assert_int_equal(RUN(MUE_MOV64_IMM(0, -1), MUE_EXIT()), UINT64_MAX);
	assert_int_equal(RUN(MUE_ALU32_IMM(BPF_MOV, 0, -1), MUE_EXIT()), UINT32_MAX);
	assert_int_equal(RUN(MUE_MOV64_IMM(0, 5), MUE_ALU64_IMM(BPF_ADD, 0, -6), MUE_EXIT()),
			 UINT64_MAX);
	assert_int_equal(RUN(LD64(0, MIN64), MUE_ALU64_IMM(BPF_AND, 0, -1), MUE_EXIT()), MIN64);
}

static void test_negation(void **state)
{
	assert_int_equal(RUN(MUE_MOV64_IMM(0, 5), MUE_NEG64(0), MUE_EXIT()), -5);
	assert_int_equal(
		RUN(MUE_MOV64_IMM(0, 5), MUE_INSN(BPF_ALU | BPF_NEG, 0, 0, 0, 0), MUE_EXIT()),
		UINT32_MAX - 4);
}

static void test_byte_swaps(void **state)
{
	static const struct {
		uint8_t code;
		int32_t width;
		uint64_t result;
	} rows[] = {
		{BPF_ALU | BPF_END | BPF_TO_LE, 16, 0x7788},
		{BPF_ALU | BPF_END | BPF_TO_LE, 32, 0x55667788},
		{BPF_ALU | BPF_END | BPF_TO_LE, 64, 0x1122334455667788},
		{BPF_ALU | BPF_END | BPF_TO_BE, 16, 0x8877},
		{BPF_ALU | BPF_END | BPF_TO_BE, 32, 0x88776655},
		{BPF_ALU | BPF_END | BPF_TO_BE, 64, 0x8877665544332211},
		{BPF_ALU64 | BPF_END, 16, 0x8877},
		{BPF_ALU64 | BPF_END, 32, 0x88776655},
		{BPF_ALU64 | BPF_END, 64, 0x8877665544332211},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(RUN(LD64(0, 0x1122334455667788),
				     MUE_INSN(rows[i].code, 0, 0, 0, rows[i].width), MUE_EXIT()),
				 rows[i].result);
}

/* Pairs for which a jump is taken and not taken, in 64 bits and in 32. */
static const struct {
	uint8_t op;
	uint64_t d, s;
	bool wide, narrow;
} jumps[] = {
	{BPF_JEQ, 5, 5, true, true},
	{BPF_JEQ, 0x100000005, 5, false, true},
	{BPF_JNE, 0x100000005, 5, true, false},
	{BPF_JGT, 0x100000000, 5, true, false},
	{BPF_JGT, UINT64_MAX, 5, true, true},
	{BPF_JGE, 5, 5, true, true},
	{BPF_JGE, 4, 5, false, false},
	{BPF_JLT, 4, 5, true, true},
	{BPF_JLT, 5, 5, false, false},
	{BPF_JLE, 5, 5, true, true},
	{BPF_JLE, 0x100000000, 5, false, true},
	{BPF_JSET, 6, 2, true, true},
	{BPF_JSET, 0x100000000, 0x100000000, true, false},
	{BPF_JSGT, 0, UINT64_MAX, true, true},
	{BPF_JSGT, 0xffffffff, 0, true, false},
	{BPF_JSGE, UINT64_MAX, UINT64_MAX, true, true},
	{BPF_JSGE, UINT64_MAX, 0, false, false},
	{BPF_JSLT, UINT64_MAX, 0, true, true},
	{BPF_JSLT, MIN32, 0, false, true},
	{BPF_JSLE, 0, 0, true, true},
	{BPF_JSLE, 1, 0, false, false},
};

static uint64_t jump(uint8_t class, size_t i)
{
	return RUN(LD64(BPF_REG_1, jumps[i].d), LD64(BPF_REG_2, jumps[i].s), MUE_MOV64_IMM(0, 1),
		   MUE_INSN(class | jumps[i].op | BPF_X, BPF_REG_1, BPF_REG_2, 1, 0),
		   MUE_MOV64_IMM(0, 0), MUE_EXIT());
}

static void test_jumps_in_both_widths(void **state)
{
	for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++)
		if (jump(BPF_JMP, i) != jumps[i].wide || jump(BPF_JMP32, i) != jumps[i].narrow)
			fail_msg("row %zu", i);
}

static void test_long_and_unconditional_jumps(void **state)
{
	assert_int_equal(RUN(MUE_MOV64_IMM(0, 1), MUE_JA(1), MUE_MOV64_IMM(0, 2), MUE_EXIT()), 1);
	assert_int_equal(RUN(MUE_MOV64_IMM(0, 1), MUE_INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, 1),
			     MUE_MOV64_IMM(0, 2), MUE_EXIT()),
			 1);
}

static void test_may_goto_ends_a_loop(void **state)
{
	assert_int_equal(RUN(MUE_MOV64_IMM(0, 0), MUE_ALU64_IMM(BPF_ADD, 0, 1),
			     MUE_INSN(0xe5, 0, 0, 1, 0), MUE_JA(-3), MUE_EXIT()),
			 EMU_MAY_GOTO_MAX + 1);
}

static void test_loads_extend(void **state)
{
	static const struct {
		uint8_t code;
		uint64_t result;
	} rows[] = {
		{BPF_MEM | BPF_B, 0x88},
		{BPF_MEM | BPF_H, 0x8788},
		{BPF_MEM | BPF_W, 0x85868788},
		{BPF_MEM | BPF_DW, 0x8182838485868788},
		{0x80 | BPF_B, 0xffffffffffffff88},
		{0x80 | BPF_H, 0xffffffffffff8788},
		{0x80 | BPF_W, 0xffffffff85868788},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(RUN(LD64(1, 0x8182838485868788), MUE_STX(BPF_DW, 10, -8, 1),
				     MUE_INSN(BPF_LDX | rows[i].code, 0, 10, -8, 0), MUE_EXIT()),
				 rows[i].result);
}

static void test_stores_write_their_bytes_only(void **state)
{
	static const struct {
		uint8_t size;
		uint64_t result;
	} rows[] = {
		{BPF_B, 0xfe},
		{BPF_H, 0xfffe},
		{BPF_W, 0xfffffffe},
		{BPF_DW, 0xfffffffffffffffe},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(RUN(MUE_ST(BPF_DW, 10, -8, 0), MUE_ST(rows[i].size, 10, -8, -2),
				     MUE_LDX(BPF_DW, 0, 10, -8), MUE_EXIT()),
				 rows[i].result);
		assert_int_equal(RUN(MUE_ST(BPF_DW, 10, -8, 0), MUE_MOV64_IMM(1, -2),
				     MUE_STX(rows[i].size, 10, -8, 1), MUE_LDX(BPF_DW, 0, 10, -8),
				     MUE_EXIT()),
				 rows[i].result);
	}
}

/* What stands in memory, and in R1, after an atomic with R1 = 6 on 0xf0000000a. */
static const struct {
	int32_t op;
	uint64_t wide, narrow, source, source32;
} atomics[] = {
	{BPF_ADD, 0xf00000010, 0xf00000010, 6, 6},
	{BPF_OR, 0xf0000000e, 0xf0000000e, 6, 6},
	{BPF_AND, 2, 0xf00000002, 6, 6},
	{BPF_XOR, 0xf0000000c, 0xf0000000c, 6, 6},
	{BPF_ADD | BPF_FETCH, 0xf00000010, 0xf00000010, 0xf0000000a, 0xa},
	{BPF_OR | BPF_FETCH, 0xf0000000e, 0xf0000000e, 0xf0000000a, 0xa},
	{BPF_AND | BPF_FETCH, 2, 0xf00000002, 0xf0000000a, 0xa},
	{BPF_XOR | BPF_FETCH, 0xf0000000c, 0xf0000000c, 0xf0000000a, 0xa},
	{BPF_XCHG, 6, 0xf00000006, 0xf0000000a, 0xa},
};

static uint64_t atomic(uint8_t size, int32_t op, unsigned result)
{
	return RUN(LD64(0, 0xf0000000a), MUE_STX(BPF_DW, 10, -8, 0), MUE_MOV64_IMM(1, 6),
		   MUE_ATOMIC(size, op, 10, -8, 1), MUE_LDX(BPF_DW, 2, 10, -8),
		   MUE_MOV64_REG(0, result), MUE_EXIT());
}

static void test_atomics_in_both_widths(void **state)
{
	for (size_t i = 0; i < sizeof(atomics) / sizeof(atomics[0]); i++) {
		assert_int_equal(atomic(BPF_DW, atomics[i].op, 2), atomics[i].wide);
		assert_int_equal(atomic(BPF_W, atomics[i].op, 2), atomics[i].narrow);
		assert_int_equal(atomic(BPF_DW, atomics[i].op, 1), atomics[i].source);
		assert_int_equal(atomic(BPF_W, atomics[i].op, 1), atomics[i].source32);
	}
}

/* Compare and exchange: R0 is compared, and gets what was there. */
static uint64_t exchange(uint8_t size, uint64_t expected, unsigned result)
{
	return RUN(LD64(0, 0xf0000000a), MUE_STX(BPF_DW, 10, -8, 0), LD64(0, expected),
		   MUE_MOV64_IMM(1, 6), MUE_ATOMIC(size, BPF_CMPXCHG, 10, -8, 1),
		   MUE_LDX(BPF_DW, 2, 10, -8), MUE_MOV64_REG(0, result), MUE_EXIT());
}

static void test_compare_and_exchange(void **state)
{
	assert_int_equal(exchange(BPF_DW, 0xf0000000a, 2), 6);
	assert_int_equal(exchange(BPF_DW, 0xf0000000a, 0), 0xf0000000a);
	assert_int_equal(exchange(BPF_DW, 0xa, 2), 0xf0000000a);
	assert_int_equal(exchange(BPF_DW, 0xa, 0), 0xf0000000a);
	assert_int_equal(exchange(BPF_W, 0xb0000000a, 2), 0xf00000006);
	assert_int_equal(exchange(BPF_W, 0xb, 2), 0xf0000000a);
	assert_int_equal(exchange(BPF_W, 0xb, 0), 0xa);
}

static void test_calls_keep_r6_to_r10(void **state)
{
	assert_int_equal(RUN(MUE_MOV64_IMM(6, 1), MUE_MOV64_IMM(9, 2), MUE_ST(BPF_DW, 10, -8, 4),
			     MUE_CALL_SUB(4), MUE_ALU64_REG(BPF_ADD, 0, 6),
			     MUE_ALU64_REG(BPF_ADD, 0, 9), MUE_JA(6),
			     /* the function */
			     MUE_EXIT(), MUE_MOV64_IMM(6, 100), MUE_MOV64_IMM(9, 100),
			     MUE_ST(BPF_DW, 10, -8, 100), MUE_MOV64_IMM(0, 8), MUE_JA(-6),
			     /* the end */
			     MUE_LDX(BPF_DW, 1, 10, -8), MUE_ALU64_REG(BPF_ADD, 0, 1), MUE_EXIT()),
			 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arithmetic_in_both_widths),
		cmocka_unit_test(test_immediates_are_sign_extended),
		cmocka_unit_test(test_negation),
		cmocka_unit_test(test_byte_swaps),
		cmocka_unit_test(test_jumps_in_both_widths),
		cmocka_unit_test(test_long_and_unconditional_jumps),
		cmocka_unit_test(test_may_goto_ends_a_loop),
		cmocka_unit_test(test_loads_extend),
		cmocka_unit_test(test_stores_write_their_bytes_only),
		cmocka_unit_test(test_atomics_in_both_widths),
		cmocka_unit_test(test_compare_and_exchange),
		cmocka_unit_test(test_calls_keep_r6_to_r10),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
