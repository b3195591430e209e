/* Speeds of programs: the interpreter beside the JIT, the emulator's maps beside the kernel's. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cases/insn.h"
#include "cli/bench.h"
#include "cli/target.h"
#include "runners/emulator/vm.h"
#include "runners/kernel/timing.h"

#define KERNEL_ROUNDS 20 /* runs in one measurement there */
#define ARITHMETIC_LOOPS 40000
#define UPDATES 10000
#define KEYS 64 /* the updates go round so many; a power of two */
#define INSNS_MAX 32
#define OBJECT 0 /* the map's number in the emulator */

struct code {
	uint32_t n;
	struct bpf_insn insns[INSNS_MAX];
};

static void emit(struct code *c, struct bpf_insn insn)
{
	c->insns[c->n++] = insn;
}

/* Counts `reg` up, and goes back to `top` until it is `times`. */
static void emit_loop(struct code *c, int reg, int times, uint32_t top)
{
	emit(c, MUE_ALU64_IMM(BPF_ADD, reg, 1));
	emit(c, MUE_JMP_IMM(BPF_JLT, reg, times, (int)top - (int)c->n - 1));
}

/* Eight operations and a jump, over and over; gives the number of instructions that a run
 * executes. */
static uint64_t emit_arithmetic(struct code *c)
{
	uint32_t top;

	emit(c, MUE_MOV64_IMM(BPF_REG_0, 1));
	emit(c, MUE_MOV64_IMM(BPF_REG_1, 3));
	emit(c, MUE_MOV64_IMM(BPF_REG_2, 0));
	top = c->n;
	emit(c, MUE_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_1));
	emit(c, MUE_ALU64_IMM(BPF_MUL, BPF_REG_0, 31));
	emit(c, MUE_ALU64_REG(BPF_XOR, BPF_REG_1, BPF_REG_0));
	emit(c, MUE_ALU64_IMM(BPF_RSH, BPF_REG_1, 3));
	emit(c, MUE_ALU64_REG(BPF_SUB, BPF_REG_0, BPF_REG_1));
	emit(c, MUE_ALU32_IMM(BPF_OR, BPF_REG_1, 5));
	emit(c, MUE_ALU64_IMM(BPF_LSH, BPF_REG_0, 1));
	emit_loop(c, BPF_REG_2, ARITHMETIC_LOOPS, top);
	emit(c, MUE_MOV64_IMM(BPF_REG_0, 0));
	emit(c, MUE_EXIT());
	return top + (uint64_t)(c->n - 2 - top) * ARITHMETIC_LOOPS + 2;
}

/*
 * UPDATES calls with keys in turn: 4 bytes, for LPM_TRIE behind a prefix length of 32. Without
 * `call`, the same loop but for the call.
 */
static void emit_updates(struct code *c, const struct mue_timing_map *map, bool call)
{
	bool lpm = map->key_size == 8;
	uint32_t top;

	emit(c, MUE_MOV64_IMM(BPF_REG_6, 0));
	emit(c, MUE_ST(BPF_DW, BPF_REG_10, -16, 7));
	emit(c, MUE_ST(BPF_W, BPF_REG_10, -8, 32));
	top = c->n;
	emit(c, MUE_MOV64_REG(BPF_REG_1, BPF_REG_6));
	emit(c, MUE_ALU64_IMM(BPF_AND, BPF_REG_1, KEYS - 1));
	emit(c, MUE_STX(BPF_W, BPF_REG_10, -4, BPF_REG_1));
	emit(c, MUE_LD_IMM64_LO(BPF_REG_1, BPF_PSEUDO_MAP_FD, OBJECT));
	emit(c, MUE_LD_IMM64_HI(0));
	emit(c, MUE_MOV64_REG(BPF_REG_2, BPF_REG_10));
	emit(c, MUE_ALU64_IMM(BPF_ADD, BPF_REG_2, lpm ? -8 : -4));
	emit(c, MUE_MOV64_REG(BPF_REG_3, BPF_REG_10));
	emit(c, MUE_ALU64_IMM(BPF_ADD, BPF_REG_3, -16));
	emit(c, MUE_MOV64_IMM(BPF_REG_4, 0));
	if (call)
		emit(c, MUE_CALL(BPF_FUNC_map_update_elem));
	emit_loop(c, BPF_REG_6, UPDATES, top);
	emit(c, MUE_MOV64_IMM(BPF_REG_0, 0));
	emit(c, MUE_EXIT());
}

/* The best of some runs in the emulator, in ns; or 0 and the reason. */
static double time_emulator(const struct mue_bench *b, const struct code *c, struct emu_vm *vm,
			    char *msg)
{
	const struct emu_load load = {.insns = c->insns,
				      .n = c->n,
				      .prog_type = MUE_PROG_SOCKET_FILTER,
				      .unchecked = true};
	uint8_t ctx[256] = {0};
	const struct emu_input in = {.ctx = ctx, .ctx_size = sizeof(ctx)};
	struct emu_prog *prog;
	double best = 0;

	if (emu_vm_load(&prog, vm, &load, msg))
		return 0;
	for (uint32_t i = 0; i < b->rounds; i++) {
		int64_t began = mue_now_ns(), took;
		uint64_t r0;

		if (emu_vm_run(vm, prog, &in, &r0)) {
			snprintf(msg, EMU_MSG_MAX, "the emulator broke off");
			best = 0;
			break;
		}
		took = mue_now_ns() - began;
		if (!best || took < best)
			best = took;
	}
	emu_prog_free(prog);
	return best;
}

/* The same on this kernel. */
static double time_kernel(const struct mue_bench *b, const struct code *c,
			  const struct mue_timing_map *map, char *msg, size_t msg_size)
{
	double best = 0, ns;

	for (uint32_t i = 0; i < b->rounds; i++) {
		if (mue_kernel_time(&ns, c->insns, c->n, map, KERNEL_ROUNDS, msg, msg_size))
			return 0;
		if (!best || ns < best)
			best = ns;
	}
	return best;
}

static void bench_arithmetic(struct mue_bench *b, struct emu_vm *vm)
{
	struct code c = {0};
	uint64_t insns = emit_arithmetic(&c);
	char msg[EMU_MSG_MAX] = "";
	double ours = time_emulator(b, &c, vm, msg);
	double theirs = time_kernel(b, &c, NULL, msg, sizeof(msg));
	struct mue_measure *m = mue_bench_add(b, "Minsn/s", ours ? insns * 1e3 / ours : 0,
					      theirs ? insns * 1e3 / theirs : 0,
					      "this kernel's JIT", "interpreter");

	if (m)
		snprintf(m->note, sizeof(m->note), "%s", msg);
}

/* What of `full` is the updates': it less the empty loop, by the call. */
static double by_update(double full, double empty)
{
	return full > empty && empty ? (full - empty) / UPDATES : 0;
}

static void bench_updates(struct mue_bench *b, struct emu_vm *vm, const struct mue_world *w,
			  unsigned type)
{
	const struct mue_timing_map map = {
		.type = type,
		.key_size = type == MUE_MAP_LPM_TRIE ? 8 : 4,
		.value_size = 8,
		.max_entries = 4096,
		.flags = mue_map_needs_flags(type),
	};
	const struct emu_map_attr attr = {map.type, map.key_size, map.value_size, map.max_entries,
					  map.flags};
	struct code full = {0}, empty = {0};
	char msg[EMU_MSG_MAX] = "";
	double ours, theirs;
	struct emu_map *m;
	struct mue_measure *measure;

	if (emu_map_create(&m, w, &attr))
		return;
	emu_vm_clear(vm, w);
	emu_vm_bind_map(vm, OBJECT, m);
	emit_updates(&full, &map, true);
	emit_updates(&empty, &map, false);
	ours = by_update(time_emulator(b, &full, vm, msg), time_emulator(b, &empty, vm, msg));
	theirs = by_update(time_kernel(b, &full, &map, msg, sizeof(msg)),
			   time_kernel(b, &empty, &map, msg, sizeof(msg)));
	measure = mue_bench_add(b, "ns", ours, theirs, "this kernel's map", "update %s",
				mue_map_type_row(type)->name);
	if (measure)
		snprintf(measure->note, sizeof(measure->note), "%s", msg);
	emu_vm_clear(vm, w);
	emu_map_free(m);
}

void mue_bench_programs(struct mue_bench *b)
{
	struct mue_world w;
	struct emu_vm *vm;

	mue_world_of_version(&w, MUE_DEFAULT_VERSION, MUE_DEFAULT_CPUS);
	vm = emu_vm_open(&w);
	if (!vm)
		return;
	bench_arithmetic(b, vm);
	for (unsigned type = 1; type < MUE_MAP_TYPES; type++) {
		const struct mue_map_type_row *row = mue_map_type_row(type);

		if (row && row->class == MUE_CLASS_PLAIN)
			bench_updates(b, vm, &w, type);
	}
	emu_vm_close(vm);
}
