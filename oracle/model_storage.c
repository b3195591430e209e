/* Storage that lives with another object (semantics G), and the types that bpf(2) cannot update (N). */
#include <errno.h>
#include <string.h>

#include "oracle/model_map.h"

static bool is_open(unsigned object)
{
	return object != MUE_OBJECT_CLOSED && object != MUE_OBJECT_NO_FD;
}

/* G1: whether the key's descriptor is of what the map type stores with. */
static long check_owner(const struct model_map *m, unsigned object)
{
	if (!object)
		return MODEL_NO_RULE;
	switch (m->def->type) {
	case MUE_MAP_TASK_STORAGE:
		return object == MUE_OBJECT_TASK ? 0 : -EBADF;
	case MUE_MAP_CGRP_STORAGE:
		return object == MUE_OBJECT_CGROUP ? 0 : -EBADF;
	case MUE_MAP_INODE_STORAGE:
		return object == MUE_OBJECT_FILE ? 0 : is_open(object) ? MODEL_NO_RULE : -EBADF;
	}
	if (!is_open(object))
		return -EBADF;
	return object >= MUE_OBJECT_UDP ? 0 : -ENOTSOCK;
}

/* G2 */
static long update(struct model_map *m, const struct model_call *c)
{
	struct model_elem *e = model_find(m, c->key);
	const uint64_t mode = c->flags & ~(uint64_t)MUE_UPDATE_LOCK;
	const uint32_t skip = m->special_size;
	long err = check_owner(m, c->key_object);

	if (err)
		return err;
	if (mode > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (mode == MUE_UPDATE_NOEXIST && e)
		return -EEXIST;
	if (mode == MUE_UPDATE_EXIST && !e)
		return -ENOENT;
	if (!e) {
		e = model_new(m);
		memcpy(e->key, c->key, m->def->key_size);
		model_insert(m, e);
	}
	memcpy(e->value + skip, c->value + skip, m->def->value_size - skip);
	return 0;
}

static long lookup(struct model_map *m, const struct model_call *c, uint8_t *value)
{
	struct model_elem *e = model_find(m, c->key);
	long err = check_owner(m, c->key_object);

	if (err)
		return err;
	if (!e)
		return -ENOENT;
	memcpy(value, e->value, m->def->value_size);
	return 0;
}

static long delete(struct model_map *m, const struct model_call *c)
{
	struct model_elem *e = model_find(m, c->key);
	long err = check_owner(m, c->key_object);

	if (!err && e)
		model_remove(m, e);
	return err ? err : e ? 0 : -ENOENT;
}

const struct model_other model_storage = {NULL, update, lookup, delete, NULL};

/* G3: elements come with an attached program, which no case has. */
static long cgroup_update(struct model_map *m, const struct model_call *c)
{
	uint64_t known = MUE_UPDATE_EXIST;

	if (m->per_cpu && mue_world_has(m->world, MUE_CHANGE_CPU_FLAGS))
		known |= MUE_UPDATE_CPU | MUE_UPDATE_ALL_CPUS | ~(uint64_t)UINT32_MAX;
	return c->flags & ~known ? -EINVAL : -ENOENT;
}

static long absent(struct model_map *m, const struct model_call *c, uint8_t *value)
{
	return -ENOENT;
}

static long refuse_delete(struct model_map *m, const struct model_call *c)
{
	return -EINVAL;
}

const struct model_other model_cgroup_storage = {NULL, cgroup_update, absent, refuse_delete, NULL};

/* N1 */
static long einval(struct model_map *m, const struct model_call *c)
{
	return -EINVAL;
}

static long stack_delete(struct model_map *m, const struct model_call *c)
{
	uint32_t buckets = 1;

	while (buckets < m->def->max_entries)
		buckets *= 2;
	return model_index(c->key) >= buckets ? -E2BIG : -ENOENT;
}

static long stack_take(struct model_map *m, const struct model_call *c, uint8_t *value)
{
	return mue_world_has(m->world, MUE_CHANGE_STACK_TRACE_TAKE) ? -ENOENT : -MODEL_ENOTSUPP;
}

const struct model_other model_stack_trace = {NULL, einval, absent, stack_delete, stack_take};

/* N2 */
static long unsupported(struct model_map *m, const struct model_call *c)
{
	return -MODEL_ENOTSUPP;
}

static long unsupported_lookup(struct model_map *m, const struct model_call *c, uint8_t *value)
{
	return -MODEL_ENOTSUPP;
}

const struct model_other model_ringbuf = {NULL, unsupported, unsupported_lookup, unsupported, NULL};

/* N3 */
static long no_elements(struct model_map *m, const struct model_call *c)
{
	return -EOPNOTSUPP;
}

static long arena_lookup(struct model_map *m, const struct model_call *c, uint8_t *value)
{
	return -EINVAL;
}

const struct model_other model_arena = {NULL, no_elements, arena_lookup, no_elements, NULL};

/* N4 */
struct insn_value {
	uint32_t orig, xlated, jitted, pad;
};

static long insn_update(struct model_map *m, const struct model_call *c)
{
	struct insn_value v;
	struct model_elem *e = model_find(m, c->key);

	memcpy(&v, c->value, sizeof(v));
	if (model_index(c->key) >= m->def->max_entries)
		return -E2BIG;
	if (c->flags & MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (v.xlated || v.jitted)
		return -EINVAL;
	if (!e) {
		e = model_new(m);
		memcpy(e->key, c->key, m->def->key_size);
		model_insert(m, e);
	}
	memcpy(e->value, &v.orig, sizeof(v.orig));
	return 0;
}

static long insn_lookup(struct model_map *m, const struct model_call *c, uint8_t *value)
{
	struct model_elem *e = model_find(m, c->key);

	if (model_index(c->key) >= m->def->max_entries)
		return -ENOENT;
	if (e)
		memcpy(value, e->value, m->def->value_size);
	return 0;
}

const struct model_other model_insn_array = {NULL, insn_update, insn_lookup, refuse_delete, NULL};
