/*
 * HASH, PERCPU_HASH and RHASH. Free elements lie in one pool a CPU, as in the kernel, since which
 * one an insertion takes shows through old pointers: first those that this CPU freed, latest first,
 * then its fresh ones, then the other CPUs'.
 */
#include <errno.h>
#include <stdlib.h>

#include "runners/emulator/maps/hash_check.h"
#include "runners/emulator/maps/kinds.h"
#include "runners/emulator/maps/table.h"

/*
 * Elements beyond max_entries that each CPU may cache without preallocation. Where freed ones
 * are not used again while a program runs, enough to never meet one.
 */
#define CPU_SLACK 64
#define CPU_SLACK_RESTING 8192

struct emu_hash_cpu {
	uint32_t freed;		   /* head of the chain of elements freed here */
	uint32_t fresh, fresh_end; /* elements that were never used */
	uint32_t spare; /* preallocated HASH: the element that the next replacement takes */
};

struct emu_hash {
	struct emu_map map;
	struct emu_table table;
	struct emu_storage values;
	uint64_t element; /* bytes from one element's values to the next one's */
	uint32_t n;	  /* elements, in use or not */
	bool prealloc, spares;
	bool resting;  /* freed elements come after fresh ones */
	bool in_place; /* a present key keeps its element */
	struct emu_hash_cpu cpu[];
};

static inline struct emu_hash *hash_of(struct emu_map *m)
{
	return (struct emu_hash *)m;
}

static inline uint8_t *hash_values(struct emu_hash *h, uint32_t i)
{
	return h->map.memory + i * h->element;
}

/* An element from the pools, as seen from `cpu`; 0 when all are in use. */
static inline uint32_t hash_pop(struct emu_hash *h, uint32_t cpu)
{
	for (uint32_t k = 0, c = cpu; k < h->map.world.cpus; k++) {
		struct emu_hash_cpu *pool = &h->cpu[c];

		if (pool->freed && (!h->resting || pool->fresh == pool->fresh_end)) {
			uint32_t i = pool->freed;

			pool->freed = emu_table_node(&h->table, i)->next;
			return i;
		}
		if (pool->fresh < pool->fresh_end)
			return pool->fresh++;
		if (++c == h->map.world.cpus)
			c = 0;
	}
	return 0;
}

static inline void hash_push(struct emu_hash *h, uint32_t cpu, uint32_t i)
{
	emu_table_node(&h->table, i)->next = h->cpu[cpu].freed;
	h->cpu[cpu].freed = i;
}

/* Deals the elements 1..n out to the CPUs, the first ones getting what is left over. */
static void hash_deal(struct emu_hash *h)
{
	uint32_t cpus = h->map.world.cpus, next = 1;

	for (uint32_t c = 0; c < cpus; c++) {
		uint32_t share = h->n / cpus + (c < h->n % cpus);

		h->cpu[c] = (struct emu_hash_cpu){.fresh = next, .fresh_end = next + share};
		next += share;
	}
	for (uint32_t c = 0; h->spares && c < cpus; c++)
		h->cpu[c].spare = hash_pop(h, 0);
}

/* How many elements to lay out: all that can be in use, spares and caches included. */
static uint32_t hash_elements(const struct emu_hash *h)
{
	const struct emu_map *m = &h->map;
	uint64_t n = m->attr.max_entries + (h->spares ? m->world.cpus : 0);
	uint64_t most = EMU_RESERVE_MAX / (h->element + emu_table_node_size(m->attr.key_size));

	if (h->prealloc)
		return n;
	n += (uint64_t)(h->resting ? CPU_SLACK_RESTING : CPU_SLACK) * m->world.cpus;
	return n < most ? n : most;
}

static void hash_free(struct emu_map *m)
{
	emu_table_free(&hash_of(m)->table);
	emu_storage_put(&hash_of(m)->values);
	free(hash_of(m));
}

static struct emu_map *hash_new(const struct emu_map_ops *ops, const struct mue_world *w,
				const struct emu_map_attr *attr)
{
	struct emu_hash *h = calloc(1, sizeof(*h) + w->cpus * sizeof(*h->cpu));

	if (!h)
		return NULL;
	emu_map_init(&h->map, ops, w, attr);
	h->element = emu_element_size(w, attr);
	h->prealloc = !(attr->flags & MUE_MAP_F_NO_PREALLOC);
	h->spares = h->prealloc && !emu_percpu(attr);
	h->in_place = attr->type == MUE_MAP_RHASH;
	/* An RHASH gives freed ones back only when no program can see them any more. */
	h->resting = h->in_place ||
		     (!h->prealloc && !mue_world_has(w, MUE_CHANGE_NO_PREALLOC_RECYCLES));
	h->n = hash_elements(h);
	if (h->n > EMU_PREALLOC_MAX / h->element ||
	    emu_storage_get(&h->values, attr->spares, (h->n + 1) * h->element) ||
	    emu_table_init(&h->table, attr, h->n)) {
		hash_free(&h->map);
		return NULL;
	}
	h->map.memory = h->values.base;
	h->map.memory_size = h->values.size;
	hash_deal(h);
	return &h->map;
}

static struct emu_map *hash_alloc(const struct mue_world *w, const struct emu_map_attr *attr)
{
	return hash_new(&emu_hash_ops, w, attr);
}

static struct emu_map *percpu_hash_alloc(const struct mue_world *w, const struct emu_map_attr *attr)
{
	return hash_new(&emu_percpu_hash_ops, w, attr);
}

static struct emu_map *rhash_alloc(const struct mue_world *w, const struct emu_map_attr *attr)
{
	return hash_new(&emu_rhash_ops, w, attr);
}

static void hash_reset(struct emu_map *m)
{
	m->frozen = false;
	emu_table_clear(&hash_of(m)->table);
	hash_deal(hash_of(m));
}

static inline uint8_t *hash_find(struct emu_map *m, const void *key)
{
	struct emu_hash *h = hash_of(m);
	uint32_t hash = emu_hash_key(key, m->attr.key_size);
	uint32_t i = *emu_table_find(&h->table, hash, key);

	return i ? hash_values(h, i) : NULL;
}

static void *hash_lookup(struct emu_map *m, uint32_t cpu, const void *key)
{
	return hash_find(m, key);
}

static void *percpu_hash_lookup(struct emu_map *m, uint32_t cpu, const void *key)
{
	uint8_t *values = hash_find(m, key);

	return values ? values + (size_t)cpu * m->stride : NULL;
}

/* Whether the flags want the key's presence otherwise. */
static inline int hash_check_flags(bool present, uint64_t flags)
{
	flags &= ~(uint64_t)MUE_UPDATE_LOCK;
	if (present && flags == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (!present && flags == MUE_UPDATE_EXIST)
		return -ENOENT;
	return 0;
}

/* The element for an absent key; 0 or -errno. */
static inline int hash_take(struct emu_hash *h, uint32_t cpu, uint32_t *i)
{
	if (!h->prealloc && h->table.count >= h->map.attr.max_entries)
		return -E2BIG;
	*i = hash_pop(h, cpu);
	if (!*i)
		return h->prealloc ? -E2BIG : -ENOMEM;
	return 0;
}

/* Moves a present key to another element; the old one is free at once. */
static inline int hash_move(struct emu_hash *h, uint32_t cpu, uint32_t *link, const void *key,
			    const void *value)
{
	uint32_t old = *link;
	uint32_t i = h->spares ? h->cpu[cpu].spare : hash_pop(h, cpu);

	if (!i)
		return -ENOMEM;
	emu_table_set_key(&h->table, i, emu_table_node(&h->table, old)->hash, key);
	emu_copy_value(&h->map, hash_values(h, i), value);
	emu_table_replace(&h->table, link, i);
	if (h->spares)
		h->cpu[cpu].spare = old;
	else
		hash_push(h, cpu, old);
	return 0;
}

static long hash_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			uint64_t flags)
{
	struct emu_hash *h = hash_of(m);
	uint32_t hash, *link, i;
	int err;

	if ((flags & ~(uint64_t)MUE_UPDATE_LOCK) > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (flags & MUE_UPDATE_LOCK && !mue_special_rows[m->attr.special].lock)
		return -EINVAL;
	hash = emu_hash_key(key, m->attr.key_size);
	link = emu_table_find(&h->table, hash, key);
	err = hash_check_flags(*link, flags);
	if (err)
		return err;
	if (*link && !h->in_place && !(flags & MUE_UPDATE_LOCK))
		return hash_move(h, cpu, link, key, value);
	if (*link) {
		emu_copy_value(m, hash_values(h, *link), value);
		return 0;
	}
	err = hash_take(h, cpu, &i);
	if (err)
		return err;
	emu_table_set_key(&h->table, i, hash, key);
	emu_copy_value(m, hash_values(h, i), value);
	emu_table_insert(&h->table, i);
	return 0;
}

/*
 * Both sides of PERCPU_HASH, which updates in place: gives the element for the key in
 * *i and whether it is new, or -errno.
 */
static inline int percpu_hash_place(struct emu_hash *h, uint32_t cpu, const void *key,
				    uint64_t flags, uint32_t *i, bool *new)
{
	uint32_t hash;
	int err;

	if (flags > MUE_UPDATE_EXIST)
		return -EINVAL;
	hash = emu_hash_key(key, h->map.attr.key_size);
	*i = *emu_table_find(&h->table, hash, key);
	*new = !*i;
	err = hash_check_flags(*i, flags);
	if (err || !*new)
		return err;
	err = hash_take(h, cpu, i);
	if (err)
		return err;
	emu_table_set_key(&h->table, *i, hash, key);
	emu_table_insert(&h->table, *i);
	return 0;
}

static long percpu_hash_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			       uint64_t flags)
{
	struct emu_hash *h = hash_of(m);
	uint32_t i;
	bool new;
	int err = percpu_hash_place(h, cpu, key, flags, &i, &new);

	if (err)
		return err;
	if (new)
		emu_init_percpu(m, hash_values(h, i), cpu, value);
	else
		emu_copy_value(m, hash_values(h, i) + (size_t)cpu * m->stride, value);
	return 0;
}

static long hash_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	struct emu_hash *h = hash_of(m);
	uint32_t hash = emu_hash_key(key, m->attr.key_size);
	uint32_t *link = emu_table_find(&h->table, hash, key), i = *link;

	if (!i)
		return -ENOENT;
	emu_table_unlink(&h->table, link);
	hash_push(h, cpu, i);
	return 0;
}

static int hash_user_lookup(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	const uint8_t *values = hash_find(m, key);

	if (!values)
		return -ENOENT;
	memcpy(value, values, emu_user_value_size(m));
	return 0;
}

static int hash_user_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			    uint64_t flags)
{
	return hash_update(m, cpu, key, value, flags);
}

static int percpu_hash_user_update(struct emu_map *m, uint32_t cpu, const void *key,
				   const void *value, uint64_t flags)
{
	struct emu_hash *h = hash_of(m);
	uint32_t i;
	bool new;
	int err = percpu_hash_place(h, cpu, key, emu_user_mode(m, flags), &i, &new);

	if (!err)
		emu_write_cpus(m, hash_values(h, i), value, flags, new);
	return err;
}

static int hash_user_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	return hash_delete(m, cpu, key);
}

static int hash_user_take(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	return hash_user_lookup(m, cpu, key, value) ?: hash_user_delete(m, cpu, key);
}

static int hash_next_key(struct emu_map *m, const void *key, void *next)
{
	return emu_table_next_key(&hash_of(m)->table, key, next);
}

static bool hash_next_entry(struct emu_map *m, uint32_t *at, struct emu_entry *e)
{
	*at = emu_table_next(&hash_of(m)->table, *at);
	if (!*at)
		return false;
	e->key = emu_table_node(&hash_of(m)->table, *at)->key;
	e->values = hash_values(hash_of(m), *at);
	return true;
}

const struct emu_map_ops emu_hash_ops = {
	.check = emu_hash_check,
	.alloc = hash_alloc,
	.reset = hash_reset,
	.free = hash_free,
	.lookup = hash_lookup,
	.update = hash_update,
	.delete = hash_delete,
	.user_lookup = hash_user_lookup,
	.user_update = hash_user_update,
	.user_delete = hash_user_delete,
	.user_take = hash_user_take,
	.next_key = hash_next_key,
	.next_entry = hash_next_entry,
};

const struct emu_map_ops emu_rhash_ops = {
	.check = emu_rhash_check,
	.alloc = rhash_alloc,
	.reset = hash_reset,
	.free = hash_free,
	.lookup = hash_lookup,
	.update = hash_update,
	.delete = hash_delete,
	.user_lookup = hash_user_lookup,
	.user_update = hash_user_update,
	.user_delete = hash_user_delete,
	.user_take = hash_user_take,
	.next_key = hash_next_key,
	.next_entry = hash_next_entry,
};

const struct emu_map_ops emu_percpu_hash_ops = {
	.check = emu_hash_check,
	.alloc = percpu_hash_alloc,
	.reset = hash_reset,
	.free = hash_free,
	.lookup = percpu_hash_lookup,
	.update = percpu_hash_update,
	.delete = hash_delete,
	.user_lookup = hash_user_lookup,
	.user_update = percpu_hash_user_update,
	.user_delete = hash_user_delete,
	.user_take = hash_user_take,
	.next_key = hash_next_key,
	.next_entry = hash_next_entry,
};
