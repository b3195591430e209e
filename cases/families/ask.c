#include "cases/families/ask.h"

#include <string.h>

const struct mue_kind_row mue_kinds[MUE_KINDS] = {
#define MUE_KIND(ID, name, type, flags, plain) {name, MUE_MAP_##type, flags, plain},
#include "cases/families/kinds.def"
#undef MUE_KIND
};

bool mue_ask_refused(uint64_t kind, uint64_t prog)
{
	const struct mue_prog_type_row *row = mue_prog_type_row(prog);

	return kind == MUE_KIND_LPM_TRIE && row && row->flags & MUE_PROG_F_SLEEPABLE;
}

struct mue_map *mue_ask_map(struct mue_case *c, uint64_t kind, uint32_t max_entries)
{
	const struct mue_kind_row *k = &mue_kinds[kind];

	return mue_case_add_map(c, "m", k->type, k->type == MUE_MAP_LPM_TRIE ? 8 : 4, 8,
				max_entries, k->flags);
}

void mue_ask_user(struct mue_case *c, unsigned cpu)
{
	mue_case_add_phase(c, MUE_PROG_UNSPEC)->cpu = cpu;
}

struct mue_phase *mue_ask_prog(struct mue_case *c, unsigned prog_type, unsigned cpu)
{
	struct mue_phase *p = mue_case_add_phase(c, prog_type);

	p->cpu = cpu;
	return p;
}

struct mue_bytes mue_ask_prefix(uint32_t len, uint32_t address)
{
	uint8_t key[8] = {len,		 len >> 8,	len >> 16,    len >> 24,
			  address >> 24, address >> 16, address >> 8, address};

	return mue_bytes_of(key, sizeof(key));
}

struct mue_bytes mue_ask_key(const struct mue_case *c, uint32_t n)
{
	if (c->maps[0].type == MUE_MAP_LPM_TRIE)
		return mue_ask_prefix(32, __builtin_bswap32(n));
	return mue_bytes_u32(n);
}

struct mue_bytes mue_ask_value(const struct mue_case *c, uint32_t n)
{
	struct mue_bytes b = {.fill = 0xa0 | (n & 0xf)};
	size_t at = mue_special_size(c->maps[0].special);

	memset(b.head, b.fill, at);
	for (int i = 0; i < 4; i++)
		b.head[at + i] = n >> 8 * i;
	b.n_head = at + 4;
	return b;
}

struct mue_op *mue_ask_update(struct mue_case *c, uint32_t key, uint32_t value, uint64_t flags)
{
	struct mue_op *op = mue_case_add_op(c, MUE_OP_UPDATE, 0);

	op->key = mue_ask_key(c, key);
	op->value = mue_ask_value(c, value);
	op->flags = flags;
	return op;
}

struct mue_op *mue_ask_lookup(struct mue_case *c, uint32_t key)
{
	struct mue_op *op = mue_case_add_op(c, MUE_OP_LOOKUP, 0);

	op->key = mue_ask_key(c, key);
	return op;
}

struct mue_op *mue_ask_delete(struct mue_case *c, uint32_t key)
{
	struct mue_op *op = mue_case_add_op(c, MUE_OP_DELETE, 0);

	op->key = mue_ask_key(c, key);
	return op;
}

struct mue_op *mue_ask_reread(struct mue_case *c)
{
	return mue_case_add_op(c, MUE_OP_REREAD, 0);
}

void mue_ask_fill(struct mue_case *c, uint32_t first, uint32_t n)
{
	if (n)
		mue_ask_update(c, first, 0x10, 0)->times = n;
}
