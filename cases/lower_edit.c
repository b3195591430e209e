/* Edits: changes to a lowered program. */
#include "cases/lower_edit.h"

#include <errno.h>
#include <string.h>

#define WIDE (BPF_LD | BPF_IMM | BPF_DW)

/* How a program's instructions name others: by a distance from the one behind. */
enum distance { NONE, BY_OFF, BY_IMM };

static enum distance distance_of(const struct bpf_insn *i)
{
	uint8_t class = BPF_CLASS(i->code), op = BPF_OP(i->code);

	if (i->code == WIDE)
		return i->src_reg == BPF_PSEUDO_FUNC ? BY_IMM : NONE;
	if ((class != BPF_JMP && class != BPF_JMP32) || op == BPF_EXIT)
		return NONE;
	if (op == BPF_CALL)
		return class == BPF_JMP && i->src_reg == BPF_PSEUDO_CALL ? BY_IMM : NONE;
	return class == BPF_JMP32 && op == BPF_JA ? BY_IMM : BY_OFF;
}

/* Whether instruction `at` is the second half of a wide one. */
static bool is_half(const struct mue_program *p, uint32_t at)
{
	uint32_t i = 0;

	while (i < at)
		i += p->insns[i].code == WIDE ? 2 : 1;
	return i != at;
}

/* Who went to `at` goes to what stands there now; others go where they went. */
static void stretch(struct mue_program *p, uint32_t at)
{
	bool half = false;

	for (uint32_t i = 0; i < p->n; i++) {
		struct bpf_insn *insn = &p->insns[i];
		enum distance by = half ? NONE : distance_of(insn);
		int64_t to = (int64_t)i + 1 + (by == BY_IMM ? insn->imm : insn->off);
		int64_t more = (to > at) - (i >= at);

		half = !half && insn->code == WIDE;
		if (by == BY_IMM)
			insn->imm += more;
		else if (by == BY_OFF)
			insn->off += more;
	}
	for (uint32_t f = 0; f < p->n_funcs; f++)
		p->funcs[f] += p->funcs[f] > at;
}

static int insert(struct mue_program *p, uint32_t at, const struct bpf_insn *insn)
{
	if (p->n == MUE_INSNS_MAX)
		return -E2BIG;
	stretch(p, at);
	memmove(&p->insns[at + 1], &p->insns[at], (p->n++ - at) * sizeof(*p->insns));
	p->insns[at] = *insn;
	return 0;
}

/* In place of a wide one stands the new one and, unless that is wide too, one that does nothing. */
static void replace(struct mue_program *p, uint32_t at, const struct bpf_insn *insn)
{
	static const struct bpf_insn nothing = {.code = BPF_JMP | BPF_JA};

	if (p->insns[at].code == WIDE && insn->code != WIDE && at + 1 < p->n)
		p->insns[at + 1] = nothing;
	p->insns[at] = *insn;
}

int mue_edit_apply(struct mue_program *p, const struct mue_edit *e)
{
	const struct bpf_insn insn = {.code = e->code,
				      .dst_reg = e->regs & 15,
				      .src_reg = e->regs >> 4,
				      .off = e->off,
				      .imm = e->imm};
	uint32_t at = e->at % p->n;

	at -= is_half(p, at);
	if (e->insert)
		return insert(p, at, &insn);
	replace(p, at, &insn);
	return 0;
}
