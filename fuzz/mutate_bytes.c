/* Keys that meet, that are prefixes of each other, that are at the limits; values that differ. */
#include <string.h>

#include "fuzz/mutation.h"

static const struct mue_map *map_of(const struct mutation *m, const struct mue_op *op)
{
	return &m->c->maps[op->map];
}

static bool is_trie(const struct mue_map *map)
{
	return map->type == MUE_MAP_LPM_TRIE;
}

/* Makes as much of the bytes literal as can be, to be changed in place. Gives how much that is. */
static uint32_t open_head(struct mue_bytes *b, uint32_t size)
{
	uint32_t n = size < MUE_HEAD_MAX ? size : MUE_HEAD_MAX;

	if (b->n_head < n)
		memset(b->head + b->n_head, b->fill, n - b->n_head);
	b->n_head = n;
	return n;
}

static struct mue_op *some_op(const struct mutation *m)
{
	return m->c->n_ops ? &m->c->ops[mue_dice_roll(m->d, m->c->n_ops)] : NULL;
}

/* Another op on the same map that has a key, or NULL. */
static const struct mue_op *some_neighbour(const struct mutation *m, const struct mue_op *op)
{
	const struct mue_op *found = NULL;
	uint32_t n = 0;

	for (const struct mue_op *o = m->c->ops; o < m->c->ops + m->c->n_ops; o++)
		if (o != op && o->map == op->map && mue_op_has_key(o->kind) &&
		    !mue_dice_roll(m->d, ++n))
			found = o;
	return found;
}

/* The prefix length that a trie's key begins with. */
static void set_length(const struct mutation *m, struct mue_op *op)
{
	static const uint8_t lengths[] = {0,  0,  1,  2,  3,  7,  8,  9, 15,
					  16, 17, 23, 24, 25, 31, 32, 33};
	uint32_t size = map_of(m, op)->key_size,
		 most = size > 4 && size < 300 ? (size - 4) * 8 : 32;
	uint32_t length = ONE_OF(m->d, lengths);

	if (mue_dice_chance(m->d, 40))
		length = most;
	if (mue_dice_chance(m->d, 20))
		length = most - 1 + mue_dice_roll(m->d, 3);
	if (mue_dice_chance(m->d, 1))
		length = UINT32_MAX;
	if (open_head(&op->key, size) >= 4)
		memcpy(op->key.head, &length, 4);
}

static void draw_prefix(const struct mutation *m, struct mue_op *op)
{
	uint32_t n = open_head(&op->key, map_of(m, op)->key_size);

	for (uint32_t i = 4; i < n; i++)
		op->key.head[i] = mue_dice_chance(m->d, 80) ? 10 + i : 1u << mue_dice_roll(m->d, 8);
	set_length(m, op);
}

/* A number of few, so that keys meet; at times one beside the end of an array. */
static void draw_index(const struct mutation *m, struct mue_op *op)
{
	static const uint32_t limits[] = {0, 255, 256, 65535, 65536, 1u << 31, UINT32_MAX};
	uint32_t room = map_of(m, op)->max_entries;
	uint32_t few = room < 6 ? room + 2 : 8;
	uint32_t n = mue_dice_roll(m->d, few);

	if (mue_dice_chance(m->d, 20))
		n = room - 1 + mue_dice_roll(m->d, 3);
	if (mue_dice_chance(m->d, 5))
		n = ONE_OF(m->d, limits);
	op->key = mue_bytes_u32(n);
}

void mutate_new_key(const struct mutation *m, struct mue_op *op)
{
	const struct mue_op *other = mue_dice_chance(m->d, 50) ? some_neighbour(m, op) : NULL;

	memset(&op->key, 0, sizeof(op->key));
	if (other)
		op->key = other->key;
	else if (is_trie(map_of(m, op)))
		draw_prefix(m, op);
	else
		draw_index(m, op);
}

bool mutate_key_of_other(const struct mutation *m)
{
	struct mue_op *op = some_op(m);
	const struct mue_op *other = op ? some_neighbour(m, op) : NULL;

	if (other)
		op->key = other->key;
	return other != NULL;
}

bool mutate_key_beside_other(const struct mutation *m)
{
	struct mue_op *op = some_op(m);
	uint32_t n;

	if (!op || !mutate_key_of_other(m))
		return false;
	n = open_head(&op->key, map_of(m, op)->key_size);
	if (n)
		op->key.head[mue_dice_chance(m->d, 50) ? 0 : n - 1] +=
			mue_dice_chance(m->d, 50) ? 1 : -1;
	return n;
}

/* The same address in a longer or shorter prefix; or, as long, one that parts at its last bit. */
bool mutate_key_prefix(const struct mutation *m)
{
	struct mue_op *op = some_op(m);
	uint32_t n, length;

	if (!op || !is_trie(map_of(m, op)) || !mutate_key_of_other(m))
		return false;
	n = open_head(&op->key, map_of(m, op)->key_size);
	if (n < 5)
		return false;
	memcpy(&length, op->key.head, 4);
	if (mue_dice_chance(m->d, 50)) {
		set_length(m, op);
	} else {
		uint32_t bit = length - (mue_dice_chance(m->d, 50) ? 1 : mue_dice_roll(m->d, 9));

		if (bit / 8 < n - 4)
			op->key.head[4 + bit / 8] ^= 0x80 >> bit % 8;
	}
	return true;
}

bool mutate_key_index(const struct mutation *m)
{
	struct mue_op *op = some_op(m);

	if (!op)
		return false;
	if (is_trie(map_of(m, op)))
		set_length(m, op);
	else
		draw_index(m, op);
	return true;
}

bool mutate_key_bit(const struct mutation *m)
{
	struct mue_op *op = some_op(m);
	uint32_t n = op ? open_head(&op->key, map_of(m, op)->key_size) : 0;

	if (n)
		op->key.head[mue_dice_roll(m->d, n)] ^= 1u << mue_dice_roll(m->d, 8);
	return n;
}

void mutate_new_value(const struct mutation *m, struct mue_op *op)
{
	op->value = mue_bytes_u32(mue_dice_roll(m->d, 1u << 16) + 1);
	op->value.fill = mue_dice_chance(m->d, 30) ? mue_dice_roll(m->d, 256) : 0;
}

bool mutate_value_number(const struct mutation *m)
{
	struct mue_op *op = some_op(m);

	if (op)
		mutate_new_value(m, op);
	return op != NULL;
}

/* Any of its bytes; also its last. */
bool mutate_value_bytes(const struct mutation *m)
{
	struct mue_op *op = some_op(m);
	uint32_t n;

	if (!op)
		return false;
	if (mue_dice_chance(m->d, 30)) {
		op->value.n_tail = 1;
		op->value.tail[0] = mue_dice_roll(m->d, 256);
		return true;
	}
	n = open_head(&op->value, map_of(m, op)->value_size);
	if (n)
		op->value.head[mue_dice_roll(m->d, n)] = mue_dice_roll(m->d, 256);
	return n;
}
