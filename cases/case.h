/*
 * A case: a question, as plain data without pointers and of bounded size.
 *
 * It holds maps, phases, and one pool of ops; a phase owns the ops
 * [first, first + count). Only the used part of each pool has meaning.
 */
#ifndef MUE_CASES_CASE_H
#define MUE_CASES_CASE_H

#include "cases/bytes.h"
#include "cases/tables.h"

#define MUE_NAME_MAX 128
#define MUE_NOTE_MAX 512
#define MUE_MAPS_MAX 8
#define MUE_SOCKS_MAX 8
#define MUE_PHASES_MAX 128
#define MUE_OPS_MAX 512
#define MUE_TIMES_MAX 4096
#define MUE_EDITS_MAX 16
#define MUE_STACK_ROOM 384 /* bytes of the program's stack for keys and values */

/*
 * A user-side update of a per-CPU map writes `value` to every CPU, counted up
 * (mue_bytes_count_up) by this times the CPU's number.
 */
#define MUE_CPU_STEP 16

/* A special field at offset 0 of a map's value (specials.def). */
enum mue_special {
#define MUE_SPECIAL(ID, ...) MUE_SPECIAL_##ID,
#include "cases/specials.def"
#undef MUE_SPECIAL
	MUE_SPECIALS
};
struct mue_special_row {
	const char *name, *type; /* the word; the kernel's name of the struct */
	uint32_t size, since;
	bool lock; /* there is a bpf_spin_lock */
};
extern const struct mue_special_row mue_special_rows[MUE_SPECIALS];
/* Its size in bytes; 0 for a number without a row. */
uint32_t mue_special_size(unsigned special);

struct mue_map {
	char name[16];
	uint32_t type; /* enum mue_map_type; any number may be asked */
	uint32_t key_size, value_size, max_entries;
	uint32_t flags;	    /* map_flags */
	uint32_t numa_node; /* counts with BPF_F_NUMA_NODE */
	uint32_t special;   /* enum mue_special */
	uint32_t inner;	    /* 1 + the number of an earlier map, the template of its elements; or 0 */
};

struct mue_sock {
	uint32_t kind; /* enum mue_sock_kind */
};

struct mue_op {
	uint8_t kind;	    /* enum mue_op_kind */
	uint8_t map, map2;  /* indexes; map2 only for MUE_REACH_SHARED, MUE_OBJECT_MAP */
	uint8_t key_from;   /* enum mue_origin; steps only */
	uint8_t value_from; /* enum mue_origin; update steps only */
	uint8_t reach;	    /* enum mue_reach; update steps only */
	uint8_t flags_const; /* flags as an immediate, not from the parameter block */
	uint8_t key_object;   /* enum mue_object; user-side calls only: */
	uint8_t value_object; /* its descriptor stands over bytes of the key, of the value */
	uint8_t sock;	     /* index; only for ops that are about a socket */
	uint16_t times;	     /* 1.. : repetitions of LOOP steps, of user updates, of a batch */
	uint64_t flags;	     /* update flags */
	struct mue_bytes key, value;
};

/* Whether an op of this kind takes a key, a value; else those bytes have no meaning. */
bool mue_op_has_key(unsigned kind);
bool mue_op_has_value(unsigned kind);

/* Where in a value of map `m` (else in its key) a descriptor stands, and its size: 4 or 8 bytes. */
struct mue_fd_place {
	uint32_t at, size;
};
struct mue_fd_place mue_value_fd_place(const struct mue_map *m);
struct mue_fd_place mue_key_fd_place(const struct mue_map *m);
/* Whether each value of such a map is stored with an object, whose descriptor is the key (semantics G). */
bool mue_map_has_owners(uint32_t type);
#define MUE_KEY_FD_PLACE ((struct mue_fd_place){0, 4})
/* The creation flags without which no map of the type can be had. */
uint32_t mue_map_needs_flags(uint32_t type);

/*
 * The number that stands for an object where a kernel shows an id of its own (semantics O6): of a map, 1
 * and its number in the case; else 0x100 and the object's number.
 */
uint32_t mue_object_number(unsigned object, unsigned map);

/* A phase is a program invocation, or a list of user-side calls (prog_type 0). */
struct mue_phase {
	uint32_t prog_type;   /* enum mue_prog_type; 0 for a user phase */
	uint32_t attach_type; /* expected_attach_type; 0: the table's */
	uint16_t cpu;	      /* it runs pinned to this CPU */
	uint8_t sleepable;    /* load with BPF_F_SLEEPABLE (implied where a must) */
	uint8_t load_only;    /* observe the load verdict, do not run */
	uint32_t trigger;     /* enum mue_via (cases/attach.h): what makes it run; 0: the usual */
	uint32_t returns;     /* enum mue_return (cases/attach.h); 0: the usual */
	uint32_t proprietary; /* declare a licence that is not the GPL's; 0 or 1 */
	uint32_t first, count;
};

/*
 * A change to the instructions that the first phase which a test run runs is lowered to (its main
 * part): what fuzzers make of a program, which then is no longer what the ops say. They are made in
 * order; see mue_edit_apply.
 */
struct mue_edit {
	uint32_t at;	 /* the number of an instruction, modulo how many there are */
	uint32_t insert; /* 1: in front of it, 0: in place of it */
	uint32_t imm;
	uint16_t off;
	uint8_t code, regs; /* regs: dst_reg | src_reg << 4 */
};

struct mue_case {
	char name[MUE_NAME_MAX]; /* facts, joined by '/' */
	char note[MUE_NOTE_MAX]; /* for the reader; lines end with '\n' */
	uint32_t n_maps, n_socks, n_edits, n_phases, n_ops;
	struct mue_map maps[MUE_MAPS_MAX];
	struct mue_sock socks[MUE_SOCKS_MAX]; /* the first is number 1 (cases/socks.h) */
	struct mue_edit edits[MUE_EDITS_MAX];
	struct mue_phase phases[MUE_PHASES_MAX];
	struct mue_op ops[MUE_OPS_MAX];
};

/* Whether the program of a phase is edited. */
bool mue_phase_edited(const struct mue_case *c, uint32_t phase);

/* An empty case of this name. Does not touch the unused pools. */
void mue_case_init(struct mue_case *c, const char *name);

/* Copies the used parts only. */
void mue_case_copy(struct mue_case *to, const struct mue_case *from);

/*
 * Builders, for families and parsers. Each gives the new element, zeroed but for
 * what is said here, or NULL when the pool is full.
 * An op is added to the last phase; times is 1.
 */
struct mue_map *mue_case_add_map(struct mue_case *c, const char *name, unsigned type,
				 uint32_t key_size, uint32_t value_size, uint32_t max_entries,
				 uint32_t flags);
/* A socket of this kind; its number, or 0 when there are too many. */
unsigned mue_case_add_sock(struct mue_case *c, unsigned kind);
struct mue_phase *mue_case_add_phase(struct mue_case *c, unsigned prog_type);
struct mue_op *mue_case_add_op(struct mue_case *c, unsigned kind, unsigned map);

/*
 * Whether the case is one that can be asked: indexes in range, ops where they may
 * stand, keys that fit where they come from, at most one tail call a phase, ... The
 * rules stand in docs/case-format.md. Gives 0, or -EINVAL and one line in msg that names
 * the op or phase and what was expected (msg_size 0: nobody wants to know). Canonicalises nothing.
 */
int mue_case_check(const struct mue_case *c, char *msg, size_t msg_size);

/* Equal as questions: names and notes aside, bytes compared as resolved. */
bool mue_case_same(const struct mue_case *a, const struct mue_case *b);

#endif
