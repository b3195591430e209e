/*
 * The machine: runs eBPF programs over the emulator's maps.
 *
 * A vm has numbered objects (maps, mostly), which programs name by a BPF_LD_IMM64 of
 * BPF_PSEUDO_MAP_FD or BPF_PSEUDO_MAP_VALUE with the number in imm. Programs are loaded
 * once, checked as the kernel's verifier does, and run any number of times.
 *
 * Programs see tagged offsets, never addresses of the host: the upper bits of a pointer
 * name a region, the lower ones a place in it, and each access is checked against the
 * region's bounds and permissions. So even an unchecked program reaches nothing else, and no
 * result depends on where things lie.
 */
#ifndef MUE_EMULATOR_VM_H
#define MUE_EMULATOR_VM_H

#include <linux/bpf.h>

#include "cases/world.h"
#include "runners/emulator/map.h"
#include "runners/emulator/socks.h"

#define EMU_OBJECTS_MAX 48
#define EMU_INSNS_MAX 1000000	   /* instructions in a program, as the kernel has it */
#define EMU_CHECK_INSNS 1000000	   /* instructions that the checker follows, likewise */
#define EMU_RUN_INSNS (1ull << 28) /* instructions of a run */
#define EMU_TAIL_CALLS_MAX 33
#define EMU_FRAMES_MAX 8
#define EMU_STACK_SIZE 512 /* of a frame */
#define EMU_MAY_GOTO_MAX (1u << 23)
#define EMU_LOOPS_MAX (1u << 23) /* iterations of bpf_loop */
#define EMU_MSG_MAX 128

struct emu_checker;
struct emu_vm;
struct emu_prog;

/* A vm without objects, or NULL when memory is out. Maps are not owned by it. */
struct emu_vm *emu_vm_open(const struct mue_world *w);
void emu_vm_close(struct emu_vm *vm); /* NULL is fine */
/* As if newly opened, for world `w`. Its programs must be freed before. */
void emu_vm_clear(struct emu_vm *vm, const struct mue_world *w);

/*
 * Checks its programs with *checker (NULL: made when first needed), which others may use too,
 * instead of one of its own. The caller frees it, after the vm.
 */
void emu_vm_share_checker(struct emu_vm *vm, struct emu_checker **checker);

/* Objects. `number` is below EMU_OBJECTS_MAX and free. */
void emu_vm_bind_map(struct emu_vm *vm, uint32_t number, struct emu_map *m);
/* An array of maps with object `inner` at key 0. */
void emu_vm_bind_outer(struct emu_vm *vm, uint32_t number, uint32_t inner);
/* A ring buffer without a consumer. 0, or -ENOMEM. */
int emu_vm_bind_ringbuf(struct emu_vm *vm, uint32_t number, uint32_t size);
/* A program array of one; empty until set. */
void emu_vm_bind_tails(struct emu_vm *vm, uint32_t number);
void emu_vm_set_tail(struct emu_vm *vm, uint32_t number, const struct emu_prog *p);
/* The sockets that programs can get hold of; not owned. */
void emu_vm_bind_socks(struct emu_vm *vm, struct emu_socks *socks);
/* The pointer to one of them that a program gets; 0 for NULL. */
uint64_t emu_vm_sock(const struct emu_vm *vm, const struct emu_sock *k);
bool emu_vm_has(const struct emu_vm *vm, uint32_t number);
/* Makes ring buffers empty. */
void emu_vm_reset(struct emu_vm *vm);

struct emu_load {
	const struct bpf_insn *insns;
	uint32_t n;
	uint32_t prog_type, attach_type;
	uint32_t via; /* enum mue_via: of iterators, over what */
	bool sleepable, proprietary;
	bool exact; /* refuse what is only imitated: time, chance, numbers of contexts (P6) */
	bool unchecked;	      /* take any program whose jumps stay inside */
	uint32_t check_insns; /* 0: EMU_CHECK_INSNS */
};
/*
 * BPF_PROG_LOAD: 0 and a program, or -errno as the kernel's and the reason in msg (EMU_MSG_MAX
 * bytes). The program holds on to the vm's objects.
 */
int emu_vm_load(struct emu_prog **p, struct emu_vm *vm, const struct emu_load *load, char *msg);
void emu_prog_free(struct emu_prog *p); /* NULL is fine */

struct emu_input {
	uint32_t cpu;
	void *ctx; /* what R1 points to; written to where the program's type may */
	uint32_t ctx_size;
	void *packet; /* what the context's data and data_end enclose */
	uint32_t packet_size;
	uint64_t r2;	/* for runtimes without a context: bpf_conformance's memory length */
	uint64_t insns; /* at most so many are executed; 0: EMU_RUN_INSNS */
};
/*
 * Runs a program: 0 and R0, or -EFAULT (memory that it may not touch, a frame
 * too deep), -EINVAL (no instruction, a helper's argument of the wrong kind) or -ETIMEDOUT (too
 * many instructions), which no checked program gives except the last.
 */
int emu_vm_run(struct emu_vm *vm, const struct emu_prog *p, const struct emu_input *in,
	       uint64_t *r0);

#endif
