/* QUEUE, STACK and BLOOM_FILTER (semantics Q). */
#include <errno.h>
#include <string.h>

#include "oracle/model_map.h"

/* The elements in the order in which they came: m->elems[0] is the oldest. */
static void append(struct model_map *m, const uint8_t *value)
{
	struct model_elem *e = model_new(m);

	memcpy(e->value, value, m->def->value_size);
	model_insert_at(m, m->n, e);
}

/* Q1 */
static long push(struct model_map *m, const struct model_call *c)
{
	if (c->flags != 0 && c->flags != MUE_UPDATE_EXIST)
		return -EINVAL;
	if (m->n == m->def->max_entries) {
		if (!c->flags)
			return -E2BIG;
		model_remove_at(m, 0);
	}
	append(m, c->value);
	return 0;
}

/* Q2: which element is next. */
static uint32_t next(const struct model_map *m)
{
	return m->def->type == MUE_MAP_STACK ? m->n - 1 : 0;
}

static long peek(struct model_map *m, const struct model_call *c, uint8_t *value)
{
	if (!m->n)
		return -ENOENT;
	memcpy(value, m->elems[next(m)]->value, m->def->value_size);
	return 0;
}

static long pop(struct model_map *m, const struct model_call *c, uint8_t *value)
{
	long err = peek(m, c, value);

	if (!err)
		model_remove_at(m, next(m));
	return err;
}

static long delete(struct model_map *m, const struct model_call *c)
{
	return -EINVAL; /* Q3 */
}

const struct model_other model_queue = {NULL, push, peek, delete, pop};

/* Q4 */
static long add(struct model_map *m, const struct model_call *c)
{
	if (c->flags)
		return -EINVAL;
	append(m, c->value);
	return 0;
}

static long contains(struct model_map *m, const struct model_call *c, uint8_t *value)
{
	for (uint32_t i = 0; i < m->n; i++)
		if (!memcmp(m->elems[i]->value, value, m->def->value_size))
			return 0;
	return m->n ? MODEL_EITHER : -ENOENT;
}

static long bloom_delete(struct model_map *m, const struct model_call *c)
{
	return -EOPNOTSUPP;
}

const struct model_other model_bloom = {NULL, add, contains, bloom_delete, NULL};
