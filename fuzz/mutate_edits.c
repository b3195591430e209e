/* Edits of programs: instructions that a program has already with one thing changed, and ones of
 * any kind. */
#include <linux/bpf.h>
#include <string.h>

#include "cases/lower.h"
#include "fuzz/mutation.h"

static struct mue_edit *some_edit(const struct mutation *m)
{
	return m->c->n_edits ? &m->c->edits[mue_dice_roll(m->d, m->c->n_edits)] : NULL;
}

static const uint8_t alu_ops[] = {BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV,  BPF_OR,
				  BPF_AND, BPF_LSH, BPF_RSH, BPF_NEG,  BPF_MOD,
				  BPF_XOR, BPF_MOV, BPF_MOV, BPF_ARSH, BPF_END};
static const uint8_t jump_ops[] = {BPF_JA,  BPF_JEQ,  BPF_JGT,	BPF_JGE,  BPF_JSET,
				   BPF_JNE, BPF_JSGT, BPF_JSGE, BPF_CALL, BPF_EXIT,
				   BPF_JLT, BPF_JLE,  BPF_JSLT, BPF_JSLE};
static const uint8_t sizes[] = {BPF_B, BPF_H, BPF_W, BPF_DW};
#define MODE_MEMSX 0x80

static uint8_t draw_code(const struct mutation *m)
{
	uint8_t class = mue_dice_roll(m->d, 8), size = ONE_OF(m->d, sizes);

	switch (class) {
	case BPF_ALU:
	case BPF_ALU64:
		return class | ONE_OF(m->d, alu_ops) | (mue_dice_chance(m->d, 60) ? BPF_X : BPF_K);
	case BPF_JMP:
	case BPF_JMP32:
		return class | ONE_OF(m->d, jump_ops) | (mue_dice_chance(m->d, 40) ? BPF_X : BPF_K);
	case BPF_LDX:
		return class | size | (mue_dice_chance(m->d, 75) ? BPF_MEM : MODE_MEMSX);
	case BPF_STX:
		return mue_dice_chance(m->d, 50)
			       ? class | size | BPF_MEM
			       : class | (size & BPF_W ? BPF_DW : BPF_W) | BPF_ATOMIC;
	case BPF_ST:
		return class | size | BPF_MEM;
	default:
		return mue_dice_roll(m->d, 256);
	}
}

static uint32_t draw_imm(const struct mutation *m)
{
	static const uint32_t edges[] = {0,	     1,		 2,	 3,	 7,   8,   15,
					 16,	     31,	 32,	 33,	 63,  64,  65,
					 127,	     128,	 255,	 256,	 ~0u, ~1u, 1u << 31,
					 0x7fffffff, 0x80000001, 0xffff, 0x10000};
	static const uint8_t atomics[] = {BPF_ADD,
					  BPF_OR,
					  BPF_AND,
					  BPF_XOR,
					  BPF_ADD | BPF_FETCH,
					  BPF_OR | BPF_FETCH,
					  BPF_AND | BPF_FETCH,
					  BPF_XOR | BPF_FETCH,
					  BPF_XCHG,
					  BPF_CMPXCHG};

	if (mue_dice_chance(m->d, 70))
		return ONE_OF(m->d, edges);
	return mue_dice_chance(m->d, 50) ? ONE_OF(m->d, atomics) : mue_dice_roll(m->d, UINT32_MAX);
}

static uint16_t draw_off(const struct mutation *m)
{
	if (mue_dice_chance(m->d, 40))
		return mue_dice_roll(m->d, 8); /* jumps */
	if (mue_dice_chance(m->d, 50))
		return -8 * (1 + mue_dice_roll(m->d, 16)); /* the stack */
	if (mue_dice_chance(m->d, 20))
		return mue_dice_roll(m->d, 1u << 16);
	return 4 * mue_dice_roll(m->d, 32);
}

/* Registers that programs have in use, mostly. */
static uint8_t draw_regs(const struct mutation *m)
{
	static const uint8_t regs[] = {0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 9, 10, 10};

	return ONE_OF(m->d, regs) | ONE_OF(m->d, regs) << 4;
}

uint64_t mutate_edit_number(const struct mutation *m, enum mue_field_kind kind, uint64_t now)
{
	switch (kind) {
	case MUE_FIELD_EDIT_AT:
		return mue_dice_chance(m->d, 50) ? now + mue_dice_roll(m->d, 5) - 2
						 : mue_dice_roll(m->d, 64);
	case MUE_FIELD_INSN_CODE:
		return mue_dice_chance(m->d, 60) ? draw_code(m)
						 : now ^ 1u << mue_dice_roll(m->d, 8);
	case MUE_FIELD_INSN_REGS:
		return draw_regs(m);
	case MUE_FIELD_INSN_OFF:
		return mue_dice_chance(m->d, 30) ? now ^ 1u << mue_dice_roll(m->d, 16)
						 : draw_off(m);
	default:
		return mue_dice_chance(m->d, 30) ? now ^ 1u << mue_dice_roll(m->d, 32)
						 : draw_imm(m);
	}
}

/* The first program, as it is lowered, in which to look for instructions; NULL when there is none.
 */
static const struct mue_program *lowered(const struct mutation *m)
{
	static __thread struct mue_program program; /* too large for stacks */
	static __thread struct mue_layout layout;
	struct mue_case *c = m->c;

	if (mue_case_check(c, NULL, 0))
		return NULL;
	for (uint32_t i = 0; i < c->n_phases; i++) {
		if (!mue_phase_edited(c, i))
			continue;
		mue_layout_phase(&layout, c, i);
		return mue_lower(&program, &layout, c, i, 0) ? NULL : &program;
	}
	return NULL;
}

/* One of the program's own, in its place or another, with one field changed. */
static bool draw_alike(const struct mutation *m, struct mue_edit *e)
{
	const struct mue_program *p = lowered(m);
	const struct bpf_insn *insn;

	if (!p)
		return false;
	e->at = mue_dice_roll(m->d, p->n);
	insn = &p->insns[mue_dice_chance(m->d, 70) ? e->at : mue_dice_roll(m->d, p->n)];
	e->code = insn->code;
	e->regs = insn->dst_reg | insn->src_reg << 4;
	e->off = insn->off;
	e->imm = insn->imm;
	return true;
}

static void draw_any(const struct mutation *m, struct mue_edit *e)
{
	e->at = mue_dice_roll(m->d, 64);
	e->code = draw_code(m);
	e->regs = draw_regs(m);
	e->off = BPF_CLASS(e->code) == BPF_ALU || BPF_CLASS(e->code) == BPF_ALU64 ? 0 : draw_off(m);
	e->imm = e->code & BPF_X && BPF_CLASS(e->code) != BPF_STX ? 0 : draw_imm(m);
}

static void change_edit(const struct mutation *m, struct mue_edit *e)
{
	const struct mue_element_row *row = &mue_elements[MUE_ELEMENT_EDIT];
	const struct mue_field *f = &row->fields[mue_dice_roll(m->d, row->n_fields)];

	mue_field_set(f, e, mutate_number(m, f->kind, mue_field_get(f, e), 0));
}

bool mutate_edit_add(const struct mutation *m)
{
	struct mue_edit e = {.insert = mue_dice_chance(m->d, 60)};

	if (!m->c->n_edits || m->c->n_edits == MUE_EDITS_MAX)
		return false;
	if (mue_dice_chance(m->d, 40) && draw_alike(m, &e))
		change_edit(m, &e);
	else
		draw_any(m, &e);
	m->c->edits[m->c->n_edits++] = e;
	return true;
}

/* The last one stays: it says that this is a case to be edited. */
bool mutate_edit_drop(const struct mutation *m)
{
	struct mue_edit *e = m->c->n_edits > 1 ? some_edit(m) : NULL;

	if (!e)
		return false;
	memmove(e, e + 1, (m->c->edits + --m->c->n_edits - e) * sizeof(*e));
	return true;
}

bool mutate_edit_field(const struct mutation *m)
{
	struct mue_edit *e = some_edit(m);

	if (e)
		change_edit(m, e);
	return e != NULL;
}
