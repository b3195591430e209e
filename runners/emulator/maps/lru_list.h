/*
 * The lists that decide which element an LRU map gives up. They follow the kernel's
 * (kernel/bpf/bpf_lru_list.c) step by step, so that the same calls on the same CPUs evict the same
 * elements: eviction is what a program sees.
 *
 * Common lists: a global free, inactive and active list, and for each CPU a local free and a
 * pending one. Own lists (NO_COMMON_LRU): the three lists for each CPU, which never meet.
 */
#ifndef MUE_EMULATOR_MAPS_LRU_LIST_H
#define MUE_EMULATOR_MAPS_LRU_LIST_H

#include "runners/emulator/maps/storage.h"

/* A list head or an element; element i (1..n) is node `first` + i - 1. */
struct emu_lru_node {
	uint32_t prev, next;
	uint16_t cpu;
	uint8_t kind; /* enum emu_lru_kind: the list it is on */
	uint8_t ref;
};

/* What is known of one set of active, inactive, free. */
struct emu_lru_set {
	uint32_t counts[2]; /* of active, inactive */
	uint32_t rotation;  /* the inactive node, or head, from which the next rotation starts */
	uint32_t fresh, fresh_end; /* elements never used: the tail of the free list */
};

struct emu_lru {
	struct emu_lru_node *nodes;
	struct emu_lru_set *sets; /* one, or one a CPU */
	uint16_t *next_steal;	  /* for each CPU, common lists only */
	uint32_t n, cpus, first;
	uint32_t batch; /* elements that a CPU takes from the global lists at a time */
	bool own_lists;
	bool in_order; /* a batch keeps its order when it moves to a CPU */
	/* Takes element i, which is in the table, out of it. */
	void (*evict)(void *ctx, uint32_t i);
	void *ctx;
	struct emu_storage storage;
};

struct emu_lru_options {
	uint32_t n, cpus; /* n: a multiple of cpus for own lists */
	bool own_lists, batch_scaled, in_order;
	struct emu_spares *spares; /* or NULL */
	void (*evict)(void *ctx, uint32_t i);
	void *ctx;
};

/* All n elements free. 0, or -ENOMEM. */
int emu_lru_init(struct emu_lru *l, const struct emu_lru_options *o);
/* As if newly initialised. */
void emu_lru_reset(struct emu_lru *l);
void emu_lru_free(struct emu_lru *l);

/* An element for `cpu`, with its ref bit clear, evicting others if need be; 0 when there is none.
 */
uint32_t emu_lru_pop(struct emu_lru *l, uint32_t cpu);
/* Gives back an element that was popped. */
void emu_lru_push(struct emu_lru *l, uint32_t i);

/* Marks element i as used since it was last looked at. */
static inline void emu_lru_touch(struct emu_lru *l, uint32_t i)
{
	l->nodes[l->first + i - 1].ref = 1;
}

#endif
