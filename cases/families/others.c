#include "cases/families/others.h"

#include <string.h>

const struct mue_other_row mue_others[] = {
#define MUE_OTHER(ID, name, type, key, value, max, flags, special, one, two, number)                \
	{name, MUE_MAP_##type, key, value, max, flags, MUE_SPECIAL_##special,                       \
	 {MUE_OBJECT_##one, MUE_OBJECT_##two}, number},
#include "cases/families/others.def"
#undef MUE_OTHER
};

enum {
#define MUE_OTHER(ID, ...) OTHER_##ID,
#include "cases/families/others.def"
#undef MUE_OTHER
};

static const struct mue_point points[] = {
#define MUE_OTHER(ID, name, ...) {name, OTHER_##ID},
#include "cases/families/others.def"
#undef MUE_OTHER
	{0},
};
const struct mue_axis mue_axis_others = {points, NULL};

bool mue_other_has_owner(const struct mue_other_row *row)
{
	return mue_map_has_owners(row->type);
}

bool mue_other_is_array(const struct mue_other_row *row)
{
	switch (row->type) {
	case MUE_MAP_HASH_OF_MAPS:
	case MUE_MAP_DEVMAP_HASH:
	case MUE_MAP_CGROUP_STORAGE:
	case MUE_MAP_PERCPU_CGROUP_STORAGE:
		return false;
	}
	return row->key_size == 4 && !mue_other_has_owner(row);
}

struct mue_map *mue_other_map(struct mue_case *c, const struct mue_other_row *row)
{
	struct mue_map *m;

	if (row->objects[0] == MUE_OBJECT_MAP) {
		mue_case_add_map(c, "a", MUE_MAP_ARRAY, 4, 8, 2, 0);
		mue_case_add_map(c, "b", MUE_MAP_ARRAY, 4, 8, 2, 0);
	}
	m = mue_case_add_map(c, "m", row->type, row->key_size, row->value_size, row->max_entries,
			     row->flags);
	m->special = row->special;
	m->inner = row->objects[0] == MUE_OBJECT_MAP;
	return m;
}

struct mue_op *mue_other_op(struct mue_case *c, unsigned kind, const struct mue_other_row *row,
			    uint32_t key)
{
	struct mue_op *op = mue_case_add_op(c, kind, c->n_maps - 1);

	if (mue_other_has_owner(row))
		op->key_object = row->objects[key];
	else
		op->key = mue_bytes_u32(key);
	return op;
}

static struct mue_bytes value_of(const struct mue_other_row *row, uint32_t n)
{
	struct mue_bytes b = {0};
	uint32_t at = mue_special_size(row->special), number = row->number;

	if (row->objects[0] == MUE_OBJECT_NONE && number > 1 && row->type != MUE_MAP_CPUMAP)
		number += n; /* plain bytes: they tell one value from another */
	memcpy(b.head + at, &number, sizeof(number));
	b.n_head = at + sizeof(number);
	return b;
}

static void put_value(struct mue_op *op, const struct mue_other_row *row, uint32_t value)
{
	op->value = value_of(row, value);
	if (mue_other_has_owner(row) || value > 1)
		return;
	op->value_object = row->objects[value];
	if (op->value_object == MUE_OBJECT_MAP)
		op->map2 = value;
}

struct mue_op *mue_other_update(struct mue_case *c, const struct mue_other_row *row, uint32_t key,
				uint32_t value, uint64_t flags)
{
	struct mue_op *op = mue_other_op(c, MUE_OP_UPDATE, row, key);

	put_value(op, row, value);
	op->flags = flags;
	return op;
}

struct mue_op *mue_other_lookup(struct mue_case *c, const struct mue_other_row *row, uint32_t key,
				uint32_t value)
{
	bool bloom = row->type == MUE_MAP_BLOOM_FILTER;
	struct mue_op *op = mue_other_op(c, bloom ? MUE_OP_CONTAINS : MUE_OP_LOOKUP, row, key);

	if (bloom)
		op->value = value_of(row, value);
	return op;
}
