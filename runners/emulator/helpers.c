#include <errno.h>
#include <string.h>

#include "runners/emulator/machine.h"

/* An id that deals as pid and tgid: a run has no process, and is let in by every filter on 0. */
#define EMU_PID_TGID 0

static struct emu_map *map_at(struct emu_run *x, uint64_t pointer)
{
	struct emu_object *o = emu_object_at(x->vm, pointer);

	return o && o->kind == EMU_OBJECT_MAP ? o->map : NULL;
}

/* The pointer that a program gets to `p`, which lies in the memory of the map at `map`. */
static uint64_t value_pointer(const struct emu_map *m, uint64_t map, const void *p)
{
	return map + (1ull << EMU_REGION_SHIFT) + (uint64_t)((const uint8_t *)p - m->memory);
}

static uint64_t outer_lookup(struct emu_run *x, const struct emu_object *o, uint64_t key)
{
	const void *at = emu_at(x->vm, key, 4, EMU_READ);
	uint32_t index;

	if (!at)
		return emu_fail(x, -EFAULT);
	memcpy(&index, at, 4);
	return index == 0 ? emu_object_pointer(o->inner) : 0;
}

static uint64_t help_map_lookup_elem(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
				     uint64_t r4, uint64_t r5)
{
	struct emu_object *o = emu_object_at(x->vm, r1);
	const void *key;
	void *value;

	if (o && o->kind == EMU_OBJECT_OUTER)
		return outer_lookup(x, o, r2);
	if (!o || o->kind != EMU_OBJECT_MAP)
		return emu_fail(x, -EINVAL);
	if (!o->map->ops->lookup)
		return emu_fail(x, -EOPNOTSUPP);
	key = emu_at(x->vm, r2, o->map->attr.key_size, EMU_READ);
	if (!key)
		return emu_fail(x, -EFAULT);
	value = o->map->ops->lookup(o->map, x->cpu, key);
	if (mue_map_holds_socks(o->map->attr.type))
		return emu_sock_pointer(x->vm, value);
	return value ? value_pointer(o->map, r1, value) : 0;
}

static uint64_t help_map_update_elem(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
				     uint64_t r4, uint64_t r5)
{
	struct emu_map *m = map_at(x, r1);
	const void *key, *value;

	if (!m)
		return emu_fail(x, -EINVAL);
	if (!m->ops->update)
		return emu_fail(x, -EOPNOTSUPP);
	key = emu_at(x->vm, r2, m->attr.key_size, EMU_READ);
	value = mue_map_holds_socks(m->attr.type) ? emu_sock_at(x->vm, r3)
						  : emu_at(x->vm, r3, m->attr.value_size, EMU_READ);
	if (!key || !value)
		return emu_fail(x, -EFAULT);
	return (uint64_t)m->ops->update(m, x->cpu, key, value, r4);
}

static uint64_t help_map_delete_elem(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
				     uint64_t r4, uint64_t r5)
{
	struct emu_map *m = map_at(x, r1);
	const void *key;

	if (!m)
		return emu_fail(x, -EINVAL);
	if (!m->ops->delete)
		return emu_fail(x, -EOPNOTSUPP);
	key = emu_at(x->vm, r2, m->attr.key_size, EMU_READ);
	if (!key)
		return emu_fail(x, -EFAULT);
	return (uint64_t)m->ops->delete (m, x->cpu, key);
}

/* Time stands still, so that asking twice answers twice the same. */
static uint64_t help_ktime_get_ns(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
				  uint64_t r4, uint64_t r5)
{
	return 1;
}

static uint64_t help_get_prandom_u32(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
				     uint64_t r4, uint64_t r5)
{
	return 4;
}

static uint64_t help_get_smp_processor_id(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
					  uint64_t r4, uint64_t r5)
{
	return x->cpu;
}

static uint64_t help_get_current_pid_tgid(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
					  uint64_t r4, uint64_t r5)
{
	return EMU_PID_TGID;
}

/* The interpreter does it, since it changes where control goes. */
static uint64_t help_tail_call(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
			       uint64_t r4, uint64_t r5)
{
	return emu_fail(x, -EINVAL);
}

/*
 * Nobody consumes: a record stays, so the producer never wraps round. A record is an 8-byte
 * header and its data, rounded up to 8.
 */
static uint64_t help_ringbuf_reserve(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
				     uint64_t r4, uint64_t r5)
{
	struct emu_object *o = emu_object_at(x->vm, r1);
	uint32_t at;

	if (!o || o->kind != EMU_OBJECT_RINGBUF)
		return emu_fail(x, -EINVAL);
	/* One byte of the ring always stays free. */
	if (r3 || r2 >= o->ring_size || ((r2 + 15) & ~7ull) > o->ring_size - 1 - o->ring_at)
		return 0;
	at = o->ring_at + 8;
	o->ring_at += (uint32_t)(r2 + 15) & ~7u;
	return r1 + (1ull << EMU_REGION_SHIFT) + at;
}

static uint64_t help_ringbuf_submit(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
				    uint64_t r4, uint64_t r5)
{
	return 0;
}

static uint64_t help_ringbuf_discard(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
				     uint64_t r4, uint64_t r5)
{
	return 0;
}

static uint64_t help_loop(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
			  uint64_t r5)
{
	const struct emu_prog *p = x->frames[x->depth].prog;
	uint64_t func = r2 - emu_pointer(EMU_REGION_FUNCS, 0);
	uint32_t n = (uint32_t)r1, i;

	if (func >= p->n)
		return emu_fail(x, -EINVAL);
	if (r4)
		return (uint64_t)-EINVAL;
	if (n > EMU_LOOPS_MAX)
		return (uint64_t)-E2BIG;
	for (i = 0; i < n && !x->status;) {
		uint64_t stop = emu_call_back(x, p, func, (uint64_t[5]){i, r3});

		i++;
		if (stop)
			break;
	}
	return i;
}

/* Any namespace is ours, and no flags are known. */
static uint64_t look_up(struct emu_run *x, uint64_t tuple, uint64_t size, uint64_t flags,
			enum mue_sock_proto proto, bool common)
{
	struct mue_sock_tuple t;
	const void *at = emu_at(x->vm, tuple, size, EMU_READ);

	if (!at)
		return emu_fail(x, -EFAULT);
	if (size != sizeof(t) || flags || !x->vm->socks)
		return 0;
	memcpy(&t, at, sizeof(t));
	return emu_sock_pointer(x->vm, emu_socks_find(x->vm->socks, &t, proto, common));
}

static uint64_t help_sk_lookup_tcp(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
				   uint64_t r4, uint64_t r5)
{
	return look_up(x, r2, r3, r5, MUE_SOCK_PROTO_TCP, false);
}

static uint64_t help_sk_lookup_udp(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
				   uint64_t r4, uint64_t r5)
{
	return look_up(x, r2, r3, r5, MUE_SOCK_PROTO_UDP, false);
}

static uint64_t help_skc_lookup_tcp(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
				    uint64_t r4, uint64_t r5)
{
	return look_up(x, r2, r3, r5, MUE_SOCK_PROTO_TCP, true);
}

/* Sockets stay where they are as long as a program runs. */
static uint64_t help_sk_release(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3,
				uint64_t r4, uint64_t r5)
{
	return emu_sock_at(x->vm, r1) ? 0 : emu_fail(x, -EFAULT);
}

/* NULL for what is not TCP. */
static uint64_t help_tcp_sock(struct emu_run *x, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4,
			      uint64_t r5)
{
	const struct emu_sock *k = emu_sock_at(x->vm, r1);

	if (!k)
		return emu_fail(x, -EFAULT);
	return k->proto == MUE_SOCK_PROTO_TCP && !k->remainder ? r1 : 0;
}

emu_helper_fn *emu_helper_of(int32_t id)
{
	switch (id) {
#define EMU_HELPER(number, name, ...) \
	case number:                  \
		return help_##name;
#include "runners/emulator/helpers.def"
#undef EMU_HELPER
	default:
		return NULL;
	}
}
