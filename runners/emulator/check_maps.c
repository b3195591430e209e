/* Which programs may use which maps at all: what kernels check when a program names a map. */
#include "runners/emulator/check.h"

struct check_map check_map_of(const struct emu_checker *k, uint32_t number)
{
	const struct emu_object *o = &k->vm->objects[number];
	const struct emu_map_attr *a;

	switch (o->kind) {
	case EMU_OBJECT_MAP:
		a = &o->map->attr;
		return (struct check_map){a->type,	  a->key_size, a->value_size,
					  a->max_entries, a->flags,    a->special};
	case EMU_OBJECT_OUTER:
		return (struct check_map){MUE_MAP_ARRAY_OF_MAPS, 4, 4, 1, 0, 0};
	case EMU_OBJECT_TAILS:
		return (struct check_map){MUE_MAP_PROG_ARRAY, 4, 4, 1, 0, 0};
	default:
		return (struct check_map){MUE_MAP_RINGBUF, 0, 0, o->ring_size, 0, 0};
	}
}

static bool is_tracing(const struct emu_checker *k)
{
	if (k->load->prog_type == MUE_PROG_RAW_TRACEPOINT_WRITABLE &&
	    !check_has(k, MUE_CHANGE_RAW_TP_WRITABLE_TRACING))
		return false;
	return mue_prog_type_row(k->load->prog_type)->flags & MUE_PROG_F_TRACING;
}

static int check_special(struct emu_checker *k, const struct check_map *m)
{
	bool lock = mue_special_rows[m->special].lock;
	bool resilient = m->special == MUE_SPECIAL_RES_SPIN_LOCK;
	bool later = m->special == MUE_SPECIAL_TIMER || m->special == MUE_SPECIAL_WQ;

	if (resilient && is_tracing(k) && !check_has(k, MUE_CHANGE_TRACING_RES_SPIN_LOCK))
		return check_refuse(k, -EINVAL, "tracing programs cannot use this lock yet");
	if (resilient && k->load->prog_type == MUE_PROG_SOCKET_FILTER)
		return check_refuse(k, -EINVAL, "socket filters cannot use this lock yet");
	if (lock && (is_tracing(k) || k->load->prog_type == MUE_PROG_SOCKET_FILTER))
		return check_refuse(k, -EINVAL,
				    "programs of this type cannot use bpf_spin_lock yet");
	if (lock && k->load->sleepable && k->vm->world.version >= MUE_VERSION(5, 11) &&
	    !check_has(k, MUE_CHANGE_SLEEPABLE_SPIN_LOCK))
		return check_refuse(k, -EINVAL, "sleepable programs cannot use bpf_spin_lock yet");
	if (later && is_tracing(k) && !check_has(k, MUE_CHANGE_TRACING_TIMER))
		return check_refuse(k, -EINVAL, "tracing programs cannot use this field yet");
	return 0;
}

static bool sleepable_may(const struct emu_checker *k, const struct check_map *m)
{
	bool prealloc = !(m->flags & MUE_MAP_F_NO_PREALLOC);

	switch (m->type) {
	case MUE_MAP_HASH:
		return prealloc || check_has(k, MUE_CHANGE_SLEEPABLE_NO_PREALLOC);
	case MUE_MAP_LRU_HASH:
	case MUE_MAP_ARRAY:
	case MUE_MAP_ARENA:
	case MUE_MAP_RHASH:
		return true;
	case MUE_MAP_SK_STORAGE:
	case MUE_MAP_INODE_STORAGE:
	case MUE_MAP_TASK_STORAGE:
	case MUE_MAP_CGRP_STORAGE:
		return check_has(k, MUE_CHANGE_SLEEPABLE_STORAGE);
	case MUE_MAP_RINGBUF:
	case MUE_MAP_USER_RINGBUF:
		return check_has(k, MUE_CHANGE_SLEEPABLE_RINGBUF);
	case MUE_MAP_PERCPU_HASH:
	case MUE_MAP_LRU_PERCPU_HASH:
		return check_has(k, MUE_CHANGE_SLEEPABLE_PER_CPU) &&
		       (prealloc || check_has(k, MUE_CHANGE_SLEEPABLE_NO_PREALLOC));
	case MUE_MAP_PERCPU_ARRAY:
	case MUE_MAP_ARRAY_OF_MAPS:
	case MUE_MAP_HASH_OF_MAPS:
		return check_has(k, MUE_CHANGE_SLEEPABLE_PER_CPU);
	case MUE_MAP_QUEUE:
	case MUE_MAP_STACK:
		return check_has(k, MUE_CHANGE_SLEEPABLE_QUEUE);
	case MUE_MAP_LPM_TRIE:
		return check_has(k, MUE_CHANGE_SLEEPABLE_LPM);
	case MUE_MAP_PROG_ARRAY:
		return check_has(k, MUE_CHANGE_SLEEPABLE_TAIL_CALL);
	default:
		return false;
	}
}

/* Hashes that allocate when they are updated. */
static bool allocates(const struct check_map *m)
{
	return (m->type == MUE_MAP_HASH || m->type == MUE_MAP_PERCPU_HASH) &&
	       m->flags & MUE_MAP_F_NO_PREALLOC;
}

int check_object(struct emu_checker *k, uint32_t number)
{
	struct check_map m, inner = {0};
	int err;

	if (number >= EMU_OBJECTS_MAX || k->vm->objects[number].kind == EMU_OBJECT_NONE)
		return check_refuse(k, -EBADF, "no map %u", number);
	m = check_map_of(k, number);
	if (m.type == MUE_MAP_ARRAY_OF_MAPS && k->vm->objects[number].kind == EMU_OBJECT_OUTER)
		inner = check_map_of(k, k->vm->objects[number].inner);
	if (k->load->prog_type == MUE_PROG_PERF_EVENT && (allocates(&m) || allocates(&inner)) &&
	    !check_has(k, MUE_CHANGE_PERF_EVENT_NO_PREALLOC))
		return check_refuse(k, -EINVAL,
				    "perf_event programs can only use preallocated maps");
	err = check_special(k, &m);
	if (err)
		return err;
	if (m.type == MUE_MAP_STRUCT_OPS || m.type == MUE_MAP_ARENA)
		return check_refuse(k, -EINVAL, "this map cannot be used in a program");
	if (k->load->sleepable &&
	    (!sleepable_may(k, &m) ||
	     (allocates(&inner) && !check_has(k, MUE_CHANGE_SLEEPABLE_NO_PREALLOC))))
		return check_refuse(k, -EINVAL, "sleepable programs cannot use map_type %u",
				    m.type);
	return 0;
}
