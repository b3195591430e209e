/*
 * Inside lowering: the program being written, and what its parts share. Only
 * cases/lower*.c includes this.
 *
 * Registers: R6 the context, R7 the parameter block at `base`, R8 the key, R9 the value.
 * R0-R5 are scratch and hold nothing from one piece to the next.
 */
#ifndef MUE_CASES_LOWER_EMIT_H
#define MUE_CASES_LOWER_EMIT_H

#include "cases/insn.h"
#include "cases/lower.h"

/*
 * The frame, as offsets from R10. Keys and values go below SLOTS, and take at
 * most MUE_STACK_ROOM + 16 bytes with their alignment; so the lowest 16 of FRAME
 * bytes are never written. Another 32 are left for a subprogram's own frame.
 */
enum {
	SLOT_LOOKUP = -8, /* the pointer that the latest lookup found, or NULL */
	SLOT_INDEX = -16, /* a u32 key of the lowering's own lookups */
	SLOT_COUNT = -24, /* of loops */
	SLOT_CALL = -56,  /* a callback's struct: key, value, flags, ret */
	SLOT_SOCK = -32,  /* the socket to release; a call with one is in no callback */
	SLOTS = 64,
	FRAME = 480,
};

enum {
	HELPER_LOOKUP = 1,
	HELPER_UPDATE = 2,
	HELPER_DELETE = 3,
	HELPER_TAIL_CALL = 12,
	HELPER_PID_TGID = 14,
	HELPER_SK_LOOKUP_TCP = 84,
	HELPER_SK_LOOKUP_UDP = 85,
	HELPER_SK_RELEASE = 86,
	HELPER_TCP_SOCK = 96,
	HELPER_SKC_LOOKUP_TCP = 99,
	HELPER_RINGBUF_RESERVE = 131,
	HELPER_RINGBUF_DISCARD = 133,
	HELPER_LOOP = 181,
};

/* Forward jumps to one place that is not yet known. */
#define JUMPS_MAX 8
struct jumps {
	uint32_t n;
	uint32_t at[JUMPS_MAX];
};

/* A function that is called from instruction `call` and written behind the main one. */
struct stub {
	uint32_t call;
	uint8_t reach, map;
};

struct lowering {
	struct mue_program *p;
	const struct mue_layout *l;
	const struct mue_case *c;
	const struct mue_phase *phase;
	uint32_t base; /* the offset in io that R7 points to */
	bool full;     /* something did not fit */
	uint32_t n_stubs;
	struct stub stubs[MUE_FUNCS_MAX];
};

/* A key or value argument: where it comes from and where it can be found. */
struct arg {
	uint8_t reg; /* the register that gets the pointer: R8 or R9 */
	uint8_t from;
	uint32_t size;
	uint32_t io, packet;
	uint32_t sock, tuple;
	int16_t stack; /* where its bytes stand if on the stack */
	const struct mue_bytes *bytes;
};

static inline void emit(struct lowering *w, struct bpf_insn insn)
{
	if (w->p->n < MUE_INSNS_MAX)
		w->p->insns[w->p->n++] = insn;
	else
		w->full = true;
}

static inline void emit_ld64(struct lowering *w, uint8_t dst, uint8_t src, uint32_t lo, uint32_t hi)
{
	emit(w, MUE_LD_IMM64_LO(dst, src, lo));
	emit(w, MUE_LD_IMM64_HI(hi));
}

/* dst = a map. */
static inline void emit_map(struct lowering *w, uint8_t dst, uint32_t handle)
{
	emit_ld64(w, dst, BPF_PSEUDO_MAP_FD, handle, 0);
}

/* dst = a byte of the value of the array map `handle`. */
static inline void emit_map_value(struct lowering *w, uint8_t dst, uint32_t handle, uint32_t offset)
{
	emit_ld64(w, dst, BPF_PSEUDO_MAP_VALUE, handle, offset);
}

/* dst = a 64-bit number. */
void emit_number(struct lowering *w, uint8_t dst, uint64_t n);

/*
 * *(u64 *)(R10 + slot) = 0, by way of R1: before 6.3 the verifier forgets what
 * an immediate store has written to the stack.
 */
void emit_zero(struct lowering *w, int slot);

/* dst = R10 + offset. */
void emit_stack(struct lowering *w, uint8_t dst, int offset);

/*
 * A register and an offset that reach `size` bytes at `at` of the parameter block: R7 when they
 * are near, else `scratch`, loaded.
 */
struct place {
	uint8_t reg;
	int16_t off;
};
struct place emit_io(struct lowering *w, uint8_t scratch, uint32_t at, uint32_t size);

/*
 * Copies `size` bytes through R1 with the widest accesses that keep to alignment: both
 * ends are taken to be 8-aligned at `skip` = 0, and the first `skip` bytes are left out. `odd`
 * copies byte by byte.
 */
void emit_copy(struct lowering *w, struct place to, struct place from, uint32_t skip, uint32_t size,
	       bool odd);

/* A jump whose offset lands when emit_land says here. */
void emit_jump(struct lowering *w, struct jumps *j, struct bpf_insn insn);
void emit_land(struct lowering *w, const struct jumps *j);

/*
 * arg.reg = the pointer that origin arg.from gives. Failures at run time (no packet, no
 * reservation, no looked-up value) go to `fail`, with nothing held.
 */
void emit_arg(struct lowering *w, const struct arg *a, struct jumps *fail);
/* Gives back what emit_arg holds. */
void emit_arg_release(struct lowering *w, const struct arg *a);

/*
 * lower_socks.c: what a phase with sockets begins with: a slot that is written on every path, so that
 * paths come together again.
 */
void emit_socks_begin(struct lowering *w);
/* The same for origins that are sockets. */
void emit_sock(struct lowering *w, const struct arg *a, struct jumps *fail);
void emit_sock_release(struct lowering *w, const struct arg *a);
/* Where R0 is a socket that a map's lookup found: R3 = its number, and it is released. */
void emit_sock_number(struct lowering *w);

/* The update call of `op` at its reach, from R8 and R9 to R0. */
void emit_reach(struct lowering *w, const struct mue_op *op, const struct mue_step_layout *at,
		struct jumps *fail);
/* The functions that reaches have asked for, behind the main one. */
void emit_stubs(struct lowering *w);

/* One step: all that is between the parameter block's inputs and outputs of it. */
void emit_step(struct lowering *w, uint32_t op);

#endif
