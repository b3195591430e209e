/* SOCKMAP and SOCKHASH: a table from keys to sockets. */
#include <errno.h>
#include <stdlib.h>

#include "runners/emulator/maps/kinds.h"
#include "runners/emulator/maps/table.h"

struct emu_sockmap {
	struct emu_map map;
	struct emu_socks *socks;
	struct emu_table table;
	struct emu_storage holds; /* struct emu_sock *, by node */
	uint32_t fresh, freed;	  /* the next node never used; a chain of those free again */
};

/* The table of buckets must not pass 4 GiB. */
#define ENTRIES_MAX (1u << 27)

static struct emu_sockmap *sockmap_of(struct emu_map *m)
{
	return (struct emu_sockmap *)m;
}

static struct emu_sock **held(struct emu_sockmap *s, uint32_t node)
{
	return (struct emu_sock **)s->holds.base + node;
}

static int sockmap_check(const struct mue_world *w, const struct emu_map_attr *a)
{
	const uint32_t flags = MUE_MAP_F_NUMA_NODE | MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY;

	if (!a->max_entries || !a->key_size || (a->value_size != 4 && a->value_size != 8) ||
	    a->flags & ~flags)
		return -EINVAL;
	if (a->type == MUE_MAP_SOCKMAP)
		return a->key_size == 4 ? 0 : -EINVAL;
	if (a->key_size > 512)
		return -E2BIG;
	return a->max_entries > ENTRIES_MAX ? -EINVAL : 0;
}

static void sockmap_reset(struct emu_map *m)
{
	struct emu_sockmap *s = sockmap_of(m);

	m->frozen = false;
	emu_table_clear(&s->table);
	s->fresh = 1;
	s->freed = 0;
}

static void sockmap_free(struct emu_map *m)
{
	emu_table_free(&sockmap_of(m)->table);
	emu_storage_put(&sockmap_of(m)->holds);
	free(sockmap_of(m));
}

static struct emu_map *sockmap_alloc(const struct mue_world *w, const struct emu_map_attr *attr)
{
	struct emu_sockmap *s = calloc(1, sizeof(*s));
	uint64_t most = EMU_RESERVE_MAX / (emu_table_node_size(attr->key_size) + sizeof(void *));
	uint64_t n = attr->max_entries < most ? attr->max_entries : most;

	if (!s)
		return NULL;
	emu_map_init(&s->map, &emu_sockmap_ops, w, attr);
	if (emu_table_init(&s->table, attr, n) ||
	    emu_storage_get(&s->holds, attr->spares, (n + 1) * sizeof(struct emu_sock *))) {
		sockmap_free(&s->map);
		return NULL;
	}
	sockmap_reset(&s->map);
	return &s->map;
}

void emu_sockmap_bind(struct emu_map *m, struct emu_socks *socks)
{
	sockmap_of(m)->socks = socks;
}

static uint32_t take_node(struct emu_sockmap *s)
{
	uint32_t node = s->freed;

	if (!node)
		return s->fresh++;
	s->freed = emu_table_node(&s->table, node)->next;
	return node;
}

static void drop_node(struct emu_sockmap *s, uint32_t *link)
{
	uint32_t node = *link;

	emu_table_unlink(&s->table, link);
	emu_table_node(&s->table, node)->next = s->freed;
	s->freed = node;
}

void emu_sockmap_forget(struct emu_map *m, const struct emu_sock *k)
{
	struct emu_sockmap *s = sockmap_of(m);

	for (uint32_t b = 0; b <= s->table.mask; b++)
		for (uint32_t *link = &s->table.heads[b]; *link;)
			if (*held(s, *link) == k)
				drop_node(s, link);
			else
				link = &emu_table_node(&s->table, *link)->next;
}

static bool beyond(const struct emu_map *m, const void *key)
{
	uint32_t index;

	if (m->attr.type != MUE_MAP_SOCKMAP)
		return false;
	memcpy(&index, key, sizeof(index));
	return index >= m->attr.max_entries;
}

static void *sockmap_lookup(struct emu_map *m, uint32_t cpu, const void *key)
{
	struct emu_sockmap *s = sockmap_of(m);
	uint32_t node = *emu_table_find(&s->table, emu_hash_key(key, m->attr.key_size), key);

	return node ? *held(s, node) : NULL;
}

struct emu_sock *emu_sockmap_first(struct emu_map *m)
{
	const uint32_t zero = 0;

	return sockmap_lookup(m, 0, &zero);
}

/* Only a hash counts: an array has room for every index. */
static int insert(struct emu_sockmap *s, const void *key, uint32_t hash, struct emu_sock *k)
{
	uint32_t node;

	if (s->table.count == s->map.attr.max_entries)
		return -E2BIG;
	node = take_node(s);
	emu_table_set_key(&s->table, node, hash, key);
	*held(s, node) = k;
	emu_table_insert(&s->table, node);
	return 0;
}

/* `value` is the socket. */
static long sockmap_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			   uint64_t flags)
{
	struct emu_sock *k = (struct emu_sock *)value;
	struct emu_sockmap *s = sockmap_of(m);
	uint32_t hash, node;
	int err = emu_sock_suitable(k, &m->world);

	if (err)
		return err;
	if (flags > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (beyond(m, key))
		return -E2BIG;
	err = emu_sock_link(k);
	if (err)
		return err;
	hash = emu_hash_key(key, m->attr.key_size);
	node = *emu_table_find(&s->table, hash, key);
	if (node && flags == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (!node && flags == MUE_UPDATE_EXIST)
		return -ENOENT;
	if (!node)
		return insert(s, key, hash, k);
	*held(s, node) = k;
	return 0;
}

static long sockmap_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	struct emu_sockmap *s = sockmap_of(m);
	uint32_t *link = emu_table_find(&s->table, emu_hash_key(key, m->attr.key_size), key);

	if (!*link)
		return m->attr.type == MUE_MAP_SOCKMAP ? -EINVAL : -ENOENT;
	drop_node(s, link);
	return 0;
}

static uint64_t number_at(const struct emu_map *m, const void *value)
{
	uint64_t number = 0;

	memcpy(&number, value, m->attr.value_size);
	return number;
}

static int sockmap_user_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			       uint64_t flags)
{
	struct emu_sock *k = NULL;
	int err = emu_socks_of_number(sockmap_of(m)->socks, number_at(m, value), &k);

	return err ? err : (int)sockmap_update(m, cpu, key, k, flags);
}

static int sockmap_user_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	return (int)sockmap_delete(m, cpu, key);
}

/* Cookies have 8 bytes. */
static int sockmap_user_lookup(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	const struct emu_sock *k;
	uint64_t number;

	if (m->attr.value_size != sizeof(number))
		return -ENOSPC;
	k = sockmap_lookup(m, cpu, key);
	if (!k)
		return -ENOENT;
	number = k->view.mark;
	memcpy(value, &number, sizeof(number));
	return 0;
}

static int sockmap_next_key(struct emu_map *m, const void *key, void *next)
{
	return emu_table_next_key(&sockmap_of(m)->table, key, next);
}

const struct emu_map_ops emu_sockmap_ops = {
	.check = sockmap_check,
	.alloc = sockmap_alloc,
	.reset = sockmap_reset,
	.free = sockmap_free,
	.lookup = sockmap_lookup,
	.update = sockmap_update,
	.delete = sockmap_delete,
	.user_lookup = sockmap_user_lookup,
	.user_update = sockmap_user_update,
	.user_delete = sockmap_user_delete,
	.next_key = sockmap_next_key,
};
