#include <errno.h>
#include <string.h>
#include <time.h>
#include <bpf/bpf.h>

#include "runners/kernel/host.h"
#include "runners/kernel/socks.h"

/* A user-side call and where its bytes are. */
struct call {
	struct mue_host *h;
	const struct mue_host_setup *u;
	const struct mue_map *m;
	const struct mue_host_map *map;
	const struct mue_op *op;
	int key_fd, value_fd; /* of objects */
	size_t room;  /* of one value as bpf(2) copies it */
	uint8_t *key; /* NULL for maps without keys */
	uint8_t *value;
	struct mue_observation *o;
	struct mue_result *r;
};

static bool per_cpu(const struct mue_map *m)
{
	const struct mue_map_type_row *type = mue_map_type_row(m->type);

	return type && type->per_cpu;
}

void mue_host_put_value(const struct mue_host *h, const struct mue_map *m, const struct mue_op *op,
			uint8_t *to, uint32_t n)
{
	uint32_t copies = per_cpu(m) ? h->cpus : 1, size = m->value_size;
	size_t stride = mue_host_value_room(h, m) / copies;

	for (uint32_t cpu = 0; cpu < copies; cpu++, to += stride) {
		mue_bytes_resolve(&op->value, to, size);
		mue_bytes_count_up(to, size, mue_special_size(m->special), n + cpu * MUE_CPU_STEP);
		memset(to + size, 0, stride - size);
	}
}

void mue_host_put_key(const struct mue_map *m, const struct mue_op *op, uint8_t *to, uint32_t n)
{
	mue_bytes_resolve(&op->key, to, m->key_size);
	mue_bytes_count_up(to, m->key_size, m->type == MUE_MAP_LPM_TRIE ? 4 : 0, n);
}

static void put_fd(uint8_t *to, struct mue_fd_place place, int fd)
{
	const int64_t wide = fd;

	memcpy(to + place.at, &wide, place.size);
}

/* Writes the key and value of repetition n, to the place of the i-th. */
static void put(const struct call *k, uint32_t i, uint32_t n)
{
	/* Types without keys have no room for one. */
	uint8_t *key = k->key ? k->key + (size_t)i * k->m->key_size : NULL;
	uint8_t *value = k->value ? k->value + i * k->room : NULL;

	if (k->key)
		mue_host_put_key(k->m, k->op, key, n);
	if (k->op->key_object)
		put_fd(key, MUE_KEY_FD_PLACE, k->key_fd);
	if (mue_op_has_value(k->op->kind))
		mue_host_put_value(k->h, k->m, k->op, value, n);
	if (k->op->value_object)
		put_fd(value, mue_value_fd_place(k->m), k->value_fd);
	if (k->op->kind == MUE_OP_UPDATE && mue_map_holds_socks(k->m->type))
		mue_host_socks_put(k->h, value, k->m->value_size);
}

/*
 * An object whose last value is going, with a map that an earlier case has closed, takes none meanwhile:
 * EAGAIN, which is about that map, not about this one (G2).
 */
static int update_elem(const struct call *k)
{
	const struct timespec pause = {.tv_nsec = 1000 * 1000};
	int err, tries = 0;

	do {
		err = bpf_map_update_elem(k->map->fd, k->key, k->value, k->op->flags);
	} while (err == -EAGAIN && mue_map_has_owners(k->m->type) &&
		 ++tries < MUE_HOST_AGAIN_MAX && !nanosleep(&pause, NULL));
	return err;
}

static bool update(struct call *k)
{
	for (uint32_t i = 0; i < k->op->times; i++) {
		put(k, 0, i);
		k->r->ret = update_elem(k);
		k->r->failed += k->r->ret != 0;
	}
	k->r->times = k->op->times;
	return true;
}

static bool delete (struct call *k)
{
	put(k, 0, 0);
	k->r->ret = bpf_map_delete_elem(k->map->fd, k->key);
	k->r->failed = k->r->ret != 0;
	return true;
}

/* Moves the values of all CPUs together, or leaves that of one, where it was asked for. */
static size_t pack(const struct call *k)
{
	size_t size = k->m->value_size, stride = k->room / k->h->cpus;

	if (!per_cpu(k->m) || k->op->flags & MUE_UPDATE_CPU)
		return size;
	for (uint32_t cpu = 1; cpu < k->h->cpus; cpu++)
		memmove(k->value + cpu * size, k->value + cpu * stride, size);
	return size * k->h->cpus;
}

static void observe(struct call *k)
{
	k->r->has_value = !k->r->ret;
	if (!k->r->has_value)
		return;
	mue_host_object_numbers(k->h, k->u, k->m, k->value);
	if (mue_map_holds_socks(k->m->type))
		mue_host_socks_get(k->h, (uint64_t *)k->value);
	mue_observe_blob(k->o, &k->r->value, k->value, pack(k));
}

static bool lookup(struct call *k)
{
	put(k, 0, 0);
	k->r->ret = bpf_map_lookup_elem_flags(k->map->fd, k->key, k->value, k->op->flags);
	observe(k);
	return true;
}

static bool lookup_and_delete(struct call *k)
{
	put(k, 0, 0);
	k->r->ret = bpf_map_lookup_and_delete_elem_flags(k->map->fd, k->key, k->value,
							 k->op->flags);
	observe(k);
	return true;
}

static bool contains(struct call *k)
{
	put(k, 0, 0);
	k->r->ret = bpf_map_lookup_elem_flags(k->map->fd, k->key, k->value, k->op->flags);
	return true;
}

static bool batch(struct call *k)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts, .elem_flags = k->op->flags);
	uint32_t n = k->op->times;

	for (uint32_t i = 0; i < n; i++)
		put(k, i, i);
	k->r->ret = bpf_map_update_batch(k->map->fd, k->key, k->value, &n, &opts);
	k->r->times = n;
	return true;
}

static bool freeze(struct call *k)
{
	k->r->ret = bpf_map_freeze(k->map->fd);
	return true;
}

static bool digest(struct call *k)
{
	const struct mue_map_type_row *type = mue_map_type_row(k->m->type);
	uint64_t sum;
	int err;

	if (!type || type->class != MUE_CLASS_PLAIN)
		return mue_host_fail(k->o, MUE_UNSUPPORTED, "a %s map has no contents to digest",
				     type ? type->name : "unknown");
	err = mue_host_digest(k->h, k->m, k->map->plain_fd, &sum);
	if (err)
		return mue_host_broken(k->o, "reading a map", err);
	k->r->ret = sum;
	return true;
}

static bool (*const calls[MUE_OP_KINDS])(struct call *k) = {
	[MUE_OP_UPDATE] = update, [MUE_OP_DELETE] = delete, [MUE_OP_LOOKUP] = lookup,
	[MUE_OP_BATCH] = batch,	  [MUE_OP_FREEZE] = freeze, [MUE_OP_DIGEST] = digest,
	[MUE_OP_LOOKUP_AND_DELETE] = lookup_and_delete,	    [MUE_OP_CONTAINS] = contains,
};

/* Memory for the call's keys and values. */
static bool get_rooms(struct call *k)
{
	uint32_t n = k->op->kind == MUE_OP_BATCH ? k->op->times : 1;
	uint64_t bytes = (uint64_t)n * (k->m->key_size + k->room);

	if (bytes > MUE_HOST_CALL_BYTES_MAX)
		return mue_host_fail(k->o, MUE_UNSUPPORTED,
				     "a call with %ju MiB of keys and values",
				     (uintmax_t)bytes >> 20);
	/* Maps of descriptors are copied as 8 bytes at most, whatever their value's size. */
	k->value = mue_host_room(&k->h->values, n * k->room + 8);
	k->key = mue_host_room(&k->h->keys, (size_t)n * k->m->key_size + 1);
	if (!k->key || !k->value)
		return mue_host_fail(k->o, MUE_BROKEN, "out of memory");
	if (!k->m->key_size)
		k->key = NULL;
	return true;
}

static bool get_objects(struct call *k)
{
	const struct mue_op *op = k->op;

	if (op->key_object && !mue_host_object(k->h, k->u, op->key_object, 0, &k->key_fd, k->o))
		return false;
	return !op->value_object ||
	       mue_host_object(k->h, k->u, op->value_object, op->map2, &k->value_fd, k->o);
}

static bool user_call(struct mue_host *h, const struct mue_host_setup *u, const struct mue_case *c,
		      uint32_t op, struct mue_observation *o)
{
	const struct mue_op *p = &c->ops[op];
	struct call k = {
		.h = h, .u = u, .op = p, .m = &c->maps[p->map], .map = &u->maps[p->map], .o = o};

	k.r = &o->ops[op];
	k.room = mue_host_value_room(h, k.m);
	k.r->known = k.r->times = 1;
	return get_rooms(&k) && get_objects(&k) && calls[p->kind](&k);
}

bool mue_host_user_op(struct mue_host *h, const struct mue_host_setup *u, const struct mue_case *c,
		      uint32_t op, struct mue_observation *o)
{
	const struct mue_op *p = &c->ops[op];

	if (mue_op_is_sock(p->kind)) {
		o->ops[op].known = o->ops[op].times = 1;
		return mue_host_socks_op(h, c, p, o);
	}
	return user_call(h, u, c, op, o);
}
