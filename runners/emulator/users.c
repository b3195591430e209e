#include "runners/emulator/users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runners/emulator/maps/kinds.h"

/* Bytes of an array that are compared with zero at a time. */
#define ZERO_BLOCK 4096

void emu_users_free(struct emu_users *u)
{
	free(u->room);
}

/* At least n bytes of room, or NULL with o BROKEN. */
static uint8_t *room(struct emu_users *u, size_t n, struct mue_observation *o)
{
	uint8_t *more;

	if (u->room && n <= u->size)
		return u->room;
	n += !n; /* types without keys and values need a place, too */
	more = realloc(u->room, n);
	if (!more) {
		o->status = MUE_BROKEN;
		snprintf(o->why, MUE_WHY_MAX, "out of memory");
		return NULL;
	}
	u->room = more;
	u->size = n;
	return more;
}

/* One call on its way. */
struct call {
	struct emu_map *m;
	const struct mue_map *map;
	const struct mue_op *op;
	uint32_t cpu;
	uint8_t *key, *value;
};

/* The number of an object, where its descriptor would stand. */
static void put_number(uint8_t *to, struct mue_fd_place place, uint64_t number)
{
	memcpy(to + place.at, &number, place.size);
}

static void put_key(const struct call *k, uint8_t *to, uint32_t n)
{
	mue_bytes_resolve(&k->op->key, to, k->map->key_size);
	mue_bytes_count_up(to, k->map->key_size, k->map->type == MUE_MAP_LPM_TRIE ? 4 : 0, n);
	if (k->op->key_object)
		put_number(to, MUE_KEY_FD_PLACE, mue_object_number(k->op->key_object, 0));
}

/* The n-th value as the syscall takes it: of every CPU, padded by zeros, where the map is per CPU.
 */
static void put_value(const struct call *k, uint8_t *value, uint32_t n)
{
	uint8_t *to = value;
	uint64_t size = emu_user_value_size(k->m), step = k->m->stride;
	uint32_t at = mue_special_size(k->map->special);

	if (!mue_map_type_row(k->map->type)->per_cpu)
		step = size;
	for (uint64_t i = 0; i * step < size; i++, to += step) {
		memset(to + k->map->value_size, 0, step - k->map->value_size);
		mue_bytes_resolve(&k->op->value, to, k->map->value_size);
		mue_bytes_count_up(to, k->map->value_size, at, n + (uint32_t)i * MUE_CPU_STEP);
	}
	if (k->op->value_object)
		put_number(value, mue_value_fd_place(k->map),
			   mue_object_number(k->op->value_object, k->op->map2));
}

/* Takes the padding out of a value from the syscall; gives its length then. */
static size_t pack_value(const struct emu_map *m, uint8_t *value)
{
	uint64_t size = emu_user_value_size(m), packed = 0;

	if (!mue_map_type_row(m->attr.type)->per_cpu || m->stride == m->attr.value_size)
		return size;
	for (uint64_t at = 0; at < size; at += m->stride, packed += m->attr.value_size)
		memmove(value + packed, value + at, m->attr.value_size);
	return packed;
}

static void call_update(struct call *k, struct mue_observation *o, struct mue_result *r)
{
	for (uint32_t n = 0; n < k->op->times; n++) {
		put_key(k, k->key, n);
		put_value(k, k->value, n);
		r->ret = emu_user_update(k->m, k->cpu, k->key, k->value, k->op->flags);
		r->failed += r->ret != 0;
	}
	r->times = k->op->times;
}

static void call_delete(struct call *k, struct mue_observation *o, struct mue_result *r)
{
	put_key(k, k->key, 0);
	r->ret = emu_user_delete(k->m, k->cpu, k->key);
	r->failed = r->ret != 0;
}

static void call_lookup(struct call *k, struct mue_observation *o, struct mue_result *r)
{
	put_key(k, k->key, 0);
	r->ret = emu_user_lookup(k->m, k->cpu, k->key, k->value, k->op->flags);
	if (r->ret)
		return;
	r->has_value = 1;
	mue_observe_blob(o, &r->value, k->value, pack_value(k->m, k->value));
}

static void call_take(struct call *k, struct mue_observation *o, struct mue_result *r)
{
	put_key(k, k->key, 0);
	r->ret = emu_user_take(k->m, k->cpu, k->key, k->value, k->op->flags);
	if (r->ret)
		return;
	r->has_value = 1;
	mue_observe_blob(o, &r->value, k->value, pack_value(k->m, k->value));
}

static void call_contains(struct call *k, struct mue_observation *o, struct mue_result *r)
{
	put_value(k, k->value, 0);
	r->ret = emu_user_lookup(k->m, k->cpu, k->key, k->value, k->op->flags);
}

static void call_batch(struct call *k, struct mue_observation *o, struct mue_result *r)
{
	uint64_t value_size = emu_user_value_size(k->m);

	for (uint32_t n = 0; n < k->op->times; n++) {
		put_key(k, k->key + (size_t)n * k->map->key_size, n);
		put_value(k, k->value + n * value_size, n);
	}
	r->ret = emu_user_update_batch(k->m, k->cpu, k->key, k->value, k->op->times, k->op->flags,
				       &r->times);
}

static void call_freeze(struct call *k, struct mue_observation *o, struct mue_result *r)
{
	r->ret = emu_user_freeze(k->m);
}

/* Whether all n bytes are zero. */
static bool all_zero(const uint8_t *p, size_t n)
{
	return !n || (!p[0] && !memcmp(p, p + 1, n - 1));
}

/* Of other types nothing is observed. */
static bool is_observed(const struct emu_map *m)
{
	return mue_map_type_row(m->attr.type)->class != MUE_CLASS_OTHER;
}

static bool is_array(const struct emu_map *m)
{
	return m->attr.type == MUE_MAP_ARRAY || m->attr.type == MUE_MAP_PERCPU_ARRAY;
}

typedef void entry_fn(void *ctx, const struct emu_map *m, const uint8_t *key, const uint8_t *value,
		      size_t value_len);

/* The first element from `index` on that has a byte that is not zero, or max_entries. */
static uint32_t next_nonzero(const struct emu_map *m, uint32_t index)
{
	uint64_t element = m->memory_size / m->attr.max_entries, at = index * element;

	while (at < m->memory_size) {
		uint64_t n = m->memory_size - at;

		if (n > ZERO_BLOCK)
			n = ZERO_BLOCK;
		if (!all_zero(m->memory + at, n))
			break;
		at += n;
	}
	while (at < m->memory_size && !m->memory[at])
		at++;
	return (uint32_t)(at / element);
}

/* The elements of an array that are not zero: most are, so its memory is searched by blocks. */
static void each_element(struct emu_map *m, uint8_t *key, uint8_t *value, entry_fn *fn, void *ctx)
{
	uint32_t index = next_nonzero(m, 0);

	for (; index < m->attr.max_entries; index = next_nonzero(m, index + 1)) {
		size_t size;

		memcpy(key, &index, sizeof(index));
		if (m->ops->user_lookup(m, 0, key, value))
			continue;
		size = pack_value(m, value);
		if (!all_zero(value, size))
			fn(ctx, m, key, value, size);
	}
}

/* The entries of a map that shows where they lie; only values with padding need to be moved. */
static void each_numbered(struct emu_map *m, uint8_t *value, entry_fn *fn, void *ctx)
{
	const uint64_t size = emu_user_value_size(m);
	const bool padded = emu_percpu(&m->attr) && m->stride != m->attr.value_size;
	struct emu_entry e;

	for (uint32_t at = 0; m->ops->next_entry(m, &at, &e);) {
		if (padded)
			fn(ctx, m, e.key, value, pack_value(m, memcpy(value, e.values, size)));
		else
			fn(ctx, m, e.key, e.values, size);
	}
}

/* Calls fn for each entry that is observed. `key` and `value` are room for one of each. */
static void each_entry(struct emu_map *m, uint8_t *key, uint8_t *value, entry_fn *fn, void *ctx)
{
	if (is_array(m)) {
		each_element(m, key, value, fn, ctx);
		return;
	}
	if (m->ops->next_entry) {
		each_numbered(m, value, fn, ctx);
		return;
	}
	for (const uint8_t *last = NULL; !m->ops->next_key(m, last, key); last = key)
		if (!m->ops->user_lookup(m, 0, key, value))
			fn(ctx, m, key, value, pack_value(m, value));
}

static void digest_entry(void *ctx, const struct emu_map *m, const uint8_t *key,
			 const uint8_t *value, size_t value_len)
{
	uint64_t *sum = ctx;

	*sum += mue_entry_digest(key, m->attr.key_size, value, value_len);
}

static void call_digest(struct call *k, struct mue_observation *o, struct mue_result *r)
{
	uint64_t sum = 0;

	each_entry(k->m, k->key, k->value, digest_entry, &sum);
	r->ret = (int64_t)sum;
}

typedef void call_fn(struct call *k, struct mue_observation *o, struct mue_result *r);

static call_fn *const calls[MUE_OP_KINDS] = {
	[MUE_OP_UPDATE] = call_update, [MUE_OP_DELETE] = call_delete, [MUE_OP_LOOKUP] = call_lookup,
	[MUE_OP_BATCH] = call_batch,   [MUE_OP_FREEZE] = call_freeze, [MUE_OP_DIGEST] = call_digest,
	[MUE_OP_LOOKUP_AND_DELETE] = call_take, [MUE_OP_CONTAINS] = call_contains,
};

static void make_call(struct emu_users *u, struct call *k, struct mue_observation *o,
		      struct mue_result *r)
{
	size_t n = k->op->kind == MUE_OP_BATCH ? k->op->times : 1;
	size_t keys = (n * k->map->key_size + 15) & ~15ul;

	k->key = room(u, keys + n * emu_user_value_size(k->m), o);
	if (!k->key)
		return;
	k->value = k->key + keys;
	r->known = 1;
	r->times = 1;
	calls[k->op->kind](k, o, r);
}

static void socket_op(struct emu_socks *socks, const struct mue_world *w, const struct mue_op *op,
		      struct mue_result *r)
{
	r->known = r->times = 1;
	emu_socks_op(socks, w, op);
}

void emu_users_phase(struct emu_users *u, struct emu_map *const *maps, struct emu_socks *socks,
		     const struct mue_case *c, uint32_t phase, struct mue_observation *o)
{
	const struct mue_phase *p = &c->phases[phase];

	o->phases[phase].known = 1;
	for (uint32_t i = p->first; i < p->first + p->count; i++) {
		struct call k = {
			.m = maps[c->ops[i].map],
			.map = &c->maps[c->ops[i].map],
			.op = &c->ops[i],
			.cpu = p->cpu,
		};

		if (mue_op_is_sock(k.op->kind)) {
			socket_op(socks, &maps[0]->world, k.op, &o->ops[i]);
			continue;
		}
		k.m->names = (struct emu_names){
			.key = k.op->key_object,
			.value = k.op->value_object,
			.map = maps[k.op->map2],
		};
		make_call(u, &k, o, &o->ops[i]);
	}
}

static void state_entry(void *ctx, const struct emu_map *m, const uint8_t *key,
			const uint8_t *value, size_t value_len)
{
	mue_state_entry(ctx, key, m->attr.key_size, value, value_len);
}

void emu_users_state(struct emu_users *u, struct emu_map *m, const struct mue_case *c, uint32_t i,
		     struct mue_observation *o)
{
	size_t key_size = (c->maps[i].key_size + 15) & ~15ul;
	struct mue_state_writer w;
	uint8_t *key;

	if (!mue_state_observed(&c->maps[i]) || !is_observed(m))
		return;
	key = room(u, key_size + emu_user_value_size(m), o);
	if (!key)
		return;
	mue_state_begin(&w, o, i, false);
	each_entry(m, key, key + key_size, state_entry, &w);
	mue_state_end(&w);
}
