/* ARRAY and PERCPU_ARRAY: every element exists, zeroed, and is updated in place. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "runners/emulator/maps/kinds.h"
#include "runners/emulator/maps/storage.h"

struct emu_array {
	struct emu_map map;
	struct emu_storage storage;
	uint64_t element; /* bytes from one element to the next */
};

static inline struct emu_array *array_of(struct emu_map *m)
{
	return (struct emu_array *)m;
}

static int array_check(const struct mue_world *w, const struct emu_map_attr *a)
{
	const uint32_t array_only = MUE_MAP_F_MMAPABLE | MUE_MAP_F_INNER_MAP;
	bool percpu = emu_percpu(a);

	if (!a->max_entries || a->key_size != 4 || !a->value_size ||
	    !emu_flags_fit(a, EMU_ACCESS_FLAGS | MUE_MAP_F_NUMA_NODE | array_only) ||
	    (percpu && (a->flags & array_only || emu_wants_numa_node(a))))
		return -EINVAL;
	if (a->value_size > INT_MAX)
		return -E2BIG;
	if (percpu && a->value_size > EMU_PERCPU_VALUE_MAX)
		return -E2BIG;
	return 0;
}

static struct emu_map *array_new(const struct emu_map_ops *ops, const struct mue_world *w,
				 const struct emu_map_attr *attr)
{
	struct emu_array *a = calloc(1, sizeof(*a));
	uint64_t element = emu_element_size(w, attr);

	if (!a)
		return NULL;
	emu_map_init(&a->map, ops, w, attr);
	a->element = element;
	if (attr->max_entries > EMU_PREALLOC_MAX / element ||
	    emu_storage_get_zeroed(&a->storage, attr->spares, element * attr->max_entries)) {
		free(a);
		return NULL;
	}
	a->map.memory = a->storage.base;
	a->map.memory_size = a->storage.size;
	return &a->map;
}

static struct emu_map *array_alloc(const struct mue_world *w, const struct emu_map_attr *attr)
{
	return array_new(&emu_array_ops, w, attr);
}

static struct emu_map *percpu_array_alloc(const struct mue_world *w,
					  const struct emu_map_attr *attr)
{
	return array_new(&emu_percpu_array_ops, w, attr);
}

static void array_reset(struct emu_map *m)
{
	m->frozen = false;
	emu_storage_zero(&array_of(m)->storage);
}

static void array_free(struct emu_map *m)
{
	emu_storage_put(&array_of(m)->storage);
	free(array_of(m));
}

static inline uint32_t array_index(const void *key)
{
	uint32_t index;

	memcpy(&index, key, sizeof(index));
	return index;
}

static inline uint8_t *array_element(struct emu_map *m, uint32_t index)
{
	return m->memory + index * array_of(m)->element;
}

static void *array_lookup(struct emu_map *m, uint32_t cpu, const void *key)
{
	uint32_t index = array_index(key);

	return index < m->attr.max_entries ? array_element(m, index) : NULL;
}

static void *percpu_array_lookup(struct emu_map *m, uint32_t cpu, const void *key)
{
	uint8_t *element = array_lookup(m, cpu, key);

	return element ? element + (size_t)cpu * m->stride : NULL;
}

/* The checks of both kinds' program-side update, in their order. */
static inline int array_check_update(const struct emu_map *m, uint32_t index, uint64_t flags)
{
	if ((flags & ~(uint64_t)MUE_UPDATE_LOCK) > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (index >= m->attr.max_entries)
		return -E2BIG;
	if (flags & MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (flags & MUE_UPDATE_LOCK && !mue_special_rows[m->attr.special].lock)
		return -EINVAL;
	return 0;
}

static long array_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			 uint64_t flags)
{
	uint32_t index = array_index(key);
	int err = array_check_update(m, index, flags);

	if (!err)
		emu_copy_value(m, array_element(m, index), value);
	return err;
}

static long percpu_array_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
				uint64_t flags)
{
	uint32_t index = array_index(key);
	int err = array_check_update(m, index, flags);

	if (!err)
		emu_copy_value(m, array_element(m, index) + (size_t)cpu * m->stride, value);
	return err;
}

static long array_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	return -EINVAL;
}

static int array_user_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	return -EINVAL;
}

static int array_user_lookup(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	const void *element = array_lookup(m, cpu, key);

	if (!element)
		return -ENOENT;
	memcpy(value, element, emu_user_value_size(m));
	return 0;
}

static int array_user_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			     uint64_t flags)
{
	return array_update(m, cpu, key, value, flags);
}

static int percpu_array_user_update(struct emu_map *m, uint32_t cpu, const void *key,
				    const void *value, uint64_t flags)
{
	uint64_t mode = emu_user_mode(m, flags);
	uint32_t index = array_index(key);

	if (mode > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (index >= m->attr.max_entries)
		return -E2BIG;
	if (mode == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	emu_write_cpus(m, array_element(m, index), value, flags, false);
	return 0;
}

static int array_next_key(struct emu_map *m, const void *key, void *next)
{
	uint32_t index = key ? array_index(key) : UINT32_MAX;

	if (index < m->attr.max_entries && index + 1 == m->attr.max_entries)
		return -ENOENT;
	index = index < m->attr.max_entries ? index + 1 : 0;
	memcpy(next, &index, sizeof(index));
	return 0;
}

const struct emu_map_ops emu_array_ops = {
	.check = array_check,
	.alloc = array_alloc,
	.reset = array_reset,
	.free = array_free,
	.lookup = array_lookup,
	.update = array_update,
	.delete = array_delete,
	.user_lookup = array_user_lookup,
	.user_update = array_user_update,
	.user_delete = array_user_delete,
	.next_key = array_next_key,
};

const struct emu_map_ops emu_percpu_array_ops = {
	.check = array_check,
	.alloc = percpu_array_alloc,
	.reset = array_reset,
	.free = array_free,
	.lookup = percpu_array_lookup,
	.update = percpu_array_update,
	.delete = array_delete,
	.user_lookup = array_user_lookup,
	.user_update = percpu_array_user_update,
	.user_delete = array_user_delete,
	.next_key = array_next_key,
};
