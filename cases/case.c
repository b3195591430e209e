#include "cases/case.h"

#include <string.h>

#include "cases/attach.h"

const struct mue_special_row mue_special_rows[MUE_SPECIALS] = {
#define MUE_SPECIAL(ID, name, type, size, since, lock) {name, type, size, since, lock},
#include "cases/specials.def"
#undef MUE_SPECIAL
};

uint32_t mue_special_size(unsigned special)
{
	return special < MUE_SPECIALS ? mue_special_rows[special].size : 0;
}

struct mue_fd_place mue_value_fd_place(const struct mue_map *m)
{
	switch (m->type) {
	case MUE_MAP_DEVMAP:
	case MUE_MAP_DEVMAP_HASH:
	case MUE_MAP_CPUMAP:
		return (struct mue_fd_place){4, 4};
	case MUE_MAP_REUSEPORT_SOCKARRAY:
		return (struct mue_fd_place){0, m->value_size};
	case MUE_MAP_PROG_ARRAY:
	case MUE_MAP_PERF_EVENT_ARRAY:
	case MUE_MAP_CGROUP_ARRAY:
	case MUE_MAP_ARRAY_OF_MAPS:
	case MUE_MAP_HASH_OF_MAPS:
	case MUE_MAP_XSKMAP:
		return (struct mue_fd_place){0, 4};
	}
	return (struct mue_fd_place){0, 0};
}

bool mue_map_has_owners(uint32_t type)
{
	return type == MUE_MAP_SK_STORAGE || type == MUE_MAP_INODE_STORAGE ||
	       type == MUE_MAP_TASK_STORAGE || type == MUE_MAP_CGRP_STORAGE;
}

uint32_t mue_map_needs_flags(uint32_t type)
{
#define MUE_KIND(ID, name, TYPE, flags, plain) \
	if ((plain) && type == MUE_MAP_##TYPE) \
		return flags;
#include "cases/families/kinds.def"
#undef MUE_KIND
	return 0;
}

struct mue_fd_place mue_key_fd_place(const struct mue_map *m)
{
	return mue_map_has_owners(m->type) ? MUE_KEY_FD_PLACE : (struct mue_fd_place){0, 0};
}

uint32_t mue_object_number(unsigned object, unsigned map)
{
	return object == MUE_OBJECT_MAP ? 1 + map : 0x100 + object;
}

bool mue_op_has_key(unsigned kind)
{
	return kind == MUE_OP_UPDATE || kind == MUE_OP_DELETE || kind == MUE_OP_LOOKUP ||
	       kind == MUE_OP_BATCH || kind == MUE_OP_LOOKUP_AND_DELETE ||
	       kind == MUE_OP_CONTAINS;
}

bool mue_op_has_value(unsigned kind)
{
	return kind == MUE_OP_UPDATE || kind == MUE_OP_BATCH || kind == MUE_OP_CONTAINS;
}

bool mue_phase_edited(const struct mue_case *c, uint32_t phase)
{
	uint32_t first = 0;

	while (first < phase &&
	       !(c->phases[first].prog_type && mue_phase_test_run(&c->phases[first])))
		first++;
	return c->n_edits && first == phase && c->phases[phase].prog_type &&
	       mue_phase_test_run(&c->phases[phase]);
}

static void copy_name(char *to, size_t size, const char *from)
{
	size_t n = strnlen(from, size - 1);

	memcpy(to, from, n);
	to[n] = 0;
}

void mue_case_init(struct mue_case *c, const char *name)
{
	copy_name(c->name, sizeof(c->name), name);
	c->note[0] = 0;
	c->n_maps = c->n_socks = c->n_edits = c->n_phases = c->n_ops = 0;
}

void mue_case_copy(struct mue_case *to, const struct mue_case *from)
{
	mue_case_init(to, from->name);
	copy_name(to->note, sizeof(to->note), from->note);
	to->n_maps = from->n_maps;
	to->n_socks = from->n_socks;
	to->n_edits = from->n_edits;
	to->n_phases = from->n_phases;
	to->n_ops = from->n_ops;
	memcpy(to->maps, from->maps, from->n_maps * sizeof(*from->maps));
	memcpy(to->socks, from->socks, from->n_socks * sizeof(*from->socks));
	memcpy(to->edits, from->edits, from->n_edits * sizeof(*from->edits));
	memcpy(to->phases, from->phases, from->n_phases * sizeof(*from->phases));
	memcpy(to->ops, from->ops, from->n_ops * sizeof(*from->ops));
}

struct mue_map *mue_case_add_map(struct mue_case *c, const char *name, unsigned type,
				 uint32_t key_size, uint32_t value_size, uint32_t max_entries,
				 uint32_t flags)
{
	struct mue_map *m;

	if (c->n_maps == MUE_MAPS_MAX)
		return NULL;
	m = &c->maps[c->n_maps++];
	memset(m, 0, sizeof(*m));
	copy_name(m->name, sizeof(m->name), name);
	m->type = type;
	m->key_size = key_size;
	m->value_size = value_size;
	m->max_entries = max_entries;
	m->flags = flags;
	return m;
}

unsigned mue_case_add_sock(struct mue_case *c, unsigned kind)
{
	if (c->n_socks == MUE_SOCKS_MAX)
		return 0;
	c->socks[c->n_socks++].kind = kind;
	return c->n_socks;
}

struct mue_phase *mue_case_add_phase(struct mue_case *c, unsigned prog_type)
{
	struct mue_phase *p;

	if (c->n_phases == MUE_PHASES_MAX)
		return NULL;
	p = &c->phases[c->n_phases++];
	memset(p, 0, sizeof(*p));
	p->prog_type = prog_type;
	p->first = c->n_ops;
	return p;
}

struct mue_op *mue_case_add_op(struct mue_case *c, unsigned kind, unsigned map)
{
	struct mue_op *op;

	if (c->n_ops == MUE_OPS_MAX || !c->n_phases)
		return NULL;
	op = &c->ops[c->n_ops++];
	memset(op, 0, sizeof(*op));
	op->kind = kind;
	op->map = map;
	op->times = 1;
	c->phases[c->n_phases - 1].count++;
	return op;
}

static bool same_bytes(struct mue_bytes a, struct mue_bytes b, size_t size)
{
	mue_bytes_canon(&a, size);
	mue_bytes_canon(&b, size);
	return !memcmp(&a, &b, sizeof(a));
}

static bool same_op(const struct mue_case *c, const struct mue_op *a, const struct mue_op *b)
{
	const struct mue_map *m = &c->maps[a->map];

	return a->kind == b->kind && a->map == b->map && a->map2 == b->map2 &&
	       a->key_from == b->key_from && a->value_from == b->value_from &&
	       a->reach == b->reach && a->flags_const == b->flags_const && a->times == b->times &&
	       a->key_object == b->key_object && a->value_object == b->value_object &&
	       a->flags == b->flags && a->sock == b->sock &&
	       (!mue_op_has_key(a->kind) || same_bytes(a->key, b->key, m->key_size)) &&
	       (!mue_op_has_value(a->kind) || same_bytes(a->value, b->value, m->value_size));
}

bool mue_case_same(const struct mue_case *a, const struct mue_case *b)
{
	if (a->n_maps != b->n_maps || a->n_phases != b->n_phases || a->n_ops != b->n_ops)
		return false;
	for (uint32_t i = 0; i < a->n_maps; i++) {
		struct mue_map m = a->maps[i];

		memcpy(m.name, b->maps[i].name, sizeof(m.name));
		if (memcmp(&m, &b->maps[i], sizeof(m)))
			return false;
	}
	if (a->n_socks != b->n_socks || memcmp(a->socks, b->socks, a->n_socks * sizeof(*a->socks)))
		return false;
	/* No padding: these structs are full of their members. */
	if (a->n_edits != b->n_edits || memcmp(a->edits, b->edits, a->n_edits * sizeof(*a->edits)))
		return false;
	if (memcmp(a->phases, b->phases, a->n_phases * sizeof(*a->phases)))
		return false;
	for (uint32_t i = 0; i < a->n_ops; i++)
		if (!same_op(a, &a->ops[i], &b->ops[i]))
			return false;
	return true;
}

_Static_assert(sizeof(struct mue_map) == 16 + 8 * 4, "compared as memory");
_Static_assert(sizeof(struct mue_edit) == 3 * 4 + 2 + 2, "compared as memory");
_Static_assert(sizeof(struct mue_phase) == 2 * 4 + 4 + 5 * 4, "compared as memory");
