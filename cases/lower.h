/*
 * Lowering: a program phase as eBPF instructions, and the parameter block
 * through which they are fed and answer.
 *
 * The block ("io") is the value of a private array map. Results are stored into it
 * directly; keys, values and run-time flags come from it, so that one
 * loaded program serves every case of the same shape.
 */
#ifndef MUE_CASES_LOWER_H
#define MUE_CASES_LOWER_H

#include <linux/bpf.h>

#include "cases/case.h"
#include "cases/observation.h"

#define MUE_INSNS_MAX 16384
#define MUE_PARTS_MAX 2 /* the program, and the one a tail call jumps to */
#define MUE_FUNCS_MAX 64
#define MUE_IO_SIZE_MAX (16u << 20)

/*
 * What a BPF_LD_IMM64 with src_reg BPF_PSEUDO_MAP_FD or BPF_PSEUDO_MAP_VALUE names in its imm
 * before the runner puts its own number there.
 */
enum mue_handle {
	MUE_HANDLE_MAP = 0,    /* + index of a case's map */
	MUE_HANDLE_OUTER = 16, /* + index: an ARRAY_OF_MAPS with that map at key 0 */
	MUE_HANDLE_IO = 32,    /* ARRAY, key 4, one value of layout.io_size bytes */
	MUE_HANDLE_RODATA,     /* the same size and image, BPF_F_RDONLY_PROG */
	MUE_HANDLE_RINGBUF,    /* RINGBUF of MUE_RINGBUF_SIZE */
	MUE_HANDLE_TAILS,      /* PROG_ARRAY of one: the part behind the tail call */
	MUE_HANDLE_SOCKS,      /* SOCKMAP, key 4: the case's sockets by index, those that it takes */
	MUE_HANDLES
};
#define MUE_RINGBUF_SIZE 65536

struct mue_program {
	uint32_t n;
	struct bpf_insn insns[MUE_INSNS_MAX];
	/* Where each function begins; [0] is the main one, at 0. */
	uint32_t n_funcs;
	uint32_t funcs[MUE_FUNCS_MAX];
	bool edited;	   /* by the case's edits: not what the steps say */
	bool has_callback; /* some function is passed as a callback (needs cases/btf.h) */
};

/* Offsets of one step in the io block, the rodata image (the same) and the packet. */
struct mue_step_layout {
	uint32_t io;		  /* struct mue_io_step */
	uint32_t key, value, out; /* 8-aligned in io */
	uint32_t sock, tuple;	  /* of a value that is a socket: its number, where it is */
	/* From the packet's payload; UINT32_MAX when not there. */
	uint32_t packet_key, packet_value;
};
struct mue_layout {
	uint32_t io_size;	 /* bytes, multiple of 8 */
	uint32_t packet_payload; /* bytes of payload that the program wants, 0 for none */
	uint64_t handles;	 /* bit n: enum mue_handle n is used */
	struct mue_step_layout steps[MUE_OPS_MAX]; /* [i] is op first + i */
};

/* The beginning of the io block. */
struct mue_io_head {
	uint32_t invoked; /* out: entries into the main program */
	uint32_t go;	  /* in: 0; DRY steps are behind `if (go)` */
	uint32_t pid;	  /* in: for triggers that fire for others too: our tgid, else 0 */
	uint32_t tail;	  /* in: 0, the tail call's index; a constant one is slow to load */
	uint32_t done;	  /* out: 1 when a trigger's (cases/attach.h) effective invocation is over */
	uint32_t unused;
};
struct mue_io_step {
	uint64_t flags;	 /* in */
	uint64_t ret;	 /* out */
	uint32_t times;	 /* out: executions */
	uint32_t failed; /* out: executions with ret != 0 */
};

/* Bytes of Ethernet header (zeros) in front of the payload of test-run packets. */
#define MUE_PACKET_HEADER 14
#define MUE_PACKET_MIN 64
/* What every test run takes as payload: a page holds it, headroom and bookkeeping. */
#define MUE_PACKET_MAX 3072
/* A SYSCALL program may use no more of its context. */
#define MUE_CONTEXT_MAX 65535

/*
 * Where everything of program phase `phase` lies. The case has passed mue_case_check. When
 * io_size is beyond MUE_IO_SIZE_MAX the phase is too large: mue_lower says so, and
 * there is nothing to fill.
 */
void mue_layout_phase(struct mue_layout *l, const struct mue_case *c, uint32_t phase);
/*
 * What a lookup or reread step copies out: how many bytes (0 for other steps), and of which map's
 * value into *map when there are any.
 */
uint32_t mue_step_out(const struct mue_case *c, const struct mue_phase *p, uint32_t op,
		      const struct mue_map **map);
/* The parts of a phase: 1, or 2 when it has a tail call. */
uint32_t mue_lower_parts(const struct mue_case *c, uint32_t phase);
/* Lowers one part. Gives 0, or -E2BIG when something is beyond the maxima here. */
int mue_lower(struct mue_program *p, const struct mue_layout *l, const struct mue_case *c,
	      uint32_t phase, uint32_t part);

/* Writes the inputs of a phase into a block of layout.io_size bytes, outputs zeroed. */
void mue_io_fill(void *io, const struct mue_layout *l, const struct mue_case *c, uint32_t phase);
/* Writes the payload of layout.packet_payload bytes. */
void mue_packet_fill(void *payload, const struct mue_layout *l, const struct mue_case *c,
		     uint32_t phase);
/* Bytes of context of which the program's steps make keys and values, 0 for none. */
uint32_t mue_context_size(const struct mue_case *c, uint32_t phase);
/* Reads the outputs of a phase that was run: invoked, and each step that was reached. */
void mue_io_read(struct mue_observation *o, const void *io, const struct mue_layout *l,
		 const struct mue_case *c, uint32_t phase);

/*
 * The shape of a case: everything that its maps and loaded programs depend on, i.e. all but names,
 * user phases, and the bytes and run-time flags that come from the io block.
 * Cases of the same shape can share maps (once emptied) and programs: the n-th program phase of one
 * has the programs of the n-th of the other.
 */
bool mue_shape_same(const struct mue_case *a, const struct mue_case *b);
/* The same for the programs of two phases of one case. */
bool mue_phase_shape_same(const struct mue_case *c, uint32_t a, uint32_t b);
uint64_t mue_shape_digest(const struct mue_case *c);

#endif
