/*
 * Operations: instructions as the interpreter executes them, one for each instruction slot, and
 * what each arithmetic operation computes.
 */
#ifndef MUE_EMULATOR_INSNS_H
#define MUE_EMULATOR_INSNS_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

/* Younger than the oldest uapi header that we build with. */
#define EMU_MEMSX 0x80
#define EMU_JCOND 0xe0
#define EMU_PSEUDO_KFUNC 2

enum emu_code {
#define EMU_ALU(ID, ...) EMU_##ID##64_K, EMU_##ID##64_X, EMU_##ID##32_K, EMU_##ID##32_X,
#define EMU_ALU_X(ID, ...) EMU_##ID##64_X, EMU_##ID##32_X,
#define EMU_ALU64_X(ID, ...) EMU_##ID##64_X,
#define EMU_NEG(ID, ...) EMU_##ID##64, EMU_##ID##32,
#define EMU_END(ID, ...) EMU_##ID,
#define EMU_JMP(ID, ...) EMU_##ID##64_K, EMU_##ID##64_X, EMU_##ID##32_K, EMU_##ID##32_X,
#define EMU_LDX(ID, ...) EMU_##ID,
#define EMU_STORE(ID, ...) EMU_ST##ID, EMU_STX##ID,
#define EMU_ATOMIC(ID, ...) EMU_ATOMIC_##ID##_W, EMU_ATOMIC_##ID##_DW,
#define EMU_FETCH(ID, ...) EMU_ATOMIC_##ID##_W, EMU_ATOMIC_##ID##_DW,
#define EMU_CONTROL(ID, ...) EMU_##ID,
#define EMU_INTERNAL(ID) EMU_##ID,
#include "runners/emulator/insns.def"
	EMU_CODES
};

/* An operation. Jumps and local calls have their distance from this slot in `off`. */
struct emu_op {
	uint16_t code;
	uint8_t dst, src;
	int32_t off;
	uint64_t imm; /* sign-extended, or all 64 bits, or the helper's address */
};

/* The operation of an instruction, or EMU_BAD. Looks at the fields that tell operations apart. */
enum emu_code emu_code_of(const struct bpf_insn *insn);

/*
 * Whether the fields that an instruction does not use are zero and its registers exist;
 * a check that kernels make for every instruction.
 */
bool emu_insn_well_formed(const struct bpf_insn *insn);

#define EMU_ALU_FUNCTION(ID, bits, expr)             \
	static inline U emu_alu_##ID##bits(U d, U s) \
	{                                            \
		return expr;                         \
	}
#define EMU_JMP_FUNCTION(ID, bits, expr)                \
	static inline bool emu_jmp_##ID##bits(U d, U s) \
	{                                               \
		return expr;                            \
	}

#define U uint64_t
#define S int64_t
#define BITS 64
#define EMU_ALU(ID, code, off, expr) EMU_ALU_FUNCTION(ID, 64, expr)
#define EMU_ALU_X(ID, code, off, expr) EMU_ALU_FUNCTION(ID, 64, expr)
#define EMU_ALU64_X(ID, code, off, expr) EMU_ALU_FUNCTION(ID, 64, expr)
#define EMU_JMP(ID, code, expr) EMU_JMP_FUNCTION(ID, 64, expr)
#include "runners/emulator/insns.def"
#undef U
#undef S
#undef BITS
#define U uint32_t
#define S int32_t
#define BITS 32
#define EMU_ALU(ID, code, off, expr) EMU_ALU_FUNCTION(ID, 32, expr)
#define EMU_ALU_X(ID, code, off, expr) EMU_ALU_FUNCTION(ID, 32, expr)
#define EMU_JMP(ID, code, expr) EMU_JMP_FUNCTION(ID, 32, expr)
#include "runners/emulator/insns.def"
#undef U
#undef S
#undef BITS

#endif
