/*
 * Where programs send packets: devices, CPUs, AF_XDP sockets, sockets that share a port. There is the
 * loopback device, and as many CPUs as the world has.
 */
#include <errno.h>

#include "runners/emulator/maps/slots.h"

#define ENOTSUPP 524

#define DEVICE 1u
#define QUEUE_MAX 16384

#define ALLOC(name)                                                                           \
	static struct emu_map *name##_alloc(const struct mue_world *w,                        \
					    const struct emu_map_attr *a)                     \
	{                                                                                     \
		return emu_slots_alloc(&emu_##name##_ops, w, a);                              \
	}
ALLOC(devmap)
ALLOC(devmap_hash)
ALLOC(cpumap)
ALLOC(xskmap)
ALLOC(reuseport)

/* struct bpf_devmap_val, struct bpf_cpumap_val */
struct target {
	uint32_t what; /* a device, or the length of a queue */
	int32_t prog;
};

/* A value as the map keeps it: a descriptor below 1 is none. */
static struct target target_of(const struct emu_map *m, const void *value)
{
	struct target t = {0, 0};

	memcpy(&t, value, m->attr.value_size);
	if (t.prog <= 0 || m->names.value == MUE_OBJECT_NO_FD)
		t.prog = 0;
	return t;
}

/* The checks of an index that all arrays here begin with. */
static int check_slot(const struct emu_map *m, const void *key, uint64_t flags)
{
	if (flags > MUE_UPDATE_EXIST)
		return -EINVAL;
	return emu_slots_index(key) < m->attr.max_entries ? 0 : -E2BIG;
}

static int clear(struct emu_map *m, const void *key)
{
	emu_slots_delete(m, 0, key);
	return 0;
}

static int array_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	return emu_slots_index(key) < m->attr.max_entries ? clear(m, key) : -EINVAL;
}

static bool device_ok(const struct emu_map *m, const struct target *t)
{
	return t->what == DEVICE && (!t->prog || m->names.value == MUE_OBJECT_PROG_XDP_DEVMAP);
}

static int devmap_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			 uint64_t flags)
{
	struct target t = target_of(m, value);
	int err = check_slot(m, key, flags);

	if (err)
		return err;
	if (flags == MUE_UPDATE_NOEXIST)
		return -EEXIST; /* all elements exist */
	if (!t.what)
		return t.prog ? -EINVAL : clear(m, key);
	return device_ok(m, &t) ? emu_slots_put(m, key, &t) : -EINVAL;
}

static int devmap_hash_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			      uint64_t flags)
{
	struct target t = target_of(m, value);
	const struct emu_slot *old = emu_slots_find(m, key);

	if (flags > MUE_UPDATE_EXIST || !t.what)
		return -EINVAL;
	if (old && flags == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (!device_ok(m, &t))
		return -EINVAL;
	if (!old && emu_slots_of(m)->used == m->attr.max_entries)
		return -E2BIG;
	return emu_slots_put(m, key, &t);
}

/* An entry that could not be made: older kernels do not tell why. */
static int cpumap_refusal(const struct emu_map *m)
{
	if (!mue_world_has(&m->world, MUE_CHANGE_CPUMAP_SAYS_WHY))
		return -ENOMEM;
	return m->names.value == MUE_OBJECT_CLOSED ? -EBADF : -EINVAL;
}

static int cpumap_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			 uint64_t flags)
{
	struct target t = target_of(m, value);
	int err = check_slot(m, key, flags);

	if (err)
		return err;
	if (flags == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (t.what > QUEUE_MAX)
		return -EOVERFLOW;
	if (emu_slots_index(key) >= m->world.cpus)
		return -ENODEV;
	if (!t.what)
		return clear(m, key);
	if (t.prog && m->names.value != MUE_OBJECT_PROG_XDP_CPUMAP)
		return cpumap_refusal(m);
	return emu_slots_put(m, key, &t);
}

/* Whose descriptor it is, to those that look for a socket. */
static int get_socket(uint32_t object)
{
	switch (object) {
	case MUE_OBJECT_CLOSED:
	case MUE_OBJECT_NO_FD:
		return -EBADF;
	case MUE_OBJECT_UDP:
	case MUE_OBJECT_TCP:
	case MUE_OBJECT_UNIX:
	case MUE_OBJECT_XDP_SOCKET:
	case MUE_OBJECT_XDP_SOCKET_2:
	case MUE_OBJECT_UDP_REUSEPORT:
	case MUE_OBJECT_UDP_REUSEPORT_2:
	case MUE_OBJECT_TCP_REUSEPORT:
	case MUE_OBJECT_XDP_BARE:
		return 0;
	default:
		return -ENOTSOCK;
	}
}

static int check_presence(bool present, uint64_t flags)
{
	if (present && flags == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	return !present && flags == MUE_UPDATE_EXIST ? -ENOENT : 0;
}

static bool is_xdp(uint32_t object)
{
	return object == MUE_OBJECT_XDP_SOCKET || object == MUE_OBJECT_XDP_SOCKET_2 ||
	       object == MUE_OBJECT_XDP_BARE;
}

static int xskmap_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			 uint64_t flags)
{
	const struct emu_slot *old = emu_slots_find(m, key);
	int err = check_slot(m, key, flags);

	if (!err)
		err = get_socket(m->names.value);
	if (!err && !is_xdp(m->names.value))
		err = -EOPNOTSUPP;
	if (!err && m->names.value == MUE_OBJECT_XDP_BARE &&
	    mue_world_has(&m->world, MUE_CHANGE_XSKMAP_WANTS_RING))
		err = -ENOBUFS;
	if (!err && old && old->object == m->names.value)
		return 0; /* it is there, whatever the flags */
	if (!err)
		err = check_presence(old, flags);
	return err ? err : emu_slots_put(m, key, value);
}

static int xskmap_lookup(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	return -EOPNOTSUPP;
}

static bool holds(const struct emu_slots *s, uint32_t object)
{
	for (uint32_t i = 0; i < s->room; i++) {
		const struct emu_slot *e = (const void *)(s->slots + i * s->size);

		if (e->used && e->object == object)
			return true;
	}
	return false;
}

static int check_reuseport(struct emu_map *m)
{
	if (m->names.value == MUE_OBJECT_UNIX || is_xdp(m->names.value))
		return -ENOTSUPP;
	if (m->names.value == MUE_OBJECT_UDP || m->names.value == MUE_OBJECT_TCP)
		return -EINVAL; /* neither bound nor listening, and alone on its port */
	return holds(emu_slots_of(m), m->names.value) ? -EBUSY : 0;
}

static int reuseport_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			    uint64_t flags)
{
	int err = check_slot(m, key, flags);

	if (!err && m->attr.value_size == 8 && m->names.value == MUE_OBJECT_NO_FD)
		err = -EINVAL;
	if (!err)
		err = get_socket(m->names.value);
	if (!err)
		err = check_presence(emu_slots_find(m, key), flags);
	if (!err)
		err = check_reuseport(m);
	return err ? err : emu_slots_put(m, key, value);
}

static int reuseport_lookup(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	return m->attr.value_size == 8 ? emu_slots_lookup(m, cpu, key, value) : -ENOSPC;
}

static int reuseport_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	return emu_slots_index(key) < m->attr.max_entries ? emu_slots_delete(m, cpu, key) : -E2BIG;
}

const struct emu_map_ops emu_devmap_ops =
	EMU_SLOTS_OPS(devmap_alloc, emu_slots_lookup, devmap_update, array_delete);
const struct emu_map_ops emu_devmap_hash_ops =
	EMU_SLOTS_OPS(devmap_hash_alloc, emu_slots_lookup, devmap_hash_update, emu_slots_delete);
const struct emu_map_ops emu_cpumap_ops =
	EMU_SLOTS_OPS(cpumap_alloc, emu_slots_lookup, cpumap_update, array_delete);
const struct emu_map_ops emu_xskmap_ops =
	EMU_SLOTS_OPS(xskmap_alloc, xskmap_lookup, xskmap_update, array_delete);
const struct emu_map_ops emu_reuseport_ops =
	EMU_SLOTS_OPS(reuseport_alloc, reuseport_lookup, reuseport_update, reuseport_delete);
