/* ARRAY and PERCPU_ARRAY (semantics A). */
#include <errno.h>
#include <string.h>

#include "oracle/model_map.h"

static bool in_range(const struct model_map *m, const uint8_t *key)
{
	uint32_t index;

	memcpy(&index, key, sizeof(index));
	return index < m->def->max_entries;
}

/* All elements exist; the list holds those that somebody has looked at. */
static struct model_elem *element(struct model_map *m, const uint8_t *key)
{
	struct model_elem *e = model_find(m, key);

	if (!e) {
		e = model_new(m);
		memcpy(e->key, key, m->def->key_size);
		model_insert(m, e);
	}
	return e;
}

static struct model_elem *lookup(struct model_map *m, const uint8_t *key, bool user)
{
	return in_range(m, key) ? element(m, key) : NULL;
}

/* A1, A2; what bpf(2) does to a per-CPU array has a function of its own, without F_LOCK. */
static long update(struct model_map *m, const struct model_call *c)
{
	bool may_lock = !(m->per_cpu && c->user);
	uint64_t mode = may_lock ? c->flags & ~(uint64_t)MUE_UPDATE_LOCK : c->flags;

	if (mode > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (!in_range(m, c->key))
		return -E2BIG;
	if (mode == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if ((c->flags & MUE_UPDATE_LOCK) &&
	    !model_has_special(m->world, m->def, MUE_SPECIAL_SPIN_LOCK))
		return -EINVAL;
	model_write(m, element(m, c->key), c);
	return 0;
}

static long delete(struct model_map *m, uint32_t cpu, const uint8_t *key)
{
	return -EINVAL; /* A3 */
}

const struct model_kind model_array = {NULL, lookup, update, delete};
