/* Arrays of programs, events, cgroups and maps, and the hash of maps. */
#include <errno.h>

#include "runners/emulator/maps/slots.h"

#define ENOTSUPP 524

static struct emu_map *fd_array_alloc(const struct mue_world *w, const struct emu_map_attr *a)
{
	return emu_slots_alloc(&emu_fd_array_ops, w, a);
}

static struct emu_map *hash_of_maps_alloc(const struct mue_world *w, const struct emu_map_attr *a)
{
	return emu_slots_alloc(&emu_hash_of_maps_ops, w, a);
}

/* The array belongs to the first program it ever held: others must be like it. */
static int get_program(struct emu_map *m)
{
	struct emu_slots *s = emu_slots_of(m);
	const struct mue_object_row *program = &mue_object_rows[m->names.value], *owner;

	if (program->kind != MUE_OBJECT_KIND_PROG)
		return -EINVAL;
	if (!s->owner)
		s->owner = m->names.value;
	owner = &mue_object_rows[s->owner];
	if (owner->prog_type != program->prog_type)
		return -EINVAL;
	if (mue_world_has(&m->world, MUE_CHANGE_TAIL_CALL_ATTACH_TYPE) &&
	    owner->attach_type != program->attach_type)
		return -EINVAL;
	return 0;
}

/* What kernels once knew of a map's timer: there is one, its BTF has none, there is no BTF. */
enum timer { TIMER, NO_TIMER, NO_BTF };

static enum timer timer_of(uint32_t special)
{
	if (special == MUE_SPECIAL_NONE)
		return NO_BTF;
	return special == MUE_SPECIAL_TIMER ? TIMER : NO_TIMER;
}

static uint32_t field_of(uint32_t special)
{
	return special == MUE_SPECIAL_BTF ? MUE_SPECIAL_NONE : special;
}

static bool same_fields(const struct mue_world *w, uint32_t a, uint32_t b)
{
	if (mue_world_has(w, MUE_CHANGE_INNER_SPECIAL_FIELDS))
		return field_of(a) == field_of(b);
	return w->version < MUE_VERSION(5, 15) ||
	       (timer_of(a) == timer_of(b) && (a == MUE_SPECIAL_KPTR) == (b == MUE_SPECIAL_KPTR));
}

/* Whether lookups in one map can be compiled as if it were the other. */
static bool can_replace(const struct mue_world *w, const struct emu_map_attr *a,
			const struct emu_map_attr *b)
{
	const uint32_t of_descriptor = MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY;
	bool sized = a->type == MUE_MAP_XSKMAP ||
		     (a->type == MUE_MAP_PERCPU_ARRAY &&
		      mue_world_has(w, MUE_CHANGE_INNER_PERCPU_ARRAY_SIZED)) ||
		     (a->type == MUE_MAP_ARRAY && !(a->flags & MUE_MAP_F_INNER_MAP));

	return a->type == b->type && a->key_size == b->key_size &&
	       a->value_size == b->value_size && !((a->flags ^ b->flags) & ~of_descriptor) &&
	       same_fields(w, a->special, b->special) && (!sized || a->max_entries == b->max_entries);
}

static int get_map(struct emu_map *m)
{
	if (m->names.value != MUE_OBJECT_MAP)
		return -EINVAL;
	return can_replace(&m->world, &m->attr.inner->attr, &m->names.map->attr) ? 0 : -EINVAL;
}

/* What taking the descriptor gives. */
static int get(struct emu_map *m)
{
	if (m->attr.type == MUE_MAP_PERF_EVENT_ARRAY)
		return m->names.value == MUE_OBJECT_EVENT ? 0 : -EBADF;
	if (m->attr.type == MUE_MAP_CGROUP_ARRAY)
		return m->names.value == MUE_OBJECT_CGROUP ? 0 : -EBADF;
	if (m->names.value == MUE_OBJECT_CLOSED || m->names.value == MUE_OBJECT_NO_FD)
		return -EBADF;
	return m->attr.type == MUE_MAP_PROG_ARRAY ? get_program(m) : get_map(m);
}

static int fd_array_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			   uint64_t flags)
{
	int err;

	if (flags != 0)
		return -EINVAL;
	if (emu_slots_index(key) >= m->attr.max_entries)
		return -E2BIG;
	err = get(m);
	return err ? err : emu_slots_put(m, key, value);
}

static int fd_array_lookup(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	if (m->attr.type == MUE_MAP_PERF_EVENT_ARRAY || m->attr.type == MUE_MAP_CGROUP_ARRAY)
		return -ENOTSUPP; /* their objects have no ids */
	return emu_slots_lookup(m, cpu, key, value);
}

static int fd_array_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	if (emu_slots_index(key) >= m->attr.max_entries)
		return -E2BIG;
	return emu_slots_delete(m, cpu, key);
}

const struct emu_map_ops emu_fd_array_ops =
	EMU_SLOTS_OPS(fd_array_alloc, fd_array_lookup, fd_array_update, fd_array_delete);

static int hash_of_maps_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			       uint64_t flags)
{
	int err = get(m);

	if (err)
		return err;
	if (flags > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (emu_slots_find(m, key)) {
		if (flags == MUE_UPDATE_NOEXIST)
			return -EEXIST;
	} else {
		if (flags == MUE_UPDATE_EXIST)
			return -ENOENT;
		if (emu_slots_of(m)->used >= m->attr.max_entries)
			return -E2BIG;
	}
	return emu_slots_put(m, key, value);
}

const struct emu_map_ops emu_hash_of_maps_ops =
	EMU_SLOTS_OPS(hash_of_maps_alloc, emu_slots_lookup, hash_of_maps_update, emu_slots_delete);
