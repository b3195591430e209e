#include "cases/lower_emit.h"

void emit_number(struct lowering *w, uint8_t dst, uint64_t n)
{
	if ((uint64_t)(int32_t)n == n)
		emit(w, MUE_MOV64_IMM(dst, (int32_t)n));
	else
		emit_ld64(w, dst, 0, n, n >> 32);
}

void emit_zero(struct lowering *w, int slot)
{
	emit(w, MUE_MOV64_IMM(BPF_REG_1, 0));
	emit(w, MUE_STX(BPF_DW, BPF_REG_10, slot, BPF_REG_1));
}

void emit_stack(struct lowering *w, uint8_t dst, int offset)
{
	emit(w, MUE_MOV64_REG(dst, BPF_REG_10));
	emit(w, MUE_ALU64_IMM(BPF_ADD, dst, offset));
}

struct place emit_io(struct lowering *w, uint8_t scratch, uint32_t at, uint32_t size)
{
	int64_t near = (int64_t)at - w->base;

	if (near >= INT16_MIN && near + size <= INT16_MAX)
		return (struct place){BPF_REG_7, near};
	emit_map_value(w, scratch, MUE_HANDLE_IO, at);
	return (struct place){scratch, 0};
}

static uint32_t width_at(uint32_t offset, uint32_t left, bool odd)
{
	uint32_t width = odd ? 1 : 8;

	while (width > left || offset % width)
		width /= 2;
	return width;
}

static uint8_t size_code(uint32_t width)
{
	static const uint8_t codes[] = {[1] = BPF_B, [2] = BPF_H, [4] = BPF_W, [8] = BPF_DW};

	return codes[width];
}

void emit_copy(struct lowering *w, struct place to, struct place from, uint32_t skip, uint32_t size,
	       bool odd)
{
	uint32_t width;

	for (uint32_t i = skip; i < size && !w->full; i += width) {
		if ((int)i + from.off > INT16_MAX || (int)i + to.off > INT16_MAX)
			w->full = true;
		width = width_at(i, size - i, odd);
		emit(w, MUE_LDX(size_code(width), BPF_REG_1, from.reg, from.off + i));
		emit(w, MUE_STX(size_code(width), to.reg, to.off + i, BPF_REG_1));
	}
}

void emit_jump(struct lowering *w, struct jumps *j, struct bpf_insn insn)
{
	if (j->n == JUMPS_MAX)
		w->full = true;
	else
		j->at[j->n++] = w->p->n;
	emit(w, insn);
}

void emit_land(struct lowering *w, const struct jumps *j)
{
	for (uint32_t i = 0; i < j->n && !w->full; i++)
		w->p->insns[j->at[i]].off = w->p->n - j->at[i] - 1;
}
