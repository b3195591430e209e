#include <errno.h>
#include <string.h>

#include "runners/emulator/machine.h"

#define unlikely(x) __builtin_expect(!!(x), 0)

/* Begins frame x->depth: a clean stack, and where to go on behind it. */
static void frame_begin(struct emu_run *x, const struct emu_prog *p, const struct emu_op *begin,
			const struct emu_op *back, const uint64_t saved[4])
{
	struct emu_frame *f = &x->frames[x->depth];

	f->begin = begin;
	f->back = back;
	f->prog = p;
	f->may_goto = 0;
	if (saved)
		memcpy(f->saved, saved, sizeof(f->saved));
	memset(x->vm->stack + x->depth * EMU_STACK_SIZE, 0, EMU_STACK_SIZE);
}

/* R10 of the frame in force. */
static uint64_t frame_pointer(const struct emu_run *x)
{
	return emu_pointer(EMU_REGION_STACK, (x->depth + 1) * EMU_STACK_SIZE);
}

/* Counts what ran forward in a frame; what went back was counted there. */
static bool spend(struct emu_run *x, const struct emu_op *ip)
{
	x->budget -= ip - x->frames[x->depth].begin + 1;
	return x->budget >= 0;
}

/* The program that a tail call goes to, or NULL to go on behind the call. */
static const struct emu_prog *tail_target(struct emu_run *x, uint64_t array, uint64_t index)
{
	struct emu_object *o = emu_object_at(x->vm, array);

	if (!o || o->kind != EMU_OBJECT_TAILS) {
		x->status = -EINVAL;
		return NULL;
	}
	if ((uint32_t)index != 0 || x->tail_calls >= EMU_TAIL_CALLS_MAX || !o->tail)
		return NULL;
	x->tail_calls++;
	return o->tail;
}

/* Executes from `ip` until the frame in force ends; gives R0. */
static uint64_t interpret(struct emu_run *x, const struct emu_op *ip, uint64_t r[BPF_REG_10 + 1])
{
	static const void *const labels[EMU_CODES] = {
#define AT(code) [EMU_##code] = &&L_##code,
#define FORMS(ID) AT(ID##64_K) AT(ID##64_X) AT(ID##32_K) AT(ID##32_X)
#define EMU_ALU(ID, ...) FORMS(ID)
#define EMU_ALU_X(ID, ...) AT(ID##64_X) AT(ID##32_X)
#define EMU_ALU64_X(ID, ...) AT(ID##64_X)
#define EMU_NEG(ID, ...) AT(ID##64) AT(ID##32)
#define EMU_END(ID, ...) AT(ID)
#define EMU_JMP(ID, ...) FORMS(ID)
#define EMU_LDX(ID, ...) AT(ID)
#define EMU_STORE(ID, ...) AT(ST##ID) AT(STX##ID)
#define EMU_ATOMIC(ID, ...) AT(ATOMIC_##ID##_W) AT(ATOMIC_##ID##_DW)
#define EMU_FETCH(ID, ...) AT(ATOMIC_##ID##_W) AT(ATOMIC_##ID##_DW)
#define EMU_CONTROL(ID, ...) AT(ID)
#define EMU_INTERNAL(ID) AT(ID)
#include "runners/emulator/insns.def"
	};
	const struct emu_vm *vm = x->vm;
	void *p;

#define DISPATCH goto *labels[ip->code]
#define NEXT              \
	do {              \
		ip++;     \
		DISPATCH; \
	} while (0)
#define FAULT(err)                 \
	do {                       \
		x->status = (err); \
		return 0;          \
	} while (0)
#define JUMP                                                        \
	do {                                                        \
		int32_t by = ip->off;                               \
                                                                    \
		if (by <= 0 && unlikely((x->budget += by - 1) < 0)) \
			FAULT(-ETIMEDOUT);                          \
		ip += by;                                           \
		DISPATCH;                                           \
	} while (0)
#define REACH(reg, type, access)                                                \
	do {                                                                    \
		p = emu_at(vm, (reg) + (int64_t)ip->off, sizeof(type), access); \
		if (unlikely(!p))                                               \
			FAULT(-EFAULT);                                         \
	} while (0)

	DISPATCH;

#define ALU(ID, form, bits, operand)                                                    \
	L_##ID##bits##_##form : r[ip->dst] = emu_alu_##ID##bits(r[ip->dst], (operand)); \
	NEXT;
#define EMU_ALU(ID, ...)                  \
	ALU(ID, K, 64, ip->imm)           \
	ALU(ID, X, 64, r[ip->src])        \
	ALU(ID, K, 32, (uint32_t)ip->imm) \
	ALU(ID, X, 32, (uint32_t)r[ip->src])
#define EMU_ALU64_X(ID, ...) ALU(ID, X, 64, r[ip->src])
#define EMU_ALU_X(ID, ...)         \
	ALU(ID, X, 64, r[ip->src]) \
	ALU(ID, X, 32, (uint32_t)r[ip->src])
#define EMU_NEG(ID, ...)                                 \
	L_##ID##64 : r[ip->dst] = -r[ip->dst];           \
	NEXT;                                            \
	L_##ID##32 : r[ip->dst] = -(uint32_t)r[ip->dst]; \
	NEXT;
#define EMU_END(ID, code, width, expr)   \
	L_##ID:                          \
	{                                \
		uint64_t d = r[ip->dst]; \
		r[ip->dst] = expr;       \
	}                                \
	NEXT;
#define JMP(ID, form, bits, operand)                                                 \
	L_##ID##bits##_##form : if (emu_jmp_##ID##bits(r[ip->dst], (operand))) JUMP; \
	NEXT;
#define EMU_JMP(ID, ...)                  \
	JMP(ID, K, 64, ip->imm)           \
	JMP(ID, X, 64, r[ip->src])        \
	JMP(ID, K, 32, (uint32_t)ip->imm) \
	JMP(ID, X, 32, (uint32_t)r[ip->src])
#define EMU_LDX(ID, code, type)                    \
	L_##ID:                                    \
	{                                          \
		type v;                            \
		REACH(r[ip->src], type, EMU_READ); \
		memcpy(&v, p, sizeof(v));          \
		r[ip->dst] = (uint64_t)v;          \
	}                                          \
	NEXT;
#define STORE(label, type, operand)                 \
	L_##label:                                  \
	{                                           \
		type v = (type)(operand);           \
		REACH(r[ip->dst], type, EMU_WRITE); \
		memcpy(p, &v, sizeof(v));           \
	}                                           \
	NEXT;
#define EMU_STORE(ID, size, type)    \
	STORE(ST##ID, type, ip->imm) \
	STORE(STX##ID, type, r[ip->src])
	/* One thread runs a vm, so that atomics need no more than this. */
#define ATOMIC(label, U, new, result)            \
	L_##label:                               \
	{                                        \
		U s = (U)r[ip->src], old, v;     \
		REACH(r[ip->dst], U, EMU_WRITE); \
		memcpy(&old, p, sizeof(old));    \
		v = (U)(new);                    \
		memcpy(p, &v, sizeof(v));        \
		result;                          \
	}                                        \
	NEXT;
#define NO_RESULT (void)0
#define RESULT_src r[ip->src] = old
#define RESULT_dst_r0 r[BPF_REG_0] = old
#define EMU_ATOMIC(ID, imm, new)                          \
	ATOMIC(ATOMIC_##ID##_W, uint32_t, new, NO_RESULT) \
	ATOMIC(ATOMIC_##ID##_DW, uint64_t, new, NO_RESULT)
#define EMU_FETCH(ID, imm, new, to)                         \
	ATOMIC(ATOMIC_##ID##_W, uint32_t, new, RESULT_##to) \
	ATOMIC(ATOMIC_##ID##_DW, uint64_t, new, RESULT_##to)
#include "runners/emulator/insns.def"

L_LD_IMM64:
	r[ip->dst] = ip->imm;
	ip += 2;
	DISPATCH;
L_JA:
L_JA32:
	JUMP;
L_MAY_GOTO:
	if (x->frames[x->depth].may_goto++ >= EMU_MAY_GOTO_MAX)
		JUMP;
	NEXT;
L_CALL:
	r[0] = ((emu_helper_fn *)(uintptr_t)ip->imm)(x, r[1], r[2], r[3], r[4], r[5]);
	if (unlikely(x->status))
		return 0;
	NEXT;
L_CALL_INT:
	r[0] = (uint32_t)((emu_helper_fn *)(uintptr_t)ip->imm)(x, r[1], r[2], r[3], r[4], r[5]);
	if (unlikely(x->status))
		return 0;
	NEXT;
L_CALL_LOCAL:
	if (unlikely(x->depth + 1 >= EMU_FRAMES_MAX))
		FAULT(-EFAULT);
	x->depth++;
	frame_begin(x, x->frames[x->depth - 1].prog, ip + ip->off, ip + 1, &r[BPF_REG_6]);
	r[BPF_REG_10] = frame_pointer(x);
	ip += ip->off;
	DISPATCH;
L_TAIL_CALL : {
	const struct emu_prog *to = tail_target(x, r[2], r[3]);

	if (unlikely(x->status))
		return 0;
	if (!to)
		NEXT;
	if (unlikely(!spend(x, ip)))
		FAULT(-ETIMEDOUT);
	frame_begin(x, to, to->ops, x->frames[x->depth].back, NULL);
	ip = to->ops;
	DISPATCH;
}
L_EXIT : {
	struct emu_frame *f = &x->frames[x->depth];

	if (unlikely(!spend(x, ip)))
		FAULT(-ETIMEDOUT);
	if (!f->back)
		return r[BPF_REG_0];
	ip = f->back;
	memcpy(&r[BPF_REG_6], f->saved, sizeof(f->saved));
	x->depth--;
	r[BPF_REG_10] = frame_pointer(x);
	DISPATCH;
}
L_LOAD_DATA:
	r[ip->dst] = emu_pointer(EMU_REGION_PACKET, 0);
	NEXT;
L_LOAD_DATA_END:
	r[ip->dst] = emu_pointer(EMU_REGION_PACKET, x->packet_size);
	NEXT;
L_BAD:
	FAULT(-EINVAL);
}

uint64_t emu_enter(struct emu_run *x, const struct emu_prog *p, uint64_t r1, uint64_t r2)
{
	uint64_t r[BPF_REG_10 + 1] = {[BPF_REG_1] = r1, [BPF_REG_2] = r2};

	frame_begin(x, p, p->ops, NULL, NULL);
	r[BPF_REG_10] = frame_pointer(x);
	return interpret(x, p->ops, r);
}

uint64_t emu_call_back(struct emu_run *x, const struct emu_prog *p, uint64_t func,
		       const uint64_t args[5])
{
	uint64_t r[BPF_REG_10 + 1] = {0}, ret;

	if (x->depth + 1 >= EMU_FRAMES_MAX)
		return emu_fail(x, -EFAULT);
	x->depth++;
	memcpy(&r[BPF_REG_1], args, 5 * sizeof(*args));
	frame_begin(x, p, p->ops + func, NULL, NULL);
	r[BPF_REG_10] = frame_pointer(x);
	ret = interpret(x, p->ops + func, r);
	x->depth--;
	return ret;
}
