/* Storage with a socket, a file, a task or a cgroup, which the key's descriptor names; INSN_ARRAY. */
#include <errno.h>

#include "runners/emulator/maps/slots.h"

static struct emu_map *local_alloc(const struct mue_world *w, const struct emu_map_attr *a)
{
	return emu_slots_alloc(&emu_local_ops, w, a);
}

static bool is_socket(uint32_t object)
{
	return object >= MUE_OBJECT_UDP;
}

static int get_owner(const struct emu_map *m)
{
	const uint32_t object = m->names.key;

	if (object == MUE_OBJECT_CLOSED || object == MUE_OBJECT_NO_FD)
		return -EBADF;
	if (m->attr.type == MUE_MAP_SK_STORAGE)
		return is_socket(object) ? 0 : -ENOTSOCK;
	if (m->attr.type == MUE_MAP_TASK_STORAGE)
		return object == MUE_OBJECT_TASK ? 0 : -EBADF;
	if (m->attr.type == MUE_MAP_CGRP_STORAGE)
		return object == MUE_OBJECT_CGROUP ? 0 : -EBADF;
	return 0; /* every file has an inode */
}

static int local_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			uint64_t flags)
{
	const uint64_t mode = flags & ~(uint64_t)MUE_UPDATE_LOCK;
	bool present = emu_slots_find(m, key);
	int err = get_owner(m);

	if (err)
		return err;
	if (mode > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (present && mode == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (!present && mode == MUE_UPDATE_EXIST)
		return -ENOENT;
	return emu_slots_put(m, key, value);
}

static int local_lookup(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	int err = get_owner(m);

	return err ? err : emu_slots_lookup(m, cpu, key, value);
}

static int local_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	int err = get_owner(m);

	return err ? err : emu_slots_delete(m, cpu, key);
}

const struct emu_map_ops emu_local_ops =
	EMU_SLOTS_OPS(local_alloc, local_lookup, local_update, local_delete);

/* struct bpf_insn_array_value */
struct insn {
	uint32_t original, translated, compiled, pad;
};

static struct emu_map *insn_array_alloc(const struct mue_world *w, const struct emu_map_attr *a)
{
	return emu_slots_alloc(&emu_insn_array_ops, w, a);
}

/* User space says which instruction; where it went is the kernel's to say. */
static int insn_array_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			     uint64_t flags)
{
	struct insn insn;

	memcpy(&insn, value, sizeof(insn));
	if (emu_slots_index(key) >= m->attr.max_entries)
		return -E2BIG;
	if (flags & MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (insn.translated || insn.compiled)
		return -EINVAL;
	insn.pad = 0;
	return emu_slots_put(m, key, &insn);
}

static int insn_array_lookup(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	if (emu_slots_index(key) >= m->attr.max_entries)
		return -ENOENT;
	if (emu_slots_lookup(m, cpu, key, value))
		memset(value, 0, m->attr.value_size);
	return 0;
}

static int insn_array_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	return -EINVAL;
}

const struct emu_map_ops emu_insn_array_ops =
	EMU_SLOTS_OPS(insn_array_alloc, insn_array_lookup, insn_array_update, insn_array_delete);
