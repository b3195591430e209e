/*
 * Maps of the types that programs cannot pass to the helper, or only with a socket. A case
 * needs them to exist, so that the checker can refuse; nobody reads or writes them.
 */
#include <errno.h>
#include <stdlib.h>

#include "runners/emulator/maps/kinds.h"

/* Those described by BTF, which no case has for them, are refused. */
static int opaque_check(const struct mue_world *w, const struct emu_map_attr *attr)
{
	switch (attr->type) {
	case MUE_MAP_STRUCT_OPS:
	case MUE_MAP_SK_STORAGE:
	case MUE_MAP_INODE_STORAGE:
	case MUE_MAP_TASK_STORAGE:
	case MUE_MAP_CGRP_STORAGE:
		return -EINVAL;
	}
	return 0;
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
	return -EOPNOTSUPP;
}

static int opaque_user_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			      uint64_t flags)
{
	return -EOPNOTSUPP;
}

static int opaque_user_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	return -EOPNOTSUPP;
}

static int opaque_next_key(struct emu_map *m, const void *key, void *next)
{
	return -ENOENT;
}

const struct emu_map_ops emu_opaque_ops = {
	.check = opaque_check,
	.alloc = opaque_alloc,
	.reset = opaque_reset,
	.free = opaque_free,
	.user_lookup = opaque_user_lookup,
	.user_update = opaque_user_update,
	.user_delete = opaque_user_delete,
	.next_key = opaque_next_key,
};
