/*
 * Inside the machine: memory regions, objects, programs, and a run in progress.
 */
#ifndef MUE_EMULATOR_MACHINE_H
#define MUE_EMULATOR_MACHINE_H

#include <stddef.h>

#include "runners/emulator/insns.h"
#include "runners/emulator/vm.h"

/* A pointer is region << EMU_REGION_SHIFT | offset. Region 0 is empty: NULL points nowhere. */
#define EMU_REGION_SHIFT 40
#define EMU_REGIONS 128 /* a power of two */

enum emu_region_number {
	EMU_REGION_NULL,
	EMU_REGION_STACK,
	EMU_REGION_CTX,
	EMU_REGION_PACKET,
	EMU_REGION_FUNCS,   /* offsets are instruction slots */
	EMU_REGION_SOCKS,   /* struct emu_sock, one behind the other */
	EMU_REGION_OBJECTS, /* of object n: + 2n the object itself, + 2n + 1 its values */
};
_Static_assert(EMU_REGION_OBJECTS + 2 * EMU_OBJECTS_MAX <= EMU_REGIONS, "regions");

enum emu_access { EMU_READ, EMU_WRITE };

struct emu_region {
	uint8_t *base;
	uint64_t size[2]; /* bytes that may be read, written */
};

static inline uint64_t emu_pointer(uint32_t region, uint64_t offset)
{
	return ((uint64_t)region << EMU_REGION_SHIFT) + offset;
}

enum emu_object_kind {
	EMU_OBJECT_NONE,
	EMU_OBJECT_MAP,
	EMU_OBJECT_OUTER,
	EMU_OBJECT_RINGBUF,
	EMU_OBJECT_TAILS,
};

struct emu_object {
	enum emu_object_kind kind;
	struct emu_map *map;	     /* MAP */
	uint32_t inner;		     /* OUTER: the object at key 0 */
	uint8_t *ring;		     /* RINGBUF: ring_size bytes */
	uint32_t ring_size, ring_at; /* the producer's place */
	const struct emu_prog *tail; /* TAILS */
};

struct emu_vm {
	struct mue_world world;
	uint64_t bound; /* bit n: object n is there */
	struct emu_region regions[EMU_REGIONS];
	struct emu_object objects[EMU_OBJECTS_MAX];
	uint8_t stack[EMU_FRAMES_MAX * EMU_STACK_SIZE] __attribute__((aligned(16)));
	struct emu_socks *socks;     /* behind EMU_REGION_SOCKS, or NULL */
	struct emu_checker *own, **checker; /* its own, or another's; made when first needed */
};

struct emu_prog {
	struct emu_vm *vm;
	uint32_t n;
	struct emu_op ops[]; /* n of them, and one BAD behind */
};

struct emu_frame {
	const struct emu_op *back;  /* where to go on, or NULL: leave the interpreter */
	const struct emu_op *begin; /* for counting instructions */
	const struct emu_prog *prog;
	uint64_t saved[4]; /* the caller's R6 to R9 */
	uint32_t may_goto; /* how often it went on */
};

/* A run in progress. */
struct emu_run {
	struct emu_vm *vm;
	uint32_t cpu;
	int32_t status; /* 0, or the errno that ends it */
	int64_t budget; /* instructions left, counted where control goes back */
	uint32_t depth, tail_calls;
	uint32_t packet_size;
	struct emu_frame frames[EMU_FRAMES_MAX];
};

typedef uint64_t emu_helper_fn(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
			       uint64_t r4, uint64_t r5);

/*
 * The n bytes at a program's pointer, or NULL where it may not access them. For n = 0 too the
 * pointer must lie in a region.
 */
static inline void *emu_at(const struct emu_vm *vm, uint64_t pointer, uint64_t n,
			   enum emu_access access)
{
	uint64_t number = pointer >> EMU_REGION_SHIFT & (EMU_REGIONS - 1);
	const struct emu_region *region = &vm->regions[number];
	/* Higher bits of the region's number, if any, stay and make the offset too large. */
	uint64_t offset = pointer - (number << EMU_REGION_SHIFT);

	if (__builtin_expect(offset + n > region->size[access], 0))
		return NULL;
	return region->base + offset;
}

/* The object that a pointer names, or NULL. */
static inline struct emu_object *emu_object_at(struct emu_vm *vm, uint64_t pointer)
{
	uint64_t at = pointer - emu_pointer(EMU_REGION_OBJECTS, 0);
	uint64_t number = at >> (EMU_REGION_SHIFT + 1);

	if (number >= EMU_OBJECTS_MAX || at & ((1ull << (EMU_REGION_SHIFT + 1)) - 1))
		return NULL;
	return vm->objects[number].kind == EMU_OBJECT_NONE ? NULL : &vm->objects[number];
}

/* The socket that a pointer names, or NULL. */
static inline struct emu_sock *emu_sock_at(struct emu_vm *vm, uint64_t pointer)
{
	uint64_t at = pointer - emu_pointer(EMU_REGION_SOCKS, 0);

	if (!emu_at(vm, pointer, sizeof(struct emu_sock), EMU_READ) ||
	    pointer >> EMU_REGION_SHIFT != EMU_REGION_SOCKS || at % sizeof(struct emu_sock))
		return NULL;
	return vm->socks->sock + at / sizeof(struct emu_sock);
}

/* NULL is 0. */
static inline uint64_t emu_sock_pointer(const struct emu_vm *vm, const struct emu_sock *k)
{
	return k ? emu_pointer(EMU_REGION_SOCKS, (uint64_t)((const uint8_t *)k -
							    (const uint8_t *)vm->socks->sock))
		 : 0;
}

static inline uint64_t emu_object_pointer(uint32_t number)
{
	return emu_pointer(EMU_REGION_OBJECTS + 2 * number, 0);
}

static inline uint64_t emu_values_pointer(uint32_t number)
{
	return emu_pointer(EMU_REGION_OBJECTS + 2 * number + 1, 0);
}

/* Ends a run; the result is a helper's. */
static inline uint64_t emu_fail(struct emu_run *x, int status)
{
	x->status = status;
	return 0;
}

/* Calls the function at slot `func` of program `p` as a callback. */
uint64_t emu_call_back(struct emu_run *x, const struct emu_prog *p, uint64_t func,
		       const uint64_t args[5]);
/* Enters `p`; the run is set up. */
uint64_t emu_enter(struct emu_run *x, const struct emu_prog *p, uint64_t r1, uint64_t r2);

/* The implementation of a helper, or NULL. */
emu_helper_fn *emu_helper_of(int32_t id);

/* What the checker finds out about an instruction that the decoder needs. */
enum emu_note {
	EMU_NOTE_NONE,
	EMU_NOTE_DATA,
	EMU_NOTE_DATA_END,
	EMU_NOTE_DIRECT, /* a map operation's call with one known map */
};

/* Decodes a program whose jumps stay inside. notes: n of them, or NULL. NULL when memory is out. */
struct emu_prog *emu_decode(struct emu_vm *vm, const struct bpf_insn *insns, uint32_t n,
			    const uint8_t *notes);

#endif
