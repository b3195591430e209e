/* Steps: arguments, call, and what is recorded of it in the parameter block. */
#include <stddef.h>

#include "cases/lower_emit.h"
#include "cases/socks.h"

enum {
	STEP_RET = offsetof(struct mue_io_step, ret),
	STEP_TIMES = offsetof(struct mue_io_step, times),
	STEP_FAILED = offsetof(struct mue_io_step, failed),
};

/* One step on its way: its arguments, and where failures go on, by what they hold. */
struct step {
	const struct mue_op *op;
	const struct mue_map *map;
	const struct mue_step_layout *at;
	struct arg key, value;
	struct jumps none, with_key, with_both;
};

static struct place outputs(struct lowering *w, uint8_t scratch, const struct step *s)
{
	return emit_io(w, scratch, s->at->io, sizeof(struct mue_io_step));
}

/* Stack room for an argument below what is already taken; gives what is taken then. */
static uint32_t place_on_stack(struct arg *a, uint32_t taken)
{
	uint32_t odd = a->from == MUE_ORIGIN_UNALIGNED;

	if (!odd && a->from != MUE_ORIGIN_STACK && a->from != MUE_ORIGIN_LITERAL)
		return taken;
	taken += (a->size + odd + 7) & ~7u;
	a->stack = -(int)taken + odd;
	return taken;
}

static void prepare(struct lowering *w, struct step *s, uint32_t op)
{
	uint32_t taken = SLOTS;

	s->op = &w->c->ops[op];
	s->map = &w->c->maps[s->op->map];
	s->at = &w->l->steps[op - w->phase->first];
	s->none.n = s->with_key.n = s->with_both.n = 0;
	s->key = (struct arg){.reg = BPF_REG_8,
			      .from = s->op->key_from,
			      .size = s->map->key_size,
			      .io = s->at->key,
			      .packet = s->at->packet_key,
			      .bytes = &s->op->key};
	s->value = (struct arg){.reg = BPF_REG_9,
				.from = s->op->value_from,
				.size = s->map->value_size,
				.io = s->at->value,
				.packet = s->at->packet_value,
				.sock = s->at->sock,
				.tuple = s->at->tuple,
				.bytes = &s->op->value};
	taken = place_on_stack(&s->key, taken);
	place_on_stack(&s->value, taken);
}

/* Only the load verdict of DRY origins is observed: their calls are behind `if (go)`. */
static void emit_dry(struct lowering *w, struct step *s)
{
	bool dry = mue_origin_rows[s->op->key_from].dry;
	struct place go;

	if (s->op->kind == MUE_OP_UPDATE)
		dry |= mue_origin_rows[s->op->value_from].dry;
	if (!dry)
		return;
	go = emit_io(w, BPF_REG_1, offsetof(struct mue_io_head, go), 4);
	emit(w, MUE_LDX(BPF_W, BPF_REG_1, go.reg, go.off));
	emit_jump(w, &s->none, MUE_JMP_IMM(BPF_JEQ, BPF_REG_1, 0, 0));
}

/* R1 = R0 != 0, without a branch: loops then have one path. */
static void emit_failed(struct lowering *w)
{
	emit(w, MUE_MOV64_REG(BPF_REG_1, BPF_REG_0));
	emit(w, MUE_NEG64(BPF_REG_1));
	emit(w, MUE_ALU64_REG(BPF_OR, BPF_REG_1, BPF_REG_0));
	emit(w, MUE_ALU64_IMM(BPF_RSH, BPF_REG_1, 63));
}

/* Records R0 of a call that is made once. */
static void record_once(struct lowering *w, const struct step *s)
{
	struct place to = outputs(w, BPF_REG_2, s);

	emit(w, MUE_STX(BPF_DW, to.reg, to.off + STEP_RET, BPF_REG_0));
	emit(w, MUE_ST(BPF_W, to.reg, to.off + STEP_TIMES, 1));
	emit_failed(w);
	emit(w, MUE_STX(BPF_W, to.reg, to.off + STEP_FAILED, BPF_REG_1));
}

/* Records R0 of one of many calls. */
static void record_again(struct lowering *w, const struct step *s)
{
	struct place to = outputs(w, BPF_REG_2, s);

	emit(w, MUE_STX(BPF_DW, to.reg, to.off + STEP_RET, BPF_REG_0));
	emit_failed(w);
	emit(w, MUE_LDX(BPF_W, BPF_REG_3, to.reg, to.off + STEP_FAILED));
	emit(w, MUE_ALU64_REG(BPF_ADD, BPF_REG_3, BPF_REG_1));
	emit(w, MUE_STX(BPF_W, to.reg, to.off + STEP_FAILED, BPF_REG_3));
	emit(w, MUE_LDX(BPF_W, BPF_REG_3, to.reg, to.off + STEP_TIMES));
	emit(w, MUE_ALU64_IMM(BPF_ADD, BPF_REG_3, 1));
	emit(w, MUE_STX(BPF_W, to.reg, to.off + STEP_TIMES, BPF_REG_3));
}

/* What mue_bytes_count_up does by 1, on the stack: byte by byte, R1 is the carry. */
static void emit_count_up(struct lowering *w, const struct arg *a, uint32_t at)
{
	uint32_t end = at + 4 < a->size ? at + 4 : a->size;

	emit(w, MUE_MOV64_IMM(BPF_REG_1, 1));
	for (uint32_t i = at; i < end; i++) {
		emit(w, MUE_LDX(BPF_B, BPF_REG_2, BPF_REG_10, a->stack + i));
		emit(w, MUE_ALU64_REG(BPF_ADD, BPF_REG_1, BPF_REG_2));
		emit(w, MUE_STX(BPF_B, BPF_REG_10, a->stack + i, BPF_REG_1));
		emit(w, MUE_ALU64_IMM(BPF_RSH, BPF_REG_1, 8));
	}
}

static void emit_loop(struct lowering *w, struct step *s)
{
	uint32_t top;

	emit_zero(w, SLOT_COUNT);
	top = w->p->n;
	emit_reach(w, s->op, s->at, &s->with_both);
	record_again(w, s);
	if (s->op->times > 1) {
		emit_count_up(w, &s->key, s->map->type == MUE_MAP_LPM_TRIE ? 4 : 0);
		if (!mue_origin_is_sock(s->value.from))
			emit_count_up(w, &s->value, mue_special_size(s->map->special));
	}
	emit(w, MUE_LDX(BPF_DW, BPF_REG_1, BPF_REG_10, SLOT_COUNT));
	emit(w, MUE_ALU64_IMM(BPF_ADD, BPF_REG_1, 1));
	emit(w, MUE_STX(BPF_DW, BPF_REG_10, SLOT_COUNT, BPF_REG_1));
	emit(w, MUE_JMP_IMM(BPF_JLT, BPF_REG_1, s->op->times, (int)(top - w->p->n) - 1));
}

static void step_update(struct lowering *w, struct step *s)
{
	emit_dry(w, s);
	emit_arg(w, &s->key, &s->none);
	emit_arg(w, &s->value, &s->with_key);
	if (s->op->reach == MUE_REACH_LOOP) {
		emit_loop(w, s);
	} else {
		emit_reach(w, s->op, s->at, &s->with_both);
		record_once(w, s);
	}
	emit_land(w, &s->with_both);
	emit_arg_release(w, &s->value);
	emit_land(w, &s->with_key);
	emit_arg_release(w, &s->key);
	emit_land(w, &s->none);
}

static void emit_key_call(struct lowering *w, const struct step *s, int helper)
{
	emit_map(w, BPF_REG_1, MUE_HANDLE_MAP + s->op->map);
	emit(w, MUE_MOV64_REG(BPF_REG_2, BPF_REG_8));
	emit(w, MUE_CALL(helper));
}

static void step_delete(struct lowering *w, struct step *s)
{
	emit_dry(w, s);
	emit_arg(w, &s->key, &s->none);
	emit_key_call(w, s, HELPER_DELETE);
	record_once(w, s);
	emit_arg_release(w, &s->key);
	emit_land(w, &s->none);
}

/* Records the plain bytes behind R0, unless it is NULL, and whether it is. */
static void emit_value_out(struct lowering *w, const struct step *s)
{
	const struct mue_map *map = s->map;
	uint32_t size = mue_step_out(w->c, w->phase, s->op - w->c->ops, &map);
	struct place to = emit_io(w, BPF_REG_2, s->at->out, size), from = {BPF_REG_0, 0};
	struct jumps absent = {0};

	emit(w, MUE_MOV64_IMM(BPF_REG_3, 0));
	emit_jump(w, &absent, MUE_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 0));
	emit_copy(w, to, from, mue_special_size(map->special), size, false);
	emit(w, MUE_MOV64_IMM(BPF_REG_3, 1));
	emit_land(w, &absent);
	to = outputs(w, BPF_REG_2, s);
	emit(w, MUE_STX(BPF_DW, to.reg, to.off + STEP_RET, BPF_REG_3));
	emit(w, MUE_ST(BPF_W, to.reg, to.off + STEP_TIMES, 1));
}

/* The same of a socket: its number. The pointer is not kept. */
static void emit_sock_out(struct lowering *w, const struct step *s)
{
	uint32_t size = s->map->value_size < 8 ? s->map->value_size : 8;
	struct jumps absent = {0};
	struct place to;

	emit(w, MUE_MOV64_IMM(BPF_REG_3, 0));
	emit_jump(w, &absent, MUE_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 0));
	emit_sock_number(w);
	to = emit_io(w, BPF_REG_2, s->at->out, size);
	emit(w, MUE_STX(BPF_W, to.reg, to.off, BPF_REG_3));
	emit(w, MUE_MOV64_IMM(BPF_REG_3, 1));
	emit_land(w, &absent);
	to = outputs(w, BPF_REG_2, s);
	emit(w, MUE_STX(BPF_DW, to.reg, to.off + STEP_RET, BPF_REG_3));
	emit(w, MUE_ST(BPF_W, to.reg, to.off + STEP_TIMES, 1));
}

/* A lookup that is skipped has found nothing; one that needs the latest found value, and has none,
 * too. */
static void step_lookup(struct lowering *w, struct step *s)
{
	if (s->key.from != MUE_ORIGIN_LOOKUP)
		emit_zero(w, SLOT_LOOKUP);
	emit_dry(w, s);
	emit_arg(w, &s->key, &s->none);
	emit_key_call(w, s, HELPER_LOOKUP);
	if (mue_map_holds_socks(s->map->type)) {
		emit_sock_out(w, s);
	} else {
		emit(w, MUE_STX(BPF_DW, BPF_REG_10, SLOT_LOOKUP, BPF_REG_0));
		emit_value_out(w, s);
	}
	emit_arg_release(w, &s->key);
	emit_land(w, &s->none);
}

static void step_reread(struct lowering *w, struct step *s)
{
	emit(w, MUE_LDX(BPF_DW, BPF_REG_0, BPF_REG_10, SLOT_LOOKUP));
	emit_value_out(w, s);
}

/* Brings R7 to where 16-bit offsets reach the step's small blocks. */
static void emit_base(struct lowering *w, const struct step *s)
{
	if (s->at->io - w->base <= INT16_MAX - sizeof(struct mue_io_step))
		return;
	emit_map_value(w, BPF_REG_7, MUE_HANDLE_IO, s->at->io);
	w->base = s->at->io;
}

void emit_step(struct lowering *w, uint32_t op)
{
	static void (*const steps[MUE_OP_KINDS])(struct lowering * w, struct step * s) = {
		[MUE_OP_UPDATE] = step_update,
		[MUE_OP_DELETE] = step_delete,
		[MUE_OP_LOOKUP] = step_lookup,
		[MUE_OP_REREAD] = step_reread,
	};
	struct step s;

	prepare(w, &s, op);
	emit_base(w, &s);
	steps[s.op->kind](w, &s);
}
