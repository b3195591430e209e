#include "runners/emulator/maps/hash_check.h"

#include <errno.h>

#include "runners/emulator/maps/kinds.h"

/* Bytes of the kernel's element in front of the key. */
#define ELEMENT_HEADER 48
#define BUCKET 16
/* The array of buckets, of which there is a power of two, must not exceed 32 bits of size. */
#define ENTRIES_MAX (1u << 27)
#define RHASH_ENTRIES_MAX (1u << 31)
#define RHASH_KEY_MAX 65535
/* Keys had to fit there. */
#define STACK 512

#define ENOTSUPP 524

uint64_t emu_lru_entries(const struct mue_world *w, const struct emu_map_attr *attr)
{
	uint64_t n = attr->max_entries;

	if (attr->flags & MUE_MAP_F_NO_COMMON_LRU)
		n = (n + w->cpus - 1) / w->cpus * w->cpus;
	return n;
}

static bool sizes_too_large(const struct emu_map_attr *a, bool large_keys)
{
	const uint32_t room = EMU_KMALLOC_MAX - ELEMENT_HEADER;

	if (large_keys)
		return (uint64_t)a->key_size + a->value_size >= room;
	return a->key_size > STACK || a->value_size >= room - STACK;
}

/* Buckets and elements, also those that are not allocated, were charged in 32 bits less a page. */
static bool charge_too_large(const struct mue_world *w, const struct emu_map_attr *a)
{
	uint64_t n = emu_lru_entries(w, a), buckets = 1;
	uint64_t value = (a->value_size + 7ull) & ~7ull;
	uint64_t element = ELEMENT_HEADER + ((a->key_size + 7ull) & ~7ull);
	uint64_t cost;

	while (buckets < n)
		buckets *= 2;
	element += emu_percpu(a) ? sizeof(void *) : value;
	cost = buckets * BUCKET + element * n;
	cost += emu_percpu(a) ? value * w->cpus * n : element * w->cpus;
	return cost >= EMU_CHARGE_MAX;
}

int emu_hash_check_sizes(const struct mue_world *w, const struct emu_map_attr *a)
{
	bool lru = a->type == MUE_MAP_LRU_HASH || a->type == MUE_MAP_LRU_PERCPU_HASH;
	bool large = mue_world_has(w, MUE_CHANGE_HASH_LARGE_KEYS);
	bool own_lists = a->flags & MUE_MAP_F_NO_COMMON_LRU;

	if (!emu_flags_fit(a, EMU_ACCESS_FLAGS | MUE_MAP_F_NO_PREALLOC | MUE_MAP_F_NO_COMMON_LRU |
				      MUE_MAP_F_NUMA_NODE | MUE_MAP_F_ZERO_SEED))
		return -EINVAL;
	if (own_lists && !lru)
		return -EINVAL;
	if (lru && a->flags & MUE_MAP_F_NO_PREALLOC)
		return -ENOTSUPP;
	if (emu_wants_numa_node(a) && (emu_percpu(a) || own_lists))
		return -EINVAL;
	if (!a->max_entries || !a->key_size || !a->value_size)
		return -EINVAL;
	if (sizes_too_large(a, large))
		return -E2BIG;
	if (emu_percpu(a) && a->value_size > EMU_PERCPU_VALUE_MAX)
		return -E2BIG;
	return 0;
}

int emu_hash_check(const struct mue_world *w, const struct emu_map_attr *a)
{
	int err = emu_hash_check_sizes(w, a);

	return err ? err : emu_hash_check_entries(w, a);
}

int emu_hash_check_entries(const struct mue_world *w, const struct emu_map_attr *a)
{
	if (emu_lru_entries(w, a) > ENTRIES_MAX)
		return -E2BIG;
	if (!mue_world_has(w, MUE_CHANGE_MAPS_NOT_CHARGED) && charge_too_large(w, a))
		return -E2BIG;
	return 0;
}

int emu_rhash_check_sizes(const struct mue_world *w, const struct emu_map_attr *a)
{
	if (!(a->flags & MUE_MAP_F_NO_PREALLOC) || a->flags & MUE_MAP_F_ZERO_SEED)
		return -EINVAL;
	return a->key_size > RHASH_KEY_MAX ? -E2BIG : emu_hash_check_sizes(w, a);
}

int emu_rhash_check(const struct mue_world *w, const struct emu_map_attr *a)
{
	int err = emu_rhash_check_sizes(w, a);

	return !err && a->max_entries > RHASH_ENTRIES_MAX ? -E2BIG : err;
}
