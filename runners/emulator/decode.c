#include <stdlib.h>

#include "runners/emulator/machine.h"

/* What tells operations apart besides the opcode: offset or immediate, by class. Most have none,
 * so that opcodes are a dense table to the compiler. */
#define KEY(opcode, more) ((uint32_t)(uint16_t)(more) << 8 | (uint8_t)(opcode))

static uint32_t key_of(const struct bpf_insn *i)
{
	const uint32_t none = KEY(0xff, 0xffff);
	uint32_t imm = i->imm >= 0 && i->imm <= UINT16_MAX ? KEY(i->code, i->imm) : none;

	switch (BPF_CLASS(i->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		return BPF_OP(i->code) == BPF_END ? imm : KEY(i->code, i->off);
	case BPF_STX:
		return BPF_MODE(i->code) == BPF_ATOMIC ? imm : KEY(i->code, 0);
	default:
		return KEY(i->code, 0);
	}
}

enum emu_code emu_code_of(const struct bpf_insn *insn)
{
	switch (key_of(insn)) {
#define BOTH(ID, class, bits, code, more)     \
	case KEY(class | code | BPF_K, more): \
		return EMU_##ID##bits##_K;    \
	case KEY(class | code | BPF_X, more): \
		return EMU_##ID##bits##_X;
#define EMU_ALU(ID, code, off, ...)        \
	BOTH(ID, BPF_ALU64, 64, code, off) \
	BOTH(ID, BPF_ALU, 32, code, off)
#define EMU_ALU64_X(ID, code, off, ...)          \
	case KEY(BPF_ALU64 | code | BPF_X, off): \
		return EMU_##ID##64_X;
#define EMU_ALU_X(ID, code, off, ...)            \
	case KEY(BPF_ALU64 | code | BPF_X, off): \
		return EMU_##ID##64_X;           \
	case KEY(BPF_ALU | code | BPF_X, off):   \
		return EMU_##ID##32_X;
#define EMU_NEG(ID, code)              \
	case KEY(BPF_ALU64 | code, 0): \
		return EMU_##ID##64;   \
	case KEY(BPF_ALU | code, 0):   \
		return EMU_##ID##32;
#define EMU_END(ID, class, width, ...)    \
	case KEY(class | BPF_END, width): \
		return EMU_##ID;
#define EMU_JMP(ID, code, ...)         \
	BOTH(ID, BPF_JMP, 64, code, 0) \
	BOTH(ID, BPF_JMP32, 32, code, 0)
#define EMU_LDX(ID, code, ...)       \
	case KEY(BPF_LDX | code, 0): \
		return EMU_##ID;
#define EMU_STORE(ID, size, ...)               \
	case KEY(BPF_ST | BPF_MEM | size, 0):  \
		return EMU_ST##ID;             \
	case KEY(BPF_STX | BPF_MEM | size, 0): \
		return EMU_STX##ID;
#define EMU_ATOMIC(ID, imm, ...)                      \
	case KEY(BPF_STX | BPF_ATOMIC | BPF_W, imm):  \
		return EMU_ATOMIC_##ID##_W;           \
	case KEY(BPF_STX | BPF_ATOMIC | BPF_DW, imm): \
		return EMU_ATOMIC_##ID##_DW;
#define EMU_FETCH EMU_ATOMIC
#define EMU_CONTROL(ID, code) \
	case KEY(code, 0):    \
		return EMU_##ID;
#include "runners/emulator/insns.def"
	default:
		return EMU_BAD;
	}
}

static bool alu_well_formed(const struct bpf_insn *i)
{
	unsigned op = BPF_OP(i->code);

	if (op == BPF_END)
		return !i->src_reg && !i->off;
	if (op == BPF_NEG)
		return !i->src_reg && !i->imm && !i->off;
	if (BPF_SRC(i->code) == BPF_X)
		return !i->imm;
	return !i->src_reg;
}

static bool jmp_well_formed(const struct bpf_insn *i)
{
	switch (BPF_OP(i->code)) {
	case BPF_CALL:
		return !i->dst_reg && i->src_reg <= EMU_PSEUDO_KFUNC && !i->off;
	case BPF_JA:
		return !i->dst_reg && !i->src_reg &&
		       (BPF_CLASS(i->code) == BPF_JMP32 ? !i->off : !i->imm);
	case BPF_EXIT:
		return !i->dst_reg && !i->src_reg && !i->imm && !i->off;
	case EMU_JCOND:
		return !i->dst_reg && !i->src_reg && !i->imm;
	default:
		return BPF_SRC(i->code) == BPF_X ? !i->imm : !i->src_reg;
	}
}

bool emu_insn_well_formed(const struct bpf_insn *i)
{
	if (i->dst_reg > BPF_REG_10 || i->src_reg > BPF_REG_10)
		return false;
	switch (BPF_CLASS(i->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		return alu_well_formed(i);
	case BPF_JMP:
	case BPF_JMP32:
		return jmp_well_formed(i);
	case BPF_LDX:
		return !i->imm;
	case BPF_STX:
		return BPF_MODE(i->code) == BPF_ATOMIC || !i->imm;
	case BPF_ST:
		return !i->src_reg;
	default:
		return !i->off;
	}
}

/* What a BPF_LD_IMM64 loads: a number, or a pointer to what it names. */
static uint64_t imm64(const struct bpf_insn *i, uint32_t slot)
{
	switch (i->src_reg) {
	case BPF_PSEUDO_MAP_FD:
		return emu_object_pointer((uint32_t)i->imm % EMU_OBJECTS_MAX);
	case BPF_PSEUDO_MAP_VALUE:
		return emu_values_pointer((uint32_t)i->imm % EMU_OBJECTS_MAX) + (uint32_t)i[1].imm;
	case BPF_PSEUDO_FUNC:
		return emu_pointer(EMU_REGION_FUNCS, (uint64_t)slot + 1 + (int64_t)i->imm);
	default:
		return (uint64_t)(uint32_t)i[1].imm << 32 | (uint32_t)i->imm;
	}
}

static void decode_call(struct emu_op *op, const struct emu_vm *vm, const struct bpf_insn *i,
			enum emu_note note)
{
	bool int_op = note == EMU_NOTE_DIRECT && vm->world.jit &&
		      !mue_world_has(&vm->world, MUE_CHANGE_RET_SIGN_EXTENDED);

	if (i->src_reg == BPF_PSEUDO_CALL) {
		op->code = EMU_CALL_LOCAL;
		op->off = i->imm + 1;
		return;
	}
	op->imm = (uint64_t)(uintptr_t)emu_helper_of(i->imm);
	if (i->src_reg || !op->imm)
		op->code = EMU_BAD;
	else if (i->imm == BPF_FUNC_tail_call)
		op->code = EMU_TAIL_CALL;
	else if (int_op && i->imm != BPF_FUNC_map_lookup_elem)
		op->code = EMU_CALL_INT;
}

static void decode_one(struct emu_op *op, const struct emu_vm *vm, const struct bpf_insn *i,
		       uint32_t slot, enum emu_note note)
{
	op->code = emu_code_of(i);
	op->dst = i->dst_reg;
	op->src = i->src_reg;
	op->off = BPF_CLASS(i->code) == BPF_JMP || BPF_CLASS(i->code) == BPF_JMP32 ? i->off + 1
										   : i->off;
	op->imm = (uint64_t)(int64_t)i->imm;
	if (op->dst > BPF_REG_10 || (op->src > BPF_REG_10 && op->code != EMU_LD_IMM64))
		op->code = EMU_BAD;
	if (op->code == EMU_JA32)
		op->off = i->imm + 1;
	else if (op->code == EMU_LD_IMM64)
		op->imm = imm64(i, slot);
	else if (op->code == EMU_CALL)
		decode_call(op, vm, i, note);
	if (note == EMU_NOTE_DATA)
		op->code = EMU_LOAD_DATA;
	else if (note == EMU_NOTE_DATA_END)
		op->code = EMU_LOAD_DATA_END;
}

struct emu_prog *emu_decode(struct emu_vm *vm, const struct bpf_insn *insns, uint32_t n,
			    const uint8_t *notes)
{
	struct emu_prog *p = malloc(sizeof(*p) + (n + 1) * sizeof(p->ops[0]));

	if (!p)
		return NULL;
	p->vm = vm;
	p->n = n;
	p->ops[n] = (struct emu_op){.code = EMU_BAD};
	for (uint32_t i = 0; i < n; i++) {
		decode_one(&p->ops[i], vm, &insns[i], i, notes ? notes[i] : EMU_NOTE_NONE);
		if (p->ops[i].code == EMU_LD_IMM64)
			p->ops[++i] = (struct emu_op){.code = EMU_BAD};
	}
	return p;
}
