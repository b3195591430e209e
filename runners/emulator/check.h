/*
 * Inside the checker: what is known at a point of a program, and the pieces that follow it
 * along every path. Only check*.c include this.
 *
 * Terms are the verifier's: a slot is 8 bytes of stack, spilling keeps a register's state in one;
 * a pointer that may be NULL has an id, and all copies of it change together.
 */
#ifndef MUE_EMULATOR_CHECK_H
#define MUE_EMULATOR_CHECK_H

#include <errno.h>
#include <string.h>

#include "cases/case.h"
#include "runners/emulator/check_range.h"
#include "runners/emulator/checker.h"

#define CHECK_SLOTS (EMU_STACK_SIZE / 8)
#define CHECK_REFS_MAX 16
#define CHECK_PACKET_MAX 0xffff	      /* bytes of a packet that can be reached */
#define CHECK_VAR_OFF_MAX (1 << 29)   /* how far pointers are moved */
#define CHECK_MISSES_MAX 4	      /* a point that so many states have missed is forgotten */
#define CHECK_POINTS_SIZE (64u << 20) /* bytes of remembered points */
#define CHECK_BYTES_KEPT (1u << 20)   /* of room, from one program to the next */
#define CHECK_PENDING_MAX 8192	      /* branches not yet followed */

enum check_type {
	CHECK_NONE, /* nothing was written to it */
	CHECK_SCALAR,
	CHECK_CTX,
	CHECK_MAP,
	CHECK_VALUE, /* a map's value */
	CHECK_STACK,
	CHECK_PACKET,
	CHECK_PACKET_END,
	CHECK_MEM, /* a ring buffer reservation */
	CHECK_FUNC,
	CHECK_SOCK_COMMON,
	CHECK_SOCKET,
	CHECK_TCP_SOCK,
};

struct check_reg {
	uint8_t type; /* enum check_type */
	bool or_null;
	uint8_t frame;	    /* STACK: which */
	uint8_t object;	    /* MAP, VALUE: which */
	int32_t off;	    /* pointers: the constant part of the offset */
	uint32_t size;	    /* PACKET: bytes known to be there; MEM: all bytes */
	uint32_t id;	    /* copies that change together, or 0 */
	uint32_t ref;	    /* MEM, sockets: what is to be given back, or 0 */
	struct emu_range n; /* SCALAR: the number; pointers: the variable part of the offset */
};

enum check_byte { BYTE_INVALID, BYTE_MISC, BYTE_ZERO, BYTE_SPILL };

struct check_slot {
	uint8_t byte[8];      /* enum check_byte, in the order of addresses */
	struct check_reg reg; /* what BYTE_SPILL bytes are the low ones of */
};

struct check_frame {
	struct check_reg regs[BPF_REG_10 + 1];
	uint32_t callsite;	  /* the call's slot */
	uint32_t func;		  /* index in funcs[] */
	bool callback;		  /* called by bpf_loop */
	uint32_t rounds;	  /* callbacks: followed before this one */
	uint32_t n_refs;	  /* held when it was called */
	struct check_reg context; /* callbacks: what the next round gets, too */
	uint32_t n_slots;	  /* in use; slot 0 is at the top of the frame */
	struct check_slot slots[CHECK_SLOTS];
};

struct check_state {
	uint32_t n_frames, n_refs;
	uint32_t refs[CHECK_REFS_MAX];
	struct check_frame frames[EMU_FRAMES_MAX];
};

/* A function of the program. */
struct check_func {
	uint32_t start, end;
	uint32_t depth;		/* bytes of stack that it uses */
	uint32_t above, frames; /* the most of both when it is called, itself among the frames */
	uint64_t loaded;	/* bit n: slot n's contents have mattered */
	bool tail_call;
};

/* What is known of each instruction slot before any path is followed. */
struct check_insn {
	uint16_t live; /* registers that are read before they are written */
	bool prune;    /* a place to compare states at */
	bool back;     /* a jump comes here from below */
	bool reached;
	bool malformed; /* to be refused when a path comes here */
	uint8_t call;	/* what is known of map calls, see enum call_map below */
	uint8_t call_object;
	uint8_t mem;   /* 1 + the kind of pointer it accesses memory by, or 0 */
	int32_t point; /* the latest remembered point here, or -1 */
};
enum call_map { CALL_UNSEEN, CALL_ONE_MAP, CALL_MANY_MAPS };

/* A growing array of bytes. */
struct check_bytes {
	uint8_t *at;
	size_t used, room;
};

struct emu_checker {
	struct emu_vm *vm;
	const struct emu_load *load;
	char *msg;
	const struct bpf_insn *insns;
	uint32_t n;
	uint32_t at;		  /* the instruction in hand */
	uint32_t ids;		  /* handed out */
	struct check_insn *marks; /* n of them */
	uint8_t *notes;
	uint32_t room; /* instructions that marks and notes have room for */
	uint32_t n_funcs, funcs_room;
	struct check_func *funcs;
	struct check_bytes points, pending;
	uint32_t n_pending;
	int32_t last_point;	      /* the one that the path in hand comes from */
	uint32_t steps, since, jumps; /* followed in all; since the latest point */
	struct check_state state;
};

static inline struct check_frame *check_frame(struct emu_checker *k)
{
	return &k->state.frames[k->state.n_frames - 1];
}

static inline struct check_reg *check_regs(struct emu_checker *k)
{
	return check_frame(k)->regs;
}

static inline bool check_is_pointer(const struct check_reg *r)
{
	return r->type > CHECK_SCALAR;
}

static inline bool check_has(const struct emu_checker *k, enum mue_change change)
{
	return mue_world_has(&k->vm->world, change);
}

/* Fills msg, beginning with the instruction in hand; gives `err`. */
__attribute__((format(printf, 3, 4))) int check_refuse(struct emu_checker *k, int err,
						       const char *format, ...);

static inline void check_number(struct check_reg *r, struct emu_range n)
{
	r->type = CHECK_SCALAR;
	r->or_null = false;
	r->id = r->ref = 0;
	r->n = n;
}

/* A pointer of that type, to its beginning. */
static inline void check_point(struct check_reg *r, enum check_type type)
{
	*r = (struct check_reg){.type = type, .n = emu_range_const(0)};
}

/* check_shape.c: what can be said without following paths. Fills marks and funcs. */
int check_shape(struct emu_checker *k);
/* Asks only what decoding needs. */
int check_decodable(struct emu_checker *k);
/* The index of the function that begins at slot `start`, or -1. */
int check_func_at(const struct emu_checker *k, uint32_t start);
/* Without JIT there are no callbacks (semantics V9). */
int check_callbacks(struct emu_checker *k);
/* The stack of every chain of calls is at most one frame's. */
int check_depths(struct emu_checker *k);

/* check_live.c: marks[].live. */
void check_live(struct emu_checker *k);

/* check_maps.c: whether programs of this type may use object `number` at all. */
int check_object(struct emu_checker *k, uint32_t number);
/* What the checker knows of the map behind a MAP register. */
struct check_map {
	uint32_t type, key_size, value_size, max_entries, flags, special;
};
struct check_map check_map_of(const struct emu_checker *k, uint32_t number);

/* What the pieces below give instead of 0 when nothing follows on this path. */
#define CHECK_PATH_ENDS 1

/* check_state.c */
/*
 * Keeps the state for later, to go on at slot `at`, or (taken) where the jump there goes.
 */
int check_push(struct emu_checker *k, uint32_t at, bool taken);
/* Goes back to the latest one kept; false when there is none. */
bool check_pop(struct emu_checker *k, bool *taken);
/*
 * At a place to compare states: CHECK_PATH_ENDS when what follows is known to be fine, 0 to go on,
 * -EINVAL for a loop without an end.
 */
int check_visit(struct emu_checker *k);
/* The path in hand ends well. */
void check_path_end(struct emu_checker *k);
/* Calls fn for every register and spilled register of all frames. */
void check_each(struct emu_checker *k, void (*fn)(struct check_reg *r, void *ctx), void *ctx);

/* check_alu.c */
int check_alu(struct emu_checker *k, const struct bpf_insn *i);

/* check_jump.c: each sets k->at. */
int check_jump(struct emu_checker *k, const struct bpf_insn *i);
/* Goes the taken way of the conditional jump at k->at, with what that tells. */
int check_jump_taken(struct emu_checker *k);

/* check_mem.c */
int check_load(struct emu_checker *k, const struct bpf_insn *i);
int check_store(struct emu_checker *k, const struct bpf_insn *i);
int check_atomic(struct emu_checker *k, const struct bpf_insn *i);
/* Whether a helper may read `size` bytes behind register `reg`. */
int check_helper_reads(struct emu_checker *k, unsigned reg, uint32_t size);
/* The constant of `size` bytes on the stack at pointer `r`, if the verifier knows it. */
bool check_stack_const(struct emu_checker *k, const struct check_reg *r, uint32_t size,
		       uint64_t *n);

/* check_socks.c: sockets as arguments, results and memory. */
static inline bool check_is_sock(const struct check_reg *r)
{
	return r->type == CHECK_SOCK_COMMON || r->type == CHECK_SOCKET ||
	       r->type == CHECK_TCP_SOCK;
}
/* Whether programs of this type have the helpers that look sockets up, give them back, show TCP's. */
bool check_has_sk_lookup(const struct emu_checker *k);
bool check_has_sk_release(const struct emu_checker *k);
bool check_has_tcp_sock(const struct emu_checker *k);
/* Whether they may update and delete in SOCKMAP and SOCKHASH. */
bool check_may_update_socks(const struct emu_checker *k);
bool check_may_delete_socks(const struct emu_checker *k);
/* `reg` is a socket. */
int check_arg_sock(struct emu_checker *k, unsigned reg);
/* R0 = one of that type or NULL; `ref` is what it belongs to, or 0. */
void check_give_sock(struct emu_checker *k, enum check_type type, uint32_t ref);
/* The same, held: to be given back. */
int check_give_held_sock(struct emu_checker *k, enum check_type type);
/* Reading `size` bytes at `off` of a socket. */
int check_on_sock(struct emu_checker *k, const struct check_reg *p, int64_t off, uint64_t size,
		  enum emu_access access);
/*
 * A load of the context's socket into *d: CHECK_PATH_ENDS when it is none of this field; 0; or -EACCES.
 */
int check_load_ctx_sock(struct emu_checker *k, struct check_reg *d, int64_t off, unsigned size);

/* check_call.c */
int check_call(struct emu_checker *k, const struct bpf_insn *i);
/* check_frames.c: each sets k->at. */
int check_call_local(struct emu_checker *k, const struct bpf_insn *i);
/* bpf_loop of the callback at slot `func`, and what follows it. */
int check_call_loop(struct emu_checker *k, uint32_t func, const struct check_reg *context);
/* What a call leaves of R0 to R5: nothing. */
void check_clobber(struct emu_checker *k);
/* Goes on in the caller, or ends the path. */
int check_exit(struct emu_checker *k);
/* check_return.c: whether R0 is what the program, a callback may return. */
int check_return(struct emu_checker *k);
int check_return_of_callback(struct emu_checker *k);

/* Whether `reg` holds something; -EACCES if not. */
static inline int check_readable(struct emu_checker *k, unsigned reg)
{
	if (check_regs(k)[reg].type != CHECK_NONE)
		return 0;
	return check_refuse(k, -EACCES, "R%u !read_ok", reg);
}

#endif
