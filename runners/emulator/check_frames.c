/* Frames: calls of functions and callbacks, and returns. */
#include "runners/emulator/check.h"

void check_clobber(struct emu_checker *k)
{
	for (unsigned reg = BPF_REG_0; reg <= BPF_REG_5; reg++)
		check_regs(k)[reg].type = CHECK_NONE;
}

/* A new frame for the function at slot `start`; its arguments are the caller's to set. */
static int enter(struct emu_checker *k, uint32_t start, bool callback)
{
	struct check_frame *f = &k->state.frames[k->state.n_frames];

	if (k->state.n_frames == EMU_FRAMES_MAX)
		return check_refuse(k, -E2BIG, "the call stack of %u frames is too deep",
				    k->state.n_frames);
	k->state.n_frames++;
	for (unsigned reg = 0; reg < BPF_REG_10; reg++)
		f->regs[reg].type = CHECK_NONE;
	check_point(&f->regs[BPF_REG_10], CHECK_STACK);
	f->regs[BPF_REG_10].frame = (uint8_t)(k->state.n_frames - 1);
	f->callsite = k->at;
	f->func = (uint32_t)check_func_at(k, start);
	f->callback = callback;
	f->n_refs = k->state.n_refs;
	f->rounds = 0;
	f->n_slots = 0;
	k->at = start;
	return 0;
}

/*
 * bpf_loop: no iteration, or one; after each, none or one more. Two are enough to see what an
 * iteration does to the next.
 */
#define LOOP_ROUNDS 2

static int enter_round(struct emu_checker *k, uint32_t start, const struct check_reg *context,
		       uint32_t rounds)
{
	struct check_frame *f;
	int err = enter(k, start, true);

	if (err)
		return err;
	f = check_frame(k);
	f->context = *context;
	f->rounds = rounds;
	check_number(&f->regs[BPF_REG_1], emu_range_any());
	f->regs[BPF_REG_2] = *context;
	return 0;
}

/* Both follow from here: what is behind the loop, and a round. */
static int follow_both(struct emu_checker *k, uint32_t func, const struct check_reg *context,
		       uint32_t rounds)
{
	int err;

	if (!check_has(k, MUE_CHANGE_CALLBACKS_LAST)) {
		err = check_push(k, k->at + 1, false);
		return err ? err : enter_round(k, func, context, rounds);
	}
	err = enter_round(k, func, context, rounds);
	if (err)
		return err;
	err = check_push(k, k->at, false);
	k->at = check_frame(k)->callsite + 1;
	k->state.n_frames--;
	return err;
}

int check_call_loop(struct emu_checker *k, uint32_t func, const struct check_reg *context)
{
	check_number(&check_regs(k)[BPF_REG_0], emu_range_any());
	return follow_both(k, func, context, 0);
}

int check_call_local(struct emu_checker *k, const struct bpf_insn *i)
{
	struct check_frame *caller = check_frame(k);
	int err = enter(k, k->at + 1 + i->imm, false);

	if (!err)
		memcpy(&check_regs(k)[BPF_REG_1], &caller->regs[BPF_REG_1],
		       5 * sizeof(caller->regs[0]));
	return err;
}

/* What follows the loop, and perhaps another round. */
static int exit_callback(struct emu_checker *k)
{
	const struct check_frame *f = check_frame(k);
	uint32_t start = k->funcs[f->func].start, rounds = f->rounds + 1;
	struct check_reg context = f->context;
	int err = check_return_of_callback(k);

	if (!err && k->state.n_refs > f->n_refs)
		err = check_refuse(k, -EINVAL, "unreleased reference in a callback");
	k->at = f->callsite;
	k->state.n_frames--;
	if (!err && rounds < LOOP_ROUNDS)
		return follow_both(k, start, &context, rounds);
	k->at++;
	return err;
}

int check_exit(struct emu_checker *k)
{
	struct check_reg r0 = check_regs(k)[BPF_REG_0];
	int err;

	if (check_frame(k)->callback)
		return exit_callback(k);
	if (k->state.n_frames > 1) {
		err = check_readable(k, BPF_REG_0);
		if (!err && r0.type == CHECK_STACK)
			err = check_refuse(k, -EINVAL, "cannot return stack pointer to the caller");
		k->at = check_frame(k)->callsite + 1;
		k->state.n_frames--;
		check_clobber(k);
		check_regs(k)[BPF_REG_0] = r0;
		return err;
	}
	if (k->state.n_refs)
		return check_refuse(k, -EINVAL, "unreleased reference");
	err = check_return(k);
	return err ? err : CHECK_PATH_ENDS;
}
