/*
 * Maps of the emulator: one implementation a kind, in maps/. Real data structures
 * with the kernel's observable behaviour; docs/semantics.md has the rules.
 */
#ifndef MUE_EMULATOR_MAP_H
#define MUE_EMULATOR_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "cases/world.h"

struct emu_map_attr {
	uint32_t type, key_size, value_size, max_entries, flags, numa_node;
	uint32_t special; /* enum mue_special: a special field at offset 0 of the value */
	const struct emu_map *inner; /* the template of a map of maps, or NULL */
	struct emu_spares *spares;   /* of whom the map shall have its memory, or NULL */
};

/* What the descriptors in a call's key and value name: enum mue_object, and a map_fd's map. */
struct emu_names {
	uint32_t key, value;
	const struct emu_map *map;
};

struct emu_map {
	const struct emu_map_ops *ops;
	struct emu_map_attr attr;
	struct mue_world world;
	bool frozen;
	/*
	 * All memory that programs may get pointers into: every value of the map lies in
	 * [memory, memory + memory_size).
	 */
	uint8_t *memory;
	uint64_t memory_size;
	uint32_t stride; /* bytes from one CPU's value to the next: value_size rounded up to 8 */
	uint32_t skip;	 /* bytes of the special field, which no update copies: they stay zero */
	struct emu_names names; /* of the bpf(2) call under way */
};

/* An entry of a map, values as user_lookup gives them. */
struct emu_entry {
	const uint8_t *key, *values;
};

struct emu_map_ops {
	/* The creation rules (semantics C*): 0 or -errno. */
	int (*check)(const struct mue_world *w, const struct emu_map_attr *attr);
	/* A new, empty map for checked attributes, or NULL when memory is out. Copies both. */
	struct emu_map *(*alloc)(const struct mue_world *w, const struct emu_map_attr *attr);
	/* Makes it as if newly allocated, in every observable respect, at less cost. */
	void (*reset)(struct emu_map *m);
	void (*free)(struct emu_map *m);

	/*
	 * What the helpers do, on CPU `cpu`. Keys and values are key_size, value_size bytes; of maps that
	 * hold sockets, a value is a struct emu_sock.
	 */
	void *(*lookup)(struct emu_map *m, uint32_t cpu, const void *key);
	long (*update)(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
		       uint64_t flags);
	long (*delete)(struct emu_map *m, uint32_t cpu, const void *key);

	/*
	 * What bpf(2) does, called on CPU `cpu`. Values of per-CPU maps are stride bytes for
	 * each possible CPU. The access rules (RDONLY, WRONLY, frozen) and F_LOCK's are the
	 * caller's.
	 */
	int (*user_lookup)(struct emu_map *m, uint32_t cpu, const void *key, void *value);
	int (*user_update)(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
			   uint64_t flags);
	int (*user_delete)(struct emu_map *m, uint32_t cpu, const void *key);
	/* Lookup and delete in one; NULL where the type has none. */
	int (*user_take)(struct emu_map *m, uint32_t cpu, const void *key, void *value);
	/* The key after `key` (NULL: the first); 0, or -ENOENT at the end. Deterministic. */
	int (*next_key)(struct emu_map *m, const void *key, void *next);
	/*
	 * The same without a search: the entry behind number *at (0: the first), as it lies in the
	 * map; false at the end. NULL where entries have no numbers.
	 */
	bool (*next_entry)(struct emu_map *m, uint32_t *at, struct emu_entry *e);
};

/* The operations of a map type, or NULL for a type that the emulator has not. */
const struct emu_map_ops *emu_map_ops_of(uint32_t type);

/*
 * BPF_MAP_CREATE: the checks common to all types, the type's own, then allocation.
 * Gives 0 and the map, or -errno (-EINVAL also for types unknown to that world).
 */
int emu_map_create(struct emu_map **m, const struct mue_world *w, const struct emu_map_attr *attr);
void emu_map_free(struct emu_map *m); /* NULL is fine */

/* Bytes that a user-side lookup or update moves: of all possible CPUs for per-CPU maps. */
uint64_t emu_user_value_size(const struct emu_map *m);

/*
 * The commands of bpf(2) with the checks that come before the map's operation
 * (semantics S*): access flags, frozen, F_LOCK without a lock. 0 or -errno.
 */
int emu_user_update(struct emu_map *m, uint32_t cpu, const void *key, const void *value,
		    uint64_t flags);
int emu_user_lookup(struct emu_map *m, uint32_t cpu, const void *key, void *value, uint64_t flags);
int emu_user_delete(struct emu_map *m, uint32_t cpu, const void *key);
int emu_user_take(struct emu_map *m, uint32_t cpu, const void *key, void *value, uint64_t flags);
int emu_user_freeze(struct emu_map *m);
/*
 * n elements laid out one after the other. *done is the count as bpf(2) leaves it: how many
 * were written, or still n when the command was refused as a whole.
 */
int emu_user_update_batch(struct emu_map *m, uint32_t cpu, const void *keys, const void *values,
			  uint32_t n, uint64_t elem_flags, uint32_t *done);

#endif
