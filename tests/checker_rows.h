/* What the rows of tests/checker_rows.def are written in, and the maps that they name. */
#ifndef MUE_TESTS_CHECKER_ROWS_H
#define MUE_TESTS_CHECKER_ROWS_H

#include <errno.h>
#include <string.h>

#include "cases/insn.h"
#include "cases/tables.h"

/* Maps by the numbers that programs name them with. */
enum { ARRAY, HASH, RDONLY, WRONLY, LPM, QUEUE, RING, TAILS, BIG, CHECKER_MAPS };
enum {
	LOOKUP = 1,
	UPDATE = 2,
	DELETE = 3,
	TAIL_CALL = 12,
	RESERVE = 131,
	SUBMIT = 132,
	LOOP = 181
};

struct checker_map {
	uint32_t type, key_size, value_size, max_entries, flags;
};
static const struct checker_map checker_maps[CHECKER_MAPS] = {
	[ARRAY] = {MUE_MAP_ARRAY, 4, 16, 1, 0},
	[HASH] = {MUE_MAP_HASH, 4, 16, 4, 0},
	[RDONLY] = {MUE_MAP_ARRAY, 4, 16, 1, MUE_MAP_F_RDONLY_PROG},
	[WRONLY] = {MUE_MAP_ARRAY, 4, 16, 1, MUE_MAP_F_WRONLY_PROG},
	[LPM] = {MUE_MAP_LPM_TRIE, 8, 16, 4, MUE_MAP_F_NO_PREALLOC},
	[QUEUE] = {MUE_MAP_QUEUE, 0, 16, 4, 0},
	[RING] = {MUE_MAP_RINGBUF, 0, 0, 4096, 0},
	[TAILS] = {MUE_MAP_PROG_ARRAY, 4, 4, 1, 0},
	[BIG] = {MUE_MAP_ARRAY, 4, 16, 8, 0},
};

#define INSNS(...)                              \
	(const struct bpf_insn[]){__VA_ARGS__}, \
		sizeof((struct bpf_insn[]){__VA_ARGS__}) / sizeof(struct bpf_insn)
#define MAP(DST, NUMBER) MUE_LD_IMM64_LO(DST, BPF_PSEUDO_MAP_FD, NUMBER), MUE_LD_IMM64_HI(0)
#define VALUE(DST, NUMBER) MUE_LD_IMM64_LO(DST, BPF_PSEUDO_MAP_VALUE, NUMBER), MUE_LD_IMM64_HI(0)
#define FUNC(DST, OFF) MUE_LD_IMM64_LO(DST, BPF_PSEUDO_FUNC, OFF), MUE_LD_IMM64_HI(0)
#define STACK(DST, OFF) MUE_MOV64_REG(DST, 10), MUE_ALU64_IMM(BPF_ADD, DST, OFF)
#define ZERO MUE_MOV64_IMM(0, 0), MUE_EXIT()
/* A key and a value on the stack, and R1 to R4 for an update. */
#define UPDATE_ARGS(NUMBER)                                                               \
	MUE_ST(BPF_W, 10, -4, 0), MUE_ST(BPF_DW, 10, -16, 0), MUE_ST(BPF_DW, 10, -24, 0), \
		MAP(1, NUMBER), STACK(2, -4), STACK(3, -24), MUE_MOV64_IMM(4, 0)
/* R0 = the looked-up value, or NULL. */
#define LOOK_UP(NUMBER) MUE_ST(BPF_W, 10, -4, 0), MAP(1, NUMBER), STACK(2, -4), MUE_CALL(LOOKUP)
/* R0 = a number that is not known. */
#define UNKNOWN(DST) VALUE(DST, ARRAY), MUE_LDX(BPF_DW, DST, DST, 0)
/* R2 = the packet's beginning, R3 its end, R4 = R2 + n. */
#define PACKET(N)                                                              \
	MUE_LDX(BPF_W, 2, 1, 0), MUE_LDX(BPF_W, 3, 1, 4), MUE_MOV64_REG(4, 2), \
		MUE_ALU64_IMM(BPF_ADD, 4, N)

#endif
