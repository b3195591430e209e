/* QUEUE and STACK: a ring of max_entries values and one empty place. */
#include <errno.h>
#include <stdlib.h>

#include "runners/emulator/maps/kinds.h"
#include "runners/emulator/maps/storage.h"

struct emu_queue {
	struct emu_map map;
	struct emu_storage ring;
	uint64_t places, head, tail; /* values stand in [tail, head) */
};

static struct emu_queue *queue_of(struct emu_map *m)
{
	return (struct emu_queue *)m;
}

static uint8_t *place(const struct emu_queue *q, uint64_t i)
{
	return (uint8_t *)q->ring.base + i * q->map.attr.value_size;
}

static uint64_t after(const struct emu_queue *q, uint64_t i)
{
	return i + 1 == q->places ? 0 : i + 1;
}

static uint64_t before(const struct emu_queue *q, uint64_t i)
{
	return i ? i - 1 : q->places - 1;
}

static struct emu_map *queue_new(const struct emu_map_ops *ops, const struct mue_world *w,
				 const struct emu_map_attr *a)
{
	struct emu_queue *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	emu_map_init(&q->map, ops, w, a);
	q->places = a->max_entries + UINT64_C(1);
	if (q->places <= EMU_PREALLOC_MAX / a->value_size &&
	    !emu_storage_get(&q->ring, a->spares, q->places * a->value_size))
		return &q->map;
	free(q);
	return NULL;
}

static struct emu_map *queue_alloc(const struct mue_world *w, const struct emu_map_attr *a)
{
	return queue_new(&emu_queue_ops, w, a);
}

static struct emu_map *stack_alloc(const struct mue_world *w, const struct emu_map_attr *a)
{
	return queue_new(&emu_stack_ops, w, a);
}

static void queue_reset(struct emu_map *m)
{
	queue_of(m)->head = queue_of(m)->tail = 0;
	m->frozen = false;
}

static void queue_free(struct emu_map *m)
{
	emu_storage_put(&queue_of(m)->ring);
	free(queue_of(m));
}

static int queue_push(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
		      uint64_t flags)
{
	struct emu_queue *q = queue_of(m);
	bool full = after(q, q->head) == q->tail;

	if (flags & MUE_UPDATE_NOEXIST || flags > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (full && !(flags & MUE_UPDATE_EXIST))
		return -E2BIG;
	if (full)
		q->tail = after(q, q->tail);
	memcpy(place(q, q->head), value, m->attr.value_size);
	q->head = after(q, q->head);
	return 0;
}

static int read_at(struct emu_queue *q, uint64_t i, void *value)
{
	if (q->head == q->tail)
		return -ENOENT;
	memcpy(value, place(q, i), q->map.attr.value_size);
	return 0;
}

static int queue_peek(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	return read_at(queue_of(m), queue_of(m)->tail, value);
}

static int queue_pop(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	struct emu_queue *q = queue_of(m);
	int err = read_at(q, q->tail, value);

	if (!err)
		q->tail = after(q, q->tail);
	return err;
}

static int stack_peek(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	return read_at(queue_of(m), before(queue_of(m), queue_of(m)->head), value);
}

static int stack_pop(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	struct emu_queue *q = queue_of(m);
	int err = read_at(q, before(q, q->head), value);

	if (!err)
		q->head = before(q, q->head);
	return err;
}

static int queue_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	return -EINVAL;
}

static int queue_next_key(struct emu_map *m, const void *key, void *next)
{
	return -EINVAL;
}

const struct emu_map_ops emu_queue_ops = {
	.check = emu_other_check,
	.alloc = queue_alloc,
	.reset = queue_reset,
	.free = queue_free,
	.user_lookup = queue_peek,
	.user_update = queue_push,
	.user_delete = queue_delete,
	.user_take = queue_pop,
	.next_key = queue_next_key,
};

const struct emu_map_ops emu_stack_ops = {
	.check = emu_other_check,
	.alloc = stack_alloc,
	.reset = queue_reset,
	.free = queue_free,
	.user_lookup = stack_peek,
	.user_update = queue_push,
	.user_delete = queue_delete,
	.user_take = stack_pop,
	.next_key = queue_next_key,
};
