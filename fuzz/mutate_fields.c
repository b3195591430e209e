/* One field gets another value: usual ones, ones at the limits, odd ones. */
#include <string.h>

#include "cases/attach.h"
#include "fuzz/mutation.h"

/* Of numbers that are often used, mostly these. */
static const uint64_t update_flags[] = {0,
					0,
					0,
					1,
					1,
					1,
					2,
					2,
					2,
					3,
					4,
					4,
					5,
					6,
					7,
					8,
					16,
					24,
					UINT64_C(1) << 31,
					UINT64_C(1) << 32,
					(UINT64_C(1) << 32) | 1,
					(UINT64_C(1) << 32) | 8,
					UINT64_MAX};
static const uint32_t small_sizes[] = {4, 4, 4, 4, 8, 8, 8, 8, 16, 12, 1, 2, 3, 5, 6, 7, 9, 20};
static const uint32_t mid_sizes[] = {24,  31,  32,  33,	 64,  100, 255, 256,
				     257, 260, 261, 384, 385, 512, 513};
static const uint32_t large_sizes[] = {0,     0,     1000,  4096,  4097,     8192,     32764,
				       32767, 32768, 32769, 65536, 1u << 20, 1u << 22, ~0u};
static const uint32_t few_entries[] = {1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 9, 10};
static const uint32_t many_entries[] = {12,  15,  16,  17,  20,	 31,  32,  33,	63,  64,  65, 100,
					127, 128, 129, 130, 200, 255, 256, 257, 300, 500, 512};
static const uint32_t odd_entries[] = {0,	 0,	   1000,	   65536,    1u << 20,
				       1u << 27, 1u << 28, (1u << 28) + 1, 1u << 31, (1u << 31) + 1,
				       ~0u};
static const uint16_t times[] = {1,  1,	 2,  3,	 4,   5,   8,	10,  16,
				 31, 32, 33, 64, 100, 127, 128, 129, 200};
static const uint8_t plain_types[] = {
	MUE_MAP_HASH,	  MUE_MAP_ARRAY,	   MUE_MAP_PERCPU_HASH, MUE_MAP_PERCPU_ARRAY,
	MUE_MAP_LRU_HASH, MUE_MAP_LRU_PERCPU_HASH, MUE_MAP_LPM_TRIE, MUE_MAP_RHASH};
static const uint8_t usual_kinds[] = {MUE_OP_UPDATE, MUE_OP_UPDATE, MUE_OP_UPDATE, MUE_OP_UPDATE,
				      MUE_OP_LOOKUP, MUE_OP_LOOKUP, MUE_OP_DELETE, MUE_OP_DELETE};
static const uint8_t sock_kinds[] = {MUE_OP_CLOSE, MUE_OP_SHUTDOWN, MUE_OP_DISCONNECT, MUE_OP_HANGUP};
static const uint8_t origins[] = {MUE_ORIGIN_STACK,   MUE_ORIGIN_STACK, MUE_ORIGIN_UNALIGNED,
				  MUE_ORIGIN_LITERAL, MUE_ORIGIN_MAP,	MUE_ORIGIN_RODATA,
				  MUE_ORIGIN_LOOKUP};

/* A type's own ways to ask count among the usual ones of its maps. */
static uint64_t draw_kind(const struct mutation *m, uint32_t map)
{
	uint32_t type = m->c->maps[map].type;

	if (type == MUE_MAP_BLOOM_FILTER && mue_dice_chance(m->d, 50))
		return MUE_OP_CONTAINS;
	if (m->c->n_socks && mue_dice_chance(m->d, 20))
		return ONE_OF(m->d, sock_kinds);
	if (mue_dice_chance(m->d, 80))
		return ONE_OF(m->d, usual_kinds);
	return mue_dice_roll(m->d, MUE_OP_KINDS);
}

static uint64_t draw_entries(const struct mutation *m)
{
	if (mue_dice_chance(m->d, 85))
		return ONE_OF(m->d, few_entries);
	return mue_dice_chance(m->d, 90) ? ONE_OF(m->d, many_entries) : ONE_OF(m->d, odd_entries);
}

/* What memory a kernel gives at once ends at a power of two, less what it needs itself. */
static uint32_t draw_limit(const struct mutation *m)
{
	static const uint32_t ends[] = {1u << 15, 1u << 22, 1u << 16};

	return ONE_OF(m->d, ends) - 8 * mue_dice_roll(m->d, 40) + mue_dice_roll(m->d, 3) - 1;
}

static uint64_t draw_size(const struct mutation *m)
{
	if (mue_dice_chance(m->d, 80))
		return ONE_OF(m->d, small_sizes);
	if (mue_dice_chance(m->d, 85))
		return ONE_OF(m->d, mid_sizes);
	return mue_dice_chance(m->d, 50) ? ONE_OF(m->d, large_sizes) : draw_limit(m);
}

/* As often as the map has entries, about; or one of the table. */
static uint64_t draw_times(const struct mutation *m, uint32_t map)
{
	uint32_t room = m->c->maps[map].max_entries;

	if (mue_dice_chance(m->d, 50) && room && room < 1024)
		return room + mue_dice_roll(m->d, 4) - 1;
	return ONE_OF(m->d, times);
}

static uint64_t draw_prog_type(const struct mutation *m)
{
	return mue_dice_chance(m->d, 40) ? 0 : mue_dice_roll(m->d, MUE_PROG_TYPES);
}

uint64_t mutate_number(const struct mutation *m, enum mue_field_kind kind, uint64_t now,
		       uint32_t map)
{
	struct mue_dice *d = m->d;

	switch (kind) {
	case MUE_FIELD_BOOL:
		return !now;
	case MUE_FIELD_MAP:
		return mue_dice_roll(d, m->c->n_maps);
	case MUE_FIELD_OP_KIND:
		return draw_kind(m, map);
	case MUE_FIELD_UPDATE_FLAGS:
		return mue_dice_chance(d, 95) ? ONE_OF(d, update_flags)
					      : now ^ UINT64_C(1) << mue_dice_roll(d, 64);
	case MUE_FIELD_TIMES:
		return draw_times(m, map);
	case MUE_FIELD_ORIGIN:
		return mue_dice_chance(d, 70) ? ONE_OF(d, origins) : mue_dice_roll(d, MUE_ORIGINS);
	case MUE_FIELD_REACH:
		return mue_dice_roll(d, MUE_REACHES);
	case MUE_FIELD_PROG_TYPE:
		return draw_prog_type(m);
	case MUE_FIELD_CPU:
		return mue_dice_chance(d, 98) ? mue_dice_roll(d, 2) : mue_dice_roll(d, 64);
	case MUE_FIELD_ATTACH_TYPE:
		return mue_dice_chance(d, 50) ? 0 : mue_dice_roll(d, MUE_ATTACH_TYPES + 2);
	case MUE_FIELD_TRIGGER:
		return mue_dice_roll(d, MUE_VIAS);
	case MUE_FIELD_RETURNS:
		return mue_dice_roll(d, MUE_RETURNS);
	case MUE_FIELD_MAP_TYPE:
		return mue_dice_chance(d, 95) ? ONE_OF(d, plain_types)
					      : mue_dice_roll(d, MUE_MAP_TYPES + 2);
	case MUE_FIELD_SIZE:
		return mue_dice_chance(d, 25) ? now + mue_dice_roll(d, 3) - 1 : draw_size(m);
	case MUE_FIELD_ENTRIES:
		return mue_dice_chance(d, 25) ? now + mue_dice_roll(d, 3) - 1 : draw_entries(m);
	case MUE_FIELD_MAP_FLAGS:
		return now ^
		       1u << (mue_dice_chance(d, 70) ? mue_dice_roll(d, 11) : mue_dice_roll(d, 32));
	case MUE_FIELD_OBJECT:
		return mue_dice_roll(d, MUE_OBJECTS);
	case MUE_FIELD_INNER:
		return mue_dice_roll(d, m->c->n_maps + 1);
	case MUE_FIELD_SPECIAL:
		return mue_dice_roll(d, MUE_SPECIALS);
	case MUE_FIELD_SOCK:
		return m->c->n_socks ? mue_dice_roll(d, m->c->n_socks) : 0;
	case MUE_FIELD_SOCK_KIND:
		return mue_dice_roll(d, MUE_SOCKS);
	case MUE_FIELD_NUMBER:
		return mue_dice_chance(d, 50) ? mue_dice_roll(d, 4) : UINT64_MAX;
	case MUE_FIELD_EDIT_AT:
	case MUE_FIELD_INSN_CODE:
	case MUE_FIELD_INSN_REGS:
	case MUE_FIELD_INSN_OFF:
	case MUE_FIELD_INSN_IMM:
		return mutate_edit_number(m, kind, now);
	case MUE_FIELD_BYTES:
	case MUE_FIELD_KINDS:
		break;
	}
	return now;
}

/* Any field of some element; bytes have ways of their own (mutate_bytes.c). */
static bool change_field(const struct mutation *m, enum mue_element e)
{
	const struct mue_element_row *row = &mue_elements[e];
	uint32_t n = mue_element_count(m->c, e), map = 0;
	const struct mue_field *f = &row->fields[mue_dice_roll(m->d, row->n_fields)];
	void *element;

	if (!n || f->kind == MUE_FIELD_BYTES)
		return false;
	element = mue_element_at(m->c, e, mue_dice_roll(m->d, n));
	if (e == MUE_ELEMENT_OP)
		map = ((struct mue_op *)element)->map;
	mue_field_set(f, element, mutate_number(m, f->kind, mue_field_get(f, element), map));
	return true;
}

bool mutate_op_field(const struct mutation *m)
{
	return change_field(m, MUE_ELEMENT_OP);
}

bool mutate_phase_field(const struct mutation *m)
{
	return change_field(m, MUE_ELEMENT_PHASE);
}

bool mutate_map_field(const struct mutation *m)
{
	return change_field(m, MUE_ELEMENT_MAP);
}

/* One more socket, or another kind of one. */
bool mutate_sock(const struct mutation *m)
{
	unsigned kind = mue_dice_roll(m->d, MUE_SOCKS);
	bool more = mue_dice_chance(m->d, 50);

	if (m->c->n_socks && !more)
		m->c->socks[mue_dice_roll(m->d, m->c->n_socks)].kind = kind;
	else
		return mue_case_add_sock(m->c, kind);
	return true;
}

bool mutate_flags_of_all(const struct mutation *m)
{
	uint64_t flags = ONE_OF(m->d, update_flags);

	for (uint32_t i = 0; i < m->c->n_ops; i++)
		if (m->c->ops[i].kind == MUE_OP_UPDATE)
			m->c->ops[i].flags = flags;
	return m->c->n_ops;
}
