/*
 * eBPF instructions as C expressions, named as RFC 9669 names their parts. Registers are
 * BPF_REG_n; sizes BPF_B, BPF_H, BPF_W, BPF_DW; operations the BPF_ADD.. of <linux/bpf.h>.
 */
#ifndef MUE_CASES_INSN_H
#define MUE_CASES_INSN_H

#include <linux/bpf.h>

#define MUE_INSN(CODE, DST, SRC, OFF, IMM) \
	((struct bpf_insn){                \
		.code = (CODE), .dst_reg = (DST), .src_reg = (SRC), .off = (OFF), .imm = (IMM)})

/* dst = dst OP imm; dst = dst OP src; BPF_MOV moves. 64 and 32 bits. */
#define MUE_ALU64_IMM(OP, DST, IMM) MUE_INSN(BPF_ALU64 | (OP) | BPF_K, DST, 0, 0, IMM)
#define MUE_ALU64_REG(OP, DST, SRC) MUE_INSN(BPF_ALU64 | (OP) | BPF_X, DST, SRC, 0, 0)
#define MUE_ALU32_IMM(OP, DST, IMM) MUE_INSN(BPF_ALU | (OP) | BPF_K, DST, 0, 0, IMM)
#define MUE_ALU32_REG(OP, DST, SRC) MUE_INSN(BPF_ALU | (OP) | BPF_X, DST, SRC, 0, 0)
#define MUE_MOV64_IMM(DST, IMM) MUE_ALU64_IMM(BPF_MOV, DST, IMM)
#define MUE_MOV64_REG(DST, SRC) MUE_ALU64_REG(BPF_MOV, DST, SRC)
#define MUE_NEG64(DST) MUE_INSN(BPF_ALU64 | BPF_NEG | BPF_K, DST, 0, 0, 0)

/* dst = *(SIZE *)(src + off); *(SIZE *)(dst + off) = src; ... = imm. */
#define MUE_LDX(SIZE, DST, SRC, OFF) MUE_INSN(BPF_LDX | BPF_MEM | (SIZE), DST, SRC, OFF, 0)
#define MUE_STX(SIZE, DST, OFF, SRC) MUE_INSN(BPF_STX | BPF_MEM | (SIZE), DST, SRC, OFF, 0)
#define MUE_ST(SIZE, DST, OFF, IMM) MUE_INSN(BPF_ST | BPF_MEM | (SIZE), DST, 0, OFF, IMM)
/* lock *(SIZE *)(dst + off) OP= src. BPF_ATOMIC has the number of the older BPF_XADD. */
#define MUE_ATOMIC(SIZE, OP, DST, OFF, SRC) \
	MUE_INSN(BPF_STX | BPF_ATOMIC | (SIZE), DST, SRC, OFF, OP)

/* if dst OP imm goto +off; if dst OP src goto +off; goto +off. */
#define MUE_JMP_IMM(OP, DST, IMM, OFF) MUE_INSN(BPF_JMP | (OP) | BPF_K, DST, 0, OFF, IMM)
#define MUE_JMP_REG(OP, DST, SRC, OFF) MUE_INSN(BPF_JMP | (OP) | BPF_X, DST, SRC, OFF, 0)
#define MUE_JA(OFF) MUE_INSN(BPF_JMP | BPF_JA, 0, 0, OFF, 0)
#define MUE_CALL(HELPER) MUE_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, HELPER)
#define MUE_CALL_SUB(IMM) MUE_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, IMM)
#define MUE_EXIT() MUE_INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* The two slots of a 64-bit immediate load; src says what the immediate is (BPF_PSEUDO_*). */
#define MUE_LD_IMM64_LO(DST, SRC, LO) MUE_INSN(BPF_LD | BPF_DW | BPF_IMM, DST, SRC, 0, LO)
#define MUE_LD_IMM64_HI(HI) MUE_INSN(0, 0, 0, 0, HI)

#endif
