/* Key and value arguments: one function an origin, each leaving a pointer in arg.reg. */
#include <stddef.h>

#include "cases/attach.h"
#include "cases/lower_emit.h"

/* One byte less than the argument needs, of which there is always at least one. */
static uint32_t short_of(const struct arg *a)
{
	return a->size ? a->size - 1 : 0;
}

typedef void origin_fn(struct lowering *w, const struct arg *a, struct jumps *fail);

static void from_stack(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	bool odd = a->from == MUE_ORIGIN_UNALIGNED;
	struct place here = {BPF_REG_10, a->stack};

	emit_copy(w, here, emit_io(w, BPF_REG_2, a->io, a->size), 0, a->size, odd);
	emit_stack(w, a->reg, a->stack);
}

static uint32_t word_at(const uint8_t *bytes, uint32_t width)
{
	uint32_t word = 0;

	for (uint32_t i = 0; i < width; i++)
		word |= (uint32_t)bytes[i] << 8 * i;
	return word;
}

static void from_literal(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	static const uint8_t codes[] = {[1] = BPF_B, [2] = BPF_H, [4] = BPF_W};
	uint8_t bytes[MUE_STACK_ROOM];
	uint32_t width;

	mue_bytes_resolve(a->bytes, bytes, a->size);
	for (uint32_t i = 0; i < a->size; i += width) {
		for (width = 4; width > a->size - i;)
			width /= 2;
		emit(w, MUE_ST(codes[width], BPF_REG_10, a->stack + i, word_at(bytes + i, width)));
	}
	emit_stack(w, a->reg, a->stack);
}

static void from_map(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	emit_map_value(w, a->reg, MUE_HANDLE_IO, a->io);
}

static void from_rodata(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	emit_map_value(w, a->reg, MUE_HANDLE_RODATA, a->io);
}

/* Where the context has data and data_end. */
struct packet_row {
	uint8_t data, data_end;
};
static const struct packet_row packets[] = {
	[MUE_PACKET_SKB_L2] = {76, 80},
	[MUE_PACKET_SKB_L3] = {76, 80},
	[MUE_PACKET_XDP] = {0, 4},
};

static void from_packet(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	const struct packet_row *row = &packets[mue_prog_type_row(w->phase->prog_type)->packet];
	uint32_t checked = a->from == MUE_ORIGIN_SHORT_PACKET ? short_of(a) : a->size;

	emit(w, MUE_LDX(BPF_W, a->reg, BPF_REG_6, row->data));
	emit(w, MUE_LDX(BPF_W, BPF_REG_1, BPF_REG_6, row->data_end));
	emit(w, MUE_ALU64_IMM(BPF_ADD, a->reg, mue_phase_payload(w->phase) + a->packet));
	emit(w, MUE_MOV64_REG(BPF_REG_2, a->reg));
	emit(w, MUE_ALU64_IMM(BPF_ADD, BPF_REG_2, checked));
	emit_jump(w, fail, MUE_JMP_REG(BPF_JGT, BPF_REG_2, BPF_REG_1, 0));
}

static void from_ringbuf(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	struct place here = {a->reg, 0};

	emit_map(w, BPF_REG_1, MUE_HANDLE_RINGBUF);
	emit(w, MUE_MOV64_IMM(BPF_REG_2, a->size));
	emit(w, MUE_MOV64_IMM(BPF_REG_3, 0));
	emit(w, MUE_CALL(HELPER_RINGBUF_RESERVE));
	emit_jump(w, fail, MUE_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 0));
	emit(w, MUE_MOV64_REG(a->reg, BPF_REG_0));
	emit_copy(w, here, emit_io(w, BPF_REG_2, a->io, a->size), 0, a->size, false);
}

static void from_lookup(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	emit(w, MUE_LDX(BPF_DW, a->reg, BPF_REG_10, SLOT_LOOKUP));
	emit_jump(w, fail, MUE_JMP_IMM(BPF_JEQ, a->reg, 0, 0));
}

/* The lowest bytes of the frame, which nothing else uses. */
static void from_uninit(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	emit_stack(w, a->reg, -FRAME);
}

static void from_short_stack(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	emit_stack(w, a->reg, -(int)short_of(a));
}

static void from_short_map(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	emit_map_value(w, a->reg, MUE_HANDLE_IO, w->l->io_size - short_of(a) - 1);
	emit(w, MUE_ALU64_IMM(BPF_ADD, a->reg, 1));
}

/* A lookup in the parameter block's own map, with nothing asked about its result. */
static void look_up_block(struct lowering *w, const struct arg *a)
{
	emit_stack(w, BPF_REG_2, SLOT_INDEX);
	emit_map(w, BPF_REG_1, MUE_HANDLE_IO);
	emit(w, MUE_CALL(HELPER_LOOKUP));
	emit(w, MUE_MOV64_REG(a->reg, BPF_REG_0));
}

static void from_or_null(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	struct place go = emit_io(w, BPF_REG_1, offsetof(struct mue_io_head, go), 4);

	emit(w, MUE_LDX(BPF_W, BPF_REG_1, go.reg, go.off));
	emit(w, MUE_STX(BPF_W, BPF_REG_10, SLOT_INDEX, BPF_REG_1));
	look_up_block(w, a);
}

static void from_or_null_const(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	emit(w, MUE_ST(BPF_W, BPF_REG_10, SLOT_INDEX, 0));
	look_up_block(w, a);
}

static void from_null(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	emit(w, MUE_MOV64_IMM(a->reg, 0));
}

static void from_scalar(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	struct place head = emit_io(w, BPF_REG_1, 0, 8);

	emit(w, MUE_LDX(BPF_DW, a->reg, head.reg, head.off));
}

static void from_ctx(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	emit(w, MUE_MOV64_REG(a->reg, BPF_REG_6));
}

static origin_fn *const origins[MUE_ORIGINS] = {
	[MUE_ORIGIN_STACK] = from_stack,
	[MUE_ORIGIN_UNALIGNED] = from_stack,
	[MUE_ORIGIN_LITERAL] = from_literal,
	[MUE_ORIGIN_MAP] = from_map,
	[MUE_ORIGIN_RODATA] = from_rodata,
	[MUE_ORIGIN_PACKET] = from_packet,
	[MUE_ORIGIN_RINGBUF] = from_ringbuf,
	[MUE_ORIGIN_LOOKUP] = from_lookup,
	[MUE_ORIGIN_UNINIT] = from_uninit,
	[MUE_ORIGIN_SHORT_STACK] = from_short_stack,
	[MUE_ORIGIN_SHORT_MAP] = from_short_map,
	[MUE_ORIGIN_SHORT_PACKET] = from_packet,
	[MUE_ORIGIN_OR_NULL] = from_or_null,
	[MUE_ORIGIN_OR_NULL_CONST] = from_or_null_const,
	[MUE_ORIGIN_NULL] = from_null,
	[MUE_ORIGIN_SCALAR] = from_scalar,
	[MUE_ORIGIN_CTX] = from_ctx,
	[MUE_ORIGIN_SOCKMAP] = emit_sock,
	[MUE_ORIGIN_SK_LOOKUP_TCP] = emit_sock,
	[MUE_ORIGIN_SK_LOOKUP_UDP] = emit_sock,
	[MUE_ORIGIN_SKC_LOOKUP_TCP] = emit_sock,
	[MUE_ORIGIN_TCP_SOCK] = emit_sock,
	[MUE_ORIGIN_CTX_SK] = emit_sock,
	[MUE_ORIGIN_SK_OR_NULL] = emit_sock,
	[MUE_ORIGIN_SK_RELEASED] = emit_sock,
	[MUE_ORIGIN_CTX_SK_OR_NULL] = emit_sock,
};

void emit_arg(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	origins[a->from](w, a, fail);
}

void emit_arg_release(struct lowering *w, const struct arg *a)
{
	emit_sock_release(w, a);
	if (a->from != MUE_ORIGIN_RINGBUF)
		return;
	emit(w, MUE_MOV64_REG(BPF_REG_1, a->reg));
	emit(w, MUE_MOV64_IMM(BPF_REG_2, 0));
	emit(w, MUE_CALL(HELPER_RINGBUF_DISCARD));
}
