/*
 * LRU_HASH and LRU_PERCPU_HASH. An update takes an element first, which may evict others,
 * even the key's own, and only then looks for the key: also a call that fails changes the map.
 */
#include <errno.h>
#include <stdlib.h>

#include "runners/emulator/maps/hash_check.h"
#include "runners/emulator/maps/kinds.h"
#include "runners/emulator/maps/lru_list.h"
#include "runners/emulator/maps/table.h"

struct emu_lru_map {
	struct emu_map map;
	struct emu_table table;
	struct emu_lru lru;
	struct emu_storage values;
	uint64_t element; /* bytes from one element's values to the next one's */
};

static inline struct emu_lru_map *lru_of(struct emu_map *m)
{
	return (struct emu_lru_map *)m;
}

static inline uint8_t *lru_values(struct emu_lru_map *l, uint32_t i)
{
	return l->map.memory + i * l->element;
}

static void lru_evict(void *ctx, uint32_t i)
{
	struct emu_lru_map *l = ctx;

	emu_table_remove(&l->table, i);
}

static void lru_free(struct emu_map *m)
{
	struct emu_lru_map *l = lru_of(m);

	emu_lru_free(&l->lru);
	emu_table_free(&l->table);
	emu_storage_put(&l->values);
	free(l);
}

static struct emu_map *lru_new(const struct emu_map_ops *ops, const struct mue_world *w,
			       const struct emu_map_attr *attr)
{
	struct emu_lru_map *l = calloc(1, sizeof(*l));
	const struct emu_lru_options options = {
		.n = emu_lru_entries(w, attr),
		.cpus = w->cpus,
		.own_lists = attr->flags & MUE_MAP_F_NO_COMMON_LRU,
		.batch_scaled = mue_world_has(w, MUE_CHANGE_LRU_BATCH_SCALED),
		.in_order = mue_world_has(w, MUE_CHANGE_LRU_BATCH_IN_ORDER),
		.spares = attr->spares,
		.evict = lru_evict,
		.ctx = l,
	};

	if (!l)
		return NULL;
	emu_map_init(&l->map, ops, w, attr);
	l->element = emu_element_size(w, attr);
	if (options.n > EMU_PREALLOC_MAX / l->element ||
	    emu_storage_get(&l->values, attr->spares, (options.n + 1ull) * l->element) ||
	    emu_table_init(&l->table, attr, options.n) || emu_lru_init(&l->lru, &options)) {
		lru_free(&l->map);
		return NULL;
	}
	l->map.memory = l->values.base;
	l->map.memory_size = l->values.size;
	return &l->map;
}

static struct emu_map *lru_hash_alloc(const struct mue_world *w, const struct emu_map_attr *attr)
{
	return lru_new(&emu_lru_hash_ops, w, attr);
}

static struct emu_map *lru_percpu_hash_alloc(const struct mue_world *w,
					     const struct emu_map_attr *attr)
{
	return lru_new(&emu_lru_percpu_hash_ops, w, attr);
}

static void lru_reset(struct emu_map *m)
{
	m->frozen = false;
	emu_table_clear(&lru_of(m)->table);
	emu_lru_reset(&lru_of(m)->lru);
}

static inline uint32_t lru_find(struct emu_map *m, const void *key)
{
	return *emu_table_find(&lru_of(m)->table, emu_hash_key(key, m->attr.key_size), key);
}

/* A program's lookup counts as use. */
static void *lru_lookup(struct emu_map *m, uint32_t cpu, const void *key)
{
	uint32_t i = lru_find(m, key);

	if (!i)
		return NULL;
	emu_lru_touch(&lru_of(m)->lru, i);
	return lru_values(lru_of(m), i);
}

static void *lru_percpu_lookup(struct emu_map *m, uint32_t cpu, const void *key)
{
	uint8_t *values = lru_lookup(m, cpu, key);

	return values ? values + (size_t)cpu * m->stride : NULL;
}

/* Whether the flags want the key's presence otherwise. */
static inline int lru_check_flags(bool present, uint64_t flags)
{
	if (present && flags == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (!present && flags == MUE_UPDATE_EXIST)
		return -ENOENT;
	return 0;
}

static long lru_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
		       uint64_t flags)
{
	struct emu_lru_map *l = lru_of(m);
	uint32_t hash, i, old, *link;
	int err;

	if (flags > MUE_UPDATE_EXIST)
		return -EINVAL;
	i = emu_lru_pop(&l->lru, cpu);
	if (!i)
		return -ENOMEM;
	hash = emu_hash_key(key, m->attr.key_size);
	emu_table_set_key(&l->table, i, hash, key);
	emu_copy_value(m, lru_values(l, i), value);
	link = emu_table_find(&l->table, hash, emu_table_node(&l->table, i)->key);
	old = *link;
	err = lru_check_flags(old, flags);
	if (err) {
		emu_lru_push(&l->lru, i);
		return err;
	}
	if (!old) {
		emu_table_insert(&l->table, i);
		return 0;
	}
	emu_table_replace(&l->table, link, i);
	emu_lru_touch(&l->lru, i);
	emu_lru_push(&l->lru, old);
	return 0;
}

/*
 * Both sides of LRU_PERCPU_HASH, which updates in place and pops, in vain if the key is present,
 * unless it must be: gives the element for the key in *i and whether it is new, or -errno.
 */
static inline int lru_percpu_place(struct emu_lru_map *l, uint32_t cpu, const void *key,
				   uint64_t flags, uint32_t *i, bool *new)
{
	uint32_t hash, popped = 0;
	int err;

	if (flags > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (flags != MUE_UPDATE_EXIST) {
		popped = emu_lru_pop(&l->lru, cpu);
		if (!popped)
			return -ENOMEM;
	}
	hash = emu_hash_key(key, l->map.attr.key_size);
	*i = *emu_table_find(&l->table, hash, key);
	*new = !*i;
	err = lru_check_flags(*i, flags);
	if (!err && *new) {
		*i = popped;
		emu_table_set_key(&l->table, *i, hash, key);
		emu_table_insert(&l->table, *i);
		return 0;
	}
	if (!err)
		emu_lru_touch(&l->lru, *i);
	if (popped)
		emu_lru_push(&l->lru, popped);
	return err;
}

static long lru_percpu_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			      uint64_t flags)
{
	struct emu_lru_map *l = lru_of(m);
	uint32_t i;
	bool new;
	int err = lru_percpu_place(l, cpu, key, flags, &i, &new);

	if (err)
		return err;
	if (new)
		emu_init_percpu(m, lru_values(l, i), cpu, value);
	else
		emu_copy_value(m, lru_values(l, i) + (size_t)cpu * m->stride, value);
	return 0;
}

static long lru_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	struct emu_lru_map *l = lru_of(m);
	uint32_t hash = emu_hash_key(key, m->attr.key_size);
	uint32_t *link = emu_table_find(&l->table, hash, key), i = *link;

	if (!i)
		return -ENOENT;
	emu_table_unlink(&l->table, link);
	emu_lru_push(&l->lru, i);
	return 0;
}

static int lru_user_lookup(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	uint32_t i = lru_find(m, key);

	if (!i)
		return -ENOENT;
	memcpy(value, lru_values(lru_of(m), i), emu_user_value_size(m));
	return 0;
}

static int lru_user_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			   uint64_t flags)
{
	return lru_update(m, cpu, key, value, flags);
}

static int lru_percpu_user_update(struct emu_map *m, uint32_t cpu, const void *key,
				  const void *value, uint64_t flags)
{
	struct emu_lru_map *l = lru_of(m);
	uint32_t i;
	bool new;
	int err = lru_percpu_place(l, cpu, key, emu_user_mode(m, flags), &i, &new);

	if (!err)
		emu_write_cpus(m, lru_values(l, i), value, flags, new);
	return err;
}

static int lru_user_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	return lru_delete(m, cpu, key);
}

static int lru_user_take(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	return lru_user_lookup(m, cpu, key, value) ?: lru_user_delete(m, cpu, key);
}

static int lru_next_key(struct emu_map *m, const void *key, void *next)
{
	return emu_table_next_key(&lru_of(m)->table, key, next);
}

static bool lru_next_entry(struct emu_map *m, uint32_t *at, struct emu_entry *e)
{
	*at = emu_table_next(&lru_of(m)->table, *at);
	if (!*at)
		return false;
	e->key = emu_table_node(&lru_of(m)->table, *at)->key;
	e->values = lru_values(lru_of(m), *at);
	return true;
}

const struct emu_map_ops emu_lru_hash_ops = {
	.check = emu_hash_check,
	.alloc = lru_hash_alloc,
	.reset = lru_reset,
	.free = lru_free,
	.lookup = lru_lookup,
	.update = lru_update,
	.delete = lru_delete,
	.user_lookup = lru_user_lookup,
	.user_update = lru_user_update,
	.user_delete = lru_user_delete,
	.user_take = lru_user_take,
	.next_key = lru_next_key,
	.next_entry = lru_next_entry,
};

const struct emu_map_ops emu_lru_percpu_hash_ops = {
	.check = emu_hash_check,
	.alloc = lru_percpu_hash_alloc,
	.reset = lru_reset,
	.free = lru_free,
	.lookup = lru_percpu_lookup,
	.update = lru_percpu_update,
	.delete = lru_delete,
	.user_lookup = lru_user_lookup,
	.user_update = lru_percpu_user_update,
	.user_delete = lru_user_delete,
	.user_take = lru_user_take,
	.next_key = lru_next_key,
	.next_entry = lru_next_entry,
};
