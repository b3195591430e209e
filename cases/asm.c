#include "cases/asm.h"

#include <errno.h>
#include <stdlib.h>

#include "cases/words.h"

enum field { ANY, SRC, OFF, IMM };

struct opcode {
	uint8_t code;
	enum field field;
	int32_t value;
	const char *template;
};
static const struct opcode opcodes[] = {
#define MUE_OPCODE(code, field, value, template) {code, field, value, template},
#include "cases/opcodes.def"
#undef MUE_OPCODE
};

static bool fits(const struct opcode *row, const struct bpf_insn *insn)
{
	if (row->code != insn->code)
		return false;
	switch (row->field) {
	case SRC:
		return insn->src_reg == row->value;
	case OFF:
		return insn->off == row->value;
	case IMM:
		return insn->imm == row->value;
	default:
		return true;
	}
}

static const struct opcode *opcode_of(const struct bpf_insn *insn)
{
	for (size_t i = 0; i < sizeof(opcodes) / sizeof(*opcodes); i++)
		if (fits(&opcodes[i], insn))
			return &opcodes[i];
	return NULL;
}

static const char *helper_name(int32_t id)
{
#define NAME(x) [BPF_FUNC_##x] = "bpf_" #x
	static const char *const names[] = {__BPF_FUNC_MAPPER(NAME)};
#undef NAME

	return id > 0 && id < __BPF_FUNC_MAX_ID ? names[id] : "unknown";
}

static const char *map_name(const struct mue_case *c, uint32_t map)
{
	return c && map < c->n_maps ? c->maps[map].name : NULL;
}

/* map[io], map[outer:m], or by number. */
static void out_map(struct mue_out *out, const struct mue_case *c, uint32_t handle)
{
	static const char *const names[MUE_HANDLES] = {
		[MUE_HANDLE_IO] = "io",
		[MUE_HANDLE_RODATA] = "rodata",
		[MUE_HANDLE_RINGBUF] = "ringbuf",
		[MUE_HANDLE_TAILS] = "tails",
	};
	const char *plain = map_name(c, handle - MUE_HANDLE_MAP);
	const char *outer = map_name(c, handle - MUE_HANDLE_OUTER);

	if (plain)
		mue_out_add(out, "map[%s]", plain);
	else if (outer)
		mue_out_add(out, "map[outer:%s]", outer);
	else if (handle < MUE_HANDLES && names[handle])
		mue_out_add(out, "map[%s]", names[handle]);
	else
		mue_out_add(out, "map[%u]", handle);
}

static void out_field(struct mue_out *out, char letter, const struct bpf_insn *insn,
		      const struct mue_case *c)
{
	switch (letter) {
	case 'd':
		return mue_out_add(out, "%d", insn->dst_reg);
	case 's':
		return mue_out_add(out, "%d", insn->src_reg);
	case 'i':
		return mue_out_add(out, "%d", insn->imm);
	case 'x':
		return mue_out_add(out, "0x%x", insn->imm);
	case 'j':
		return mue_out_add(out, "%+d", insn->imm);
	case 'o':
		return mue_out_add(out, "%+d", insn->off);
	case 'h':
		return mue_out_add(out, "%s", helper_name(insn->imm));
	case 'q':
		return mue_out_add(out, "0x%llx",
				   (unsigned long long)insn[1].imm << 32 | (uint32_t)insn->imm);
	case 'm':
		return out_map(out, c, insn->imm);
	case 'v':
		out_map(out, c, insn->imm);
		return mue_out_add(out, "[0]+%u", insn[1].imm);
	default:
		return mue_out_add(out, "subprog[%+d]", insn->imm);
	}
}

static void out_bytes(struct mue_out *out, const struct bpf_insn *insn)
{
	mue_out_add(out, "unknown: dst %u src %u off %d imm %d", insn->dst_reg, insn->src_reg,
		    insn->off, insn->imm);
}

uint32_t mue_asm_insn(char *to, size_t size, const struct bpf_insn *insn, const struct mue_case *c)
{
	const struct opcode *row = opcode_of(insn);
	struct mue_out out = mue_out_to(to, size);

	mue_out_add(&out, "(%02x) ", insn->code);
	if (!row)
		out_bytes(&out, insn);
	for (const char *p = row ? row->template : ""; *p; p++) {
		if (*p == '$')
			out_field(&out, *++p, insn, c);
		else
			mue_out_add(&out, "%c", *p);
	}
	return insn->code == (BPF_LD | BPF_DW | BPF_IMM) ? 2 : 1;
}

void mue_asm_program(FILE *to, const struct mue_program *p, const struct mue_case *c)
{
	char line[MUE_ASM_MAX];
	uint32_t func = 1;

	for (uint32_t i = 0; i < p->n;) {
		uint32_t slots = mue_asm_insn(line, sizeof(line), &p->insns[i], c);

		if (func < p->n_funcs && p->funcs[func] == i)
			fprintf(to, "func %u:\n", func++);
		fprintf(to, "%4u: %s\n", i, line);
		i += slots;
	}
}

static void asm_phase(FILE *to, const struct mue_case *c, uint32_t phase, struct mue_layout *l,
		      struct mue_program *p)
{
	uint32_t parts = mue_lower_parts(c, phase);

	mue_layout_phase(l, c, phase);
	for (uint32_t part = 0; part < parts; part++) {
		fprintf(to, "phase %u: %s%s\n", phase,
			mue_prog_type_row(c->phases[phase].prog_type)->name,
			part ? ", behind its tail call" : "");
		if (mue_lower(p, l, c, phase, part))
			fprintf(to, "too large\n");
		else
			mue_asm_program(to, p, c);
	}
}

int mue_asm_case(FILE *to, const struct mue_case *c)
{
	struct mue_layout *l = malloc(sizeof(*l));
	struct mue_program *p = malloc(sizeof(*p));
	int err = l && p ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < c->n_phases && !err; i++)
		if (c->phases[i].prog_type)
			asm_phase(to, c, i, l, p);
	free(p);
	free(l);
	return err;
}
