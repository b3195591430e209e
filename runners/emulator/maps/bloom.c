/*
 * BLOOM_FILTER: as many bits as the kernel has, and hashes of our own. Which values that were never
 * added it takes for added is chance, there as here.
 */
#include <errno.h>
#include <stdlib.h>

#include "cases/observation.h"
#include "runners/emulator/maps/kinds.h"
#include "runners/emulator/maps/storage.h"

#define HASHES 5
#define BITS_MIN 64

struct emu_bloom {
	struct emu_map map;
	struct emu_storage storage;
	uint64_t mask;
};

static struct emu_bloom *bloom_of(struct emu_map *m)
{
	return (struct emu_bloom *)m;
}

/* A power of two, about entries * hashes / ln 2; at most what 32 bits can count. */
static uint64_t bits_for(uint64_t entries)
{
	uint64_t wanted = entries * 7, bits = BITS_MIN;

	while (bits < wanted && bits < UINT64_C(1) << 32)
		bits *= 2;
	return bits;
}

static struct emu_map *bloom_alloc(const struct mue_world *w, const struct emu_map_attr *a)
{
	struct emu_bloom *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	emu_map_init(&b->map, &emu_bloom_ops, w, a);
	b->mask = bits_for(a->max_entries) - 1;
	if (!emu_storage_get_zeroed(&b->storage, a->spares, (b->mask + 1) / 8))
		return &b->map;
	free(b);
	return NULL;
}

static void bloom_reset(struct emu_map *m)
{
	emu_storage_zero(&bloom_of(m)->storage);
	m->frozen = false;
}

static void bloom_free(struct emu_map *m)
{
	emu_storage_put(&bloom_of(m)->storage);
	free(bloom_of(m));
}

/* The i-th bit of a value, as a byte and a mask. */
static uint8_t *bit_of(struct emu_bloom *b, const void *value, uint32_t i, uint8_t *bit)
{
	uint64_t hash = mue_digest(value, b->map.attr.value_size);
	uint64_t n = (hash + i * (hash >> 32 | 1)) & b->mask;

	*bit = 1u << (n % 8);
	return (uint8_t *)b->storage.base + n / 8;
}

static int bloom_push(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
		      uint64_t flags)
{
	uint8_t bit, *at;

	if (flags)
		return -EINVAL;
	for (uint32_t i = 0; i < HASHES; i++) {
		at = bit_of(bloom_of(m), value, i, &bit);
		*at |= bit;
	}
	return 0;
}

/* `value` is what is asked about. */
static int bloom_peek(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	uint8_t bit, *at;

	for (uint32_t i = 0; i < HASHES; i++) {
		at = bit_of(bloom_of(m), value, i, &bit);
		if (!(*at & bit))
			return -ENOENT;
	}
	return 0;
}

static int bloom_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	return -EOPNOTSUPP;
}

static int bloom_next_key(struct emu_map *m, const void *key, void *next)
{
	return -EOPNOTSUPP;
}

const struct emu_map_ops emu_bloom_ops = {
	.check = emu_other_check,
	.alloc = bloom_alloc,
	.reset = bloom_reset,
	.free = bloom_free,
	.user_lookup = bloom_peek,
	.user_update = bloom_push,
	.user_delete = bloom_delete,
	.next_key = bloom_next_key,
};
