#include "runners/emulator/map.h"

#include <errno.h>
#include <stdlib.h>

#include "runners/emulator/maps/hash_check.h"
#include "runners/emulator/maps/kinds.h"

/* Not in libc: the kernel's own number for "not supported". */
#define ENOTSUPP 524

/* BPF_F_TOKEN_FD, known to every type since tokens exist; the descriptor behind it is none. */
#define TOKEN_FD (1u << 16)
#define TOKENS_SINCE MUE_VERSION(6, 9)

const struct emu_map_ops *emu_map_ops_of(uint32_t type)
{
	static const struct emu_map_ops *const ops[] = {
		[MUE_MAP_HASH] = &emu_hash_ops,
		[MUE_MAP_ARRAY] = &emu_array_ops,
		[MUE_MAP_PERCPU_HASH] = &emu_percpu_hash_ops,
		[MUE_MAP_PERCPU_ARRAY] = &emu_percpu_array_ops,
		[MUE_MAP_LRU_HASH] = &emu_lru_hash_ops,
		[MUE_MAP_LRU_PERCPU_HASH] = &emu_lru_percpu_hash_ops,
		[MUE_MAP_LPM_TRIE] = &emu_lpm_trie_ops,
		[MUE_MAP_QUEUE] = &emu_queue_ops,
		[MUE_MAP_STACK] = &emu_stack_ops,
		[MUE_MAP_BLOOM_FILTER] = &emu_bloom_ops,
		[MUE_MAP_PROG_ARRAY] = &emu_fd_array_ops,
		[MUE_MAP_PERF_EVENT_ARRAY] = &emu_fd_array_ops,
		[MUE_MAP_CGROUP_ARRAY] = &emu_fd_array_ops,
		[MUE_MAP_ARRAY_OF_MAPS] = &emu_fd_array_ops,
		[MUE_MAP_HASH_OF_MAPS] = &emu_hash_of_maps_ops,
		[MUE_MAP_DEVMAP] = &emu_devmap_ops,
		[MUE_MAP_DEVMAP_HASH] = &emu_devmap_hash_ops,
		[MUE_MAP_CPUMAP] = &emu_cpumap_ops,
		[MUE_MAP_XSKMAP] = &emu_xskmap_ops,
		[MUE_MAP_REUSEPORT_SOCKARRAY] = &emu_reuseport_ops,
		[MUE_MAP_SK_STORAGE] = &emu_local_ops,
		[MUE_MAP_INODE_STORAGE] = &emu_local_ops,
		[MUE_MAP_TASK_STORAGE] = &emu_local_ops,
		[MUE_MAP_CGRP_STORAGE] = &emu_local_ops,
		[MUE_MAP_INSN_ARRAY] = &emu_insn_array_ops,
		[MUE_MAP_SOCKMAP] = &emu_sockmap_ops,
		[MUE_MAP_SOCKHASH] = &emu_sockmap_ops,
		[MUE_MAP_RHASH] = &emu_rhash_ops,
	};

	return type < sizeof(ops) / sizeof(*ops) ? ops[type] : NULL;
}

bool emu_percpu(const struct emu_map_attr *attr)
{
	return mue_map_type_row(attr->type)->per_cpu;
}

bool emu_wants_numa_node(const struct emu_map_attr *attr)
{
	return attr->flags & MUE_MAP_F_NUMA_NODE && attr->numa_node != UINT32_MAX;
}

static uint64_t stride_of(const struct emu_map_attr *attr)
{
	return (attr->value_size + 7ull) & ~7ull;
}

uint64_t emu_element_size(const struct mue_world *w, const struct emu_map_attr *attr)
{
	return stride_of(attr) * (emu_percpu(attr) ? w->cpus : 1);
}

uint64_t emu_user_value_size(const struct emu_map *m)
{
	return emu_percpu(&m->attr) ? (uint64_t)m->stride * m->world.cpus : m->attr.value_size;
}

void emu_map_init(struct emu_map *m, const struct emu_map_ops *ops, const struct mue_world *w,
		  const struct emu_map_attr *attr)
{
	m->ops = ops;
	m->attr = *attr;
	m->world = *w;
	m->stride = stride_of(attr);
	m->skip = mue_special_size(attr->special);
}

/* The checks in front of all types' own. There is one NUMA node. */
static int check_common(const struct emu_map_attr *a)
{
	const uint32_t fd = MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY;

	if ((a->flags & fd) == fd)
		return -EINVAL;
	if (emu_wants_numa_node(a) && a->numa_node != 0)
		return -EINVAL;
	return 0;
}

/* Which types may have it. */
static bool may_hold(const struct mue_world *w, const struct emu_map_attr *a)
{
	if (a->type == MUE_MAP_ARRAY || a->type == MUE_MAP_HASH ||
	    (a->type == MUE_MAP_RHASH && a->special != MUE_SPECIAL_RB_ROOT))
		return true;
	switch (a->special) {
	case MUE_SPECIAL_SPIN_LOCK:
	case MUE_SPECIAL_RES_SPIN_LOCK:
		return mue_map_has_owners(a->type);
	case MUE_SPECIAL_TIMER:
	case MUE_SPECIAL_WQ:
	case MUE_SPECIAL_TASK_WORK:
		return a->type == MUE_MAP_LRU_HASH;
	case MUE_SPECIAL_KPTR:
		if (a->type == MUE_MAP_LRU_HASH || a->type == MUE_MAP_PERCPU_ARRAY)
			return true;
		return mue_world_has(w, MUE_CHANGE_KPTR_MORE_MAPS) &&
		       (emu_percpu(a) || mue_map_has_owners(a->type));
	}
	return false;
}

/* Which types may have a special field in their values, and with which access flags. */
static int check_special(const struct mue_world *w, const struct emu_map_attr *a)
{
	uint32_t access = MUE_MAP_F_RDONLY_PROG;

	if (!a->special || a->special == MUE_SPECIAL_BTF)
		return 0;
	if (a->special == MUE_SPECIAL_KPTR || mue_world_has(w, MUE_CHANGE_SPECIAL_WRONLY_PROG))
		access |= MUE_MAP_F_WRONLY_PROG;
	if (a->flags & access)
		return -EACCES;
	if (may_hold(w, a))
		return 0;
	if (a->special == MUE_SPECIAL_SPIN_LOCK &&
	    !mue_world_has(w, MUE_CHANGE_SPIN_LOCK_EOPNOTSUPP))
		return -ENOTSUPP;
	return -EOPNOTSUPP;
}

/* A token is looked at before the map is made, and what making it would say does not matter any more. */
static int check_token(const struct mue_world *w, const struct emu_map_attr *a,
		       const struct emu_map_ops *ops)
{
	int err;

	switch (a->type) {
	case MUE_MAP_HASH:
	case MUE_MAP_PERCPU_HASH:
	case MUE_MAP_LRU_HASH:
	case MUE_MAP_LRU_PERCPU_HASH:
		err = emu_hash_check_sizes(w, a);
		break;
	case MUE_MAP_HASH_OF_MAPS:
		err = a->value_size == 4 ? emu_hash_check_sizes(w, a) : -EINVAL;
		break;
	case MUE_MAP_RHASH:
		err = emu_rhash_check_sizes(w, a);
		break;
	case MUE_MAP_ARRAY_OF_MAPS:
	case MUE_MAP_STACK_TRACE:
	case MUE_MAP_CPUMAP:
	case MUE_MAP_SOCKHASH:
	case MUE_MAP_CGROUP_STORAGE:
	case MUE_MAP_PERCPU_CGROUP_STORAGE:
		return -EINVAL;
	default:
		err = ops->check(w, a);
	}
	return err ? err : -EINVAL;
}

static int check(const struct mue_world *w, const struct emu_map_attr *attr,
		 const struct emu_map_ops *ops)
{
	struct emu_map_attr a = *attr;
	int err = check_common(&a);

	if (err)
		return err;
	if (a.flags & TOKEN_FD && w->version >= TOKENS_SINCE) {
		a.flags &= ~TOKEN_FD;
		return check_token(w, &a, ops);
	}
	err = ops->check(w, &a);
	return err ? err : check_special(w, &a);
}

int emu_map_create(struct emu_map **m, const struct mue_world *w, const struct emu_map_attr *attr)
{
	const struct mue_map_type_row *row = mue_map_type_row(attr->type);
	const struct emu_map_ops *ops = emu_map_ops_of(attr->type);
	int err;

	if (!row || row->since > w->version)
		return -EINVAL;
	if (!ops)
		ops = &emu_opaque_ops;
	err = check(w, attr, ops);
	if (err)
		return err;
	*m = ops->alloc(w, attr);
	return *m ? 0 : -ENOMEM;
}

void emu_map_free(struct emu_map *m)
{
	if (m)
		m->ops->free(m);
}

static bool may_write(const struct emu_map *m)
{
	return !m->frozen && !(m->attr.flags & MUE_MAP_F_RDONLY);
}

static bool lock_without_lock(const struct emu_map *m, uint64_t flags)
{
	return flags & MUE_UPDATE_LOCK && !mue_special_rows[m->attr.special].lock;
}

static bool has_cpu_flags(const struct emu_map *m)
{
	return emu_percpu(&m->attr) && mue_world_has(&m->world, MUE_CHANGE_CPU_FLAGS);
}

/* BPF_F_CPU, with the CPU in the upper half, and BPF_F_ALL_CPUS, for maps that know them. */
static int check_cpu_flags(const struct emu_map *m, uint64_t flags, uint32_t allowed)
{
	uint32_t low = flags, cpu = flags >> 32;

	if (low & ~allowed || (cpu && !(low & MUE_UPDATE_CPU)))
		return -EINVAL;
	if (low & MUE_UPDATE_CPU && low & MUE_UPDATE_ALL_CPUS)
		return -EINVAL;
	return low & MUE_UPDATE_CPU && cpu >= m->world.cpus ? -ERANGE : 0;
}

/* The same for an update; per-CPU maps know no F_LOCK, and all bits below ALL_CPUS. */
static int check_cpu_update(const struct emu_map *m, uint64_t flags)
{
	int err = check_cpu_flags(m, flags, UINT32_MAX);

	if (!err && (flags & MUE_UPDATE_LOCK || (uint32_t)flags > MUE_UPDATE_ALL_CPUS))
		err = -EINVAL;
	return err;
}

/* Of maps that are not per CPU, kernels that know these bits refuse them before anything else. */
static int check_other_update(const struct emu_map *m, uint64_t flags)
{
	const uint64_t cpus = MUE_UPDATE_CPU | MUE_UPDATE_ALL_CPUS | UINT64_C(0xffffffff) << 32;

	return flags & cpus && mue_world_has(&m->world, MUE_CHANGE_CPU_FLAGS) ? -EINVAL : 0;
}

int emu_user_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
		    uint64_t flags)
{
	int err;

	if (!may_write(m))
		return -EPERM;
	if (lock_without_lock(m, flags))
		return -EINVAL;
	if (has_cpu_flags(m))
		err = m->attr.type == MUE_MAP_PERCPU_CGROUP_STORAGE
			      ? check_cpu_flags(m, flags, UINT32_MAX)
			      : check_cpu_update(m, flags);
	else
		err = check_other_update(m, flags);
	return err ? err : m->ops->user_update(m, cpu, key, value, flags);
}

/* Whether the right to read comes before the flags, or behind them. */
static int check_lookup(const struct emu_map *m, uint64_t flags)
{
	bool unreadable = m->attr.flags & MUE_MAP_F_WRONLY;

	if (unreadable && mue_world_has(&m->world, MUE_CHANGE_CPU_FLAGS))
		return -EPERM;
	if (flags & ~(uint64_t)MUE_UPDATE_LOCK)
		return -EINVAL;
	if (unreadable)
		return -EPERM;
	return lock_without_lock(m, flags) ? -EINVAL : 0;
}

int emu_user_lookup(struct emu_map *m, uint32_t cpu, const void *key, void *value, uint64_t flags)
{
	int err = check_lookup(m, flags);

	if (!err)
		err = m->ops->user_lookup(m, cpu, key, value);
	if (!err)
		memset(value, 0, m->skip);
	return err;
}

int emu_user_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	if (!may_write(m))
		return -EPERM;
	return m->ops->user_delete(m, cpu, key);
}

/* Hashes have it since it has flags. */
static bool has_take(const struct emu_map *m)
{
	return m->attr.key_size == 0 || m->attr.type == MUE_MAP_STACK_TRACE ||
	       mue_world_has(&m->world, MUE_CHANGE_TAKE_FLAGS);
}

int emu_user_take(struct emu_map *m, uint32_t cpu, const void *key, void *value, uint64_t flags)
{
	int err;

	if (flags & ~(uint64_t)MUE_UPDATE_LOCK ||
	    (flags && !mue_world_has(&m->world, MUE_CHANGE_TAKE_FLAGS)))
		return -EINVAL;
	if (!may_write(m) || m->attr.flags & MUE_MAP_F_WRONLY)
		return -EPERM;
	if (lock_without_lock(m, flags))
		return -EINVAL;
	if (!m->ops->user_take || !has_take(m))
		return -ENOTSUPP;
	err = m->ops->user_take(m, cpu, key, value);
	if (!err && m->skip)
		memset(value, 0, m->skip);
	return err;
}

int emu_user_freeze(struct emu_map *m)
{
	bool lock = m->attr.special == MUE_SPECIAL_SPIN_LOCK;

	if (m->attr.special && m->attr.special != MUE_SPECIAL_BTF &&
	    (!lock || mue_world_has(&m->world, MUE_CHANGE_FREEZE_REFUSES_SPIN_LOCK)))
		return -ENOTSUPP;
	if (mue_world_has(&m->world, MUE_CHANGE_FREEZE_NEEDS_WRITE) && !may_write(m))
		return -EPERM;
	if (m->frozen)
		return -EBUSY;
	m->frozen = true;
	return 0;
}

static bool has_batch(const struct emu_map *m)
{
	switch (m->attr.type) {
	case MUE_MAP_PERCPU_ARRAY:
		return mue_world_has(&m->world, MUE_CHANGE_PERCPU_ARRAY_BATCH);
	case MUE_MAP_LPM_TRIE:
		return mue_world_has(&m->world, MUE_CHANGE_LPM_BATCH);
	case MUE_MAP_SOCKMAP:
	case MUE_MAP_SOCKHASH:
		return false;
	default:
		return true;
	}
}

static int check_batch(const struct emu_map *m, uint64_t flags)
{
	const uint32_t cpus = MUE_UPDATE_CPU | MUE_UPDATE_ALL_CPUS;

	if (!may_write(m))
		return -EPERM;
	if (!has_batch(m))
		return -ENOTSUPP;
	if (lock_without_lock(m, flags))
		return -EINVAL;
	if (has_cpu_flags(m))
		return check_cpu_flags(m, flags, cpus);
	return flags & ~(uint64_t)MUE_UPDATE_LOCK ? -EINVAL : 0;
}

int emu_user_update_batch(struct emu_map *m, uint32_t cpu, const void *keys, const void *values,
			  uint32_t n, uint64_t elem_flags, uint32_t *done)
{
	const bool one_cpu = elem_flags & (MUE_UPDATE_CPU | MUE_UPDATE_ALL_CPUS);
	const uint64_t step = one_cpu ? m->attr.value_size : emu_user_value_size(m);
	const uint8_t *key = keys, *value = values;
	int err = check_batch(m, elem_flags);

	*done = n;
	if (err)
		return err;
	for (*done = 0; *done < n; ++*done) {
		err = m->ops->user_update(m, cpu, key, value, elem_flags);
		if (err)
			break;
		key += m->attr.key_size;
		value += step;
	}
	return err;
}
