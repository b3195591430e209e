/*
 * The checker's walk: every path of a program is followed with what is known of registers and
 * stack, as the kernel's verifier does, up to the same number of instructions.
 *
 * Not modelled, so that the answer may differ for programs beyond what cases are lowered to:
 * precision (numbers that do not matter still tell states apart), bounds of the lower half of a
 * number apart from the whole, widening in loops by may_goto, functions checked on their own
 * (global ones), kfuncs, BTF pointers, sockets, dynptrs, iterators, arenas, data_meta, locks.
 */
#include "runners/emulator/checker.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cases/attach.h"
#include "runners/emulator/check.h"

int check_refuse(struct emu_checker *k, int err, const char *format, ...)
{
	va_list args;
	int n = snprintf(k->msg, EMU_MSG_MAX, "%u: ", k->at);

	va_start(args, format);
	vsnprintf(k->msg + n, EMU_MSG_MAX - n, format, args);
	va_end(args);
	return err;
}

void emu_checker_free(struct emu_checker *k)
{
	if (!k)
		return;
	free(k->marks);
	free(k->notes);
	free(k->funcs);
	free(k->points.at);
	free(k->pending.at);
	free(k);
}

static int load_imm64(struct emu_checker *k, const struct bpf_insn *i)
{
	struct check_reg *d = &check_regs(k)[i->dst_reg];

	if (i->dst_reg == BPF_REG_10)
		return check_refuse(k, -EACCES, "frame pointer is read only");
	switch (i->src_reg) {
	case BPF_PSEUDO_MAP_FD:
		check_point(d, CHECK_MAP);
		d->object = (uint8_t)i->imm;
		break;
	case BPF_PSEUDO_MAP_VALUE:
		check_point(d, CHECK_VALUE);
		d->object = (uint8_t)i->imm;
		d->off = i[1].imm;
		break;
	case BPF_PSEUDO_FUNC:
		check_point(d, CHECK_FUNC);
		d->size = k->at + 1 + i->imm;
		break;
	default:
		check_number(
			d, emu_range_const((uint64_t)(uint32_t)i[1].imm << 32 | (uint32_t)i->imm));
	}
	k->at += 2;
	return 0;
}

/* may_goto: both ways are possible. */
static int may_goto(struct emu_checker *k, const struct bpf_insn *i)
{
	int err = check_push(k, k->at + 1 + i->off, false);

	k->at++;
	return err;
}

static int follow_jump(struct emu_checker *k, const struct bpf_insn *i)
{
	switch (BPF_OP(i->code)) {
	case BPF_CALL:
		return check_call(k, i);
	case BPF_EXIT:
		return check_exit(k);
	case EMU_JCOND:
		return may_goto(k, i);
	default:
		return check_jump(k, i);
	}
}

/* Follows one instruction. */
static int follow(struct emu_checker *k)
{
	const struct bpf_insn *i = &k->insns[k->at];
	int err;

	if (k->marks[k->at].malformed)
		return check_refuse(k, -EINVAL, "insn %02x uses reserved fields", i->code);
	switch (BPF_CLASS(i->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		err = check_alu(k, i);
		break;
	case BPF_LDX:
		err = check_load(k, i);
		break;
	case BPF_ST:
		err = check_store(k, i);
		break;
	case BPF_STX:
		err = BPF_MODE(i->code) == BPF_ATOMIC ? check_atomic(k, i) : check_store(k, i);
		break;
	case BPF_LD:
		return load_imm64(k, i);
	default:
		return follow_jump(k, i);
	}
	k->at++;
	return err;
}

/* Takes up a path that was kept. Gives CHECK_PATH_ENDS when there is none. */
static int take_up(struct emu_checker *k)
{
	bool taken;

	while (check_pop(k, &taken)) {
		if (!taken || !check_jump_taken(k))
			return 0;
		check_path_end(k);
	}
	return CHECK_PATH_ENDS;
}

static int walk(struct emu_checker *k)
{
	uint32_t limit = k->load->check_insns ? k->load->check_insns : EMU_CHECK_INSNS;

	for (;;) {
		int err = 0;

		if (++k->steps > limit)
			return check_refuse(k, -E2BIG, "BPF program is too large");
		k->since++;
		if (k->marks[k->at].prune)
			err = check_visit(k);
		if (!err)
			err = follow(k);
		if (err == CHECK_PATH_ENDS) {
			check_path_end(k);
			if (take_up(k))
				return 0;
		} else if (err) {
			return err;
		}
	}
}

static void begin(struct emu_checker *k)
{
	struct check_frame *f = &k->state.frames[0];

	k->at = 0;
	k->state.n_frames = 1;
	k->state.n_refs = 0;
	for (unsigned reg = 0; reg < BPF_REG_10; reg++)
		f->regs[reg].type = CHECK_NONE;
	check_point(&f->regs[BPF_REG_1], CHECK_CTX);
	check_point(&f->regs[BPF_REG_10], CHECK_STACK);
	f->callsite = f->func = f->n_slots = 0;
	f->callback = false;
}

/* Attach types with which program types load; types without a row take any. */
static const struct {
	uint32_t type, since;
	uint64_t allowed;
} attaches[] = {
#define BIT(n) (1ull << (n))
	{MUE_PROG_CGROUP_SKB, 0, BIT(0) | BIT(1)},
	{MUE_PROG_CGROUP_SOCK, 0, BIT(2) | BIT(12) | BIT(13) | BIT(34)},
	{MUE_PROG_CGROUP_SOCK_ADDR, 0, BIT(8) | BIT(9) | BIT(10) | BIT(11) | BIT(14) | BIT(15)},
	{MUE_PROG_CGROUP_SOCK_ADDR, 0, BIT(19) | BIT(20) | BIT(29) | BIT(30) | BIT(31) | BIT(32)},
	{MUE_PROG_CGROUP_SOCK_ADDR, MUE_VERSION(6, 7),
	 BIT(49) | BIT(50) | BIT(51) | BIT(52) | BIT(53)},
	{MUE_PROG_CGROUP_SOCKOPT, 0, BIT(21) | BIT(22)},
	{MUE_PROG_SK_LOOKUP, 0, BIT(36)},
	{MUE_PROG_SK_REUSEPORT, 0, BIT(39) | BIT(40)},
	{MUE_PROG_NETFILTER, 0, BIT(45)},
	{MUE_PROG_TRACING, 0, BIT(23) | BIT(24) | BIT(25) | BIT(26) | BIT(28)},
	{MUE_PROG_TRACING, MUE_VERSION(7, 0), BIT(58)},
	{MUE_PROG_TRACING, MUE_VERSION(7, 2), BIT(59) | BIT(60) | BIT(61)},
	{MUE_PROG_LSM, 0, BIT(23) | BIT(24) | BIT(25) | BIT(26) | BIT(27) | BIT(28)},
	{MUE_PROG_LSM, MUE_VERSION(6, 0), BIT(43)},
	{MUE_PROG_LSM, MUE_VERSION(7, 0), BIT(58)},
	{MUE_PROG_SYSCALL, 0, BIT(0)},
	{MUE_PROG_EXT, 0, BIT(0)},
#undef BIT
};

static bool attach_fits(const struct emu_load *l, const struct mue_world *w)
{
	const uint32_t version = w->version;
	uint64_t allowed = 0;
	bool insists = false;

	if (l->prog_type == MUE_PROG_SK_REUSEPORT &&
	    !mue_world_has(w, MUE_CHANGE_SK_REUSEPORT_ATTACH))
		return true;
	for (unsigned i = 0; i < sizeof(attaches) / sizeof(attaches[0]); i++) {
		if (attaches[i].type != l->prog_type)
			continue;
		insists = true;
		if (attaches[i].since <= version)
			allowed |= attaches[i].allowed;
	}
	if (!insists)
		return !mue_world_has(w, MUE_CHANGE_MULTI_ATTACH_TRACING) ||
		       l->attach_type < MUE_ATTACH_TRACE_FENTRY_MULTI ||
		       l->attach_type > MUE_ATTACH_TRACE_FSESSION_MULTI;
	return l->attach_type < 64 && allowed >> l->attach_type & 1;
}

static bool may_sleep(const struct emu_load *l, const struct mue_world *w)
{
	const bool tracepoints = mue_world_has(w, MUE_CHANGE_SLEEPABLE_TRACEPOINT);
	const uint32_t version = w->version;

	switch (l->prog_type) {
	case MUE_PROG_SYSCALL:
		return true;
	case MUE_PROG_KPROBE:
		return version >= MUE_VERSION(6, 0);
	case MUE_PROG_STRUCT_OPS:
		return version >= MUE_VERSION(6, 4);
	case MUE_PROG_TRACING:
		return l->attach_type != BPF_TRACE_RAW_TP;
	case MUE_PROG_LSM:
		return l->attach_type == BPF_LSM_MAC;
	case MUE_PROG_TRACEPOINT:
	case MUE_PROG_RAW_TRACEPOINT:
		return tracepoints;
	default:
		return false;
	}
}

/* What is asked of a program before its instructions are looked at. */
static int check_attributes(struct emu_checker *k)
{
	const struct emu_load *l = k->load;
	const struct mue_prog_type_row *row = mue_prog_type_row(l->prog_type);

	if (!l->n || l->n > EMU_INSNS_MAX)
		return check_refuse(k, -E2BIG, "%u instructions", l->n);
	if (l->unchecked)
		return 0;
	if (!row || row->since > k->vm->world.version)
		return check_refuse(k, -EINVAL, "unknown program type %u", l->prog_type);
	if (!attach_fits(l, &k->vm->world))
		return check_refuse(k, -EINVAL, "attach type %u", l->attach_type);
	if (l->sleepable ? !may_sleep(l, &k->vm->world) : row->flags & MUE_PROG_F_SLEEPABLE)
		return check_refuse(k, -EINVAL, "sleepable or not is wrong for this type");
	if (l->proprietary && row->flags & MUE_PROG_F_GPL)
		return check_refuse(k, -EINVAL,
				    "programs of this type must have a GPL compatible licence");
	return 0;
}

/* Room for n instructions' marks and notes, emptied. */
static int marks_begin(struct emu_checker *k, uint32_t n)
{
	if (n > k->room) {
		struct check_insn *marks = realloc(k->marks, n * sizeof(*marks));
		uint8_t *notes = marks ? realloc(k->notes, n) : NULL;

		if (marks)
			k->marks = marks;
		if (!notes)
			return -ENOMEM;
		k->notes = notes;
		k->room = n;
	}
	memset(k->marks, 0, n * sizeof(*k->marks));
	memset(k->notes, EMU_NOTE_NONE, n);
	for (uint32_t i = 0; i < n; i++)
		k->marks[i].point = -1;
	return 0;
}

static int check_all(struct emu_checker *k)
{
	int err = check_shape(k);

	if (err)
		return err;
	begin(k);
	err = walk(k);
	if (!err)
		err = check_depths(k);
	return err ? err : check_callbacks(k);
}

/* There are many checkers, and few programs that need much. */
static void shrink(struct check_bytes *b)
{
	if (b->room <= CHECK_BYTES_KEPT)
		return;
	free(b->at);
	*b = (struct check_bytes){0};
}

int emu_check(const uint8_t **notes, struct emu_vm *vm, const struct emu_load *load, char *msg)
{
	struct emu_checker *k = *vm->checker;
	int err;

	if (!k)
		k = *vm->checker = calloc(1, sizeof(*k));
	if (!k)
		return -ENOMEM;
	k->vm = vm;
	k->load = load;
	k->msg = msg;
	k->insns = load->insns;
	k->n = load->n;
	k->at = k->ids = k->n_funcs = k->n_pending = k->steps = k->since = k->jumps = 0;
	k->points.used = k->pending.used = 0;
	k->last_point = -1;
	err = check_attributes(k);
	if (err)
		return err;
	if (load->unchecked) {
		*notes = NULL;
		return check_decodable(k);
	}
	err = marks_begin(k, load->n);
	if (err)
		return check_refuse(k, err, "out of memory");
	*notes = k->notes;
	err = check_all(k);
	shrink(&k->points);
	shrink(&k->pending);
	return err;
}
