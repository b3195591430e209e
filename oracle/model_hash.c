/* HASH and PERCPU_HASH (semantics H). */
#include <errno.h>
#include <string.h>

#include "oracle/model_map.h"

/* What a CPU has at hand of elements that are not present. */
struct hash_cpu {
	struct model_list freed;  /* the latest first; never used ones lie below */
	struct model_elem *spare; /* H4; NULL while it is one never used */
};

static struct hash_cpu *cpu_of(const struct model_map *m, uint32_t cpu)
{
	return (struct hash_cpu *)m->own + cpu;
}

static bool preallocated(const struct model_map *m)
{
	return !(m->def->flags & MUE_MAP_F_NO_PREALLOC);
}

static void init(struct model_map *m)
{
	m->own = model_take_zeroed(m->mem, m->world->cpus * sizeof(struct hash_cpu));
	for (uint32_t cpu = 0; cpu < m->world->cpus; cpu++)
		TAILQ_INIT(&cpu_of(m, cpu)->freed);
}

static struct model_elem *lookup(struct model_map *m, const uint8_t *key, bool user)
{
	return model_find(m, key);
}

/* H5: the element that this CPU freed last comes back first. */
static void free_elem(struct model_map *m, uint32_t cpu, struct model_elem *e)
{
	TAILQ_INSERT_HEAD(&cpu_of(m, cpu)->freed, e, link);
}

static struct model_elem *unused_elem(struct model_map *m, uint32_t cpu)
{
	struct model_list *freed = &cpu_of(m, cpu)->freed;
	struct model_elem *e = TAILQ_FIRST(freed);

	if (!preallocated(m) && !mue_world_has(m->world, MUE_CHANGE_NO_PREALLOC_RECYCLES))
		return model_new(m);
	if (!e)
		return model_new(m);
	TAILQ_REMOVE(freed, e, link);
	return e;
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
