/*
 * LPM_TRIE: a binary trie whose edges skip bits. A key is a prefix length (32 bits, of the
 * host's byte order) and data, most significant bit first. Nodes without an entry exist only
 * to part two children. Bits behind the prefix are kept as given, and shown, but never compared.
 */
#include <errno.h>
#include <stdlib.h>

#include "runners/emulator/maps/kinds.h"
#include "runners/emulator/maps/storage.h"

#define DATA_MAX 256
#define DATA_MIN 1
#define KEY_HEADER sizeof(uint32_t)
/* Bytes of the kernel's node in front of the data, without and with an rcu_head. */
#define NODE_HEADER 24
#define NODE_HEADER_RCU 40
/*
 * A freed node is not used again before the program that might still look at its value has
 * ended. We do not see that end, but so many updates later it is past.
 */
#define NODES_RESTING 8192

struct emu_lpm_node {
	uint32_t child[2]; /* node numbers, 0 for none */
	uint32_t length;   /* bits of prefix */
	uint32_t parting;  /* 1: has no entry */
	uint8_t data[];
};

struct emu_lpm {
	struct emu_map map;
	struct emu_storage nodes, values;
	uint64_t node_size;
	uint32_t data_size, length_max;
	uint32_t root, count;
	uint32_t n, fresh;		     /* nodes; the first that was never used */
	uint32_t oldest_freed, latest_freed; /* a queue linked by child[0] */
};

static inline struct emu_lpm *lpm_of(struct emu_map *m)
{
	return (struct emu_lpm *)m;
}

static inline struct emu_lpm_node *lpm_node(const struct emu_lpm *t, uint32_t i)
{
	return (struct emu_lpm_node *)((uint8_t *)t->nodes.base + i * t->node_size);
}

static inline uint8_t *lpm_value(const struct emu_lpm *t, uint32_t i)
{
	return t->map.memory + (uint64_t)i * t->map.stride;
}

static int lpm_check(const struct mue_world *w, const struct emu_map_attr *a)
{
	bool small_nodes = mue_world_has(w, MUE_CHANGE_LPM_SMALL_NODES);
	uint32_t value_max =
		EMU_KMALLOC_MAX - DATA_MAX - (small_nodes ? NODE_HEADER : NODE_HEADER_RCU);

	if (!a->max_entries || !(a->flags & MUE_MAP_F_NO_PREALLOC) ||
	    !emu_flags_fit(a, EMU_ACCESS_FLAGS | MUE_MAP_F_NO_PREALLOC | MUE_MAP_F_NUMA_NODE) ||
	    a->key_size < KEY_HEADER + DATA_MIN || a->key_size > KEY_HEADER + DATA_MAX ||
	    !a->value_size || a->value_size > value_max)
		return -EINVAL;
	if (!mue_world_has(w, MUE_CHANGE_MAPS_NOT_CHARGED) &&
	    a->max_entries * (NODE_HEADER_RCU + (uint64_t)a->value_size + a->key_size - KEY_HEADER) >=
		    EMU_CHARGE_MAX)
		return -E2BIG;
	return 0;
}

static void lpm_reset(struct emu_map *m)
{
	struct emu_lpm *t = lpm_of(m);

	m->frozen = false;
	t->root = t->count = 0;
	t->fresh = 1;
	t->oldest_freed = t->latest_freed = 0;
}

static void lpm_free(struct emu_map *m)
{
	emu_storage_put(&lpm_of(m)->nodes);
	emu_storage_put(&lpm_of(m)->values);
	free(lpm_of(m));
}

/* Room for all entries, as many parting nodes, and the freed ones that rest. */
static uint32_t lpm_nodes(const struct emu_lpm *t)
{
	uint64_t n = 2ull * t->map.attr.max_entries + NODES_RESTING;
	uint64_t most = EMU_RESERVE_MAX / (t->node_size + t->map.stride);

	if (most > UINT32_MAX)
		most = UINT32_MAX;
	return n < most ? n : most;
}

static struct emu_map *lpm_alloc(const struct mue_world *w, const struct emu_map_attr *attr)
{
	struct emu_lpm *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	emu_map_init(&t->map, &emu_lpm_trie_ops, w, attr);
	t->data_size = attr->key_size - KEY_HEADER;
	t->length_max = t->data_size * 8;
	t->node_size = (sizeof(struct emu_lpm_node) + t->data_size + 7ull) & ~7ull;
	t->n = lpm_nodes(t);
	if (emu_storage_get(&t->nodes, attr->spares, t->n * t->node_size) ||
	    emu_storage_get(&t->values, attr->spares, (uint64_t)t->n * t->map.stride)) {
		lpm_free(&t->map);
		return NULL;
	}
	t->map.memory = t->values.base;
	t->map.memory_size = t->values.size;
	lpm_reset(&t->map);
	return &t->map;
}

/* A node with this prefix and no children; 0 when memory is out. */
static uint32_t lpm_new_node(struct emu_lpm *t, uint32_t length, const uint8_t *data)
{
	uint32_t i = t->fresh;
	struct emu_lpm_node *node;

	if (i < t->n) {
		t->fresh++;
	} else {
		i = t->oldest_freed;
		if (!i)
			return 0;
		t->oldest_freed = lpm_node(t, i)->child[0];
	}
	node = lpm_node(t, i);
	*node = (struct emu_lpm_node){.length = length};
	emu_copy(node->data, data, t->data_size);
	return i;
}

static void lpm_free_node(struct emu_lpm *t, uint32_t i)
{
	lpm_node(t, i)->child[0] = 0;
	if (t->oldest_freed)
		lpm_node(t, t->latest_freed)->child[0] = i;
	else
		t->oldest_freed = i;
	t->latest_freed = i;
}

static inline uint32_t lpm_bit(const uint8_t *data, uint32_t at)
{
	return data[at / 8] >> (7 - at % 8) & 1;
}

/* How many of the first `limit` bits are the same. */
static inline uint32_t lpm_common(const uint8_t *a, const uint8_t *b, uint32_t limit)
{
	uint32_t bytes = (limit + 7) / 8, i = 0, bits = bytes * 8;
	uint64_t x, y;
	uint32_t v, w;

	for (; i + 8 <= bytes; i += 8) {
		memcpy(&x, a + i, 8);
		memcpy(&y, b + i, 8);
		if (x != y) {
			bits = i * 8 + __builtin_clzll(__builtin_bswap64(x ^ y));
			return bits < limit ? bits : limit;
		}
	}
	if (i + 4 <= bytes) {
		memcpy(&v, a + i, 4);
		memcpy(&w, b + i, 4);
		if (v != w) {
			bits = i * 8 + __builtin_clz(__builtin_bswap32(v ^ w));
			return bits < limit ? bits : limit;
		}
		i += 4;
	}
	for (; i < bytes; i++) {
		if (a[i] != b[i]) {
			bits = i * 8 + __builtin_clz(a[i] ^ b[i]) - 24;
			break;
		}
	}
	return bits < limit ? bits : limit;
}

static inline uint32_t lpm_length(const void *key)
{
	uint32_t length;

	memcpy(&length, key, sizeof(length));
	return length;
}

static inline const uint8_t *lpm_data(const void *key)
{
	return (const uint8_t *)key + KEY_HEADER;
}

/* Where the walk for a prefix ends. */
struct lpm_place {
	uint32_t *slot;	 /* holds node, or 0 */
	uint32_t *above; /* holds the node that slot belongs to, NULL at the root */
	uint32_t node;	 /* which is no proper prefix of the one we look for, or 0 */
	uint32_t common; /* bits that node shares with it */
};

static inline struct lpm_place lpm_walk(struct emu_lpm *t, uint32_t length, const uint8_t *data)
{
	struct lpm_place p = {.slot = &t->root};

	while ((p.node = *p.slot)) {
		struct emu_lpm_node *node = lpm_node(t, p.node);
		uint32_t limit = node->length < length ? node->length : length;

		p.common = lpm_common(node->data, data, limit);
		if (p.common != node->length || node->length == length)
			break;
		p.above = p.slot;
		p.slot = &node->child[lpm_bit(data, node->length)];
	}
	return p;
}

static inline bool lpm_is_exact(const struct emu_lpm *t, const struct lpm_place *p, uint32_t length)
{
	return p->node && lpm_node(t, p->node)->length == length && p->common == length;
}

static uint32_t lpm_find(struct emu_lpm *t, const void *key)
{
	uint32_t length = lpm_length(key), found = 0, i = t->root;
	const uint8_t *data = lpm_data(key);

	if (length > t->length_max)
		return 0;
	while (i) {
		struct emu_lpm_node *node = lpm_node(t, i);

		if (node->length > length ||
		    lpm_common(node->data, data, node->length) < node->length)
			break;
		if (!node->parting)
			found = i;
		if (node->length == length)
			break;
		i = node->child[lpm_bit(data, node->length)];
	}
	return found;
}

static void *lpm_lookup(struct emu_map *m, uint32_t cpu, const void *key)
{
	uint32_t i = lpm_find(lpm_of(m), key);

	return i ? lpm_value(lpm_of(m), i) : NULL;
}

/* May an entry be written, given whether there is one already? */
static inline int lpm_check_update(const struct emu_lpm *t, bool present, uint64_t flags)
{
	const struct mue_world *w = &t->map.world;
	bool full = t->count == t->map.attr.max_entries;

	if (full && !mue_world_has(w, MUE_CHANGE_LPM_REPLACES_WHEN_FULL))
		return -ENOSPC;
	if (mue_world_has(w, MUE_CHANGE_LPM_HONOURS_FLAGS)) {
		if (present && flags == MUE_UPDATE_NOEXIST)
			return -EEXIST;
		if (!present && flags == MUE_UPDATE_EXIST)
			return -ENOENT;
	}
	return full && !present ? -ENOSPC : 0;
}

/* Puts node i above the node at `p`, or beside it under a parting node. 0 or -ENOMEM. */
static int lpm_split(struct emu_lpm *t, const struct lpm_place *p, uint32_t i)
{
	struct emu_lpm_node *new = lpm_node(t, i), *old = lpm_node(t, p->node);
	uint32_t parting, side;

	if (p->common == new->length) {
		new->child[lpm_bit(old->data, p->common)] = p->node;
		*p->slot = i;
		return 0;
	}
	parting = lpm_new_node(t, p->common, old->data);
	if (!parting)
		return -ENOMEM;
	side = lpm_bit(new->data, p->common);
	lpm_node(t, parting)->parting = 1;
	lpm_node(t, parting)->child[side] = i;
	lpm_node(t, parting)->child[!side] = p->node;
	*p->slot = parting;
	return 0;
}

/* Puts node i in the place of the one at `p`. */
static void lpm_supersede(struct emu_lpm *t, const struct lpm_place *p, uint32_t i)
{
	struct emu_lpm_node *new = lpm_node(t, i), *old = lpm_node(t, p->node);

	new->child[0] = old->child[0];
	new->child[1] = old->child[1];
	*p->slot = i;
	lpm_free_node(t, p->node);
}

static long lpm_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
		       uint64_t flags)
{
	struct emu_lpm *t = lpm_of(m);
	uint32_t length = lpm_length(key), i;
	struct lpm_place p;
	bool present;
	int err;

	if (flags > MUE_UPDATE_EXIST || length > t->length_max)
		return -EINVAL;
	p = lpm_walk(t, length, lpm_data(key));
	present = lpm_is_exact(t, &p, length) && !lpm_node(t, p.node)->parting;
	err = lpm_check_update(t, present, flags);
	if (err)
		return err;
	i = lpm_new_node(t, length, lpm_data(key));
	if (!i)
		return -ENOMEM;
	emu_copy_value(m, lpm_value(t, i), value);
	if (!p.node)
		*p.slot = i;
	else if (lpm_is_exact(t, &p, length))
		lpm_supersede(t, &p, i);
	else
		err = lpm_split(t, &p, i);
	if (err)
		lpm_free_node(t, i);
	else
		t->count += !present;
	return err;
}

static long lpm_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	struct emu_lpm *t = lpm_of(m);
	uint32_t length = lpm_length(key), above;
	struct emu_lpm_node *node;
	struct lpm_place p;

	if (length > t->length_max)
		return -EINVAL;
	p = lpm_walk(t, length, lpm_data(key));
	if (!lpm_is_exact(t, &p, length) || lpm_node(t, p.node)->parting)
		return -ENOENT;
	node = lpm_node(t, p.node);
	t->count--;
	if (node->child[0] && node->child[1]) {
		node->parting = 1;
		return 0;
	}
	above = p.above ? *p.above : 0;
	*p.slot = node->child[0] | node->child[1];
	lpm_free_node(t, p.node);
	/* A parting node that parts nothing any more goes too. */
	if (above && !*p.slot && lpm_node(t, above)->parting) {
		*p.above = lpm_node(t, above)->child[0] | lpm_node(t, above)->child[1];
		lpm_free_node(t, above);
	}
	return 0;
}

static int lpm_user_lookup(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	const void *found = lpm_lookup(m, cpu, key);

	if (!found)
		return -ENOENT;
	memcpy(value, found, m->attr.value_size);
	return 0;
}

static int lpm_user_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			   uint64_t flags)
{
	return lpm_update(m, cpu, key, value, flags);
}

static int lpm_user_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	return lpm_delete(m, cpu, key);
}

/* The first entry below `i` in post-order, children before their parent, bit 0 before bit 1. */
static uint32_t lpm_leftmost(const struct emu_lpm *t, uint32_t i)
{
	for (;;) {
		const struct emu_lpm_node *node = lpm_node(t, i);

		if (!node->child[0] && !node->child[1])
			return i;
		i = node->child[0] ? node->child[0] : node->child[1];
	}
}

/* The entry after the present one at this prefix, in post-order; 0 at the end. */
static uint32_t lpm_after(const struct emu_lpm *t, uint32_t length, const uint8_t *data)
{
	uint32_t path[DATA_MAX * 8 + 1], depth = 0, i = t->root;

	while (lpm_node(t, i)->length != length) {
		path[depth++] = i;
		i = lpm_node(t, i)->child[lpm_bit(data, lpm_node(t, i)->length)];
	}
	while (depth) {
		uint32_t parent = path[--depth];
		const struct emu_lpm_node *node = lpm_node(t, parent);

		if (node->child[0] == i && node->child[1])
			return lpm_leftmost(t, node->child[1]);
		if (!node->parting)
			return parent;
		i = parent;
	}
	return 0;
}

static int lpm_next_key(struct emu_map *m, const void *key, void *next)
{
	struct emu_lpm *t = lpm_of(m);
	uint32_t length = key ? lpm_length(key) : 0, i;
	struct lpm_place p = {0};

	if (!t->root)
		return -ENOENT;
	if (key && length <= t->length_max)
		p = lpm_walk(t, length, lpm_data(key));
	if (lpm_is_exact(t, &p, length) && !lpm_node(t, p.node)->parting)
		i = lpm_after(t, length, lpm_data(key));
	else
		i = lpm_leftmost(t, t->root);
	if (!i)
		return -ENOENT;
	memcpy(next, &lpm_node(t, i)->length, KEY_HEADER);
	memcpy((uint8_t *)next + KEY_HEADER, lpm_node(t, i)->data, t->data_size);
	return 0;
}

const struct emu_map_ops emu_lpm_trie_ops = {
	.check = lpm_check,
	.alloc = lpm_alloc,
	.reset = lpm_reset,
	.free = lpm_free,
	.lookup = lpm_lookup,
	.update = lpm_update,
	.delete = lpm_delete,
	.user_lookup = lpm_user_lookup,
	.user_update = lpm_user_update,
	.user_delete = lpm_user_delete,
	.next_key = lpm_next_key,
};
