/* BPF_MAP_CREATE of the types that only bpf(2) updates (semantics C9 to C15). */
#include <errno.h>

#include "oracle/model_create.h"

#define PROG_ACCESS (MUE_MAP_F_RDONLY_PROG | MUE_MAP_F_WRONLY_PROG)
#define FD_ACCESS (MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY)
#define KMALLOC_MAX (4u << 20)
#define STACK_DEPTH 127
#define BUILD_ID 32u
#define PAGE 4096u
#define SURE_BYTES (UINT64_C(64) << 20)

static bool only(const struct mue_map *m, uint32_t allowed)
{
	return !(m->flags & ~allowed) && (m->flags & PROG_ACCESS) != PROG_ACCESS;
}

/* C9 */
static int check_queue(const struct mue_map *m)
{
	uint32_t allowed = MUE_MAP_F_NUMA_NODE | FD_ACCESS | PROG_ACCESS;

	if (m->type == MUE_MAP_BLOOM_FILTER) {
		allowed |= MUE_MAP_F_ZERO_SEED;
		if (m->value_size > KMALLOC_MAX)
			return -E2BIG;
	}
	if (!m->max_entries || m->key_size || !m->value_size || !only(m, allowed))
		return -EINVAL;
	if (m->value_size > KMALLOC_MAX)
		return -E2BIG;
	return (uint64_t)m->max_entries * m->value_size > SURE_BYTES ? 1 : 0;
}

/* C10: what all arrays of pointers want. */
static int check_pointers(const struct mue_map *m, uint32_t more)
{
	return m->max_entries && m->key_size == 4 &&
			       only(m, MUE_MAP_F_NUMA_NODE | FD_ACCESS | more)
		       ? 0
		       : -EINVAL;
}

static int check_fd_array(const struct mue_map *m)
{
	uint32_t more = m->type == MUE_MAP_PERF_EVENT_ARRAY ? MUE_MAP_F_PRESERVE_ELEMS : 0;

	return m->value_size == 4 ? check_pointers(m, more) : -EINVAL;
}

/* C11: the template of a map of maps, when all else is right. */
static int check_inner(const struct mue_case *c, const struct mue_map *m)
{
	const struct mue_map *inner = m->inner ? &c->maps[m->inner - 1] : NULL;

	if (!inner)
		return -EBADF;
	switch (inner->type) {
	case MUE_MAP_ARRAY_OF_MAPS:
	case MUE_MAP_HASH_OF_MAPS:
		return -EINVAL;
	case MUE_MAP_PROG_ARRAY:
	case MUE_MAP_CGROUP_STORAGE:
	case MUE_MAP_PERCPU_CGROUP_STORAGE:
		return -MODEL_ENOTSUPP;
	case MUE_MAP_INSN_ARRAY:
		return 1;
	}
	return inner->special && inner->special != MUE_SPECIAL_BTF ? 1 : 0;
}

static int check_outer_array(const struct mue_case *c, const struct mue_map *m)
{
	int err = check_fd_array(m);

	return err ? err : check_inner(c, m);
}

/* How many entries there may be is found out only when the table is made. */
static int check_outer_hash(const struct mue_world *w, const struct mue_case *c, const struct mue_map *m)
{
	struct mue_map few = *m;
	int err;

	few.max_entries = m->max_entries != 0;
	err = m->value_size == 4 ? model_create_hash(w, &few) : -EINVAL;
	if (!err)
		err = check_inner(c, m);
	return err ? err : model_create_hash(w, m);
}

/* C12 */
static int check_stack_trace(const struct mue_map *m)
{
	uint32_t unit = m->flags & MUE_MAP_F_STACK_BUILD_ID ? BUILD_ID : 8;

	if (!only(m, MUE_MAP_F_NUMA_NODE | FD_ACCESS | MUE_MAP_F_STACK_BUILD_ID))
		return -EINVAL;
	if (!m->max_entries || m->key_size != 4 || !m->value_size || m->value_size % unit)
		return -EINVAL;
	if (m->value_size / unit > STACK_DEPTH)
		return -EINVAL;
	return m->max_entries > UINT32_C(1) << 31 ? -E2BIG : 0;
}

/* C13 */
static int check_target(const struct mue_world *w, const struct mue_map *m)
{
	const bool four = m->value_size == 4, eight = m->value_size == 8;

	switch (m->type) {
	case MUE_MAP_XSKMAP:
		return four ? check_pointers(m, 0) : -EINVAL;
	case MUE_MAP_REUSEPORT_SOCKARRAY:
		return four || eight ? check_pointers(m, PROG_ACCESS) : -EINVAL;
	case MUE_MAP_CPUMAP:
		if (!m->max_entries || m->key_size != 4 || (!four && !eight) ||
		    !only(m, MUE_MAP_F_NUMA_NODE))
			return -EINVAL;
		if (w->built_cpus)
			return m->max_entries > w->built_cpus ? -E2BIG : 0;
		return m->max_entries > w->cpus ? 1 : 0; /* what is the kernel built for? */
	case MUE_MAP_DEVMAP_HASH:
		if (m->max_entries > UINT32_C(1) << 31)
			return -EINVAL;
	}
	return four || eight ? check_pointers(m, 0) : -EINVAL;
}

/* C14 */
static int check_storage(const struct mue_map *m)
{
	const uint32_t allowed = MUE_MAP_F_NO_PREALLOC | MUE_MAP_F_CLONE;

	if (m->flags & ~allowed || !(m->flags & MUE_MAP_F_NO_PREALLOC) || m->max_entries ||
	    m->key_size != 4 || !m->value_size || !m->special)
		return -EINVAL;
	if (m->value_size > UINT16_MAX)
		return -E2BIG;
	return m->value_size > UINT16_MAX / 2 ? 1 : 0;
}

static int check_cgroup_storage(const struct mue_world *w, const struct mue_map *m)
{
	const bool large = mue_world_has(w, MUE_CHANGE_CGROUP_STORAGE_LARGE);

	if ((m->key_size != 8 && m->key_size != 16) || !m->value_size)
		return -EINVAL;
	if (m->value_size > (large ? UINT16_MAX : PAGE))
		return -E2BIG;
	if (!only(m, MUE_MAP_F_NUMA_NODE | FD_ACCESS | PROG_ACCESS) || m->max_entries)
		return -EINVAL;
	return m->value_size > UINT16_MAX / 2 ? 1 : 0;
}

/* C15 */
static int check_ring(const struct mue_map *m)
{
	uint32_t n = m->max_entries;

	if (m->flags & ~MUE_MAP_F_NUMA_NODE)
		return m->flags >> 17 ? 1 : -EINVAL; /* newer kernels know a bit up there */
	if (m->key_size || m->value_size || n < PAGE || n & (n - 1))
		return -EINVAL;
	return n > 1 << 20 ? 1 : 0;
}

static int check_arena(const struct mue_world *w, const struct mue_map *m)
{
	if (!w->jit || m->flags != MUE_MAP_F_MMAPABLE || m->max_entries > 4096)
		return 1;
	return m->key_size || m->value_size || !m->max_entries ? -EINVAL : 0;
}

static int check_insn_array(const struct mue_map *m)
{
	if (m->key_size != 4 || m->value_size != 16 || !m->max_entries || m->flags)
		return -EINVAL;
	return m->max_entries > 4096 ? 1 : 0;
}

int model_create_other(const struct mue_world *w, const struct mue_case *c, const struct mue_map *m)
{
	switch (m->type) {
	case MUE_MAP_QUEUE:
	case MUE_MAP_STACK:
	case MUE_MAP_BLOOM_FILTER:
		return check_queue(m);
	case MUE_MAP_PROG_ARRAY:
	case MUE_MAP_PERF_EVENT_ARRAY:
	case MUE_MAP_CGROUP_ARRAY:
		return check_fd_array(m);
	case MUE_MAP_ARRAY_OF_MAPS:
		return check_outer_array(c, m);
	case MUE_MAP_HASH_OF_MAPS:
		return check_outer_hash(w, c, m);
	case MUE_MAP_STACK_TRACE:
		return check_stack_trace(m);
	case MUE_MAP_DEVMAP:
	case MUE_MAP_DEVMAP_HASH:
	case MUE_MAP_CPUMAP:
	case MUE_MAP_XSKMAP:
	case MUE_MAP_REUSEPORT_SOCKARRAY:
		return check_target(w, m);
	case MUE_MAP_SK_STORAGE:
	case MUE_MAP_INODE_STORAGE:
	case MUE_MAP_TASK_STORAGE:
	case MUE_MAP_CGRP_STORAGE:
		return check_storage(m);
	case MUE_MAP_CGROUP_STORAGE:
	case MUE_MAP_PERCPU_CGROUP_STORAGE:
		return check_cgroup_storage(w, m);
	case MUE_MAP_RINGBUF:
	case MUE_MAP_USER_RINGBUF:
		return check_ring(m);
	case MUE_MAP_ARENA:
		return check_arena(w, m);
	case MUE_MAP_INSN_ARRAY:
		return check_insn_array(m);
	case MUE_MAP_STRUCT_OPS:
		return -EINVAL; /* for want of a BTF type of the kernel's */
	}
	return 1;
}
