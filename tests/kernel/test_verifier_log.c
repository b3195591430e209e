/* Disassembly against this kernel's own: the verifier's log of a program that has most
 * instructions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/asm.h"
#include "cases/insn.h"

#define LOG_SIZE (1 << 22)
#define SX(CODE, DST, SRC, OFF) MUE_INSN(CODE, DST, SRC, OFF, 0)

static const uint8_t ops[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR,  BPF_AND,
			      BPF_LSH, BPF_RSH, BPF_MOD, BPF_XOR, BPF_MOV, BPF_ARSH};
static const uint8_t jumps[] = {BPF_JEQ,  BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT,
				BPF_JSGE, BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE};

static uint32_t put_alu(struct bpf_insn *p)
{
	uint32_t n = 0;

	p[n++] = MUE_MOV64_IMM(BPF_REG_1, -5);
	p[n++] = MUE_MOV64_IMM(BPF_REG_2, 3);
	for (size_t i = 0; i < sizeof(ops); i++) {
		p[n++] = MUE_ALU64_IMM(ops[i], BPF_REG_1, 7);
		p[n++] = MUE_ALU64_REG(ops[i], BPF_REG_1, BPF_REG_2);
		p[n++] = MUE_ALU32_IMM(ops[i], BPF_REG_1, 7);
		p[n++] = MUE_ALU32_REG(ops[i], BPF_REG_1, BPF_REG_2);
	}
	p[n++] = MUE_NEG64(BPF_REG_1);
	p[n++] = MUE_INSN(BPF_ALU | BPF_NEG, BPF_REG_1, 0, 0, 0);
	for (int bits = 16; bits <= 64; bits *= 2) {
		p[n++] = MUE_INSN(BPF_ALU | BPF_END | BPF_TO_LE, BPF_REG_1, 0, 0, bits);
		p[n++] = MUE_INSN(BPF_ALU | BPF_END | BPF_TO_BE, BPF_REG_1, 0, 0, bits);
		p[n++] = MUE_INSN(BPF_ALU64 | BPF_END, BPF_REG_1, 0, 0, bits);
		p[n++] = SX(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_2,
			    bits == 64 ? 8 : bits);
	}
	p[n++] = SX(BPF_ALU | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_2, 8);
	p[n++] = SX(BPF_ALU | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_2, 16);
	p[n++] = SX(BPF_ALU64 | BPF_DIV | BPF_X, BPF_REG_1, BPF_REG_2, 1);
	p[n++] = SX(BPF_ALU | BPF_MOD | BPF_X, BPF_REG_1, BPF_REG_2, 1);
	return n;
}

static uint32_t put_memory(struct bpf_insn *p)
{
	static const uint8_t sizes[] = {BPF_DW, BPF_W, BPF_H, BPF_B};
	static const int32_t atomics[] = {0x00, 0x40, 0x50, 0xa0, 0x01,
					  0x41, 0x51, 0xa1, 0xe1, 0xf1};
	uint32_t n = 0;

	p[n++] = MUE_LD_IMM64_LO(BPF_REG_0, 0, 0x12345678);
	p[n++] = MUE_LD_IMM64_HI(0x9abcdef0);
	for (size_t i = 0; i < sizeof(sizes); i++) {
		p[n++] = MUE_ST(sizes[i], BPF_REG_10, -8, -1);
		p[n++] = MUE_STX(sizes[i], BPF_REG_10, -8, BPF_REG_2);
		p[n++] = MUE_LDX(sizes[i], BPF_REG_1, BPF_REG_10, -8);
		if (i)
			p[n++] = MUE_INSN(BPF_LDX | 0x80 | sizes[i], BPF_REG_1, BPF_REG_10, -8, 0);
		p[n++] = MUE_ST(BPF_DW, BPF_REG_10, -8, 1);
	}
	for (size_t i = 0; i < sizeof(atomics) / sizeof(*atomics); i++) {
		p[n++] = MUE_MOV64_IMM(BPF_REG_2, 3);
		p[n++] = MUE_ATOMIC(BPF_W, atomics[i], BPF_REG_10, -8, BPF_REG_2);
		p[n++] = MUE_ATOMIC(BPF_DW, atomics[i], BPF_REG_10, -8, BPF_REG_2);
	}
	return n;
}

static uint32_t put_jumps(struct bpf_insn *p)
{
	uint32_t n = 0;

	p[n++] = MUE_LDX(BPF_DW, BPF_REG_1, BPF_REG_10, -8);
	for (size_t i = 0; i < sizeof(jumps); i++) {
		p[n++] = MUE_JMP_IMM(jumps[i], BPF_REG_1, -9, 0);
		p[n++] = MUE_JMP_REG(jumps[i], BPF_REG_1, BPF_REG_2, 0);
		p[n++] = MUE_INSN(BPF_JMP32 | jumps[i] | BPF_K, BPF_REG_1, 0, 0, 9);
		p[n++] = MUE_INSN(BPF_JMP32 | jumps[i] | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0);
	}
	p[n++] = MUE_JA(0);
	p[n++] = MUE_INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, 0); /* gotol */
	p[n++] = MUE_INSN(BPF_JMP | 0xe0, 0, 0, 0, 0);	   /* may_goto */
	p[n++] = MUE_CALL(BPF_FUNC_ktime_get_ns);
	p[n++] = MUE_CALL_SUB(2);
	p[n++] = MUE_MOV64_IMM(BPF_REG_0, 0);
	p[n++] = MUE_EXIT();
	p[n++] = MUE_MOV64_IMM(BPF_REG_0, 0);
	p[n++] = MUE_EXIT();
	return n;
}

/* Checks a line of the log if it begins with "N: (". */
static void check_line(const struct bpf_insn *insns, uint32_t n, char *line, uint8_t *seen)
{
	char want[MUE_ASM_MAX], *end;
	unsigned long at = strtoul(line, &end, 10);

	if (end == line || strncmp(end, ": (", 3) || at >= n)
		return;
	line = end + 2;
	end = strstr(line, " ;"); /* the state behind it */
	if (end)
		*end = 0;
	for (end = line + strlen(line); end > line && end[-1] == ' ';)
		*--end = 0;
	mue_asm_insn(want, sizeof(want), &insns[at], NULL);
	assert_string_equal(want, line);
	seen[at] = 1;
}

static void test_as_the_verifier_writes(void **state)
{
	static struct bpf_insn insns[512];
	uint8_t seen[512] = {0};
	char *log = malloc(LOG_SIZE);
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = log, .log_size = LOG_SIZE, .log_level = 2);
	uint32_t n = put_alu(insns);
	int fd;

	n += put_memory(insns + n);
	n += put_jumps(insns + n);
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "mue_asm", "GPL", insns, n, &opts);
	if (fd < 0)
		fail_msg("%s", log);
	close(fd);
	for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n"))
		check_line(insns, n, line, seen);
	for (uint32_t i = 0; i < n; i++) /* the second slot of the 64-bit load has code 0 */
		assert_true(seen[i] || !insns[i].code);
	free(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_as_the_verifier_writes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
