/* HASH and PERCPU_HASH (semantics H). */
#include <errno.h>
#include <string.h>

#include "oracle/model_map.h"

/* What a CPU has at hand of elements that are not present. */
struct hash_cpu {
	struct model_list freed;  /* the latest first; never used ones lie below */
	struct model_elem *spare; /* H4; NULL while it is one never used */
	uint32_t at_hand;	  /* H6: how many the allocator holds for this CPU, used or not */
};

/* H6: when the allocator gets more, how many, and above how many it gives some back. */
struct hash {
	uint32_t low, high, batch, first;
	struct hash_cpu cpus[];
};

static struct hash_cpu *cpu_of(const struct model_map *m, uint32_t cpu)
{
	return ((struct hash *)m->own)->cpus + cpu;
}

static bool preallocated(const struct model_map *m)
{
	return !(m->def->flags & MUE_MAP_F_NO_PREALLOC);
}

static uint32_t at_least(uint32_t n, uint32_t least)
{
	return n < least ? least : n;
}

/* What is allocated is an element, or a per-CPU one's values, with 8 bytes of the allocator's. */
static void init_allocator(struct hash *h, const struct model_map *m)
{
	uint64_t key = (m->def->key_size + 7) & ~7u, value = (m->def->value_size + UINT64_C(7)) & ~7u;
	uint32_t unit = m->per_cpu ? value : 48 + key + value + 8;

	h->low = unit <= 256 ? 32 : at_least(32 * 256 / unit, 1);
	h->high = unit <= 256 ? 96 : at_least(96 * 256 / unit, 3);
	h->first = unit <= 256 ? 4 : 1;
	if (m->per_cpu && m->world->version >= MUE_VERSION(6, 8)) {
		h->low = h->first = 1;
		h->high = 3;
	}
	h->batch = at_least((h->high - h->low) / 4 * 3, 1);
}

static void init(struct model_map *m)
{
	const uint64_t size = sizeof(struct hash) + m->world->cpus * sizeof(struct hash_cpu);
	struct hash *h = model_take_zeroed(m->mem, size);

	m->own = h;
	init_allocator(h, m);
	for (uint32_t cpu = 0; cpu < m->world->cpus; cpu++) {
		TAILQ_INIT(&h->cpus[cpu].freed);
		h->cpus[cpu].at_hand = h->first;
	}
}

static struct model_elem *lookup(struct model_map *m, const uint8_t *key, bool user)
{
	return model_find(m, key);
}

/* H6: what the CPU freed is no longer where it was. */
static void lose_freed(struct hash_cpu *own)
{
	struct model_elem *e;

	while ((e = TAILQ_FIRST(&own->freed))) {
		TAILQ_REMOVE(&own->freed, e, link);
		e->lost = true;
	}
}

/* H5: the element that this CPU freed last comes back first. */
static void free_elem(struct model_map *m, uint32_t cpu, struct model_elem *e)
{
	const struct hash *h = m->own;
	struct hash_cpu *own = cpu_of(m, cpu);

	TAILQ_INSERT_HEAD(&own->freed, e, link);
	if (preallocated(m) || ++own->at_hand <= h->high)
		return;
	own->at_hand = (h->high + h->low) / 2;
	lose_freed(own);
}

static void refill(struct model_map *m, struct hash_cpu *own)
{
	const struct hash *h = m->own;

	if (preallocated(m) || --own->at_hand >= h->low)
		return;
	own->at_hand += h->batch;
	lose_freed(own);
}

static struct model_elem *unused_elem(struct model_map *m, uint32_t cpu)
{
	struct hash_cpu *own = cpu_of(m, cpu);
	struct model_elem *e = TAILQ_FIRST(&own->freed);

	if (!preallocated(m) && !mue_world_has(m->world, MUE_CHANGE_NO_PREALLOC_RECYCLES))
		return model_new(m);
	if (e)
		TAILQ_REMOVE(&own->freed, e, link);
	refill(m, own);
	return e ? e : model_new(m);
}

/* H4: a preallocated map changes places with the CPU's spare; others allocate, then free. */
static struct model_elem *replacement(struct model_map *m, uint32_t cpu, struct model_elem *old)
{
	struct hash_cpu *own = cpu_of(m, cpu);
	struct model_elem *e;

	if (preallocated(m)) {
		e = own->spare ? own->spare : model_new(m);
		own->spare = old;
	} else {
		e = unused_elem(m, cpu);
		free_elem(m, cpu, old);
	}
	return e;
}

static void make_present(struct model_map *m, struct model_elem *e, const struct model_call *c)
{
	memmove(e->key, c->key, m->def->key_size);
	model_write_new(m, e, c);
	model_insert(m, e);
}

/* H1 to H4, in the order of the checks. */
static long update(struct model_map *m, const struct model_call *c)
{
	bool lock = c->flags & MUE_UPDATE_LOCK && !m->per_cpu;
	uint64_t mode = lock ? c->flags & ~(uint64_t)MUE_UPDATE_LOCK : c->flags;
	struct model_elem *old;

	if (mode > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (lock && !model_has_special(m->world, m->def, MUE_SPECIAL_SPIN_LOCK))
		return -EINVAL;
	old = model_find(m, c->key);
	if (old && mode == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (!old && mode == MUE_UPDATE_EXIST)
		return -ENOENT;
	if (!old && m->n == m->capacity)
		return -E2BIG;
	if (!old) {
		make_present(m, unused_elem(m, c->cpu), c);
	} else if (m->per_cpu || lock) {
		model_write(m, old, c);
	} else {
		model_remove(m, old);
		make_present(m, replacement(m, c->cpu, old), c);
	}
	return 0;
}

static long delete(struct model_map *m, uint32_t cpu, const uint8_t *key)
{
	struct model_elem *e = model_find(m, key);

	if (!e)
		return -ENOENT;
	model_remove(m, e);
	free_elem(m, cpu, e);
	return 0;
}

const struct model_kind model_hash = {init, lookup, update, delete};
