/* Lowering: the frame of a program around its steps. */
#include "cases/lower.h"

#include <errno.h>
#include <stddef.h>

#include "cases/attach.h"
#include "cases/lower_edit.h"
#include "cases/lower_emit.h"

/* The op that a tail call jumps to, or the end of the phase. */
static uint32_t tail_of(const struct mue_case *c, const struct mue_phase *p)
{
	uint32_t op = p->first;

	while (op < p->first + p->count && c->ops[op].reach != MUE_REACH_TAIL_CALL)
		op++;
	return op;
}

uint32_t mue_lower_parts(const struct mue_case *c, uint32_t phase)
{
	const struct mue_phase *p = &c->phases[phase];

	return tail_of(c, p) < p->first + p->count ? 2 : 1;
}

static void emit_begin(struct lowering *w)
{
	emit(w, MUE_MOV64_REG(BPF_REG_6, BPF_REG_1));
	emit_map_value(w, BPF_REG_7, MUE_HANDLE_IO, 0);
	emit_zero(w, SLOT_LOOKUP);
	emit_socks_begin(w);
}

/* Where a trigger fires for other processes too, `out` takes them. */
static void emit_ours(struct lowering *w, const struct mue_trigger_row *trigger, struct jumps *out)
{
	if (!trigger || !(trigger->flags & MUE_TRIGGER_F_OTHERS))
		return;
	emit(w, MUE_CALL(HELPER_PID_TGID));
	emit(w, MUE_ALU64_IMM(BPF_RSH, BPF_REG_0, 32));
	emit(w, MUE_LDX(BPF_W, BPF_REG_1, BPF_REG_7, offsetof(struct mue_io_head, pid)));
	emit_jump(w, out, MUE_JMP_REG(BPF_JNE, BPF_REG_0, BPF_REG_1, 0));
}

/* A trigger may run the program later and elsewhere: it says when it is over. */
static void emit_done(struct lowering *w, const struct mue_trigger_row *trigger)
{
	struct place done;

	if (!trigger)
		return;
	done = emit_io(w, BPF_REG_1, offsetof(struct mue_io_head, done), 4);
	emit(w, MUE_ST(BPF_W, done.reg, done.off, 1));
}

/* Counts this invocation. Only the first goes on; `out` takes the others. */
static void emit_once(struct lowering *w, struct jumps *out)
{
	emit(w, MUE_MOV64_IMM(BPF_REG_2, 1));
	emit(w, MUE_LDX(BPF_W, BPF_REG_1, BPF_REG_7, 0));
	emit(w, MUE_ATOMIC(BPF_W, BPF_ADD, BPF_REG_7, 0, BPF_REG_2));
	emit_jump(w, out, MUE_JMP_IMM(BPF_JNE, BPF_REG_1, 0, 0));
}

static void emit_tail_call(struct lowering *w)
{
	struct place tail = emit_io(w, BPF_REG_3, offsetof(struct mue_io_head, tail), 4);

	emit(w, MUE_LDX(BPF_W, BPF_REG_3, tail.reg, tail.off));
	emit(w, MUE_MOV64_REG(BPF_REG_1, BPF_REG_6));
	emit_map(w, BPF_REG_2, MUE_HANDLE_TAILS);
	emit(w, MUE_CALL(HELPER_TAIL_CALL));
}

/*
 * Without JIT, many kernels run the program behind a tail call in a frame of the size of the one
 * before it (docs/findings/tail-call-interpreter-stack.md). Interpreters have frames in steps of
 * 32 bytes: this word, which stands above uninitialised keys, makes that one FRAME bytes.
 */
static void emit_full_frame(struct lowering *w)
{
	emit_zero(w, -(FRAME - 24));
}

/* R0 = what the phase's program returns. Paths meet here, so that R7 may be anywhere in the block.
 */
static void emit_return(struct lowering *w)
{
	const struct mue_phase *p = w->phase;

	if (p->returns != MUE_RETURN_RESULT || !p->count) {
		emit(w, MUE_MOV64_IMM(BPF_REG_0, mue_phase_ret(p)));
		return;
	}
	emit_map_value(w, BPF_REG_1, MUE_HANDLE_IO, w->l->steps[p->count - 1].io);
	emit(w, MUE_LDX(BPF_DW, BPF_REG_0, BPF_REG_1, offsetof(struct mue_io_step, ret)));
}

static void emit_main(struct lowering *w, uint32_t part)
{
	const struct mue_phase *p = w->phase;
	uint32_t end = p->first + p->count, tail = tail_of(w->c, p);
	const struct mue_trigger_row *trigger = mue_phase_trigger(p);
	struct jumps out = {0};

	emit_begin(w);
	if (part == 0 && tail < end)
		emit_full_frame(w);
	if (part == 0) {
		emit_ours(w, trigger, &out);
		emit_once(w, &out);
	}
	for (uint32_t op = part ? tail : p->first; op < (part ? end : tail) && !w->full; op++)
		emit_step(w, op);
	if (part == 0 && tail < end)
		emit_tail_call(w);
	emit_done(w, trigger);
	emit_land(w, &out);
	emit_return(w);
	emit(w, MUE_EXIT());
}

int mue_lower(struct mue_program *p, const struct mue_layout *l, const struct mue_case *c,
	      uint32_t phase, uint32_t part)
{
	struct lowering w;

	/* Field by field: the stubs are too many to zero. */
	w.p = p;
	w.l = l;
	w.c = c;
	w.phase = &c->phases[phase];
	w.base = 0;
	w.full = l->io_size > MUE_IO_SIZE_MAX || l->packet_payload > MUE_PACKET_MAX;
	w.n_stubs = 0;
	p->n = 0;
	p->n_funcs = 1;
	p->funcs[0] = 0;
	p->has_callback = false;
	emit_main(&w, part);
	emit_stubs(&w);
	p->edited = part == 0 && mue_phase_edited(c, phase);
	for (uint32_t i = 0; p->edited && !w.full && i < c->n_edits; i++)
		w.full = mue_edit_apply(p, &c->edits[i]) < 0;
	return w.full ? -E2BIG : 0;
}
