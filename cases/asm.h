/*
 * Programs as text, in the notation of the kernel verifier's log and of bpftool:
 * "0: (b7) r0 = 0". Maps are called by their names in the case, or by their
 * handles': map[io][0]+24.
 */
#ifndef MUE_CASES_ASM_H
#define MUE_CASES_ASM_H

#include <stdio.h>

#include "cases/lower.h"

#define MUE_ASM_MAX 128

/*
 * Writes one instruction, "(b7) r0 = 0", to a buffer of `size` bytes (MUE_ASM_MAX is enough). A
 * 64-bit immediate load takes the slot behind it too. `c` names the maps and may be NULL. What is
 * no instruction gets its bytes shown. Gives the number of slots: 2 or 1.
 */
uint32_t mue_asm_insn(char *to, size_t size, const struct bpf_insn *insn, const struct mue_case *c);

/* All of a program, one instruction a line; functions behind the main one begin with "func N:". */
void mue_asm_program(FILE *to, const struct mue_program *p, const struct mue_case *c);

/* Every program of a case. 0, or -ENOMEM; a part that does not fit (mue_lower) is said to be too
 * large. */
int mue_asm_case(FILE *to, const struct mue_case *c);

#endif
