/* What can be said of a program without following its paths. */
#include <stdlib.h>

#include "runners/emulator/check.h"

#define FUNCS_MAX 256

static bool is_ld_imm64(const struct bpf_insn *i)
{
	return i->code == (BPF_LD | BPF_IMM | BPF_DW);
}

static bool is_jump(const struct bpf_insn *i)
{
	unsigned class = BPF_CLASS(i->code), op = BPF_OP(i->code);

	return (class == BPF_JMP || class == BPF_JMP32) && op != BPF_CALL && op != BPF_EXIT;
}

/* Where a jump goes; beyond 32 bits so that nothing wraps round. */
static int64_t target(const struct bpf_insn *i, uint32_t at)
{
	return (int64_t)at + 1 + (i->code == (BPF_JMP32 | BPF_JA) ? i->imm : i->off);
}

/* Whether an instruction names a function: a call, or a pointer to one. */
static bool names_func(const struct bpf_insn *i)
{
	return (i->code == (BPF_JMP | BPF_CALL) && i->src_reg == BPF_PSEUDO_CALL) ||
	       (is_ld_imm64(i) && i->src_reg == BPF_PSEUDO_FUNC);
}

int check_func_at(const struct emu_checker *k, uint32_t start)
{
	for (uint32_t f = 0; f < k->n_funcs; f++)
		if (k->funcs[f].start == start)
			return (int)f;
	return -1;
}

static int add_func(struct emu_checker *k, uint32_t start)
{
	uint32_t f = k->n_funcs;

	if (check_func_at(k, start) >= 0)
		return 0;
	if (f == FUNCS_MAX)
		return check_refuse(k, -E2BIG, "too many functions");
	if (f == k->funcs_room) {
		struct check_func *more = realloc(k->funcs, (f + 8) * sizeof(*more));

		if (!more)
			return check_refuse(k, -ENOMEM, "out of memory");
		k->funcs = more;
		k->funcs_room = f + 8;
	}
	for (; f && k->funcs[f - 1].start > start; f--)
		k->funcs[f] = k->funcs[f - 1];
	k->funcs[f] = (struct check_func){.start = start};
	k->n_funcs++;
	return 0;
}

static int find_funcs(struct emu_checker *k)
{
	int err = add_func(k, 0);

	for (k->at = 0; k->at < k->n && !err; k->at++) {
		const struct bpf_insn *i = &k->insns[k->at];
		int64_t to = (int64_t)k->at + 1 + i->imm;

		if (!names_func(i))
			continue;
		if (to < 0 || to >= k->n)
			return check_refuse(k, -EINVAL, "call to invalid destination");
		err = add_func(k, (uint32_t)to);
	}
	for (uint32_t f = 0; f < k->n_funcs; f++)
		k->funcs[f].end = f + 1 < k->n_funcs ? k->funcs[f + 1].start : k->n;
	return err;
}

/* A function ends with an exit or a jump back. */
static bool ends_well(const struct bpf_insn *i)
{
	return i->code == (BPF_JMP | BPF_EXIT) || i->code == (BPF_JMP | BPF_JA) ||
	       i->code == (BPF_JMP32 | BPF_JA);
}

/* Jumps stay inside their function. */
static int check_jumps(struct emu_checker *k, struct check_func *f)
{
	for (k->at = f->start; k->at < f->end; k->at++) {
		const struct bpf_insn *i = &k->insns[k->at];
		int64_t to = target(i, k->at);

		f->tail_call |= i->code == (BPF_JMP | BPF_CALL) && !i->src_reg &&
				i->imm == BPF_FUNC_tail_call;
		if (!is_jump(i))
			continue;
		if (to < f->start || to >= f->end)
			return check_refuse(k, -EINVAL, "jump out of range");
		k->marks[to].prune = true;
		k->marks[to].back |= to <= k->at;
	}
	k->at = f->end - 1;
	if (!ends_well(&k->insns[k->at]))
		return check_refuse(k, -EINVAL, "last insn is not an exit or jmp");
	return 0;
}

static int check_ld_imm64(struct emu_checker *k, const struct bpf_insn *i)
{
	uint32_t number = (uint32_t)i->imm;
	struct check_map m;
	int err;

	if (k->at + 1 >= k->n || i[1].code || i[1].dst_reg || i[1].src_reg || i[1].off)
		return check_refuse(k, -EINVAL, "invalid bpf_ld_imm64 insn");
	if (i->src_reg == 0)
		return 0;
	if (i->src_reg == BPF_PSEUDO_FUNC)
		return i[1].imm ? check_refuse(k, -EINVAL, "invalid func") : 0;
	if (i->src_reg != BPF_PSEUDO_MAP_FD && i->src_reg != BPF_PSEUDO_MAP_VALUE)
		return check_refuse(k, -EINVAL, "unrecognized bpf_ld_imm64 insn");
	err = check_object(k, number);
	if (err)
		return err;
	m = check_map_of(k, number);
	if (i->src_reg == BPF_PSEUDO_MAP_FD)
		return i[1].imm ? check_refuse(k, -EINVAL, "unrecognized bpf_ld_imm64 insn") : 0;
	if (m.type != MUE_MAP_ARRAY)
		return check_refuse(k, -EINVAL, "no direct value access support for this map type");
	if (m.max_entries != 1)
		return check_refuse(k, -524, "direct value access to more than one element");
	if ((uint32_t)i[1].imm >= m.value_size)
		return check_refuse(k, -EINVAL, "invalid access to map value pointer");
	return 0;
}

static bool since(const struct emu_checker *k, unsigned major, unsigned minor)
{
	return k->vm->world.version >= MUE_VERSION(major, minor);
}

/* Whether that world's kernel has the opcode at all, whatever its other fields say. */
static bool has_opcode(const struct emu_checker *k, const struct bpf_insn *i)
{
	unsigned class = BPF_CLASS(i->code), op = BPF_OP(i->code);
	struct bpf_insn plain = {.code = i->code};

	if (op == BPF_END && (class == BPF_ALU || class == BPF_ALU64))
		plain.imm = 16;
	switch (emu_code_of(&plain)) {
	case EMU_BAD:
		return false;
	case EMU_MAY_GOTO:
		return since(k, 6, 9);
	/* The instructions of ISA version 4 with opcodes of their own. */
	case EMU_JA32:
	case EMU_SWAP16:
	case EMU_LDSXB:
	case EMU_LDSXH:
	case EMU_LDSXW:
		return since(k, 6, 6);
	default:
		return true;
	}
}

/* Whether the other fields fit the opcode. Kernels ask this when a path comes there. */
static bool well_formed(const struct emu_checker *k, const struct bpf_insn *i)
{
	bool alu = BPF_CLASS(i->code) == BPF_ALU || BPF_CLASS(i->code) == BPF_ALU64;

	if (emu_code_of(i) == EMU_BAD || !emu_insn_well_formed(i))
		return false;
	if (i->code == (BPF_JMP | BPF_CALL) && i->src_reg == EMU_PSEUDO_KFUNC)
		return false;
	if (alu && i->off)
		return since(k, 6, 6);
	if (BPF_CLASS(i->code) == BPF_STX && BPF_MODE(i->code) == BPF_ATOMIC)
		return since(k, 5, 12) || i->imm == BPF_ADD;
	return true;
}

static int check_insns(struct emu_checker *k)
{
	for (k->at = 0; k->at < k->n; k->at++) {
		const struct bpf_insn *i = &k->insns[k->at];
		int err = 0;

		if (!has_opcode(k, i))
			return check_refuse(k, -EINVAL, "unknown opcode %02x", i->code);
		k->marks[k->at].malformed = !well_formed(k, i);
		if (BPF_CLASS(i->code) == BPF_LDX && i->imm)
			return check_refuse(k, -EINVAL, "BPF_LDX uses reserved fields");
		if (!is_ld_imm64(i))
			continue;
		err = check_ld_imm64(k, i);
		if (err)
			return err;
		if (k->marks[k->at + 1].prune)
			return check_refuse(k, -EINVAL, "jump into the middle of ldimm64");
		k->at++;
	}
	return 0;
}

/* A worklist of slots to be reached; k->pending is its memory. */
static void reach(struct emu_checker *k, uint32_t *list, uint32_t *n, int64_t at)
{
	if (at >= k->n || k->marks[at].reached)
		return;
	k->marks[at].reached = true;
	list[(*n)++] = (uint32_t)at;
}

static void reach_next(struct emu_checker *k, uint32_t *list, uint32_t *n, uint32_t at)
{
	const struct bpf_insn *i = &k->insns[at];

	if (names_func(i))
		reach(k, list, n, (int64_t)at + 1 + i->imm);
	if (is_ld_imm64(i)) {
		reach(k, list, n, (int64_t)at + 2);
		return;
	}
	if (is_jump(i))
		reach(k, list, n, target(i, at));
	if (i->code != (BPF_JMP | BPF_EXIT) && i->code != (BPF_JMP | BPF_JA) &&
	    i->code != (BPF_JMP32 | BPF_JA))
		reach(k, list, n, (int64_t)at + 1);
}

static int check_reached(struct emu_checker *k)
{
	uint32_t *list = malloc(k->n * sizeof(*list)), n = 0;

	if (!list)
		return check_refuse(k, -ENOMEM, "out of memory");
	reach(k, list, &n, 0);
	while (n)
		reach_next(k, list, &n, list[--n]);
	free(list);
	for (k->at = 0; k->at < k->n; k->at++) {
		if (!k->marks[k->at].reached)
			return check_refuse(k, -EINVAL, "unreachable insn");
		k->at += is_ld_imm64(&k->insns[k->at]);
	}
	return 0;
}

/* Places besides jumps' targets where states are compared; slots that are read by constant offset.
 */
static void mark_more(struct emu_checker *k)
{
	for (uint32_t f = 0; f < k->n_funcs; f++) {
		struct check_func *func = &k->funcs[f];

		k->marks[func->start].prune |= func->start != 0;
		for (uint32_t at = func->start; at < func->end; at++) {
			const struct bpf_insn *i = &k->insns[at];

			if (BPF_CLASS(i->code) == BPF_LDX && i->src_reg == BPF_REG_10 &&
			    i->off < 0 && i->off >= -EMU_STACK_SIZE)
				func->loaded |= 1ull << (-i->off - 1) / 8;
			if (i->code == (BPF_JMP | BPF_CALL) && at + 1 < k->n)
				k->marks[at + 1].prune |= i->src_reg || i->imm == BPF_FUNC_loop;
		}
	}
}

int check_shape(struct emu_checker *k)
{
	int err = find_funcs(k);

	for (uint32_t f = 0; f < k->n_funcs && !err; f++)
		err = check_jumps(k, &k->funcs[f]);
	if (!err)
		err = check_insns(k);
	if (!err)
		err = check_reached(k);
	if (err)
		return err;
	mark_more(k);
	check_live(k);
	return 0;
}

int check_decodable(struct emu_checker *k)
{
	for (k->at = 0; k->at < k->n; k->at++) {
		const struct bpf_insn *i = &k->insns[k->at];
		int64_t to = names_func(i) ? (int64_t)k->at + 1 + i->imm : target(i, k->at);

		if ((is_jump(i) || names_func(i)) && (to < 0 || to >= k->n))
			return check_refuse(k, -EINVAL, "jump out of range");
		if (is_ld_imm64(i) && ++k->at >= k->n)
			return check_refuse(k, -EINVAL, "invalid bpf_ld_imm64 insn");
	}
	return 0;
}

static uint32_t own_depth(const struct check_func *f)
{
	return (f->depth ? f->depth + 31 : 32) & ~31u;
}

/* Brings what stands above the functions that `f` calls up to date; gives whether it changed. */
static bool call_down(struct emu_checker *k, const struct check_func *f)
{
	bool changed = false;

	for (uint32_t at = f->start; at < f->end; at++) {
		const struct bpf_insn *i = &k->insns[at];
		struct check_func *to;

		if (!names_func(i))
			continue;
		to = &k->funcs[check_func_at(k, at + 1 + (uint32_t)i->imm)];
		if (to->above >= f->above + own_depth(f) && to->frames > f->frames)
			continue;
		if (to->above < f->above + own_depth(f))
			to->above = f->above + own_depth(f);
		if (to->frames <= f->frames)
			to->frames = f->frames + 1;
		changed = true;
	}
	return changed;
}

int check_depths(struct emu_checker *k)
{
	bool changed = k->n_funcs > 1;

	k->funcs[0].frames = 1;
	for (uint32_t round = 0; changed; round++) {
		if (round > EMU_FRAMES_MAX)
			return check_refuse(k, -E2BIG, "the call stack is too deep");
		changed = false;
		for (uint32_t f = 0; f < k->n_funcs; f++)
			changed |= k->funcs[f].frames && call_down(k, &k->funcs[f]);
	}
	for (uint32_t f = 0; f < k->n_funcs; f++) {
		const struct check_func *func = &k->funcs[f];

		if (func->above + own_depth(func) > EMU_STACK_SIZE)
			return check_refuse(k, -EACCES, "combined stack size is too large");
		if (func->tail_call && func->above >= 256)
			return check_refuse(k, -EACCES, "no tail calls when the stack is so deep");
		if (func->frames > EMU_FRAMES_MAX)
			return check_refuse(k, -E2BIG, "the call stack is too deep");
	}
	return 0;
}

int check_callbacks(struct emu_checker *k)
{
	for (k->at = 0; k->at < k->n && !k->vm->world.jit; k->at++) {
		const struct bpf_insn *i = &k->insns[k->at];

		if (!is_ld_imm64(i))
			continue;
		if (i->src_reg == BPF_PSEUDO_FUNC)
			return check_refuse(k, -EINVAL, "no callbacks without JIT");
		k->at++;
	}
	return 0;
}
