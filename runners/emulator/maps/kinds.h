/* The kinds of maps, and what their implementations share. */
#ifndef MUE_EMULATOR_MAPS_KINDS_H
#define MUE_EMULATOR_MAPS_KINDS_H

#include <string.h>

#include "cases/case.h"
#include "runners/emulator/map.h"
#include "runners/emulator/socks.h"

extern const struct emu_map_ops emu_array_ops, emu_percpu_array_ops;
extern const struct emu_map_ops emu_hash_ops, emu_percpu_hash_ops, emu_rhash_ops;
extern const struct emu_map_ops emu_lru_hash_ops, emu_lru_percpu_hash_ops;
extern const struct emu_map_ops emu_lpm_trie_ops;
/* Types that only bpf(2) updates. */
extern const struct emu_map_ops emu_queue_ops, emu_stack_ops, emu_bloom_ops;
extern const struct emu_map_ops emu_fd_array_ops, emu_hash_of_maps_ops;
extern const struct emu_map_ops emu_devmap_ops, emu_devmap_hash_ops, emu_cpumap_ops, emu_xskmap_ops,
	emu_reuseport_ops;
extern const struct emu_map_ops emu_local_ops, emu_insn_array_ops;
extern const struct emu_map_ops emu_sockmap_ops;
/* Types that nobody updates: they can be made, and hold nothing. */
extern const struct emu_map_ops emu_opaque_ops;
/* The creation rules of all these. */
int emu_other_check(const struct mue_world *w, const struct emu_map_attr *attr);

/* sockmap.c: the sockets that the numbers of its user-side updates mean; a value in there is a struct emu_sock. */
void emu_sockmap_bind(struct emu_map *m, struct emu_socks *socks);
/* Takes a socket out. */
/* The first element of a SOCKMAP, with which its iterators begin: a socket, or NULL. */
struct emu_sock *emu_sockmap_first(struct emu_map *m);
void emu_sockmap_forget(struct emu_map *m, const struct emu_sock *k);

/* Flags for BPF_MAP_CREATE that say who may read and write. */
#define EMU_ACCESS_FLAGS \
	(MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY | MUE_MAP_F_RDONLY_PROG | MUE_MAP_F_WRONLY_PROG)

/* Whether there are no other flags than `allowed`, and programs may do something with the map. */
static inline bool emu_flags_fit(const struct emu_map_attr *attr, uint32_t allowed)
{
	const uint32_t prog = MUE_MAP_F_RDONLY_PROG | MUE_MAP_F_WRONLY_PROG;

	return !(attr->flags & ~allowed) && (attr->flags & prog) != prog;
}

/* A kmalloc gives no more than this (KMALLOC_MAX_SIZE). */
#define EMU_KMALLOC_MAX (4u << 20)
/* Before maps-not-charged, what a map may come to hold took less. */
#define EMU_CHARGE_MAX (UINT32_MAX - 4096u)
/* One element's value on one CPU (PCPU_MIN_UNIT_SIZE). */
#define EMU_PERCPU_VALUE_MAX 32768
/* No machine has memory for a preallocated map beyond this: ENOMEM. */
#define EMU_PREALLOC_MAX (1ull << 40)
/* What we reserve for a map that is not preallocated: ENOMEM when it is used up. */
#define EMU_RESERVE_MAX (1ull << 36)

/* Fills in what all kinds hold: attributes, world, stride, skip. */
void emu_map_init(struct emu_map *m, const struct emu_map_ops *ops, const struct mue_world *w,
		  const struct emu_map_attr *attr);
bool emu_percpu(const struct emu_map_attr *attr);
/* Bytes of one element's values: the stride of every CPU that has one. */
uint64_t emu_element_size(const struct mue_world *w, const struct emu_map_attr *attr);
/* Whether the creator asked for a NUMA node (-1 asks for none). */
bool emu_wants_numa_node(const struct emu_map_attr *attr);

/*
 * memmove for sizes that are not known when compiling but mostly small. Programs may
 * pass pointers into the map itself, so that the areas may overlap.
 */
static inline void emu_copy(void *to, const void *from, uint32_t n)
{
	switch (n) {
	case 4:
		memmove(to, from, 4);
		break;
	case 8:
		memmove(to, from, 8);
		break;
	case 16:
		memmove(to, from, 16);
		break;
	default:
		memmove(to, from, n);
	}
}

/* Copies n bytes of a value but for its special field, which is zero always. */
static inline void emu_copy_skipping(const struct emu_map *m, uint8_t *to, const uint8_t *from,
				     size_t n)
{
	memset(to, 0, m->skip);
	memmove(to + m->skip, from + m->skip, n - m->skip);
}

static inline void emu_copy_value(const struct emu_map *m, void *to, const void *from)
{
	if (m->skip)
		emu_copy_skipping(m, to, from, m->attr.value_size);
	else
		emu_copy(to, from, m->attr.value_size);
}

/* An insertion by a program: its value on its CPU, zeros on the others. */
static inline void emu_init_percpu(const struct emu_map *m, uint8_t *element, uint32_t cpu,
				   const void *value)
{
	emu_copy_value(m, element + (size_t)cpu * m->stride, value);
	for (uint32_t i = 0; i < m->world.cpus; i++)
		if (i != cpu)
			memset(element + (size_t)i * m->stride, 0, m->attr.value_size);
}

/* What a user-side update's flags, which were checked, say of a key's presence (semantics S7). */
static inline uint64_t emu_user_mode(const struct emu_map *m, uint64_t flags)
{
	if (!mue_world_has(&m->world, MUE_CHANGE_CPU_FLAGS))
		return flags;
	return flags == MUE_UPDATE_NOEXIST || flags == MUE_UPDATE_EXIST ? flags : 0;
}

/* A bpf(2) caller's value or values, to those CPUs of an old or new element that the flags name. */
static inline void emu_write_cpus(const struct emu_map *m, uint8_t *element, const void *value,
				  uint64_t flags, bool new)
{
	const uint32_t cpu = flags >> 32;

	if (flags & MUE_UPDATE_CPU && new)
		emu_init_percpu(m, element, cpu, value);
	else if (flags & MUE_UPDATE_CPU)
		emu_copy_value(m, element + (size_t)cpu * m->stride, value);
	else if (flags & MUE_UPDATE_ALL_CPUS)
		for (uint32_t i = 0; i < m->world.cpus; i++)
			emu_copy_value(m, element + (size_t)i * m->stride, value);
	else
		for (uint32_t i = 0; i < m->world.cpus; i++)
			emu_copy_skipping(m, element + (size_t)i * m->stride,
					  (const uint8_t *)value + (size_t)i * m->stride,
					  m->stride);
}

#endif
