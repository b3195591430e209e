/*
 * Which registers are still to be read: states that differ only in others are the same. Solved
 * backwards over the whole program until nothing changes.
 */
#include "runners/emulator/check.h"

#define SCRATCH 0x3f /* R0 to R5 */
#define ARGS 0x3e    /* R1 to R5 */

static uint16_t bit(unsigned reg)
{
	return (uint16_t)(1u << reg);
}

static uint16_t alu_reads(const struct bpf_insn *i)
{
	uint16_t reads =
		BPF_SRC(i->code) == BPF_X && BPF_OP(i->code) != BPF_END ? bit(i->src_reg) : 0;

	return BPF_OP(i->code) == BPF_MOV ? reads : reads | bit(i->dst_reg);
}

/* What an atomic reads, and in *writes what it writes. */
static uint16_t atomic_reads(const struct bpf_insn *i, uint16_t *writes)
{
	uint16_t reads = bit(i->dst_reg) | bit(i->src_reg);

	if (i->imm == BPF_CMPXCHG) {
		*writes = bit(BPF_REG_0);
		return reads | bit(BPF_REG_0);
	}
	*writes = i->imm & BPF_FETCH ? bit(i->src_reg) : 0;
	return reads;
}

/* The registers of the arguments that helper `id` takes, all where that is not known. */
static uint16_t helper_reads(int32_t id)
{
	enum {
		COUNT_NONE,
		COUNT_MAP,
		COUNT_KEY,
		COUNT_VALUE,
		COUNT_ANY,
		COUNT_CTX,
		COUNT_SIZE,
		COUNT_RESERVED,
		COUNT_FUNC,
		COUNT_STACK_OR_NULL,
		COUNT_MEM,
		COUNT_SOCK,
		COUNT_SOCK_HELD
	};

	switch (id) {
#define EMU_HELPER(number, name, since, who, ret, a1, a2, a3, a4, a5)                       \
	case number:                                                                        \
		return (COUNT_##a1 ? 2 : 0) | (COUNT_##a2 ? 4 : 0) | (COUNT_##a3 ? 8 : 0) | \
		       (COUNT_##a4 ? 16 : 0) | (COUNT_##a5 ? 32 : 0);
#include "runners/emulator/helpers.def"
#undef EMU_HELPER
	default:
		return ARGS;
	}
}

static uint16_t call_reads(const struct bpf_insn *i, uint16_t *writes)
{
	*writes = SCRATCH;
	return i->src_reg ? ARGS : helper_reads(i->imm);
}

static uint16_t insn_reads(const struct bpf_insn *i, uint16_t *writes)
{
	*writes = 0;
	switch (BPF_CLASS(i->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		*writes = bit(i->dst_reg);
		return alu_reads(i);
	case BPF_LDX:
		*writes = bit(i->dst_reg);
		return bit(i->src_reg);
	case BPF_ST:
		return bit(i->dst_reg);
	case BPF_STX:
		if (BPF_MODE(i->code) == BPF_ATOMIC)
			return atomic_reads(i, writes);
		return bit(i->dst_reg) | bit(i->src_reg);
	case BPF_LD:
		*writes = bit(i->dst_reg);
		return 0;
	default:
		break;
	}
	if (BPF_OP(i->code) == BPF_CALL)
		return call_reads(i, writes);
	if (BPF_OP(i->code) == BPF_EXIT)
		return bit(BPF_REG_0);
	if (BPF_OP(i->code) == BPF_JA || BPF_OP(i->code) == EMU_JCOND)
		return 0;
	return bit(i->dst_reg) | (BPF_SRC(i->code) == BPF_X ? bit(i->src_reg) : 0);
}

/* What is live behind an instruction: the union over where it may go. */
static uint16_t live_behind(const struct emu_checker *k, uint32_t at)
{
	const struct bpf_insn *i = &k->insns[at];
	bool jump = BPF_CLASS(i->code) == BPF_JMP || BPF_CLASS(i->code) == BPF_JMP32;
	unsigned op = BPF_OP(i->code);
	uint16_t next = at + 1 < k->n ? k->marks[at + 1].live : 0;

	if (!jump || op == BPF_CALL)
		return next;
	if (op == BPF_EXIT)
		return 0;
	if (op == BPF_JA)
		return k->marks[at + 1 + (BPF_CLASS(i->code) == BPF_JMP32 ? i->imm : i->off)].live;
	return next | k->marks[at + 1 + i->off].live;
}

/* Gives whether something changed. */
static bool pass(struct emu_checker *k)
{
	bool changed = false;

	for (uint32_t at = k->n; at-- > 0;) {
		uint16_t writes, reads = insn_reads(&k->insns[at], &writes);
		uint16_t live = reads | (live_behind(k, at) & ~writes);

		/* The second half of a BPF_LD_IMM64 does nothing. */
		if (k->insns[at].code == 0)
			live = live_behind(k, at);
		changed |= live != k->marks[at].live;
		k->marks[at].live = live;
	}
	return changed;
}

void check_live(struct emu_checker *k)
{
	bool back = false;

	for (uint32_t at = 0; at < k->n; at++)
		back |= k->marks[at].back;
	while (pass(k) && back)
		;
}
