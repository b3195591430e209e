/* Conditional jumps: which ways are possible, and what each of them tells. */
#include "runners/emulator/check.h"

/* What a comparison of a packet pointer with the packet's end tells, and on which way. */
struct packet_test {
	uint32_t id;
	int32_t off; /* of the pointer that was compared */
	bool when_taken;
	bool open; /* at least one byte more is there */
};

static void packet_found(struct check_reg *r, void *ctx)
{
	const struct packet_test *t = ctx;
	uint32_t range = (uint32_t)t->off + t->open;

	if (r->type == CHECK_PACKET && r->id == t->id && r->size < range)
		r->size = range;
}

/* A jump over `pointer op end` as a test, or false when it is none. */
static bool packet_test(struct packet_test *t, const struct check_reg *d, const struct check_reg *s,
			uint8_t op)
{
	bool swapped = d->type == CHECK_PACKET_END;
	const struct check_reg *p = swapped ? s : d, *end = swapped ? d : s;

	if (p->type != CHECK_PACKET || end->type != CHECK_PACKET_END)
		return false;
	/* Seen from the pointer: p > end and p >= end tell when they fail, < and <= when they hold.
	 */
	t->when_taken = (op == BPF_JLT || op == BPF_JLE) != swapped;
	t->open = op == BPF_JLT || op == BPF_JGE;
	if (swapped)
		t->open = op == BPF_JGT || op == BPF_JLE;
	t->id = p->id;
	t->off = p->off;
	return op == BPF_JGT || op == BPF_JGE || op == BPF_JLT || op == BPF_JLE;
}

static void packet_learn(struct emu_checker *k, const struct packet_test *t)
{
	if (t->off < 0 || (t->off == 0 && t->open) || t->off > CHECK_PACKET_MAX)
		return;
	check_each(k, packet_found, (void *)t);
}

/* All copies of a pointer that may be NULL, or of a number. */
struct copies {
	struct emu_checker *k;
	uint32_t id, ref;
	bool null;
	struct emu_range n;
};

static void resolve_copy(struct check_reg *r, void *ctx)
{
	const struct copies *c = ctx;

	if (!r->or_null || r->id != c->id)
		return;
	if (c->null) {
		check_number(r, emu_range_const(0));
		return;
	}
	r->or_null = false;
	r->id = 0;
}

/* The pointer `d` is now known to be NULL, or not. */
static void resolve(struct emu_checker *k, const struct check_reg *d, bool null)
{
	/* A view of what is held is not what is to be given back. */
	struct copies c = {.k = k, .id = d->id, .ref = d->ref == d->id ? d->ref : 0, .null = null};

	for (uint32_t i = 0; null && c.ref && i < k->state.n_refs; i++)
		if (k->state.refs[i] == c.ref)
			k->state.refs[i] = k->state.refs[--k->state.n_refs];
	check_each(k, resolve_copy, &c);
}

static void narrow_copy(struct check_reg *r, void *ctx)
{
	const struct copies *c = ctx;

	if (r->type == CHECK_SCALAR && r->id == c->id)
		r->n = c->n;
}

static void learn_number(struct emu_checker *k, unsigned reg, const struct emu_range *n)
{
	struct check_reg *r = &check_regs(k)[reg];
	struct copies c = {.id = r->id, .n = *n};

	r->n = *n;
	if (r->id)
		check_each(k, narrow_copy, &c);
}

/* A comparison on its way. */
struct test {
	uint8_t op;
	bool wide, reg;
	struct check_reg constant;
	struct check_reg *d, *s;
	struct packet_test packet;
	bool is_packet, is_null_test;
};

/* What the way that is (not) taken tells. Gives false when that way is impossible. */
static bool learn(struct emu_checker *k, const struct bpf_insn *i, const struct test *t, bool taken)
{
	struct emu_range d = t->d->n, s = t->s->n;

	if (t->is_null_test) {
		resolve(k, t->d, taken == (t->op == BPF_JEQ));
		return true;
	}
	if (t->is_packet && taken == t->packet.when_taken)
		packet_learn(k, &t->packet);
	if (t->d->type != CHECK_SCALAR || t->s->type != CHECK_SCALAR)
		return true;
	if (!emu_range_narrow(&d, &s, t->op, taken, t->wide))
		return false;
	learn_number(k, i->dst_reg, &d);
	if (t->reg)
		learn_number(k, i->src_reg, &s);
	return true;
}

/* Pointers that kernels know not to be 0. */
static bool not_null(const struct check_reg *r)
{
	return !r->or_null &&
	       (r->type == CHECK_VALUE || r->type == CHECK_MEM || r->type == CHECK_MAP ||
		check_is_sock(r));
}

/* Which way a comparison goes: 1, 0, or -1 where both may be. */
static int outcome(const struct test *t)
{
	bool zero = t->s->type == CHECK_SCALAR && emu_range_is_const(&t->s->n) && !t->s->n.value;

	if (t->d->type == CHECK_SCALAR && t->s->type == CHECK_SCALAR)
		return emu_range_taken(&t->d->n, &t->s->n, t->op, t->wide);
	if (not_null(t->d) && zero)
		return t->op == BPF_JEQ ? 0 : t->op == BPF_JNE ? 1 : -1;
	return -1;
}

static void begin(struct emu_checker *k, struct test *t, const struct bpf_insn *i)
{
	t->op = BPF_OP(i->code);
	t->wide = BPF_CLASS(i->code) == BPF_JMP;
	t->reg = BPF_SRC(i->code) == BPF_X;
	t->d = &check_regs(k)[i->dst_reg];
	t->s = &t->constant;
	if (t->reg)
		t->s = &check_regs(k)[i->src_reg];
	else
		check_number(&t->constant, emu_range_const((uint64_t)(int64_t)i->imm));
	t->is_packet = t->wide && t->reg && packet_test(&t->packet, t->d, t->s, t->op);
	t->is_null_test = t->wide && !t->reg && i->imm == 0 && t->d->or_null &&
			  (t->op == BPF_JEQ || t->op == BPF_JNE);
}

int check_jump(struct emu_checker *k, const struct bpf_insn *i)
{
	struct test t;
	int way, err;

	k->jumps++;
	if (BPF_OP(i->code) == BPF_JA) {
		k->at += 1 + (BPF_CLASS(i->code) == BPF_JMP32 ? i->imm : i->off);
		return 0;
	}
	err = BPF_SRC(i->code) == BPF_X ? check_readable(k, i->src_reg) : 0;
	if (!err)
		err = check_readable(k, i->dst_reg);
	if (err)
		return err;
	begin(k, &t, i);
	way = outcome(&t);
	if (way < 0) {
		err = check_push(k, k->at, true);
		if (err)
			return err;
		way = 0;
		if (!learn(k, i, &t, false))
			return CHECK_PATH_ENDS;
	}
	k->at += 1 + (way ? i->off : 0);
	return 0;
}

int check_jump_taken(struct emu_checker *k)
{
	const struct bpf_insn *i = &k->insns[k->at];
	struct test t;

	begin(k, &t, i);
	if (!learn(k, i, &t, true))
		return CHECK_PATH_ENDS;
	k->at += 1 + i->off;
	return 0;
}
