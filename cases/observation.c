#include "cases/observation.h"

#include <stdlib.h>
#include <string.h>

#include "cases/socks.h"

bool mue_state_observed(const struct mue_map *m)
{
	bool array = m->type == MUE_MAP_ARRAY || m->type == MUE_MAP_PERCPU_ARRAY ||
		     m->type == MUE_MAP_SOCKMAP;

	if (mue_map_holds_socks(m->type) && m->value_size != sizeof(uint64_t))
		return false;
	return !array || m->max_entries <= MUE_STATE_ELEMENTS_MAX;
}

void mue_observation_init(struct mue_observation *o, const struct mue_case *c)
{
	o->status = MUE_ANSWERED;
	o->why[0] = 0;
	o->n_maps = c->n_maps;
	o->n_phases = c->n_phases;
	o->n_ops = c->n_ops;
	o->n_entries = o->arena_used = 0;
	memset(o->maps, 0, c->n_maps * sizeof(*o->maps));
	memset(o->phases, 0, c->n_phases * sizeof(*o->phases));
	memset(o->ops, 0, c->n_ops * sizeof(*o->ops));
}

void mue_observation_copy(struct mue_observation *to, const struct mue_observation *from)
{
	/* Everything before the first pool is small. */
	memcpy(to, from, offsetof(struct mue_observation, maps));
	memcpy(to->maps, from->maps, from->n_maps * sizeof(*from->maps));
	memcpy(to->phases, from->phases, from->n_phases * sizeof(*from->phases));
	memcpy(to->ops, from->ops, from->n_ops * sizeof(*from->ops));
	memcpy(to->entries, from->entries, from->n_entries * sizeof(*from->entries));
	memcpy(to->arena, from->arena, from->arena_used);
}

/* The finaliser of MurmurHash3 (public domain): every input bit reaches every output bit. */
static uint64_t mix(uint64_t h)
{
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15) /* 2^64 by the golden ratio */

/* Up to 8 bytes as a number; those sizes that keys and values mostly have at no call's price. */
static inline uint64_t word_at(const uint8_t *p, size_t n)
{
	uint64_t word = 0;

	if (n >= 8)
		memcpy(&word, p, 8);
	else if (n == 4)
		memcpy(&word, p, 4);
	else
		memcpy(&word, p, n);
	return word;
}

/* One multiplication a word: the digest of a map is that of all its keys and values. */
static inline __attribute__((always_inline)) uint64_t fold(const uint8_t *p, size_t n)
{
	uint64_t h = n + 1;

	for (size_t at = 0; at < n; at += 8) {
		h = (h ^ word_at(p + at, n - at)) * GOLDEN;
		h ^= h >> 32;
	}
	return h;
}

uint64_t mue_digest(const void *p, size_t n)
{
	return mix(fold(p, n));
}

bool mue_observe_blob(struct mue_observation *o, struct mue_blob *blob, const void *p, size_t n)
{
	size_t head = n < MUE_BLOB_HEAD ? n : MUE_BLOB_HEAD;
	bool fits = head <= MUE_ARENA_MAX - o->arena_used;

	blob->len = n;
	blob->digest = mue_digest(p, n);
	blob->at = fits ? o->arena_used : UINT32_MAX;
	if (!fits)
		return false;
	memcpy(o->arena + o->arena_used, p, head);
	o->arena_used += head;
	return true;
}

const uint8_t *mue_blob_head(const struct mue_observation *o, const struct mue_blob *b)
{
	return b->at == UINT32_MAX ? NULL : o->arena + b->at;
}

bool mue_blob_same(const struct mue_observation *oa, const struct mue_blob *a,
		   const struct mue_observation *ob, const struct mue_blob *b)
{
	const uint8_t *pa = mue_blob_head(oa, a), *pb = mue_blob_head(ob, b);

	if (a->len != b->len || a->digest != b->digest)
		return false;
	return !pa || !pb || !memcmp(pa, pb, a->len < MUE_BLOB_HEAD ? a->len : MUE_BLOB_HEAD);
}

uint64_t mue_entry_digest(const void *key, size_t key_len, const void *value, size_t value_len)
{
	return mix(fold(key, key_len) * GOLDEN ^ fold(value, value_len));
}

void mue_state_begin(struct mue_state_writer *w, struct mue_observation *o, uint32_t map, bool skip_zero)
{
	struct mue_map_result *m = &o->maps[map];

	*w = (struct mue_state_writer){.o = o, .map = map, .skip_zero = skip_zero};
	m->n_entries = m->shown = 0;
	m->first = o->n_entries;
}

static bool all_zero(const uint8_t *p, size_t n)
{
	return !n || (!p[0] && !memcmp(p, p + 1, n - 1));
}

void mue_state_entry(struct mue_state_writer *w, const void *key, size_t key_len, const void *value,
		     size_t value_len)
{
	struct mue_map_result *m = &w->o->maps[w->map];
	struct mue_entry *e;

	if (w->skip_zero && all_zero(value, value_len))
		return;
	m->n_entries++;
	w->sum += mue_entry_digest(key, key_len, value, value_len);
	if (w->o->n_entries == MUE_ENTRIES_MAX)
		return;
	e = &w->o->entries[w->o->n_entries++];
	m->shown++;
	mue_observe_blob(w->o, &e->key, key, key_len);
	mue_observe_blob(w->o, &e->value, value, value_len);
}

static int by_key(const void *a, const void *b, void *o)
{
	const struct mue_blob *ka = &((const struct mue_entry *)a)->key;
	const struct mue_blob *kb = &((const struct mue_entry *)b)->key;
	const uint8_t *pa = mue_blob_head(o, ka), *pb = mue_blob_head(o, kb);
	int r = 0;

	if (pa && pb)
		r = memcmp(pa, pb, ka->len < MUE_BLOB_HEAD ? ka->len : MUE_BLOB_HEAD);
	return r ? r : (ka->digest > kb->digest) - (ka->digest < kb->digest);
}

void mue_state_end(struct mue_state_writer *w)
{
	struct mue_map_result *m = &w->o->maps[w->map];

	m->digest = w->sum;
	m->state_known = 1;
	if (m->shown > 1)
		qsort_r(w->o->entries + m->first, m->shown, sizeof(struct mue_entry), by_key, w->o);
}
