/* BPF_MAP_CREATE (semantics C): which maps can be had. */
#include <errno.h>

#include "oracle/model_map.h"

#define ENOTSUPP 524 /* the kernel's own, not in libc */

#define ACCESS                                                                                     \
	(MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY | MUE_MAP_F_RDONLY_PROG | MUE_MAP_F_WRONLY_PROG)
#define TOKEN_FD 0x10000u /* BPF_F_TOKEN_FD, since 6.9; a case names no token */

#define KMALLOC_MAX (4u << 20)
#define PER_CPU_MAX 32768u
#define STACK_MAX 512u

/* More than this may succeed or not, by the machine's memory (C8). */
#define SURE_MEMORY (UINT64_C(64) << 20)

static bool has(const struct mue_map *m, uint32_t flags)
{
	return (m->flags & flags) != 0;
}

static bool both(const struct mue_map *m, uint32_t flags)
{
	return (m->flags & flags) == flags;
}

/* A NUMA node is asked for. */
static bool on_node(const struct mue_map *m)
{
	return has(m, MUE_MAP_F_NUMA_NODE) && m->numa_node != UINT32_MAX;
}

static bool per_cpu(const struct mue_map *m)
{
	return mue_map_type_row(m->type)->per_cpu;
}

static uint64_t padded(uint64_t size)
{
	return (size + 7) & ~UINT64_C(7);
}

/* C2 */
static int check_array(const struct mue_map *m)
{
	uint32_t allowed = ACCESS;

	if (m->type == MUE_MAP_ARRAY)
		allowed |= MUE_MAP_F_NUMA_NODE | MUE_MAP_F_MMAPABLE | MUE_MAP_F_INNER_MAP;
	else if (!on_node(m))
		allowed |= MUE_MAP_F_NUMA_NODE;
	if (!m->max_entries || m->key_size != 4 || !m->value_size || has(m, ~allowed) ||
	    both(m, MUE_MAP_F_RDONLY_PROG | MUE_MAP_F_WRONLY_PROG))
		return -EINVAL;
	if (m->value_size > INT32_MAX)
		return -E2BIG;
	if (per_cpu(m) && padded(m->value_size) > PER_CPU_MAX)
		return -E2BIG;
	return 0;
}

/* C3, C4 */
static int check_hash(const struct mue_world *w, const struct mue_map *m)
{
	const bool large = mue_world_has(w, MUE_CHANGE_HASH_LARGE_KEYS);
	const bool lru = m->type == MUE_MAP_LRU_HASH || m->type == MUE_MAP_LRU_PERCPU_HASH;
	const uint32_t allowed = MUE_MAP_F_NO_PREALLOC | MUE_MAP_F_NO_COMMON_LRU |
				 MUE_MAP_F_NUMA_NODE | MUE_MAP_F_ZERO_SEED | ACCESS;

	if (has(m, ~allowed) || both(m, MUE_MAP_F_RDONLY_PROG | MUE_MAP_F_WRONLY_PROG))
		return -EINVAL;
	if (!lru && has(m, MUE_MAP_F_NO_COMMON_LRU))
		return -EINVAL;
	if (lru && has(m, MUE_MAP_F_NO_PREALLOC))
		return -ENOTSUPP;
	if (on_node(m) && (per_cpu(m) || has(m, MUE_MAP_F_NO_COMMON_LRU)))
		return -EINVAL;
	if (!m->max_entries || !m->key_size || !m->value_size)
		return -EINVAL;
	if (!large && (m->key_size > STACK_MAX || m->value_size > KMALLOC_MAX - STACK_MAX - 49))
		return -E2BIG;
	if (large && (uint64_t)m->key_size + m->value_size > KMALLOC_MAX - 49)
		return -E2BIG;
	if (per_cpu(m) && padded(m->value_size) > PER_CPU_MAX)
		return -E2BIG;
	if (m->max_entries <= UINT32_C(1) << 27)
		return 0;
	return w->cpus == 1 && m->max_entries <= UINT32_C(1) << 28 ? 1 : -E2BIG;
}

/* C5 */
static int check_lpm(const struct mue_world *w, const struct mue_map *m)
{
	const uint32_t node = mue_world_has(w, MUE_CHANGE_LPM_SMALL_NODES) ? 24 : 40;
	const uint32_t allowed = MUE_MAP_F_NO_PREALLOC | MUE_MAP_F_NUMA_NODE | ACCESS;

	if (!m->max_entries || !has(m, MUE_MAP_F_NO_PREALLOC) || has(m, ~allowed) ||
	    both(m, MUE_MAP_F_RDONLY_PROG | MUE_MAP_F_WRONLY_PROG) || m->key_size < 4 + 1 ||
	    m->key_size > 4 + 256 || !m->value_size || m->value_size > KMALLOC_MAX - 256 - node)
		return -EINVAL;
	return 0;
}

/* C6 */
static int check_sock(const struct mue_map *m)
{
	const uint32_t allowed = MUE_MAP_F_NUMA_NODE | MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY;
	const bool hash = m->type == MUE_MAP_SOCKHASH;

	if (!m->max_entries || !m->key_size || (!hash && m->key_size != 4) || has(m, ~allowed) ||
	    (m->value_size != 4 && m->value_size != 8))
		return -EINVAL;
	if (hash && m->key_size > STACK_MAX)
		return -E2BIG;
	return 0;
}

/*
 * C9: attributes with which a map of another type can be made, or with which it fails for
 * want of what a case cannot name (a BTF type). With other attributes no rule says.
 */
static const struct other_row {
	uint32_t type, key, value_min, value_max, value_unit, entries_max, need;
	int err;
} other_rows[] = {
	{MUE_MAP_PROG_ARRAY, 4, 4, 4, 4, 4096, 0, 0},
	{MUE_MAP_PERF_EVENT_ARRAY, 4, 4, 4, 4, 4096, 0, 0},
	{MUE_MAP_CGROUP_ARRAY, 4, 4, 4, 4, 4096, 0, 0},
	{MUE_MAP_STACK_TRACE, 4, 8, 1016, 8, 4096, 0, 0},
	{MUE_MAP_DEVMAP, 4, 4, 8, 4, 4096, 0, 0},
	{MUE_MAP_DEVMAP_HASH, 4, 4, 8, 4, 4096, 0, 0},
	{MUE_MAP_CPUMAP, 4, 4, 8, 4, 64, 0, 0},
	{MUE_MAP_XSKMAP, 4, 4, 4, 4, 4096, 0, 0},
	{MUE_MAP_REUSEPORT_SOCKARRAY, 4, 4, 8, 4, 4096, 0, 0},
	{MUE_MAP_CGROUP_STORAGE, 8, 1, 4096, 1, 0, 0, 0},
	{MUE_MAP_PERCPU_CGROUP_STORAGE, 8, 1, 4096, 1, 0, 0, 0},
	{MUE_MAP_QUEUE, 0, 1, 4096, 1, 4096, 0, 0},
	{MUE_MAP_STACK, 0, 1, 4096, 1, 4096, 0, 0},
	{MUE_MAP_BLOOM_FILTER, 0, 1, 4096, 1, 4096, 0, 0},
	{MUE_MAP_SK_STORAGE, 4, 1, 4096, 1, 0, MUE_MAP_F_NO_PREALLOC, -EINVAL},
	{MUE_MAP_INODE_STORAGE, 4, 1, 4096, 1, 0, MUE_MAP_F_NO_PREALLOC, -EINVAL},
	{MUE_MAP_TASK_STORAGE, 4, 1, 4096, 1, 0, MUE_MAP_F_NO_PREALLOC, -EINVAL},
	{MUE_MAP_CGRP_STORAGE, 4, 1, 4096, 1, 0, MUE_MAP_F_NO_PREALLOC, -EINVAL},
	{MUE_MAP_ARENA, 0, 0, 0, 1, 4096, MUE_MAP_F_MMAPABLE, 0},
	{MUE_MAP_STRUCT_OPS, 4, 1, 4096, 1, 1, 0, -EINVAL},
};

/* Ring buffers have a size in max_entries: a power of two of whole pages. */
static int check_ring(const struct mue_map *m)
{
	uint32_t n = m->max_entries;
	bool fits = !m->key_size && !m->value_size && n >= 4096 && n <= 1 << 20 && !(n & (n - 1));

	return fits && !m->flags ? 0 : 1;
}

static int check_other(const struct mue_world *w, const struct mue_map *m)
{
	if (m->type == MUE_MAP_ARENA && !w->jit)
		return 1; /* C9 */
	if (m->type == MUE_MAP_RINGBUF || m->type == MUE_MAP_USER_RINGBUF)
		return check_ring(m);
	for (size_t i = 0; i < sizeof(other_rows) / sizeof(*other_rows); i++) {
		const struct other_row *row = &other_rows[i];

		if (row->type == m->type && m->key_size == row->key &&
		    m->value_size >= row->value_min && m->value_size <= row->value_max &&
		    m->value_size % row->value_unit == 0 && m->max_entries <= row->entries_max &&
		    !m->max_entries == !row->entries_max && m->flags == row->need && !m->special)
			return row->err;
	}
	return 1;
}

/* C7 */
static int check_special(const struct mue_world *w, const struct mue_map *m)
{
	const bool lock = m->special == MUE_SPECIAL_SPIN_LOCK;
	uint32_t refused = MUE_MAP_F_RDONLY_PROG;

	if (!m->special || !model_has_special(w, m, m->special))
		return 0;
	if (mue_world_has(w, MUE_CHANGE_SPECIAL_WRONLY_PROG))
		refused |= MUE_MAP_F_WRONLY_PROG;
	if (has(m, refused))
		return -EACCES;
	if (m->type == MUE_MAP_ARRAY || m->type == MUE_MAP_HASH)
		return 0;
	if (m->type == MUE_MAP_LRU_HASH && !lock)
		return 0;
	if (lock && !mue_world_has(w, MUE_CHANGE_SPIN_LOCK_EOPNOTSUPP))
		return -ENOTSUPP;
	return -EOPNOTSUPP;
}

static uint64_t memory_of(const struct mue_world *w, const struct mue_map *m)
{
	uint64_t element = padded(m->key_size) + padded(m->value_size) * (per_cpu(m) ? w->cpus : 1);

	/* The table of buckets is made in any case, the elements where they are preallocated. */
	if (m->type == MUE_MAP_LPM_TRIE)
		return 0;
	if (has(m, MUE_MAP_F_NO_PREALLOC))
		element = 0;
	return m->max_entries * (element + 64);
}

static int check_type(const struct mue_world *w, const struct mue_map *m)
{
	switch (m->type) {
	case MUE_MAP_ARRAY:
	case MUE_MAP_PERCPU_ARRAY:
		return check_array(m);
	case MUE_MAP_HASH:
	case MUE_MAP_PERCPU_HASH:
	case MUE_MAP_LRU_HASH:
	case MUE_MAP_LRU_PERCPU_HASH:
		return check_hash(w, m);
	case MUE_MAP_LPM_TRIE:
		return check_lpm(w, m);
	case MUE_MAP_SOCKMAP:
	case MUE_MAP_SOCKHASH:
		return check_sock(m);
	}
	return check_other(w, m);
}

int model_create_check(const struct mue_world *w, const struct mue_map *def)
{
	const struct mue_map_type_row *row = mue_map_type_row(def->type);
	const bool token = has(def, TOKEN_FD) && w->version >= MUE_VERSION(6, 9);
	struct mue_map m = *def;
	int err;

	/* C1 */
	if (both(def, MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY))
		return -EINVAL;
	if (on_node(def) && def->numa_node != 0)
		return -EINVAL;
	if (!row || row->since > w->version)
		return -EINVAL;
	if (token)
		m.flags &= ~TOKEN_FD;
	err = check_type(w, &m);
	if (err)
		return err;
	if (token)
		return -EINVAL;
	if (memory_of(w, &m) > SURE_MEMORY)
		return 1;
	return check_special(w, &m);
}
