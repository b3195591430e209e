/*
 * A chained hash table over numbered nodes, for the hash and LRU kinds. Nodes are
 * 1..n; 0 is none. Who owns a node that is not in the table is the user's business.
 * Nothing depends on a seed: the same operations give the same order.
 */
#ifndef MUE_EMULATOR_MAPS_TABLE_H
#define MUE_EMULATOR_MAPS_TABLE_H

#include <string.h>

#include "runners/emulator/map.h"
#include "runners/emulator/maps/storage.h"

struct emu_node {
	uint32_t next; /* in the chain, or wherever the user keeps it */
	uint32_t hash;
	uint8_t key[];
};

struct emu_table {
	uint32_t *heads;
	uint32_t mask; /* heads - 1 */
	uint32_t count;
	uint32_t key_size;
	uint64_t node_size;
	uint8_t *nodes;
	struct emu_storage storage;
};

/* An empty table with room for n nodes, for a map with these attributes. 0, or -ENOMEM. */
int emu_table_init(struct emu_table *t, const struct emu_map_attr *attr, uint32_t n);
void emu_table_clear(struct emu_table *t);
void emu_table_free(struct emu_table *t);
/* Bytes that a node takes. */
uint64_t emu_table_node_size(uint32_t key_size);
/* Makes the chains short again. Does nothing when memory is out. */
void emu_table_grow(struct emu_table *t);
/* The key after `key` (NULL or absent: the first). 0, or -ENOENT. */
int emu_table_next_key(const struct emu_table *t, const void *key, void *next);

static inline struct emu_node *emu_table_node(const struct emu_table *t, uint32_t i)
{
	return (struct emu_node *)(t->nodes + i * t->node_size);
}

static inline uint64_t emu_mix(uint64_t x)
{
	x ^= x >> 32;
	x *= 0x9fb21c651e98df25;
	x ^= x >> 29;
	x *= 0xd6e8feb86659fd93;
	return x ^ x >> 32;
}

static inline uint32_t emu_hash_key(const void *key, uint32_t n)
{
	const uint8_t *p = key;
	uint64_t h = n, word;

	if (n == 4) {
		uint32_t half;

		memcpy(&half, p, 4);
		return emu_mix(half);
	}
	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&word, p, 8);
		h = emu_mix(h ^ word);
	}
	if (n) {
		word = 0;
		memcpy(&word, p, n);
		h = emu_mix(h ^ word);
	}
	return h;
}

static inline bool emu_same_key(const void *a, const void *b, uint32_t n)
{
	if (n == 4)
		return !memcmp(a, b, 4);
	if (n == 8)
		return !memcmp(a, b, 8);
	return !memcmp(a, b, n);
}

/* The node behind node i (0: the first) in the order of the table, or 0. */
static inline uint32_t emu_table_next(const struct emu_table *t, uint32_t i)
{
	uint64_t b = 0;

	if (i) {
		b = (emu_table_node(t, i)->hash & t->mask) + 1ull;
		i = emu_table_node(t, i)->next;
	}
	for (; !i && b <= t->mask; b++)
		i = t->heads[b];
	return i;
}

/* The link (a head, or a node's next) that holds the node of this key, or holds 0 at the end. */
static inline uint32_t *emu_table_find(struct emu_table *t, uint32_t hash, const void *key)
{
	uint32_t *link = &t->heads[hash & t->mask];

	while (*link) {
		struct emu_node *node = emu_table_node(t, *link);

		if (node->hash == hash && emu_same_key(node->key, key, t->key_size))
			break;
		link = &node->next;
	}
	return link;
}

static inline void emu_table_set_key(struct emu_table *t, uint32_t i, uint32_t hash,
				     const void *key)
{
	struct emu_node *node = emu_table_node(t, i);

	node->hash = hash;
	memcpy(node->key, key, t->key_size);
}

/* Puts node i, whose key is set and absent, into the table. Links that were found are then stale.
 */
static inline void emu_table_insert(struct emu_table *t, uint32_t i)
{
	struct emu_node *node = emu_table_node(t, i);
	uint32_t *head = &t->heads[node->hash & t->mask];

	node->next = *head;
	*head = i;
	if (++t->count > t->mask)
		emu_table_grow(t);
}

/* Puts node i in the place of the node that `link` holds and that has the same key. */
static inline void emu_table_replace(struct emu_table *t, uint32_t *link, uint32_t i)
{
	emu_table_node(t, i)->next = emu_table_node(t, *link)->next;
	*link = i;
}

static inline void emu_table_unlink(struct emu_table *t, uint32_t *link)
{
	*link = emu_table_node(t, *link)->next;
	t->count--;
}

/* The same for node i, which is in the table. */
static inline void emu_table_remove(struct emu_table *t, uint32_t i)
{
	uint32_t *link = &t->heads[emu_table_node(t, i)->hash & t->mask];

	while (*link != i)
		link = &emu_table_node(t, *link)->next;
	emu_table_unlink(t, link);
}

#endif
