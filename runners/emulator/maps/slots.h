/*
 * Few elements by key, for the types that hold what the emulator has not: each
 * element is its value's bytes and the object that a descriptor in it named.
 */
#ifndef MUE_EMULATOR_MAPS_SLOTS_H
#define MUE_EMULATOR_MAPS_SLOTS_H

#include "runners/emulator/maps/kinds.h"

struct emu_slot {
	bool used;
	uint32_t object;   /* what a descriptor in key or value named: enum mue_object */
	const void *map;   /* and the map, of a map_fd */
	uint8_t bytes[];   /* key, then value */
};

struct emu_slots {
	struct emu_map map;
	uint32_t used, room;
	uint32_t owner; /* PROG_ARRAY: the first program ever put in, or 0 */
	size_t size;	/* of a slot */
	uint8_t *slots;
};

/* The pieces of an emu_map_ops that all such types share. */
struct emu_map *emu_slots_alloc(const struct emu_map_ops *ops, const struct mue_world *w,
				const struct emu_map_attr *attr);
void emu_slots_reset(struct emu_map *m);
void emu_slots_free(struct emu_map *m);
int emu_slots_next_key(struct emu_map *m, const void *key, void *next);
/* 0 and the value, or -ENOENT. */
int emu_slots_lookup(struct emu_map *m, uint32_t cpu, const void *key, void *value);
/* 0, or -ENOENT. */
int emu_slots_delete(struct emu_map *m, uint32_t cpu, const void *key);

static inline struct emu_slots *emu_slots_of(struct emu_map *m)
{
	return (struct emu_slots *)m;
}

static inline uint32_t emu_slots_index(const void *key)
{
	uint32_t index;

	memcpy(&index, key, sizeof(index));
	return index;
}

/* The element of a key, or NULL. */
struct emu_slot *emu_slots_find(struct emu_map *m, const void *key);
/* Writes an element, a new one or over the old one. 0 or -ENOMEM. */
int emu_slots_put(struct emu_map *m, const void *key, const void *value);

#define EMU_SLOTS_OPS(alloc_, lookup_, update_, delete_) \
	{                                                \
		.check = emu_other_check,                \
		.alloc = alloc_,                         \
		.reset = emu_slots_reset,                \
		.free = emu_slots_free,                  \
		.user_lookup = lookup_,                  \
		.user_update = update_,                  \
		.user_delete = delete_,                  \
		.next_key = emu_slots_next_key,          \
	}

#endif
