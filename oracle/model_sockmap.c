/* SOCKMAP and SOCKHASH (semantics K). An element's value is its socket's number. */
#include <errno.h>
#include <string.h>

#include "oracle/model_map.h"
#include "oracle/model_sock.h"

static bool is_hash(const struct model_map *m)
{
	return m->def->type == MUE_MAP_SOCKHASH;
}

static bool beyond(const struct model_map *m, const uint8_t *key)
{
	uint32_t index;

	memcpy(&index, key, sizeof(index));
	return index >= m->def->max_entries;
}

static struct model_elem *lookup(struct model_map *m, const uint8_t *key, bool user)
{
	return model_find(m, key);
}

static void hold(struct model_map *m, struct model_elem *e, uint32_t number)
{
	memset(e->value, 0, m->def->value_size);
	memcpy(e->value, &number, sizeof(number));
}

static void insert(struct model_map *m, const uint8_t *key, uint32_t number)
{
	struct model_elem *e = model_new(m);

	memcpy(e->key, key, m->def->key_size);
	hold(m, e, number);
	model_insert(m, e);
}

/* K3, in the order of the checks. */
static long put(struct model_map *m, const uint8_t *key, const struct model_sock *k, uint64_t flags)
{
	struct model_elem *e;
	int err = model_sock_fits(m->world, k);

	if (err)
		return err;
	if (flags > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (!is_hash(m) && beyond(m, key))
		return -E2BIG;
	err = model_sock_links(k);
	if (err)
		return err;
	e = model_find(m, key);
	if (e && flags == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (!e && flags == MUE_UPDATE_EXIST)
		return -ENOENT;
	if (!e && is_hash(m) && m->n == m->capacity)
		return -E2BIG;
	if (e)
		hold(m, e, k->number);
	else
		insert(m, key, k->number);
	return 0;
}

static long update(struct model_map *m, const struct model_call *c)
{
	const struct model_sock *k = c->sock;
	uint64_t number = 0;
	int err;

	if (!c->user)
		return put(m, c->key, k, c->flags);
	memcpy(&number, c->value, m->def->value_size);
	err = model_socks_number(m->socks, number, &k);
	return err ? err : put(m, c->key, k, c->flags);
}

/* K7 */
static long delete(struct model_map *m, uint32_t cpu, const uint8_t *key)
{
	struct model_elem *e = model_find(m, key);

	if (!e)
		return is_hash(m) ? -ENOENT : -EINVAL;
	model_remove(m, e);
	return 0;
}

void model_sockmap_forget(struct model_map *m, uint32_t number)
{
	for (uint32_t i = m->n; i-- > 0;) {
		uint32_t held;

		memcpy(&held, m->elems[i]->value, sizeof(held));
		if (held == number)
			model_remove(m, m->elems[i]);
	}
}

const struct model_kind model_sockmap = {NULL, lookup, update, delete};
