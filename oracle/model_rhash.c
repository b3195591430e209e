/* RHASH (semantics H9). */
#include <errno.h>
#include <string.h>

#include "oracle/model_map.h"

static struct model_elem *lookup(struct model_map *m, const uint8_t *key, bool user)
{
	return model_find(m, key);
}

static void insert(struct model_map *m, const struct model_call *c)
{
	struct model_elem *e = model_new(m);

	memcpy(e->key, c->key, m->def->key_size);
	model_write_new(m, e, c);
	model_insert(m, e);
}

/* H1, H2; what is present is written in place. */
static long update(struct model_map *m, const struct model_call *c)
{
	const uint64_t mode = c->flags & ~(uint64_t)MUE_UPDATE_LOCK;
	struct model_elem *old;

	if (mode > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (mode != c->flags && !model_has_special(m->world, m->def, MUE_SPECIAL_SPIN_LOCK))
		return -EINVAL;
	old = model_find(m, c->key);
	if (old && mode == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (!old && mode == MUE_UPDATE_EXIST)
		return -ENOENT;
	if (!old && m->n == m->capacity)
		return -E2BIG;
	if (old)
		model_write(m, old, c);
	else
		insert(m, c);
	return 0;
}

static long delete(struct model_map *m, uint32_t cpu, const uint8_t *key)
{
	struct model_elem *e = model_find(m, key);

	if (!e)
		return -ENOENT;
	model_remove(m, e);
	return 0;
}

const struct model_kind model_rhash = {NULL, lookup, update, delete};
