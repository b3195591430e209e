#include "oracle/model_map.h"

#include <stdlib.h>
#include <string.h>

struct model_chunk {
	struct model_chunk *next;
	uint8_t bytes[];
};

void model_memory_begin(struct model_memory *mem)
{
	mem->chunks = NULL;
	mem->taken = 0;
	mem->next = mem->first;
	mem->end = mem->first + sizeof(mem->first);
}

void model_memory_end(struct model_memory *mem)
{
	while (mem->chunks) {
		struct model_chunk *chunk = mem->chunks;

		mem->chunks = chunk->next;
		free(chunk);
	}
}

static void add_chunk(struct model_memory *mem, uint64_t at_least)
{
	uint64_t size = mem->taken + 65536 > at_least ? mem->taken + 65536 : at_least;
	struct model_chunk *chunk = NULL;

	if (at_least <= MODEL_MEMORY_MAX && mem->taken + at_least <= MODEL_MEMORY_MAX)
		chunk = malloc(sizeof(*chunk) + size);
	if (!chunk)
		longjmp(mem->leave, MODEL_FULL);
	chunk->next = mem->chunks;
	mem->chunks = chunk;
	mem->taken += size;
	mem->next = chunk->bytes;
	mem->end = chunk->bytes + size;
}

void *model_take(struct model_memory *mem, uint64_t n)
{
	uint8_t *p;

	n = (n + 7) & ~UINT64_C(7);
	if (n > (uint64_t)(mem->end - mem->next))
		add_chunk(mem, n);
	p = mem->next;
	mem->next += n;
	return p;
}

void *model_take_zeroed(struct model_memory *mem, uint64_t n)
{
	return memset(model_take(mem, n), 0, n);
}

bool model_has_special(const struct mue_world *w, const struct mue_map *def, unsigned special)
{
	if (mue_special_rows[def->special].since > w->version)
		return special == MUE_SPECIAL_BTF; /* to older kernels it is a plain struct */
	if (special == MUE_SPECIAL_SPIN_LOCK)
		return mue_special_rows[def->special].lock;
	return def->special == special;
}

static const struct model_kind *kind_of(const struct mue_map *def)
{
	switch (def->type) {
	case MUE_MAP_ARRAY:
	case MUE_MAP_PERCPU_ARRAY:
		return &model_array;
	case MUE_MAP_HASH:
	case MUE_MAP_PERCPU_HASH:
		return &model_hash;
	case MUE_MAP_LRU_HASH:
	case MUE_MAP_LRU_PERCPU_HASH:
		return &model_lru;
	case MUE_MAP_LPM_TRIE:
		return &model_lpm;
	case MUE_MAP_RHASH:
		return &model_rhash;
	case MUE_MAP_SOCKMAP:
	case MUE_MAP_SOCKHASH:
		return &model_sockmap;
	}
	return NULL;
}

static const struct model_other *other_of(const struct mue_map *def)
{
	switch (def->type) {
	case MUE_MAP_QUEUE:
	case MUE_MAP_STACK:
		return &model_queue;
	case MUE_MAP_BLOOM_FILTER:
		return &model_bloom;
	case MUE_MAP_PROG_ARRAY:
	case MUE_MAP_PERF_EVENT_ARRAY:
	case MUE_MAP_CGROUP_ARRAY:
	case MUE_MAP_ARRAY_OF_MAPS:
		return &model_fd_array;
	case MUE_MAP_HASH_OF_MAPS:
		return &model_hash_of_maps;
	case MUE_MAP_DEVMAP:
		return &model_devmap;
	case MUE_MAP_DEVMAP_HASH:
		return &model_devmap_hash;
	case MUE_MAP_CPUMAP:
		return &model_cpumap;
	case MUE_MAP_XSKMAP:
		return &model_xskmap;
	case MUE_MAP_REUSEPORT_SOCKARRAY:
		return &model_reuseport;
	case MUE_MAP_SK_STORAGE:
	case MUE_MAP_INODE_STORAGE:
	case MUE_MAP_TASK_STORAGE:
	case MUE_MAP_CGRP_STORAGE:
		return &model_storage;
	case MUE_MAP_CGROUP_STORAGE:
	case MUE_MAP_PERCPU_CGROUP_STORAGE:
		return &model_cgroup_storage;
	case MUE_MAP_STACK_TRACE:
		return &model_stack_trace;
	case MUE_MAP_RINGBUF:
	case MUE_MAP_USER_RINGBUF:
		return &model_ringbuf;
	case MUE_MAP_ARENA:
		return &model_arena;
	case MUE_MAP_INSN_ARRAY:
		return &model_insn_array;
	}
	return NULL;
}

void model_map_init(struct model_map *m, struct model_memory *mem, const struct mue_world *w,
		    const struct mue_map *def)
{
	const struct mue_map_type_row *row = mue_map_type_row(def->type);

	*m = (struct model_map){
		.def = def,
		.world = w,
		.mem = mem,
		.kind = kind_of(def),
		.other = other_of(def),
		.capacity = def->max_entries,
		.per_cpu = row && row->per_cpu,
		.copies = row && row->per_cpu ? w->cpus : 1,
	};
	if (model_has_special(w, def, def->special))
		m->special_size = mue_special_size(def->special);
	if (m->kind && m->kind->init)
		m->kind->init(m);
	if (m->other && m->other->init)
		m->other->init(m);
}

/* Where the key is, or would be inserted. */
static uint32_t place_of(const struct model_map *m, const uint8_t *key)
{
	uint32_t low = 0, high = m->n;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (memcmp(m->elems[middle]->key, key, m->def->key_size) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct model_elem *model_find(const struct model_map *m, const uint8_t *key)
{
	uint32_t i = place_of(m, key);

	if (i == m->n || memcmp(m->elems[i]->key, key, m->def->key_size))
		return NULL;
	return m->elems[i];
}

struct model_elem *model_new(struct model_map *m)
{
	struct model_elem *e = model_take_zeroed(m->mem, sizeof(*e));

	e->key = model_take_zeroed(m->mem, m->def->key_size);
	e->value = model_take_zeroed(m->mem, (uint64_t)m->copies * m->def->value_size);
	return e;
}

void model_insert_at(struct model_map *m, uint32_t i, struct model_elem *e)
{
	if (m->n == m->room) {
		uint32_t room = m->room ? m->room * 2 : 8;
		struct model_elem **elems = model_take(m->mem, room * sizeof(*elems));

		if (m->n)
			memcpy(elems, m->elems, m->n * sizeof(*elems));
		m->elems = elems;
		m->room = room;
	}
	memmove(m->elems + i + 1, m->elems + i, (m->n - i) * sizeof(*m->elems));
	m->elems[i] = e;
	m->n++;
}

void model_remove_at(struct model_map *m, uint32_t i)
{
	memmove(m->elems + i, m->elems + i + 1, (m->n - i - 1) * sizeof(*m->elems));
	m->n--;
}

void model_insert(struct model_map *m, struct model_elem *e)
{
	model_insert_at(m, place_of(m, e->key), e);
}

void model_remove(struct model_map *m, struct model_elem *e)
{
	model_remove_at(m, place_of(m, e->key));
}

uint8_t *model_value(const struct model_map *m, const struct model_elem *e, uint32_t cpu)
{
	return e->value + (m->per_cpu ? (uint64_t)cpu * m->def->value_size : 0);
}

static void copy_value(const struct model_map *m, uint8_t *to, const uint8_t *from)
{
	memmove(to + m->special_size, from + m->special_size, m->def->value_size - m->special_size);
}

void model_write(struct model_map *m, struct model_elem *e, const struct model_call *c)
{
	if (!m->per_cpu || c->target != MODEL_ALL_CPUS) {
		copy_value(m, model_value(m, e, c->target), c->value);
		return;
	}
	for (uint32_t cpu = 0; cpu < m->copies; cpu++)
		copy_value(m, model_value(m, e, cpu), c->value + (uint64_t)cpu * m->def->value_size);
}

void model_write_new(struct model_map *m, struct model_elem *e, const struct model_call *c)
{
	for (uint32_t cpu = 0; cpu < m->copies && m->per_cpu && c->target != MODEL_ALL_CPUS; cpu++)
		if (cpu != c->target)
			memset(model_value(m, e, cpu), 0, m->def->value_size);
	model_write(m, e, c);
}
