/* Arithmetic on numbers and pointers. */
#include "runners/emulator/check.h"

/* Offsets that no pointer is moved by. */
static int check_offset(struct emu_checker *k, const struct emu_range *n)
{
	if (emu_range_is_const(n) &&
	    (n->smin >= CHECK_VAR_OFF_MAX || n->smin <= -CHECK_VAR_OFF_MAX))
		return check_refuse(k, -EINVAL, "math with a pointer is too far");
	if (n->smin == INT64_MIN || n->smin <= -CHECK_VAR_OFF_MAX || n->smin >= CHECK_VAR_OFF_MAX)
		return check_refuse(k, -EINVAL, "math with a pointer has no lower bound");
	return 0;
}

/* Pointers of this kind stay where they are. */
static bool fixed(const struct check_reg *p, const struct emu_range *n)
{
	if (p->or_null || p->type == CHECK_PACKET_END || p->type == CHECK_FUNC)
		return true;
	return p->type == CHECK_MAP && !(emu_range_is_const(n) && n->value == 0);
}

/* d = p op n, for a pointer p. */
static int move_pointer(struct emu_checker *k, struct check_reg *d, const struct check_reg *p,
			const struct emu_range *n, uint8_t op)
{
	struct check_reg r = *p;
	int64_t off;
	int err;

	if (fixed(p, n))
		return check_refuse(k, -EACCES, "pointer arithmetic on this pointer is prohibited");
	err = check_offset(k, n);
	if (err)
		return err;
	if (op != BPF_ADD && op != BPF_SUB)
		return check_refuse(k, -EACCES, "operator on a pointer is prohibited");
	if (op == BPF_SUB && p->type == CHECK_STACK)
		return check_refuse(k, -EACCES, "subtraction from stack pointer prohibited");
	off = op == BPF_ADD ? p->off + n->smin : p->off - n->smin;
	if (emu_range_is_const(n) && off == (int32_t)off) {
		r.off = (int32_t)off;
	} else {
		emu_range_alu(&r.n, n, op, 0, true);
		if (p->type == CHECK_PACKET) {
			r.id = ++k->ids;
			r.size = 0;
		}
	}
	err = check_offset(k, &r.n);
	*d = r;
	return err;
}

static int alu_on_pointer(struct emu_checker *k, struct check_reg *d, const struct check_reg *s,
			  uint8_t op, bool wide)
{
	bool both = check_is_pointer(d) && check_is_pointer(s);

	if (op == BPF_SUB && (both || !wide)) {
		check_number(d, emu_range_bytes(wide ? 8 : 4, false));
		return 0;
	}
	if (both || !wide)
		return check_refuse(k, -EACCES, "this arithmetic on pointers is prohibited");
	if (check_is_pointer(d))
		return move_pointer(k, d, d, &s->n, op);
	if (op != BPF_ADD)
		return check_refuse(k, -EACCES, "pointer operand prohibited");
	return move_pointer(k, d, s, &d->n, op);
}

static int mov(struct emu_checker *k, const struct bpf_insn *i, struct check_reg *d)
{
	struct check_reg *s = &check_regs(k)[i->src_reg];
	bool wide = BPF_CLASS(i->code) == BPF_ALU64;

	if (BPF_SRC(i->code) == BPF_K) {
		check_number(d, emu_range_const(wide ? (uint64_t)i->imm : (uint32_t)i->imm));
		return 0;
	}
	if (check_is_pointer(s) && (!wide || i->off)) {
		check_number(d, emu_range_bytes(wide ? 8 : 4, false));
		return 0;
	}
	if (s->type == CHECK_SCALAR && !emu_range_is_const(&s->n) && !s->id && wide && !i->off)
		s->id = ++k->ids;
	*d = *s;
	if (i->off)
		emu_range_cut(&d->n, (unsigned)i->off, true);
	if (!wide)
		emu_range_cut(&d->n, 32, false);
	if (!wide || i->off)
		d->id = 0;
	return 0;
}

static int unary(struct emu_checker *k, const struct bpf_insn *i, struct check_reg *d)
{
	struct emu_range zero = emu_range_const(0);
	bool wide = BPF_CLASS(i->code) == BPF_ALU64;

	if (check_is_pointer(d))
		check_number(d, emu_range_any());
	if (BPF_OP(i->code) == BPF_NEG) {
		emu_range_alu(&zero, &d->n, BPF_SUB, 0, wide);
		check_number(d, zero);
	} else {
		check_number(d, emu_range_bytes((unsigned)i->imm / 8, false));
	}
	return 0;
}

/* Constants that no operation takes. */
static int check_operand(struct emu_checker *k, const struct bpf_insn *i)
{
	unsigned op = BPF_OP(i->code), bits = BPF_CLASS(i->code) == BPF_ALU64 ? 64 : 32;

	if (BPF_SRC(i->code) == BPF_X)
		return 0;
	if ((op == BPF_DIV || op == BPF_MOD) && i->imm == 0)
		return check_refuse(k, -EINVAL, "div by zero");
	if ((op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH) && (uint32_t)i->imm >= bits)
		return check_refuse(k, -EINVAL, "invalid shift %d", i->imm);
	return 0;
}

static int binary(struct emu_checker *k, const struct bpf_insn *i, struct check_reg *d)
{
	bool wide = BPF_CLASS(i->code) == BPF_ALU64;
	struct check_reg constant, *s = &constant;
	int err = check_operand(k, i);

	if (err)
		return err;
	if (BPF_SRC(i->code) == BPF_X)
		s = &check_regs(k)[i->src_reg];
	else
		check_number(&constant, emu_range_const((uint64_t)(int64_t)i->imm));
	if (check_is_pointer(d) || check_is_pointer(s))
		return alu_on_pointer(k, d, s, BPF_OP(i->code), wide);
	emu_range_alu(&d->n, &s->n, BPF_OP(i->code), i->off, wide);
	d->id = 0;
	return 0;
}

int check_alu(struct emu_checker *k, const struct bpf_insn *i)
{
	struct check_reg *d = &check_regs(k)[i->dst_reg];
	unsigned op = BPF_OP(i->code);
	int err = 0;

	if (BPF_SRC(i->code) == BPF_X && op != BPF_END)
		err = check_readable(k, i->src_reg);
	if (!err && op != BPF_MOV)
		err = check_readable(k, i->dst_reg);
	if (err)
		return err;
	if (i->dst_reg == BPF_REG_10)
		return check_refuse(k, -EACCES, "frame pointer is read only");
	if (op == BPF_MOV)
		return mov(k, i, d);
	return op == BPF_NEG || op == BPF_END ? unary(k, i, d) : binary(k, i, d);
}
