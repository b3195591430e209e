/* BPF_MAP_CREATE (semantics C): which maps can be had. */
#include <errno.h>

#include "oracle/model_create.h"

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

/*
 * C8: before maps-not-charged, what the elements would take was charged at once, in less than 4 GiB less a
 * page. What else the map takes counts, too, so that just below the limit no rule says.
 */
static int check_charge(const struct mue_world *w, uint64_t elements, uint64_t others)
{
	const uint64_t limit = UINT32_MAX - 4096u;

	if (mue_world_has(w, MUE_CHANGE_MAPS_NOT_CHARGED) || elements + others < limit)
		return 0;
	return elements >= limit ? -E2BIG : 1;
}

static int check_hash_charge(const struct mue_world *w, const struct mue_map *m)
{
	uint64_t value = padded(m->value_size), others = 2 * 16 * (uint64_t)m->max_entries;
	uint64_t element = 48 + padded(m->key_size) + (per_cpu(m) ? 8 + value * w->cpus : value);

	return check_charge(w, element * m->max_entries, others + element * w->cpus + 4096);
}

/* What C3 and C16 have in common. */
static int check_any_hash(const struct mue_world *w, const struct mue_map *m)
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
	return 0;
}

/* C3, C4 */
int model_create_hash(const struct mue_world *w, const struct mue_map *m)
{
	int err = check_any_hash(w, m);

	if (err)
		return err;
	if (m->max_entries <= UINT32_C(1) << 27)
		return check_hash_charge(w, m);
	return w->cpus == 1 && m->max_entries <= UINT32_C(1) << 28 ? 1 : -E2BIG;
}

/* C16 */
static int check_rhash_sizes(const struct mue_world *w, const struct mue_map *m)
{
	if (!has(m, MUE_MAP_F_NO_PREALLOC) || has(m, MUE_MAP_F_ZERO_SEED))
		return -EINVAL;
	if (m->key_size > UINT16_MAX)
		return -E2BIG;
	return check_any_hash(w, m);
}

static int check_rhash(const struct mue_world *w, const struct mue_map *m)
{
	int err = check_rhash_sizes(w, m);

	return !err && m->max_entries > UINT32_C(1) << 31 ? -E2BIG : err;
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
	return check_charge(w, (uint64_t)m->max_entries * (node + m->value_size + m->key_size - 4), 4096);
}

/* C6 */
static int check_sock(const struct mue_world *w, const struct mue_map *m)
{
	const uint32_t allowed = MUE_MAP_F_NUMA_NODE | MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY;
	const bool hash = m->type == MUE_MAP_SOCKHASH;

	if (!m->max_entries || !m->key_size || (!hash && m->key_size != 4) || has(m, ~allowed) ||
	    (m->value_size != 4 && m->value_size != 8))
		return -EINVAL;
	if (hash && m->key_size > STACK_MAX)
		return -E2BIG;
	if (!hash || m->max_entries <= UINT32_C(1) << 27)
		return 0;
	return w->cpus == 1 && m->max_entries <= UINT32_C(1) << 28 ? 1 : -EINVAL;
}

/* C7: whether a map of this type can have the field. */
static bool has_room_for_special(const struct mue_world *w, const struct mue_map *m)
{
	const bool storage = mue_map_has_owners(m->type);
	const bool more = mue_world_has(w, MUE_CHANGE_KPTR_MORE_MAPS);

	if (m->type == MUE_MAP_ARRAY || m->type == MUE_MAP_HASH)
		return true;
	if (m->type == MUE_MAP_RHASH)
		return m->special != MUE_SPECIAL_RB_ROOT;
	switch (m->special) {
	case MUE_SPECIAL_TIMER:
	case MUE_SPECIAL_WQ:
	case MUE_SPECIAL_TASK_WORK:
		return m->type == MUE_MAP_LRU_HASH;
	case MUE_SPECIAL_SPIN_LOCK:
	case MUE_SPECIAL_RES_SPIN_LOCK:
		return storage;
	case MUE_SPECIAL_KPTR:
		return m->type == MUE_MAP_LRU_HASH || m->type == MUE_MAP_PERCPU_ARRAY ||
		       (more && (storage || per_cpu(m)));
	}
	return false;
}

/* C7: no rule for kernels whose BTF may not do. */
static bool beyond_btf(const struct mue_world *w, const struct mue_map *m)
{
	return mue_special_rows[m->special].since > w->version &&
	       (m->special == MUE_SPECIAL_KPTR || mue_special_rows[m->special].lock);
}

/* C7 */
static int check_special(const struct mue_world *w, const struct mue_map *m)
{
	const enum mue_map_class class = mue_map_type_row(m->type)->class;
	uint32_t refused = MUE_MAP_F_RDONLY_PROG;

	if (!m->special)
		return 0;
	if (beyond_btf(w, m) || (class != MUE_CLASS_PLAIN && !mue_map_has_owners(m->type)))
		return 1;
	if (model_has_special(w, m, MUE_SPECIAL_BTF))
		return 0;
	if (m->special == MUE_SPECIAL_KPTR || mue_world_has(w, MUE_CHANGE_SPECIAL_WRONLY_PROG))
		refused |= MUE_MAP_F_WRONLY_PROG;
	if (has(m, refused))
		return -EACCES;
	if (has_room_for_special(w, m))
		return 0;
	if (m->special == MUE_SPECIAL_SPIN_LOCK &&
	    !mue_world_has(w, MUE_CHANGE_SPIN_LOCK_EOPNOTSUPP))
		return -ENOTSUPP;
	return -EOPNOTSUPP;
}

static uint64_t memory_of(const struct mue_world *w, const struct mue_map *m)
{
	uint64_t element = padded(m->key_size) + padded(m->value_size) * (per_cpu(m) ? w->cpus : 1);

	/* The table of buckets is made in any case, the elements where they are preallocated. */
	if (m->type == MUE_MAP_LPM_TRIE || m->type == MUE_MAP_RHASH)
		return 0;
	if (has(m, MUE_MAP_F_NO_PREALLOC))
		element = 0;
	return m->max_entries * (element + 64);
}

bool model_create_may_starve(const struct mue_world *w, const struct mue_map *m)
{
	return memory_of(w, m) > SURE_MEMORY;
}

static int check_type(const struct mue_world *w, const struct mue_case *c, const struct mue_map *m)
{
	switch (m->type) {
	case MUE_MAP_ARRAY:
	case MUE_MAP_PERCPU_ARRAY:
		return check_array(m);
	case MUE_MAP_HASH:
	case MUE_MAP_PERCPU_HASH:
	case MUE_MAP_LRU_HASH:
	case MUE_MAP_LRU_PERCPU_HASH:
		return model_create_hash(w, m);
	case MUE_MAP_LPM_TRIE:
		return check_lpm(w, m);
	case MUE_MAP_RHASH:
		return check_rhash(w, m);
	case MUE_MAP_SOCKMAP:
	case MUE_MAP_SOCKHASH:
		return check_sock(w, m);
	}
	return model_create_other(w, c, m);
}

/* What is looked at before a token is, and that is none. */
static int check_before_token(const struct mue_world *w, const struct mue_case *c,
			      const struct mue_map *m)
{
	switch (m->type) {
	case MUE_MAP_HASH:
	case MUE_MAP_PERCPU_HASH:
	case MUE_MAP_LRU_HASH:
	case MUE_MAP_LRU_PERCPU_HASH:
		return check_any_hash(w, m);
	case MUE_MAP_HASH_OF_MAPS:
		return m->value_size == 4 ? check_any_hash(w, m) : -EINVAL;
	case MUE_MAP_RHASH:
		return check_rhash_sizes(w, m);
	case MUE_MAP_ARRAY:
	case MUE_MAP_PERCPU_ARRAY:
		return check_array(m);
	case MUE_MAP_QUEUE:
	case MUE_MAP_STACK:
	case MUE_MAP_BLOOM_FILTER:
	case MUE_MAP_SK_STORAGE:
	case MUE_MAP_INODE_STORAGE:
	case MUE_MAP_TASK_STORAGE:
	case MUE_MAP_CGRP_STORAGE:
		return model_create_other(w, c, m);
	}
	return 0; /* all others are looked at as they are made */
}

int model_create_check(const struct mue_world *w, const struct mue_case *c,
		       const struct mue_map *def)
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
	if (token) {
		m.flags &= ~TOKEN_FD;
		err = check_before_token(w, c, &m);
		return err ? err : -EINVAL;
	}
	err = check_type(w, c, &m);
	if (err)
		return err;
	if (model_create_may_starve(w, &m))
		return 1;
	return check_special(w, &m);
}
