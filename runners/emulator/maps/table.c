#include "runners/emulator/maps/table.h"

#include <errno.h>
#include <stdlib.h>

#define HEADS_FIRST 64

uint64_t emu_table_node_size(uint32_t key_size)
{
	return (sizeof(struct emu_node) + key_size + 7ull) & ~7ull;
}

int emu_table_init(struct emu_table *t, const struct emu_map_attr *attr, uint32_t n)
{
	*t = (struct emu_table){
		.heads = calloc(HEADS_FIRST, sizeof(*t->heads)),
		.mask = HEADS_FIRST - 1,
		.key_size = attr->key_size,
		.node_size = emu_table_node_size(attr->key_size),
	};
	if (!t->heads)
		return -ENOMEM;
	if (emu_storage_get(&t->storage, attr->spares, (n + 1ull) * t->node_size)) {
		emu_table_free(t);
		return -ENOMEM;
	}
	t->nodes = t->storage.base;
	return 0;
}

void emu_table_clear(struct emu_table *t)
{
	memset(t->heads, 0, (t->mask + 1ull) * sizeof(*t->heads));
	t->count = 0;
}

void emu_table_free(struct emu_table *t)
{
	free(t->heads);
	emu_storage_put(&t->storage);
	*t = (struct emu_table){0};
}

void emu_table_grow(struct emu_table *t)
{
	uint32_t mask = t->mask * 2 + 1, n = t->mask + 1, i, next;
	uint32_t *heads = calloc(mask + 1ull, sizeof(*heads));

	if (!heads)
		return;
	for (uint32_t b = 0; b < n; b++) {
		for (i = t->heads[b]; i; i = next) {
			struct emu_node *node = emu_table_node(t, i);

			next = node->next;
			node->next = heads[node->hash & mask];
			heads[node->hash & mask] = i;
		}
	}
	free(t->heads);
	t->heads = heads;
	t->mask = mask;
}

int emu_table_next_key(const struct emu_table *t, const void *key, void *next)
{
	uint32_t i = 0;

	if (key)
		i = *emu_table_find((struct emu_table *)t, emu_hash_key(key, t->key_size), key);
	i = emu_table_next(t, i);
	if (!i)
		return -ENOENT;
	memcpy(next, emu_table_node(t, i)->key, t->key_size);
	return 0;
}
