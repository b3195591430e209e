/* Maps come, go, change their type, and are taken from another case. */
#include <stdio.h>
#include <string.h>

#include "fuzz/mutation.h"

/* Types that are not plain hold descriptors, or have no keys, or no limit. */
static void make_other(struct mue_map *map)
{
	map->key_size = map->value_size = 4;
	map->special = MUE_SPECIAL_NONE;
	map->flags = 0;
	switch (map->type) {
	case MUE_MAP_QUEUE:
	case MUE_MAP_STACK:
	case MUE_MAP_BLOOM_FILTER:
		map->key_size = 0;
		break;
	case MUE_MAP_SK_STORAGE:
	case MUE_MAP_INODE_STORAGE:
	case MUE_MAP_TASK_STORAGE:
	case MUE_MAP_CGRP_STORAGE:
		map->flags = MUE_MAP_F_NO_PREALLOC;
		map->max_entries = 0;
		break;
	}
}

/* What a map of a type needs so as to be created. */
static void make_apt(struct mue_map *map)
{
	const struct mue_map_type_row *row = mue_map_type_row(map->type);
	bool lpm = map->type == MUE_MAP_LPM_TRIE;

	if (row && row->class != MUE_CLASS_PLAIN) {
		make_other(map);
		return;
	}
	if (!map->max_entries)
		map->max_entries = 2;
	if (lpm)
		map->flags |= MUE_MAP_F_NO_PREALLOC;
	else if (map->type != MUE_MAP_HASH && map->type != MUE_MAP_PERCPU_HASH)
		map->flags &= ~(uint32_t)MUE_MAP_F_NO_PREALLOC;
	if (map->type != MUE_MAP_LRU_HASH && map->type != MUE_MAP_LRU_PERCPU_HASH)
		map->flags &= ~(uint32_t)MUE_MAP_F_NO_COMMON_LRU;
	if (map->type == MUE_MAP_ARRAY || map->type == MUE_MAP_PERCPU_ARRAY)
		map->key_size = 4;
	if (lpm && map->key_size < 5)
		map->key_size = 8;
}

static bool add_map(const struct mutation *m, const struct mue_map *like)
{
	struct mue_map *map;
	char name[16];

	if (m->c->n_maps >= MUE_MUTATE_MAPS)
		return false;
	snprintf(name, sizeof(name), "m%u", m->c->n_maps);
	map = mue_case_add_map(m->c, name, like->type, like->key_size, like->value_size,
			       like->max_entries, like->flags);
	memcpy(name, map->name, sizeof(name));
	*map = *like;
	memcpy(map->name, name, sizeof(name));
	return true;
}

static struct mue_map *some_map(const struct mutation *m)
{
	return &m->c->maps[mue_dice_roll(m->d, m->c->n_maps)];
}

bool mutate_map_add(const struct mutation *m)
{
	struct mue_map map = *some_map(m);

	map.type = mutate_number(m, MUE_FIELD_MAP_TYPE, map.type, 0);
	make_apt(&map);
	return add_map(m, &map);
}

/* Its ops go to other maps. */
bool mutate_map_drop(const struct mutation *m)
{
	struct mue_case *c = m->c;
	uint32_t map;

	if (c->n_maps < 2)
		return false;
	map = mue_dice_roll(m->d, c->n_maps);
	c->n_maps--;
	for (uint32_t i = map; i < c->n_maps; i++) {
		char name[sizeof(c->maps->name)];

		memcpy(name, c->maps[i].name, sizeof(name));
		c->maps[i] = c->maps[i + 1];
		memcpy(c->maps[i].name, name, sizeof(name));
	}
	for (uint32_t i = 0; i < c->n_ops; i++) {
		struct mue_op *op = &c->ops[i];

		op->map = (op->map - (op->map > map)) % c->n_maps;
		op->map2 = (op->map2 - (op->map2 > map)) % c->n_maps;
	}
	return true;
}

bool mutate_map_retype(const struct mutation *m)
{
	struct mue_map *map = some_map(m);

	map->type = mutate_number(m, MUE_FIELD_MAP_TYPE, map->type, 0);
	make_apt(map);
	return true;
}

/* Two maps of the same sizes, which can share a call site. */
bool mutate_map_alike(const struct mutation *m)
{
	struct mue_map *a = some_map(m), *b = some_map(m);

	if (a == b)
		return false;
	a->key_size = b->key_size;
	a->value_size = b->value_size;
	return true;
}

/* The largest sizes that kernels take (semantics C), and one less, one more. */
bool mutate_map_limit(const struct mutation *m)
{
#define TYPE(name) (UINT64_C(1) << MUE_MAP_##name)
	static const struct limit {
		uint64_t types;
		uint32_t key, value; /* 0: not this one */
		bool together;	     /* the limit is of both */
	} limits[] = {
		{TYPE(HASH) | TYPE(LRU_HASH) | TYPE(RHASH), 0, (1u << 22) - 49, true},
		/* before they took large keys */
		{TYPE(HASH) | TYPE(LRU_HASH), 0, (1u << 22) - 512 - 49, false},
		{TYPE(LPM_TRIE), 0, (1u << 22) - 280, false},
		/* where nodes have a head more */
		{TYPE(LPM_TRIE), 0, (1u << 22) - 296, false},
		{TYPE(LPM_TRIE), 260, 0, false},
		/* rounded up to 8 */
		{TYPE(PERCPU_ARRAY) | TYPE(PERCPU_HASH) | TYPE(LRU_PERCPU_HASH), 0, 1u << 15,
		 false},
		{TYPE(QUEUE) | TYPE(STACK) | TYPE(BLOOM_FILTER), 0, 1u << 22, false},
		{TYPE(SOCKHASH), 512, 0, false},
	};
#undef TYPE
	enum { LIMITS = sizeof(limits) / sizeof(*limits) };
	struct mue_map *map = some_map(m);
	uint32_t beside = mue_dice_roll(m->d, 3) - 1;
	uint8_t apt[LIMITS];
	const struct limit *row;

	if (map->type >= MUE_MAP_TYPES)
		return false;
	for (uint32_t i = 0; i < LIMITS; i++)
		apt[i] = limits[i].types >> map->type & 1;
	if (!memchr(apt, 1, LIMITS))
		return false;
	row = &limits[mue_dice_pick(m->d, apt, LIMITS)];
	if (row->key)
		map->key_size = row->key + beside;
	else
		map->value_size = row->value + beside - (row->together ? map->key_size : 0);
	return true;
}

bool mutate_map_take(const struct mutation *m)
{
	const struct mue_map *from = &m->other->maps[mue_dice_roll(m->d, m->other->n_maps)];
	struct mue_map *map = some_map(m);
	char name[sizeof(map->name)];

	if (mue_dice_chance(m->d, 20))
		return add_map(m, from);
	memcpy(name, map->name, sizeof(name));
	*map = *from;
	memcpy(map->name, name, sizeof(name));
	return true;
}
