/*
 * Maps of the types that nobody updates, or only with a socket. A case needs them to exist, so
 * that the checker can refuse, and bpf(2).
 */
#include <errno.h>
#include <stdlib.h>

#include "runners/emulator/maps/kinds.h"

#define ENOTSUPP 524

/* What bpf(2) is told about each. Types without a row are never asked. */
static const struct refusal {
	uint32_t type;
	int update, lookup, delete;
} refusals[] = {
	{MUE_MAP_STACK_TRACE, -EINVAL, -ENOENT, -ENOENT},
	{MUE_MAP_CGROUP_STORAGE, -ENOENT, -ENOENT, -EINVAL},
	{MUE_MAP_PERCPU_CGROUP_STORAGE, -ENOENT, -ENOENT, -EINVAL},
	{MUE_MAP_RINGBUF, -ENOTSUPP, -ENOTSUPP, -ENOTSUPP},
	{MUE_MAP_USER_RINGBUF, -ENOTSUPP, -ENOTSUPP, -ENOTSUPP},
	{MUE_MAP_ARENA, -EOPNOTSUPP, -EINVAL, -EOPNOTSUPP},
};

static const struct refusal *refusal_of(const struct emu_map *m)
{
	static const struct refusal none = {0, -EOPNOTSUPP, -EOPNOTSUPP, -EOPNOTSUPP};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
		if (refusals[i].type == m->attr.type)
			return &refusals[i];
	return &none;
}

static struct emu_map *opaque_alloc(const struct mue_world *w, const struct emu_map_attr *attr)
{
	struct emu_map *m = calloc(1, sizeof(*m));

	if (m)
		emu_map_init(m, &emu_opaque_ops, w, attr);
	return m;
}

static void opaque_reset(struct emu_map *m)
{
	m->frozen = false;
}

static void opaque_free(struct emu_map *m)
{
	free(m);
}

static int opaque_user_lookup(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	return refusal_of(m)->lookup;
}

/* Elements of cgroup storage come with an attached program: there are none to update. */
static int opaque_user_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			      uint64_t flags)
{
	bool per_cpu = m->attr.type == MUE_MAP_PERCPU_CGROUP_STORAGE;
	uint64_t known = MUE_UPDATE_EXIST;

	if (per_cpu && mue_world_has(&m->world, MUE_CHANGE_CPU_FLAGS))
		known |= UINT64_C(0xffffffff) << 32 | MUE_UPDATE_CPU | MUE_UPDATE_ALL_CPUS;
	if ((per_cpu || m->attr.type == MUE_MAP_CGROUP_STORAGE) && flags & ~known)
		return -EINVAL;
	return refusal_of(m)->update;
}

/* A stack trace's number is that of a bucket, of which there is a power of two. */
static int opaque_user_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	uint64_t buckets = 1;
	uint32_t index;

	if (m->attr.type != MUE_MAP_STACK_TRACE)
		return refusal_of(m)->delete;
	while (buckets < m->attr.max_entries)
		buckets *= 2;
	memcpy(&index, key, sizeof(index));
	return index < buckets ? -ENOENT : -E2BIG;
}

static int opaque_user_take(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	bool has = m->attr.type == MUE_MAP_STACK_TRACE &&
		   mue_world_has(&m->world, MUE_CHANGE_STACK_TRACE_TAKE);

	return has ? -ENOENT : -ENOTSUPP;
}

static int opaque_next_key(struct emu_map *m, const void *key, void *next)
{
	return -ENOENT;
}

const struct emu_map_ops emu_opaque_ops = {
	.check = emu_other_check,
	.alloc = opaque_alloc,
	.reset = opaque_reset,
	.free = opaque_free,
	.user_lookup = opaque_user_lookup,
	.user_update = opaque_user_update,
	.user_delete = opaque_user_delete,
	.user_take = opaque_user_take,
	.next_key = opaque_next_key,
};
