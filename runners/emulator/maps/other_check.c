/* What can be created of the types that programs cannot update: one row a type, and what no row says. */
#include <errno.h>

#include "runners/emulator/maps/hash_check.h"
#include "runners/emulator/maps/kinds.h"

#define ENOTSUPP 524

#define NUMA MUE_MAP_F_NUMA_NODE
#define FD_FLAGS (MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY)
#define ANY UINT32_MAX

enum entries { SOME, NONE };

/* Everything else is EINVAL. Value sizes: a smallest, a largest, and what it is a multiple of. */
static const struct row {
	uint32_t type, key, value_min, value_max, unit, flags, needed;
	uint8_t entries;
} rows[] = {
	{MUE_MAP_QUEUE, 0, 1, ANY, 1, NUMA | EMU_ACCESS_FLAGS, 0, SOME},
	{MUE_MAP_STACK, 0, 1, ANY, 1, NUMA | EMU_ACCESS_FLAGS, 0, SOME},
	{MUE_MAP_BLOOM_FILTER, 0, 1, ANY, 1, NUMA | EMU_ACCESS_FLAGS | MUE_MAP_F_ZERO_SEED, 0, SOME},
	{MUE_MAP_PROG_ARRAY, 4, 4, 4, 4, NUMA | FD_FLAGS, 0, SOME},
	{MUE_MAP_PERF_EVENT_ARRAY, 4, 4, 4, 4, NUMA | FD_FLAGS | MUE_MAP_F_PRESERVE_ELEMS, 0, SOME},
	{MUE_MAP_CGROUP_ARRAY, 4, 4, 4, 4, NUMA | FD_FLAGS, 0, SOME},
	{MUE_MAP_ARRAY_OF_MAPS, 4, 4, 4, 4, NUMA | FD_FLAGS, 0, SOME},
	{MUE_MAP_HASH_OF_MAPS, ANY, 4, 4, 4, ANY, 0, SOME},
	{MUE_MAP_STACK_TRACE, 4, 8, ANY, 8, NUMA | FD_FLAGS | MUE_MAP_F_STACK_BUILD_ID, 0, SOME},
	{MUE_MAP_DEVMAP, 4, 4, 8, 4, NUMA | FD_FLAGS, 0, SOME},
	{MUE_MAP_DEVMAP_HASH, 4, 4, 8, 4, NUMA | FD_FLAGS, 0, SOME},
	{MUE_MAP_CPUMAP, 4, 4, 8, 4, NUMA, 0, SOME},
	{MUE_MAP_XSKMAP, 4, 4, 4, 4, NUMA | FD_FLAGS, 0, SOME},
	{MUE_MAP_REUSEPORT_SOCKARRAY, 4, 4, 8, 4, NUMA | EMU_ACCESS_FLAGS, 0, SOME},
	{MUE_MAP_SK_STORAGE, 4, 1, ANY, 1, MUE_MAP_F_CLONE, MUE_MAP_F_NO_PREALLOC, NONE},
	{MUE_MAP_INODE_STORAGE, 4, 1, ANY, 1, MUE_MAP_F_CLONE, MUE_MAP_F_NO_PREALLOC, NONE},
	{MUE_MAP_TASK_STORAGE, 4, 1, ANY, 1, MUE_MAP_F_CLONE, MUE_MAP_F_NO_PREALLOC, NONE},
	{MUE_MAP_CGRP_STORAGE, 4, 1, ANY, 1, MUE_MAP_F_CLONE, MUE_MAP_F_NO_PREALLOC, NONE},
	{MUE_MAP_CGROUP_STORAGE, ANY, 1, ANY, 1, NUMA | EMU_ACCESS_FLAGS, 0, NONE},
	{MUE_MAP_PERCPU_CGROUP_STORAGE, ANY, 1, ANY, 1, NUMA | EMU_ACCESS_FLAGS, 0, NONE},
	{MUE_MAP_RINGBUF, 0, 0, 0, 1, NUMA, 0, SOME},
	{MUE_MAP_USER_RINGBUF, 0, 0, 0, 1, NUMA, 0, SOME},
	{MUE_MAP_ARENA, 0, 0, 0, 1, 0, MUE_MAP_F_MMAPABLE, SOME},
	{MUE_MAP_INSN_ARRAY, 4, 16, 16, 16, 0, 0, SOME},
};

static bool row_fits(const struct row *r, const struct emu_map_attr *a)
{
	return (r->key == ANY || a->key_size == r->key) && a->value_size >= r->value_min &&
	       a->value_size <= r->value_max && !(a->value_size % r->unit) &&
	       emu_flags_fit(a, r->flags | r->needed) && (a->flags & r->needed) == r->needed &&
	       !a->max_entries == (r->entries == NONE);
}

static const struct row *row_of(uint32_t type)
{
	for (const struct row *r = rows; r < rows + sizeof(rows) / sizeof(*rows); r++)
		if (r->type == type)
			return r;
	return NULL;
}

/* A value that is too large is told before, or behind, what a row says. */
static bool too_large(const struct mue_world *w, const struct emu_map_attr *a)
{
	switch (a->type) {
	case MUE_MAP_QUEUE:
	case MUE_MAP_STACK:
	case MUE_MAP_BLOOM_FILTER:
		return a->value_size > EMU_KMALLOC_MAX;
	case MUE_MAP_SK_STORAGE:
	case MUE_MAP_INODE_STORAGE:
	case MUE_MAP_TASK_STORAGE:
	case MUE_MAP_CGRP_STORAGE:
		return a->value_size > UINT16_MAX;
	case MUE_MAP_CGROUP_STORAGE:
	case MUE_MAP_PERCPU_CGROUP_STORAGE:
		return a->value_size > UINT16_MAX ||
		       (a->value_size > 4096 &&
			!mue_world_has(w, MUE_CHANGE_CGROUP_STORAGE_LARGE));
	}
	return false;
}

static bool tells_size_first(const struct emu_map_attr *a)
{
	bool key = a->key_size == 8 || a->key_size == 16;

	return a->type == MUE_MAP_BLOOM_FILTER ||
	       ((a->type == MUE_MAP_CGROUP_STORAGE || a->type == MUE_MAP_PERCPU_CGROUP_STORAGE) &&
		key);
}

/* An outer map takes its template when all else is right. */
static int check_inner(const struct emu_map *inner)
{
	if (!inner)
		return -EBADF;
	if (inner->attr.inner)
		return -EINVAL;
	switch (inner->attr.type) {
	case MUE_MAP_PROG_ARRAY:
	case MUE_MAP_CGROUP_STORAGE:
	case MUE_MAP_PERCPU_CGROUP_STORAGE:
		return -ENOTSUPP;
	}
	return 0;
}

static bool power_of_two(uint32_t n)
{
	return n && !(n & (n - 1));
}

/* What rows do not say. */
static int check_more(const struct mue_world *w, const struct emu_map_attr *a)
{
	const bool build_id = a->flags & MUE_MAP_F_STACK_BUILD_ID;
	int err;

	switch (a->type) {
	case MUE_MAP_STACK_TRACE:
		if (build_id && a->value_size % 32)
			return -EINVAL;
		if (a->value_size / (build_id ? 32 : 8) > 127)
			return -EINVAL;
		return a->max_entries > 1u << 31 ? -E2BIG : 0;
	case MUE_MAP_RINGBUF:
	case MUE_MAP_USER_RINGBUF:
		return power_of_two(a->max_entries) && a->max_entries >= 4096 ? 0 : -EINVAL;
	case MUE_MAP_DEVMAP_HASH:
		return a->max_entries > 1u << 31 ? -EINVAL : 0;
	case MUE_MAP_CPUMAP:
		return w->built_cpus && a->max_entries > w->built_cpus ? -E2BIG : 0;
	case MUE_MAP_CGROUP_STORAGE:
	case MUE_MAP_PERCPU_CGROUP_STORAGE:
		return a->key_size == 8 || a->key_size == 16 ? 0 : -EINVAL;
	case MUE_MAP_SK_STORAGE:
	case MUE_MAP_INODE_STORAGE:
	case MUE_MAP_TASK_STORAGE:
	case MUE_MAP_CGRP_STORAGE:
		return a->special ? 0 : -EINVAL; /* BTF is a must */
	case MUE_MAP_HASH_OF_MAPS:
		err = emu_hash_check_sizes(w, a);
		if (!err)
			err = check_inner(a->inner);
		return err ? err : emu_hash_check_entries(w, a);
	case MUE_MAP_ARRAY_OF_MAPS:
		return check_inner(a->inner);
	}
	return 0;
}

int emu_other_check(const struct mue_world *w, const struct emu_map_attr *a)
{
	const struct row *r = row_of(a->type);
	int err;

	if (too_large(w, a) && tells_size_first(a))
		return -E2BIG;
	if (!r || !row_fits(r, a))
		return -EINVAL;
	err = check_more(w, a);
	return !err && too_large(w, a) ? -E2BIG : err;
}
