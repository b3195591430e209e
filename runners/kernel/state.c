#include <errno.h>
#include <string.h>
#include <bpf/bpf.h>

#include "runners/kernel/host.h"
#include "runners/kernel/socks.h"
#include "runners/kernel/steady.h"

/* Batches ask at first for at most this many bytes and elements at a time. */
#define BATCH_BYTES (1u << 20)
#define BATCH_ELEMENTS 4096u

#define ENOTSUPP 524 /* the kernel's own "operation not supported" */

/* A walk over one map. */
struct walk {
	struct mue_host *h;
	const struct mue_map *m;
	int fd;
	bool empty, begun; /* begun: something was handed out */
	mue_host_entry_fn *fn;
	void *ctx;
	size_t room;	  /* of one value, as the kernel copies it */
	size_t value_len; /* of one value, as fn gets it */
	uint8_t *keys, *values;
	uint32_t capacity; /* elements that keys and values hold */
};

static bool is_array(const struct mue_map *m)
{
	return m->type == MUE_MAP_ARRAY || m->type == MUE_MAP_PERCPU_ARRAY;
}

static bool is_hash(const struct mue_map *m)
{
	return m->type == MUE_MAP_HASH || m->type == MUE_MAP_PERCPU_HASH;
}

static bool all_zero(const uint8_t *p, size_t n)
{
	return !n || (!p[0] && !memcmp(p, p + 1, n - 1));
}

static bool get_rooms(struct walk *w, uint32_t capacity)
{
	w->capacity = capacity;
	w->keys = mue_host_room(&w->h->keys, (size_t)capacity * w->m->key_size);
	w->values = mue_host_room(&w->h->values, capacity * w->room);
	return w->keys && w->values;
}

static uint32_t first_capacity(const struct walk *w)
{
	uint32_t n = BATCH_BYTES / (w->m->key_size + w->room);

	if (n > BATCH_ELEMENTS)
		n = BATCH_ELEMENTS;
	/* One more than there can be: then the first call also says that it is the last. */
	if (n > w->m->max_entries)
		n = w->m->max_entries + 1;
	return n ? n : 1;
}

/* Moves the values of a per-CPU element together. */
static void pack(const struct walk *w, uint8_t *value)
{
	size_t size = w->m->value_size, stride = (size + 7) & ~(size_t)7;

	if (w->value_len == size || stride == size)
		return;
	for (uint32_t cpu = 1; cpu < w->h->cpus; cpu++)
		memmove(value + cpu * size, value + cpu * stride, size);
}

static void hand_out(struct walk *w, uint32_t n)
{
	w->begun |= n > 0;
	for (uint32_t i = 0; i < n; i++) {
		uint8_t *value = w->values + i * w->room;

		pack(w, value);
		w->fn(w->ctx, w->m, w->value_len, w->keys + (size_t)i * w->m->key_size, value);
	}
}

/* Writes zeros over those of n elements that are not zero. */
static int zero(struct walk *w, uint32_t n)
{
	uint32_t touched = 0;

	for (uint32_t i = 0; i < n; i++)
		if (!all_zero(w->values + i * w->room, w->value_len))
			memmove(w->keys + touched++ * 4, w->keys + i * 4, 4);
	if (!touched)
		return 0;
	memset(w->values, 0, touched * w->room);
	return bpf_map_update_batch(w->fd, w->keys, w->values, &touched, NULL);
}

/* Whether a batch command says that the map type has none (5.10: some). */
static bool lacks_batch(int err)
{
	return err == -ENOTSUPP || err == -EOPNOTSUPP;
}

/* A hash hands over and deletes in one call; others delete (arrays: zero) what was seen. */
static int read_batch(struct walk *w, void *from, void *to, uint32_t *n)
{
	if (w->empty && is_hash(w->m))
		return bpf_map_lookup_and_delete_batch(w->fd, from, to, w->keys, w->values, n,
						       NULL);
	return bpf_map_lookup_batch(w->fd, from, to, w->keys, w->values, n, NULL);
}

static int empty_batch(struct walk *w, uint32_t n)
{
	if (!w->empty || !n || is_hash(w->m))
		return 0;
	if (is_array(w->m))
		return zero(w, n);
	return bpf_map_delete_batch(w->fd, w->keys, &n, NULL);
}

/*
 * A trie whose entries go as they are read begins again at its first; the position that
 * the kernel returned then no longer exists.
 */
static bool restarts(const struct walk *w)
{
	return w->empty && w->m->type == MUE_MAP_LPM_TRIE;
}

/* No errno that a walk meets otherwise: the map does not delete what it has just listed. */
#define SPOILED (-EUCLEAN)

static int hand_out_and_empty(struct walk *w, uint32_t n)
{
	int err;

	hand_out(w, n);
	err = empty_batch(w, n);
	if (err)
		return err == -ENOENT ? SPOILED : -EIO;
	return 0;
}

static int walk_batches(struct walk *w)
{
	/* The position is a bucket's number or a key. */
	void *at = mue_host_room(&w->h->position, w->m->key_size + 8), *from = NULL;
	int err, emptied;

	if (!at)
		return -ENOMEM;
	for (;;) {
		uint32_t n = w->capacity;

		err = read_batch(w, from, at, &n);
		if (err == -ENOSPC) { /* a bucket with more elements than we have room for */
			if (!get_rooms(w, w->capacity * 2))
				return -ENOMEM;
			continue;
		}
		if (err == -EAGAIN || err == -EINTR)
			continue;
		if (err && err != -ENOENT)
			return err;
		emptied = hand_out_and_empty(w, n);
		if (emptied)
			return emptied;
		if (err)
			return 0;
		from = restarts(w) ? NULL : at;
	}
}

/* What one reading of an rhashtable has listed. */
struct listing {
	struct walk *w;
	uint32_t n;
};

static int list_all(void *ctx, uint64_t *digest)
{
	struct listing *l = ctx;
	struct walk *w = l->w;
	void *next = mue_host_room(&w->h->position, w->m->key_size);
	int err;

	if (!next)
		return -ENOMEM;
	for (;;) {
		l->n = w->capacity;
		err = bpf_map_lookup_batch(w->fd, NULL, next, w->keys, w->values, &l->n, NULL);
		if (!err && l->n == w->capacity && !get_rooms(w, w->capacity * 2))
			return -ENOMEM;
		/* Success: there is more, or the kernel would not go on at a stretch. */
		if (err && err != -EAGAIN && err != -EINTR)
			break;
	}
	*digest = mue_entry_digest(w->keys, (size_t)l->n * w->m->key_size, w->values, l->n * w->room);
	return err == -ENOENT ? 0 : err;
}

/*
 * The table of an rhashtable is resized a little later, by a thread of the kernel. Meanwhile what batches and
 * get_next_key list may have elements twice, or not at all, and there may be no next; lookups and deletes by key are right.
 */
static int walk_rhash(struct walk *w)
{
	struct listing l = {.w = w};
	int err = mue_steady_read(list_all, &l);

	return err ? err : hand_out_and_empty(w, l.n);
}

/* One element after the other, for what has no batch commands. Does not empty. */
static int walk_elements(struct walk *w)
{
	uint8_t *key = mue_host_room(&w->h->position, w->m->key_size), *last = NULL;
	int err;

	if (!key)
		return -ENOMEM;
	while (!(err = bpf_map_get_next_key(w->fd, last, w->keys))) {
		last = memcpy(key, w->keys, w->m->key_size);
		err = bpf_map_lookup_elem(w->fd, key, w->values);
		if (err)
			return err;
		hand_out(w, 1);
	}
	return err == -ENOENT ? 0 : err;
}

int mue_host_walk(struct mue_host *h, const struct mue_map *m, int fd, bool *empty,
		  mue_host_entry_fn *fn, void *ctx)
{
	const struct mue_map_type_row *type = mue_map_type_row(m->type);
	struct walk w = {.h = h, .m = m, .fd = fd, .empty = *empty, .fn = fn, .ctx = ctx};
	int err;

	w.room = mue_host_value_room(h, m);
	w.value_len = type->per_cpu ? (size_t)m->value_size * h->cpus : m->value_size;
	if (!get_rooms(&w, first_capacity(&w)))
		return -ENOMEM;
	if (!(h->no_batch >> m->type & 1)) {
		err = m->type == MUE_MAP_RHASH ? walk_rhash(&w) : walk_batches(&w);
		if (lacks_batch(err))
			h->no_batch |= UINT64_C(1) << m->type;
		else if (err != -ENOMEM || w.begun) /* 5.10: key and value of 4 MiB together */
			return err;
	}
	*empty = false;
	return walk_elements(&w);
}

static void record(void *ctx, const struct mue_map *m, size_t value_len, const void *key,
		   const void *value)
{
	mue_state_entry(ctx, key, m->key_size, value, value_len);
}

static bool record_map(struct mue_host *h, const struct mue_host_setup *u, const struct mue_case *c,
		       uint32_t map, bool *empty, struct mue_observation *o)
{
	const struct mue_map *m = &c->maps[map];
	const struct mue_map_type_row *type = mue_map_type_row(m->type);
	struct mue_state_writer w;
	int err;

	if (!type || type->class == MUE_CLASS_OTHER || !mue_state_observed(m))
		return true;
	mue_state_begin(&w, o, map, is_array(m));
	if (type->class == MUE_CLASS_SOCK)
		err = mue_host_socks_walk(h, m, u->maps[map].plain_fd, record, &w);
	else
		err = mue_host_walk(h, m, u->maps[map].plain_fd, empty, record, &w);
	if (err == SPOILED)
		return mue_host_fail(o, MUE_CRASHED, "map %s does not delete what it lists",
				     m->name);
	if (err)
		return mue_host_broken(o, "reading a map", err);
	mue_state_end(&w);
	return true;
}

bool mue_host_state(struct mue_host *h, const struct mue_host_setup *u, const struct mue_case *c,
		    bool *empty, struct mue_observation *o)
{
	for (uint32_t i = 0; i < c->n_maps; i++)
		if (!record_map(h, u, c, i, empty, o))
			return false;
	return true;
}

static void sum(void *ctx, const struct mue_map *m, size_t value_len, const void *key,
		const void *value)
{
	if (!is_array(m) || !all_zero(value, value_len))
		*(uint64_t *)ctx += mue_entry_digest(key, m->key_size, value, value_len);
}

int mue_host_digest(struct mue_host *h, const struct mue_map *m, int fd, uint64_t *digest)
{
	bool empty = false;

	*digest = 0;
	return mue_host_walk(h, m, fd, &empty, sum, digest);
}
