/* LPM_TRIE (semantics T): the trie as what it means, a set of prefixes. */
#include <errno.h>
#include <string.h>

#include "oracle/model_map.h"

/* The key is the length of the prefix in bits, then the bits. */
static uint32_t length_of(const uint8_t *key)
{
	uint32_t length;

	memcpy(&length, key, sizeof(length));
	return length;
}

static bool too_long(const struct model_map *m, const uint8_t *key)
{
	return length_of(key) > 8 * (m->def->key_size - sizeof(uint32_t));
}

static bool same_bits(const uint8_t *a, const uint8_t *b, uint32_t n)
{
	const uint8_t *pa = a + sizeof(uint32_t), *pb = b + sizeof(uint32_t);

	if (memcmp(pa, pb, n / 8))
		return false;
	return n % 8 == 0 || (pa[n / 8] ^ pb[n / 8]) >> (8 - n % 8) == 0;
}

/* T2: the same length and the same bits within it. */
static struct model_elem *find_exact(const struct model_map *m, const uint8_t *key)
{
	for (uint32_t i = 0; i < m->n; i++)
		if (length_of(m->elems[i]->key) == length_of(key) &&
		    same_bits(m->elems[i]->key, key, length_of(key)))
			return m->elems[i];
	return NULL;
}

/* T1: the longest prefix of the key that is present. */
static struct model_elem *lookup(struct model_map *m, const uint8_t *key, bool user)
{
	struct model_elem *best = NULL;

	if (too_long(m, key))
		return NULL;
	for (uint32_t i = 0; i < m->n; i++) {
		struct model_elem *e = m->elems[i];
		uint32_t length = length_of(e->key);

		if (length <= length_of(key) && same_bits(e->key, key, length) &&
		    (!best || length > length_of(best->key)))
			best = e;
	}
	return best;
}

/* T3, T4 */
static long update(struct model_map *m, const struct model_call *c)
{
	bool honours = mue_world_has(m->world, MUE_CHANGE_LPM_HONOURS_FLAGS);
	bool replaces = mue_world_has(m->world, MUE_CHANGE_LPM_REPLACES_WHEN_FULL);
	struct model_elem *old, *new;

	if (c->flags > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (too_long(m, c->key))
		return -EINVAL;
	if (!replaces && m->n == m->capacity)
		return -ENOSPC;
	old = find_exact(m, c->key);
	if (honours && old && c->flags == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (honours && !old && c->flags == MUE_UPDATE_EXIST)
		return -ENOENT;
	if (!old && m->n == m->capacity)
		return -ENOSPC;
	new = model_new(m);
	memcpy(new->key, c->key, m->def->key_size);
	model_write_new(m, new, c);
	if (old)
		model_remove(m, old);
	model_insert(m, new);
	return 0;
}

/* T5 */
static long delete(struct model_map *m, uint32_t cpu, const uint8_t *key)
{
	struct model_elem *e;

	if (too_long(m, key))
		return -EINVAL;
	e = find_exact(m, key);
	if (!e)
		return -ENOENT;
	model_remove(m, e);
	return 0;
}

const struct model_kind model_lpm = {NULL, lookup, update, delete};
