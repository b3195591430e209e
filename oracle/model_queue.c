/* QUEUE, STACK and BLOOM_FILTER (semantics Q). */
#include <errno.h>
#include <string.h>

#include "oracle/model_map.h"

/* The elements in the order in which they came: m->elems[0] is the oldest. */
static void append(struct model_map *m, const uint8_t *value)
{
	struct model_elem *e = model_new(m);

	memcpy(e->value, value, m->def->value_size);
	if (m->n == m->room) {
		uint32_t room = m->room ? m->room * 2 : 8;
		struct model_elem **elems = model_take(m->mem, room * sizeof(*elems));

		if (m->n)
			memcpy(elems, m->elems, m->n * sizeof(*elems));
		m->elems = elems;
		m->room = room;
	}
	m->elems[m->n++] = e;
}

static void drop(struct model_map *m, uint32_t i)
{
	memmove(m->elems + i, m->elems + i + 1, (m->n - i - 1) * sizeof(*m->elems));
	m->n--;
}

/* Q1 */
static long push(struct model_map *m, const struct model_call *c)
{
	if (c->flags != 0 && c->flags != MUE_UPDATE_EXIST)
		return -EINVAL;
	if (m->n == m->def->max_entries) {
		if (!c->flags)
			return -E2BIG;
		drop(m, 0);
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
		drop(m, next(m));
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
