#include "runners/emulator/maps/slots.h"

#include <errno.h>
#include <stdlib.h>

struct emu_map *emu_slots_alloc(const struct emu_map_ops *ops, const struct mue_world *w,
				const struct emu_map_attr *a)
{
	struct emu_slots *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	emu_map_init(&s->map, ops, w, a);
	s->size = (sizeof(struct emu_slot) + a->key_size + a->value_size + 7) & ~(size_t)7;
	return &s->map;
}

void emu_slots_reset(struct emu_map *m)
{
	struct emu_slots *s = emu_slots_of(m);

	if (s->slots)
		memset(s->slots, 0, s->room * s->size);
	s->used = s->owner = 0;
	m->frozen = false;
}

void emu_slots_free(struct emu_map *m)
{
	free(emu_slots_of(m)->slots);
	free(emu_slots_of(m));
}

static struct emu_slot *slot(const struct emu_slots *s, uint32_t i)
{
	return (struct emu_slot *)(s->slots + i * s->size);
}

struct emu_slot *emu_slots_find(struct emu_map *m, const void *key)
{
	struct emu_slots *s = emu_slots_of(m);

	for (uint32_t i = 0; i < s->room; i++)
		if (slot(s, i)->used && !memcmp(slot(s, i)->bytes, key, m->attr.key_size))
			return slot(s, i);
	return NULL;
}

static struct emu_slot *unused(struct emu_slots *s)
{
	uint32_t room = s->room ? s->room * 2 : 4, i = 0;
	uint8_t *more;

	while (i < s->room && slot(s, i)->used)
		i++;
	if (i < s->room)
		return slot(s, i);
	more = realloc(s->slots, room * s->size);
	if (!more)
		return NULL;
	memset(more + s->room * s->size, 0, (room - s->room) * s->size);
	s->slots = more;
	s->room = room;
	return slot(s, i);
}

int emu_slots_put(struct emu_map *m, const void *key, const void *value)
{
	struct emu_slot *e = emu_slots_find(m, key);
	bool new = !e;

	if (new)
		e = unused(emu_slots_of(m));
	if (!e)
		return -ENOMEM;
	if (new)
		memset(e->bytes, 0, m->attr.key_size + m->attr.value_size);
	emu_slots_of(m)->used += new;
	e->used = true;
	e->object = m->names.value ? m->names.value : m->names.key;
	e->map = m->names.map;
	memcpy(e->bytes, key, m->attr.key_size);
	emu_copy_value(m, e->bytes + m->attr.key_size, value);
	return 0;
}

int emu_slots_lookup(struct emu_map *m, uint32_t cpu, const void *key, void *value)
{
	struct emu_slot *e = emu_slots_find(m, key);

	if (!e)
		return -ENOENT;
	memcpy(value, e->bytes + m->attr.key_size, m->attr.value_size);
	return 0;
}

int emu_slots_delete(struct emu_map *m, uint32_t cpu, const void *key)
{
	struct emu_slot *e = emu_slots_find(m, key);

	if (!e)
		return -ENOENT;
	e->used = false;
	emu_slots_of(m)->used--;
	return 0;
}

int emu_slots_next_key(struct emu_map *m, const void *key, void *next)
{
	return -ENOENT;
}
