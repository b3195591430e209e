/* Loads, stores, and what helpers read. The stack is in check_stack.c. */
#include "runners/emulator/check_stack.h"
#include "runners/emulator/contexts.h"

/* Whether [off, off + size) behind a pointer's beginning lies in the first `limit` bytes. */
static int within(struct emu_checker *k, const struct check_reg *p, int64_t off, uint64_t size,
		  uint64_t limit)
{
	off += p->off;
	if (p->n.smin < 0 || off + p->n.smin < 0)
		return check_refuse(k, -EACCES, "min value is negative");
	if (p->n.umax >= CHECK_VAR_OFF_MAX)
		return check_refuse(k, -EACCES, "unbounded memory access");
	if ((uint64_t)(off + (int64_t)p->n.umax) + size > limit)
		return check_refuse(
			k, -EACCES, "invalid access to memory: off=%lld size=%llu of %llu",
			(long long)off, (unsigned long long)size, (unsigned long long)limit);
	return 0;
}

static int on_value(struct emu_checker *k, const struct check_reg *p, int64_t off, uint64_t size,
		    enum emu_access access, bool helper)
{
	struct check_map m = check_map_of(k, p->object);
	uint32_t refused = access == EMU_READ ? MUE_MAP_F_WRONLY_PROG : MUE_MAP_F_RDONLY_PROG;
	int err;

	if (m.flags & refused)
		return check_refuse(k, -EACCES, "%s map forbidden",
				    access == EMU_READ ? "read from" : "write into");
	err = within(k, p, off, size, m.value_size);
	/* No part of the special field, which is at the beginning, may be touched. */
	if (!err && size && p->off + off + p->n.smin < mue_special_size(m.special))
		err = check_refuse(k, -EACCES, "special field cannot be accessed directly");
	return err;
}

/* Types whose programs read packets but do not write them. */
static bool packet_read_only(uint32_t type)
{
	switch (type) {
	case MUE_PROG_LWT_IN:
	case MUE_PROG_LWT_OUT:
	case MUE_PROG_LWT_SEG6LOCAL:
	case MUE_PROG_SK_REUSEPORT:
	case MUE_PROG_FLOW_DISSECTOR:
	case MUE_PROG_CGROUP_SKB:
		return true;
	default:
		return false;
	}
}

static int on_packet(struct emu_checker *k, const struct check_reg *p, int64_t off, uint64_t size,
		     enum emu_access access)
{
	if (access == EMU_WRITE && packet_read_only(k->load->prog_type))
		return check_refuse(k, -EACCES, "cannot write into packet");
	off += p->off;
	if (p->n.smin < 0)
		return check_refuse(k, -EACCES, "min value is negative");
	if (off < 0 || (uint64_t)off + size > p->size)
		return check_refuse(k, -EACCES,
				    "invalid access to packet, off=%lld size=%llu of %u",
				    (long long)off, (unsigned long long)size, p->size);
	return 0;
}

static int on_ctx(struct emu_checker *k, const struct check_reg *p, int64_t off, uint64_t size,
		  enum emu_access access, enum emu_ctx_kind *kind)
{
	*kind = EMU_CTX_REFUSED;
	if (!emu_range_is_const(&p->n) || p->off || p->n.value)
		return check_refuse(k, -EACCES, "dereference of modified ctx ptr");
	if (off >= 0)
		*kind = emu_ctx_access(k->load->prog_type, (uint32_t)off, (uint32_t)size,
				       access == EMU_WRITE);
	if (*kind == EMU_CTX_REFUSED)
		return check_refuse(k, -EACCES, "invalid bpf_context access off=%lld size=%llu",
				    (long long)off, (unsigned long long)size);
	return 0;
}

/* Accesses to everything but the stack and the context. */
static int on_memory(struct emu_checker *k, unsigned reg, int64_t off, uint64_t size,
		     enum emu_access access, bool helper)
{
	const struct check_reg *p = &check_regs(k)[reg];

	if (p->or_null)
		return check_refuse(k, -EACCES, "R%u invalid mem access, may be null", reg);
	switch (p->type) {
	case CHECK_VALUE:
		return on_value(k, p, off, size, access, helper);
	case CHECK_MEM:
		return within(k, p, off, size, p->size);
	case CHECK_PACKET:
		return on_packet(k, p, off, size, access);
	case CHECK_SOCK_COMMON:
	case CHECK_SOCKET:
	case CHECK_TCP_SOCK:
		if (k->load->exact)
			return check_refuse(k, -EOPNOTSUPP, "a socket is only imitated");
		return check_on_sock(k, p, off, size, access);
	default:
		return check_refuse(k, -EACCES, "R%u invalid mem access", reg);
	}
}

static unsigned size_of(const struct bpf_insn *i)
{
	static const uint8_t sizes[] = {4, 2, 1, 8};

	return sizes[BPF_SIZE(i->code) >> 3];
}

/* One instruction cannot be rewritten for the context on one path and not on another. */
static int remember_type(struct emu_checker *k, unsigned reg)
{
	uint8_t type = check_regs(k)[reg].type + 1, *mem = &k->marks[k->at].mem;

	if (*mem && *mem != type && (*mem == CHECK_CTX + 1 || type == CHECK_CTX + 1))
		return check_refuse(k, -EINVAL, "same insn cannot be used with different pointers");
	*mem = type;
	return 0;
}

static int load_ctx(struct emu_checker *k, const struct bpf_insn *i, struct check_reg *d)
{
	bool sign = BPF_MODE(i->code) == EMU_MEMSX;
	enum emu_ctx_kind kind;
	int err = on_ctx(k, &check_regs(k)[i->src_reg], i->off, size_of(i), EMU_READ, &kind);

	if (!err)
		err = check_load_ctx_sock(k, d, i->off, size_of(i));
	if (err != CHECK_PATH_ENDS)
		return err;
	if (kind == EMU_CTX_NUMBER && k->load->exact && k->load->prog_type != MUE_PROG_SYSCALL)
		return check_refuse(k, -EOPNOTSUPP, "a number of the context is only imitated");
	if (kind == EMU_CTX_NUMBER) {
		check_number(d, emu_range_bytes(size_of(i), sign));
		return 0;
	}
	if (sign)
		return check_refuse(k, -EACCES, "sign-extending load of a packet pointer");
	k->notes[k->at] = kind == EMU_CTX_DATA_END ? EMU_NOTE_DATA_END : EMU_NOTE_DATA;
	check_point(d, kind == EMU_CTX_DATA_END ? CHECK_PACKET_END : CHECK_PACKET);
	/* What is loaded again has another id, and its bounds are to be checked again. */
	d->id = d->type == CHECK_PACKET ? ++k->ids : 0;
	return 0;
}

int check_load(struct emu_checker *k, const struct bpf_insn *i)
{
	struct check_reg *s = &check_regs(k)[i->src_reg], *d = &check_regs(k)[i->dst_reg];
	bool sign = BPF_MODE(i->code) == EMU_MEMSX;
	int err = check_readable(k, i->src_reg);

	if (!err && i->dst_reg == BPF_REG_10)
		err = check_refuse(k, -EACCES, "frame pointer is read only");
	if (!err)
		err = remember_type(k, i->src_reg);
	if (err)
		return err;
	if (s->type == CHECK_STACK)
		return check_stack_load(k, d, s, i->off, size_of(i), sign);
	if (s->type == CHECK_CTX)
		return load_ctx(k, i, d);
	err = on_memory(k, i->src_reg, i->off, size_of(i), EMU_READ, false);
	if (!err)
		check_number(d, emu_range_bytes(size_of(i), sign));
	return err;
}

/* A store of `value` (NULL: of what is not known). */
static int store(struct emu_checker *k, const struct bpf_insn *i, const struct check_reg *value)
{
	struct check_reg *d = &check_regs(k)[i->dst_reg];
	enum emu_ctx_kind kind;
	int err = remember_type(k, i->dst_reg);

	if (err)
		return err;
	if (d->type == CHECK_STACK)
		return check_stack_store(k, d, i->off, size_of(i), value);
	if (d->type == CHECK_CTX)
		return on_ctx(k, d, i->off, size_of(i), EMU_WRITE, &kind);
	return on_memory(k, i->dst_reg, i->off, size_of(i), EMU_WRITE, false);
}

int check_store(struct emu_checker *k, const struct bpf_insn *i)
{
	struct check_reg constant;
	int err = check_readable(k, i->dst_reg);

	if (BPF_CLASS(i->code) == BPF_STX) {
		if (!err)
			err = check_readable(k, i->src_reg);
		return err ? err : store(k, i, &check_regs(k)[i->src_reg]);
	}
	check_number(&constant, emu_range_const((uint64_t)(int64_t)i->imm));
	return err ? err : store(k, i, &constant);
}

/* Where atomics may not work: a context or a packet. */
static bool no_atomics(const struct check_reg *d)
{
	return d->type == CHECK_CTX || d->type == CHECK_PACKET;
}

int check_atomic(struct emu_checker *k, const struct bpf_insn *i)
{
	struct check_reg *regs = check_regs(k), *old = NULL;
	int err = check_readable(k, i->src_reg);

	if (!err)
		err = check_readable(k, i->dst_reg);
	if (!err && i->imm == BPF_CMPXCHG)
		err = check_readable(k, BPF_REG_0);
	if (err)
		return err;
	if (no_atomics(&regs[i->dst_reg]))
		return check_refuse(k, -EACCES, "atomic operation on this pointer not allowed");
	if (i->imm & BPF_FETCH)
		old = &regs[i->imm == BPF_CMPXCHG ? BPF_REG_0 : i->src_reg];
	if (old == &regs[BPF_REG_10])
		return check_refuse(k, -EACCES, "frame pointer is read only");
	err = remember_type(k, i->dst_reg);
	if (err)
		return err;
	if (regs[i->dst_reg].type == CHECK_STACK)
		err = check_stack_atomic(k, &regs[i->dst_reg], i->off, size_of(i));
	else
		err = on_memory(k, i->dst_reg, i->off, size_of(i), EMU_READ, false);
	if (!err && regs[i->dst_reg].type != CHECK_STACK)
		err = on_memory(k, i->dst_reg, i->off, size_of(i), EMU_WRITE, false);
	if (!err && old)
		check_number(old, emu_range_bytes(size_of(i), false));
	return err;
}

int check_helper_reads(struct emu_checker *k, unsigned reg, uint32_t size)
{
	const struct check_reg *p = &check_regs(k)[reg];

	if (!size)
		return check_refuse(k, -EACCES, "R%u invalid zero-sized read", reg);
	if (p->type == CHECK_STACK)
		return check_stack_read(k, p, size);
	if (p->type == CHECK_CTX)
		return size > UINT16_MAX ? check_refuse(k, -EACCES, "context has no %u bytes", size) : 0;
	return on_memory(k, reg, 0, size, EMU_READ, true);
}
