/* How a program comes to a step's update call, with the key in R8 and the value in R9. */
#include "cases/lower_emit.h"

/* What SLOT_CALL holds while a callback runs. */
enum { CALL_KEY = 0, CALL_VALUE = 8, CALL_FLAGS = 16, CALL_RET = 24 };

static void put_flags(struct lowering *w, const struct mue_op *op, const struct mue_step_layout *at)
{
	struct place flags;

	if (op->flags_const) {
		emit_number(w, BPF_REG_4, op->flags);
		return;
	}
	flags = emit_io(w, BPF_REG_4, at->io, sizeof(struct mue_io_step));
	emit(w, MUE_LDX(BPF_DW, BPF_REG_4, flags.reg, flags.off));
}

static void put_rest(struct lowering *w, const struct mue_op *op, const struct mue_step_layout *at)
{
	emit(w, MUE_MOV64_REG(BPF_REG_2, BPF_REG_8));
	emit(w, MUE_MOV64_REG(BPF_REG_3, BPF_REG_9));
	put_flags(w, op, at);
}

static void add_stub(struct lowering *w, const struct mue_op *op)
{
	if (w->n_stubs == MUE_FUNCS_MAX - 1)
		w->full = true;
	else
		w->stubs[w->n_stubs++] = (struct stub){w->p->n, op->reach, op->map};
}

static void reach_main(struct lowering *w, const struct mue_op *op,
		       const struct mue_step_layout *at, struct jumps *fail)
{
	emit_map(w, BPF_REG_1, MUE_HANDLE_MAP + op->map);
	put_rest(w, op, at);
	emit(w, MUE_CALL(HELPER_UPDATE));
}

static void reach_subprog(struct lowering *w, const struct mue_op *op,
			  const struct mue_step_layout *at, struct jumps *fail)
{
	emit_map(w, BPF_REG_1, MUE_HANDLE_MAP + op->map);
	put_rest(w, op, at);
	add_stub(w, op);
	emit(w, MUE_CALL_SUB(0));
}

static void reach_callback(struct lowering *w, const struct mue_op *op,
			   const struct mue_step_layout *at, struct jumps *fail)
{
	put_flags(w, op, at);
	emit(w, MUE_STX(BPF_DW, BPF_REG_10, SLOT_CALL + CALL_KEY, BPF_REG_8));
	emit(w, MUE_STX(BPF_DW, BPF_REG_10, SLOT_CALL + CALL_VALUE, BPF_REG_9));
	emit(w, MUE_STX(BPF_DW, BPF_REG_10, SLOT_CALL + CALL_FLAGS, BPF_REG_4));
	emit(w, MUE_ST(BPF_DW, BPF_REG_10, SLOT_CALL + CALL_RET, 0));
	emit(w, MUE_MOV64_IMM(BPF_REG_1, 1));
	add_stub(w, op);
	emit_ld64(w, BPF_REG_2, BPF_PSEUDO_FUNC, 0, 0);
	emit_stack(w, BPF_REG_3, SLOT_CALL);
	emit(w, MUE_MOV64_IMM(BPF_REG_4, 0));
	emit(w, MUE_CALL(HELPER_LOOP));
	emit(w, MUE_LDX(BPF_DW, BPF_REG_0, BPF_REG_10, SLOT_CALL + CALL_RET));
	w->p->has_callback = true;
}

/* `go` is always 0, which the verifier does not know: both maps reach the call. */
static void reach_shared(struct lowering *w, const struct mue_op *op,
			 const struct mue_step_layout *at, struct jumps *fail)
{
	struct place go = emit_io(w, BPF_REG_5, 4, 4);
	struct jumps picked = {0};

	emit(w, MUE_LDX(BPF_W, BPF_REG_5, go.reg, go.off));
	emit_map(w, BPF_REG_1, MUE_HANDLE_MAP + op->map);
	emit_jump(w, &picked, MUE_JMP_IMM(BPF_JEQ, BPF_REG_5, 0, 0));
	emit_map(w, BPF_REG_1, MUE_HANDLE_MAP + op->map2);
	emit_land(w, &picked);
	put_rest(w, op, at);
	emit(w, MUE_CALL(HELPER_UPDATE));
}

static void reach_inner(struct lowering *w, const struct mue_op *op,
			const struct mue_step_layout *at, struct jumps *fail)
{
	emit(w, MUE_ST(BPF_W, BPF_REG_10, SLOT_INDEX, 0));
	emit_stack(w, BPF_REG_2, SLOT_INDEX);
	emit_map(w, BPF_REG_1, MUE_HANDLE_OUTER + op->map);
	emit(w, MUE_CALL(HELPER_LOOKUP));
	emit_jump(w, fail, MUE_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 0));
	emit(w, MUE_MOV64_REG(BPF_REG_1, BPF_REG_0));
	put_rest(w, op, at);
	emit(w, MUE_CALL(HELPER_UPDATE));
}

typedef void reach_fn(struct lowering *w, const struct mue_op *op, const struct mue_step_layout *at,
		      struct jumps *fail);

/* Behind its tail call, a step is in a main program; what LOOP adds is around the call. */
static reach_fn *const reaches[MUE_REACHES] = {
	[MUE_REACH_MAIN] = reach_main,	       [MUE_REACH_SUBPROG] = reach_subprog,
	[MUE_REACH_CALLBACK] = reach_callback, [MUE_REACH_LOOP] = reach_main,
	[MUE_REACH_TAIL_CALL] = reach_main,    [MUE_REACH_SHARED] = reach_shared,
	[MUE_REACH_INNER] = reach_inner,
};

void emit_reach(struct lowering *w, const struct mue_op *op, const struct mue_step_layout *at,
		struct jumps *fail)
{
	reaches[op->reach](w, op, at, fail);
}

/* The call's arguments are the function's own. */
static void subprog(struct lowering *w)
{
	emit(w, MUE_CALL(HELPER_UPDATE));
	emit(w, MUE_EXIT());
}

/* Its arguments are the index and the address of SLOT_CALL. */
static void callback(struct lowering *w, uint8_t map)
{
	emit(w, MUE_MOV64_REG(BPF_REG_6, BPF_REG_2));
	emit_map(w, BPF_REG_1, MUE_HANDLE_MAP + map);
	emit(w, MUE_LDX(BPF_DW, BPF_REG_2, BPF_REG_6, CALL_KEY));
	emit(w, MUE_LDX(BPF_DW, BPF_REG_3, BPF_REG_6, CALL_VALUE));
	emit(w, MUE_LDX(BPF_DW, BPF_REG_4, BPF_REG_6, CALL_FLAGS));
	emit(w, MUE_CALL(HELPER_UPDATE));
	emit(w, MUE_STX(BPF_DW, BPF_REG_6, CALL_RET, BPF_REG_0));
	emit(w, MUE_MOV64_IMM(BPF_REG_0, 0));
	emit(w, MUE_EXIT());
}

void emit_stubs(struct lowering *w)
{
	for (uint32_t i = 0; i < w->n_stubs && !w->full; i++) {
		const struct stub *s = &w->stubs[i];

		w->p->funcs[w->p->n_funcs++] = w->p->n;
		w->p->insns[s->call].imm = w->p->n - s->call - 1;
		if (s->reach == MUE_REACH_CALLBACK)
			callback(w, s->map);
		else
			subprog(w);
	}
}
