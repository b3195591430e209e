/* Disassembly: what no kernel's log shows, and how maps are named. tests/kernel/test_verifier_log.c
 * has the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cases/asm.h"
#include "cases/insn.h"

static void check(struct bpf_insn insn, const char *want)
{
	char got[MUE_ASM_MAX];

	assert_int_equal(mue_asm_insn(got, sizeof(got), &insn, NULL), 1);
	assert_string_equal(got, want);
}

static void test_one_of_each_kind(void **state)
{
	check(MUE_MOV64_IMM(0, 0), "(b7) r0 = 0");
	check(MUE_ALU32_REG(BPF_SUB, 1, 2), "(1c) w1 -= w2");
	check(MUE_INSN(0x3f, 1, 2, 1, 0), "(3f) r1 s/= r2");
	check(MUE_INSN(0x97, 1, 0, 1, 3), "(97) r1 s%= 3");
	check(MUE_INSN(0xbf, 1, 2, 32, 0), "(bf) r1 = (s32)r2");
	check(MUE_INSN(0xbc, 1, 2, 8, 0), "(bc) w1 = (s8)w2");
	check(MUE_INSN(0xd7, 3, 0, 0, 16), "(d7) r3 = bswap16 r3");
	check(MUE_INSN(0xdc, 3, 0, 0, 64), "(dc) r3 = be64 r3");
	check(MUE_LDX(BPF_H, 1, 10, -2), "(69) r1 = *(u16 *)(r10 -2)");
	check(MUE_INSN(0x91, 1, 2, 0, 0), "(91) r1 = *(s8 *)(r2 +0)");
	check(MUE_ST(BPF_B, 1, 3, -1), "(72) *(u8 *)(r1 +3) = -1");
	check(MUE_ATOMIC(BPF_DW, BPF_XOR, 1, 8, 2), "(db) lock *(u64 *)(r1 +8) ^= r2");
	check(MUE_ATOMIC(BPF_W, BPF_ADD | BPF_FETCH, 1, 8, 2),
	      "(c3) r2 = atomic_fetch_add((u32 *)(r1 +8), r2)");
	check(MUE_ATOMIC(BPF_DW, BPF_CMPXCHG, 1, 8, 2),
	      "(db) r0 = atomic64_cmpxchg((u64 *)(r1 +8), r0, r2)");
	check(MUE_JMP_IMM(BPF_JSLE, 1, -1, -3), "(d5) if r1 s<= 0xffffffff goto pc-3");
	check(MUE_INSN(0x2e, 1, 2, 4, 0), "(2e) if w1 > w2 goto pc+4");
	check(MUE_INSN(0x06, 0, 0, 0, 70000), "(06) gotol pc+70000");
	check(MUE_INSN(0xe5, 0, 0, 2, 0), "(e5) may_goto pc+2");
	check(MUE_CALL(2), "(85) call bpf_map_update_elem#2");
	check(MUE_CALL(100000), "(85) call unknown#100000");
	check(MUE_CALL(-1), "(85) call unknown#-1");
	check(MUE_CALL_SUB(-7), "(85) call pc-7");
	check(MUE_INSN(0x28, 0, 0, 0, 12), "(28) r0 = *(u16 *)skb[12]");
}

static void test_what_is_none_is_shown(void **state)
{
	check(MUE_INSN(0xff, 1, 2, 3, 4), "(ff) unknown: dst 1 src 2 off 3 imm 4");
	check(MUE_ATOMIC(BPF_DW, 0x33, 1, 8, 2), "(db) unknown: dst 1 src 2 off 8 imm 51");
}

/* All codes and fields give some text that ends within its buffer, however short. */
static void test_any_bytes(void **state)
{
	struct bpf_insn insn[2] = {{0}, {0}};
	char got[MUE_ASM_MAX];

	srand(1);
	for (unsigned i = 0; i < 200000; i++) {
		size_t size = 1 + rand() % sizeof(got);

		insn[0] = MUE_INSN(rand(), rand(), rand(), rand(),
				   rand() % 2 ? rand() : rand() % 256);
		insn[1].imm = rand();
		memset(got, 'x', sizeof(got));
		mue_asm_insn(got, size, insn, NULL);
		assert_true(strnlen(got, size) < size);
		assert_null(strchr(got, '$'));
	}
}

static void check_wide(const struct mue_case *c, uint8_t src, uint32_t lo, uint32_t hi,
		       const char *want)
{
	struct bpf_insn insn[] = {MUE_LD_IMM64_LO(1, src, lo), MUE_LD_IMM64_HI(hi)};
	char got[MUE_ASM_MAX];

	assert_int_equal(mue_asm_insn(got, sizeof(got), insn, c), 2);
	assert_string_equal(got, want);
}

static void test_maps_have_names(void **state)
{
	struct mue_case *c = malloc(sizeof(*c));

	mue_case_init(c, "test");
	mue_case_add_map(c, "routes", MUE_MAP_LPM_TRIE, 8, 4, 1, 1);
	check_wide(c, 0, 1, 2, "(18) r1 = 0x200000001");
	check_wide(c, BPF_PSEUDO_MAP_FD, MUE_HANDLE_MAP, 0, "(18) r1 = map[routes]");
	check_wide(c, BPF_PSEUDO_MAP_FD, MUE_HANDLE_MAP + 1, 0, "(18) r1 = map[1]");
	check_wide(c, BPF_PSEUDO_MAP_FD, MUE_HANDLE_OUTER, 0, "(18) r1 = map[outer:routes]");
	check_wide(c, BPF_PSEUDO_MAP_FD, MUE_HANDLE_TAILS, 0, "(18) r1 = map[tails]");
	check_wide(c, BPF_PSEUDO_MAP_VALUE, MUE_HANDLE_IO, 24, "(18) r1 = map[io][0]+24");
	check_wide(NULL, BPF_PSEUDO_MAP_FD, MUE_HANDLE_MAP, 0, "(18) r1 = map[0]");
	check_wide(c, BPF_PSEUDO_FUNC, 33, 0, "(18) r1 = subprog[+33]");
	free(c);
}

static void test_a_case_as_listing(void **state)
{
	struct mue_case *c = malloc(sizeof(*c));
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	mue_case_init(c, "test");
	mue_case_add_map(c, "m", MUE_MAP_HASH, 4, 4, 1, 0);
	mue_case_add_phase(c, MUE_PROG_UNSPEC);
	mue_case_add_phase(c, MUE_PROG_XDP);
	mue_case_add_op(c, MUE_OP_UPDATE, 0)->reach = MUE_REACH_SUBPROG;
	mue_case_add_op(c, MUE_OP_UPDATE, 0)->reach = MUE_REACH_TAIL_CALL;
	assert_int_equal(mue_asm_case(f, c), 0);
	fclose(f);
	assert_ptr_equal(strstr(text, "phase 1: xdp\n   0: (bf) r6 = r1\n"), text);
	assert_non_null(strstr(text, "call bpf_tail_call#12\n"));
	assert_non_null(strstr(text, "(95) exit\nfunc 1:\n"));
	assert_non_null(strstr(text, "phase 1: xdp, behind its tail call\n   0: "));
	free(text);
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_of_each_kind),
		cmocka_unit_test(test_what_is_none_is_shown),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_maps_have_names),
		cmocka_unit_test(test_a_case_as_listing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
