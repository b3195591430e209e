/* Where packets can be sent: DEVMAP, DEVMAP_HASH, CPUMAP, XSKMAP, REUSEPORT_SOCKARRAY (semantics D). */
#include <errno.h>
#include <string.h>

#include "oracle/model_map.h"

#define LOOPBACK 1 /* the one interface that there is everywhere */
#define QUEUE_MAX 16384

/* The two numbers of a value; the second is 0 where there is none. */
struct pair {
	uint32_t first;
	int32_t fd;
};

static struct pair pair_of(const struct model_map *m, const uint8_t *value)
{
	struct pair p = {0, 0};

	memcpy(&p, value, m->def->value_size);
	return p;
}

static bool is_socket(unsigned object)
{
	return object >= MUE_OBJECT_UDP;
}

/* A descriptor of 0 or less is none, and so is NO_FD. */
static bool names_program(const struct model_call *c, struct pair p)
{
	return c->value_object != MUE_OBJECT_NO_FD && p.fd > 0;
}

/* Replaces the element, or makes one. */
static void put(struct model_map *m, const struct model_call *c, bool program)
{
	struct model_elem *e = model_find(m, c->key);

	if (!e) {
		e = model_new(m);
		memcpy(e->key, c->key, m->def->key_size);
		model_insert(m, e);
	}
	memcpy(e->value, c->value, m->def->value_size);
	if (!program && m->def->value_size == 8)
		memset(e->value + 4, 0, 4);
}

static long take_out(struct model_map *m, const struct model_call *c)
{
	struct model_elem *e = model_find(m, c->key);

	if (e)
		model_remove(m, e);
	return e ? 0 : -ENOENT;
}

static long lookup(struct model_map *m, const struct model_call *c, uint8_t *value)
{
	struct model_elem *e = model_find(m, c->key);

	if (!e)
		return -ENOENT;
	memcpy(value, e->value, m->def->value_size);
	return 0;
}

static long delete(struct model_map *m, const struct model_call *c)
{
	if (model_index(c->key) >= m->def->max_entries)
		return -EINVAL;
	take_out(m, c);
	return 0;
}

/* D1: the interface and the program of an element. */
static long check_device(const struct model_call *c, struct pair p)
{
	if (p.first != LOOPBACK && p.first <= INT32_MAX)
		return p.first < 1000000 ? MODEL_NO_RULE : -EINVAL;
	if (p.first != LOOPBACK)
		return -EINVAL;
	if (!names_program(c, p))
		return 0;
	if (!c->value_object)
		return MODEL_NO_RULE;
	return c->value_object == MUE_OBJECT_PROG_XDP_DEVMAP ? 0 : -EINVAL;
}

/* D2 */
static long devmap_update(struct model_map *m, const struct model_call *c)
{
	struct pair p = pair_of(m, c->value);
	long err;

	if (c->flags > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (model_index(c->key) >= m->def->max_entries)
		return -E2BIG;
	if (c->flags == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (!p.first) {
		if (names_program(c, p))
			return -EINVAL;
		take_out(m, c);
		return 0;
	}
	err = check_device(c, p);
	if (!err)
		put(m, c, names_program(c, p));
	return err;
}

const struct model_other model_devmap = {NULL, devmap_update, lookup, delete, NULL};

/* D3 */
static long devmap_hash_update(struct model_map *m, const struct model_call *c)
{
	struct pair p = pair_of(m, c->value);
	bool present = model_find(m, c->key);
	long err;

	if (c->flags > MUE_UPDATE_EXIST || !p.first)
		return -EINVAL;
	if (c->flags == MUE_UPDATE_NOEXIST && present)
		return -EEXIST;
	err = check_device(c, p);
	if (err)
		return err;
	if (!present && m->n == m->def->max_entries)
		return -E2BIG;
	put(m, c, names_program(c, p));
	return 0;
}

const struct model_other model_devmap_hash = {NULL, devmap_hash_update, lookup, take_out, NULL};

/* D4 */
static long cpumap_update(struct model_map *m, const struct model_call *c)
{
	struct pair p = pair_of(m, c->value);
	uint32_t cpu = model_index(c->key);

	if (c->flags > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (cpu >= m->def->max_entries)
		return -E2BIG;
	if (c->flags == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (p.first > QUEUE_MAX)
		return -EOVERFLOW;
	if (cpu >= m->world->cpus)
		return -ENODEV;
	if (!p.first) {
		take_out(m, c);
		return 0;
	}
	if (names_program(c, p) && !c->value_object)
		return MODEL_NO_RULE;
	if (names_program(c, p) && c->value_object != MUE_OBJECT_PROG_XDP_CPUMAP) {
		if (!mue_world_has(m->world, MUE_CHANGE_CPUMAP_SAYS_WHY))
			return -ENOMEM;
		return c->value_object == MUE_OBJECT_CLOSED ? -EBADF : -EINVAL;
	}
	put(m, c, names_program(c, p));
	return 0;
}

const struct model_other model_cpumap = {NULL, cpumap_update, lookup, delete, NULL};

/* What a descriptor says to those that want a socket. */
static long check_socket(unsigned object)
{
	if (!object)
		return MODEL_NO_RULE;
	if (object == MUE_OBJECT_CLOSED || object == MUE_OBJECT_NO_FD)
		return -EBADF;
	return is_socket(object) ? 0 : -ENOTSOCK;
}

static bool is_xdp(unsigned object)
{
	return object == MUE_OBJECT_XDP_SOCKET || object == MUE_OBJECT_XDP_SOCKET_2 ||
	       object == MUE_OBJECT_XDP_BARE;
}

static bool same_socket(const struct model_map *m, const struct model_elem *e,
			const struct model_call *c)
{
	return e && !memcmp(e->value, c->value, m->def->value_size);
}

/* D5 */
static long xskmap_update(struct model_map *m, const struct model_call *c)
{
	struct model_elem *e = model_find(m, c->key);
	long err;

	if (c->flags > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (model_index(c->key) >= m->def->max_entries)
		return -E2BIG;
	err = check_socket(c->value_object);
	if (err)
		return err;
	if (!is_xdp(c->value_object))
		return -EOPNOTSUPP;
	if (c->value_object == MUE_OBJECT_XDP_BARE &&
	    mue_world_has(m->world, MUE_CHANGE_XSKMAP_WANTS_RING))
		return -ENOBUFS;
	if (same_socket(m, e, c))
		return 0;
	if (e && c->flags == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (!e && c->flags == MUE_UPDATE_EXIST)
		return -ENOENT;
	put(m, c, true);
	return 0;
}

static long xskmap_lookup(struct model_map *m, const struct model_call *c, uint8_t *value)
{
	return -EOPNOTSUPP;
}

const struct model_other model_xskmap = {NULL, xskmap_update, xskmap_lookup, delete, NULL};

/* Whether a socket is in this array already; a case has one such array. */
static bool is_taken(const struct model_map *m, const struct model_call *c)
{
	for (uint32_t i = 0; i < m->n; i++)
		if (same_socket(m, m->elems[i], c))
			return true;
	return false;
}

/* D6 */
static long check_reuseport(const struct model_map *m, const struct model_call *c)
{
	switch (c->value_object) {
	case MUE_OBJECT_UNIX:
	case MUE_OBJECT_XDP_SOCKET:
	case MUE_OBJECT_XDP_SOCKET_2:
	case MUE_OBJECT_XDP_BARE:
		return -MODEL_ENOTSUPP;
	case MUE_OBJECT_UDP:
	case MUE_OBJECT_TCP:
		return -EINVAL;
	}
	return is_taken(m, c) ? -EBUSY : 0;
}

static long reuseport_update(struct model_map *m, const struct model_call *c)
{
	bool present = model_find(m, c->key);
	long err;

	if (c->flags > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (model_index(c->key) >= m->def->max_entries)
		return -E2BIG;
	if (m->def->value_size == 8 && c->value_object == MUE_OBJECT_NO_FD)
		return -EINVAL;
	err = check_socket(c->value_object);
	if (err)
		return err;
	if (present && c->flags == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (!present && c->flags == MUE_UPDATE_EXIST)
		return -ENOENT;
	err = check_reuseport(m, c);
	if (!err)
		put(m, c, true);
	return err;
}

static long reuseport_lookup(struct model_map *m, const struct model_call *c, uint8_t *value)
{
	return m->def->value_size == 8 ? lookup(m, c, value) : -ENOSPC;
}

static long reuseport_delete(struct model_map *m, const struct model_call *c)
{
	return model_index(c->key) < m->def->max_entries ? take_out(m, c) : -E2BIG;
}

const struct model_other model_reuseport = {NULL, reuseport_update, reuseport_lookup,
					    reuseport_delete, NULL};
