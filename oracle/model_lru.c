/*
 * LRU_HASH and LRU_PERCPU_HASH (semantics L).
 *
 * The common kind shares one set of lists between the CPUs, and each CPU has a free and a
 * pending list of its own. With BPF_F_NO_COMMON_LRU each CPU has its own set, and nothing else.
 */
#include <errno.h>
#include <string.h>

#include "oracle/model_map.h"

enum lru_list { LRU_ACTIVE, LRU_INACTIVE, LRU_FREE, LRU_LOCAL_FREE, LRU_LOCAL_PENDING };

/* L2: the lists are in order; new ones come in at the head. */
struct lru_set {
	struct model_list lists[LRU_FREE + 1];
	uint32_t counts[LRU_FREE]; /* of active and inactive */
	uint32_t unused;	   /* elements never used, at the tail of the free list */
	struct model_elem *cursor; /* of the rotation of inactive; NULL is the list's end */
};

struct lru_local {
	struct model_list free, pending;
	uint32_t next_steal;
};

struct lru {
	bool common;
	uint32_t scans, target;
	struct lru_set *sets;	  /* one, or one a CPU */
	struct lru_local *locals; /* common only: one a CPU */
};

static void init_sets(struct model_map *m, struct lru *lru)
{
	uint32_t n = lru->common ? 1 : m->world->cpus;

	lru->sets = model_take_zeroed(m->mem, n * sizeof(*lru->sets));
	for (uint32_t i = 0; i < n; i++) {
		for (int list = 0; list <= LRU_FREE; list++)
			TAILQ_INIT(&lru->sets[i].lists[list]);
		lru->sets[i].unused = m->capacity / n;
	}
}

/* C4, L1, L5 */
static void init(struct model_map *m)
{
	struct lru *lru = model_take_zeroed(m->mem, sizeof(*lru));
	uint32_t cpus = m->world->cpus, scaled;

	m->own = lru;
	lru->common = !(m->def->flags & MUE_MAP_F_NO_COMMON_LRU);
	if (!lru->common) {
		uint64_t up = ((uint64_t)m->capacity + cpus - 1) / cpus * cpus;

		m->capacity = up <= UINT32_MAX ? up : m->capacity / cpus * cpus;
		lru->scans = lru->target = 4;
		init_sets(m, lru);
		return;
	}
	scaled = m->capacity / cpus / 2;
	lru->scans = lru->target = 128;
	if (mue_world_has(m->world, MUE_CHANGE_LRU_BATCH_SCALED))
		lru->target = scaled < 1 ? 1 : scaled > 128 ? 128 : scaled;
	init_sets(m, lru);
	lru->locals = model_take_zeroed(m->mem, cpus * sizeof(*lru->locals));
	for (uint32_t cpu = 0; cpu < cpus; cpu++) {
		TAILQ_INIT(&lru->locals[cpu].free);
		TAILQ_INIT(&lru->locals[cpu].pending);
		lru->locals[cpu].next_steal = cpu;
	}
}

/* One step towards the head; the end of the list stands before its first element. */
static struct model_elem *before(struct model_elem *e)
{
	return TAILQ_PREV(e, model_list, link);
}

static void leave_set(struct lru_set *s, struct model_elem *e)
{
	if (s->cursor == e)
		s->cursor = before(e);
	if (e->list < LRU_FREE)
		s->counts[e->list]--;
	TAILQ_REMOVE(&s->lists[e->list], e, link);
}

static void enter_set(struct lru_set *s, struct model_elem *e, enum lru_list list)
{
	e->list = list;
	e->ref = false;
	if (list < LRU_FREE)
		s->counts[list]++;
	TAILQ_INSERT_HEAD(&s->lists[list], e, link);
}

static void move(struct lru_set *s, struct model_elem *e, enum lru_list list)
{
	leave_set(s, e);
	enter_set(s, e, list);
}

/* L6, first half: from the tail, what was referenced stays active. */
static void rotate_active(const struct lru *lru, struct lru_set *s)
{
	struct model_elem *first = TAILQ_FIRST(&s->lists[LRU_ACTIVE]);
	struct model_elem *e = TAILQ_LAST(&s->lists[LRU_ACTIVE], model_list), *next;

	for (uint32_t i = 1; e; e = next, i++) {
		next = before(e);
		move(s, e, e->ref ? LRU_ACTIVE : LRU_INACTIVE);
		if (i == lru->scans || e == first)
			return;
	}
}

/* L6, second half: from the cursor towards the head and round, what was referenced gets active. */
static void rotate_inactive(const struct lru *lru, struct lru_set *s)
{
	struct model_list *inactive = &s->lists[LRU_INACTIVE];
	struct model_elem *last, *e, *next = NULL;

	if (TAILQ_EMPTY(inactive))
		return;
	last = s->cursor ? TAILQ_NEXT(s->cursor, link) : NULL;
	if (!last)
		last = TAILQ_FIRST(inactive);
	e = s->cursor;
	for (uint32_t i = 0; i < lru->scans; i++) {
		if (!e)
			e = TAILQ_LAST(inactive, model_list);
		next = before(e);
		if (e->ref)
			move(s, e, LRU_ACTIVE);
		if (e == last)
			break;
		e = next;
	}
	s->cursor = next;
}

/* L6 */
static void rotate(const struct lru *lru, struct lru_set *s)
{
	if (s->counts[LRU_INACTIVE] < s->counts[LRU_ACTIVE])
		rotate_active(lru, s);
	rotate_inactive(lru, s);
}

/*
 * What a CPU takes for itself, L4 b, lies in its free list with the latest first; since the
 * change in the order in which it was taken.
 */
static void keep(struct model_map *m, struct lru_local *local, struct model_elem *e)
{
	e->list = LRU_LOCAL_FREE;
	if (mue_world_has(m->world, MUE_CHANGE_LRU_BATCH_IN_ORDER))
		TAILQ_INSERT_TAIL(&local->free, e, link);
	else
		TAILQ_INSERT_HEAD(&local->free, e, link);
}

/* Out of the set and out of the map: to the CPU that makes room, or else to the set's free list. */
static void evict(struct model_map *m, struct lru_set *s, struct model_elem *e,
		  struct lru_local *local)
{
	model_remove(m, e);
	leave_set(s, e);
	if (local)
		keep(m, local, e);
	else
		enter_set(s, e, LRU_FREE);
}

/* L7: evicts up to n elements that were not referenced, or else one that was. */
static void shrink(struct model_map *m, struct lru_set *s, uint32_t n, struct lru_local *local)
{
	const struct lru *lru = m->own;
	struct model_elem *e, *next;
	uint32_t evicted = 0, i = 0;

	for (e = TAILQ_LAST(&s->lists[LRU_INACTIVE], model_list); e; e = next) {
		next = before(e);
		if (e->ref) {
			move(s, e, LRU_ACTIVE);
		} else {
			evict(m, s, e, local);
			if (++evicted == n)
				break;
		}
		if (++i == lru->scans)
			break;
	}
	if (evicted)
		return;
	e = TAILQ_LAST(&s->lists[LRU_INACTIVE], model_list);
	if (!e)
		e = TAILQ_LAST(&s->lists[LRU_ACTIVE], model_list);
	if (e)
		evict(m, s, e, local);
}

static struct model_elem *pop_head(struct model_list *list)
{
	struct model_elem *e = TAILQ_FIRST(list);

	if (e)
		TAILQ_REMOVE(list, e, link);
	return e;
}

/* The head of a set's free list: freed elements first, then those never used. */
static struct model_elem *pop_unused(struct model_map *m, struct lru_set *s)
{
	struct model_elem *e = pop_head(&s->lists[LRU_FREE]);

	if (e || !s->unused)
		return e;
	s->unused--;
	return model_new(m);
}

/* L4 b: the pending go to the common lists, and up to `target` elements come from there. */
static void refill(struct model_map *m, struct lru_local *local)
{
	const struct lru *lru = m->own;
	struct lru_set *s = lru->sets;
	struct model_elem *e;
	uint32_t got = 0;

	while ((e = TAILQ_LAST(&local->pending, model_list))) {
		TAILQ_REMOVE(&local->pending, e, link);
		enter_set(s, e, e->ref ? LRU_ACTIVE : LRU_INACTIVE);
	}
	rotate(lru, s);
	for (; got < lru->target && (e = pop_unused(m, s)); got++)
		keep(m, local, e);
	if (got < lru->target)
		shrink(m, s, lru->target - got, local);
}

/* The oldest pending element that was not referenced, else the oldest; evicted. */
static struct model_elem *steal_pending(struct model_map *m, struct lru_local *local)
{
	struct model_elem *e;

	TAILQ_FOREACH_REVERSE(e, &local->pending, model_list, link)
		if (!e->ref)
			break;
	if (!e)
		e = TAILQ_LAST(&local->pending, model_list);
	if (e) {
		TAILQ_REMOVE(&local->pending, e, link);
		model_remove(m, e);
	}
	return e;
}

/* L4 c: round the CPUs, from where the last search ended. */
static struct model_elem *steal(struct model_map *m, struct lru_local *local)
{
	const struct lru *lru = m->own;
	uint32_t first = local->next_steal, cpu = first;
	struct model_elem *e;

	do {
		e = pop_head(&lru->locals[cpu].free);
		if (!e)
			e = steal_pending(m, &lru->locals[cpu]);
		cpu = (cpu + 1) % m->world->cpus;
	} while (!e && cpu != first);
	local->next_steal = cpu;
	return e;
}

/* L4 */
static struct model_elem *pop_common(struct model_map *m, uint32_t cpu)
{
	struct lru *lru = m->own;
	struct lru_local *local = &lru->locals[cpu];
	struct model_elem *e = pop_head(&local->free);

	if (!e) {
		refill(m, local);
		e = pop_head(&local->free);
	}
	if (!e)
		e = steal(m, local);
	if (!e)
		return NULL;
	e->cpu = cpu;
	e->list = LRU_LOCAL_PENDING;
	e->ref = false;
	TAILQ_INSERT_HEAD(&local->pending, e, link);
	return e;
}

/* L5 */
static struct model_elem *pop_own(struct model_map *m, uint32_t cpu)
{
	struct lru *lru = m->own;
	struct lru_set *s = &lru->sets[cpu];
	struct model_elem *e;

	rotate(lru, s);
	if (TAILQ_EMPTY(&s->lists[LRU_FREE]) && !s->unused)
		shrink(m, s, lru->target, NULL);
	e = pop_unused(m, s);
	if (!e)
		return NULL;
	e->cpu = cpu;
	enter_set(s, e, LRU_INACTIVE);
	return e;
}

/* An element to put under `key`, already in its list (L3). */
static struct model_elem *pop(struct model_map *m, uint32_t cpu, const uint8_t *key)
{
	const struct lru *lru = m->own;
	struct model_elem *e = lru->common ? pop_common(m, cpu) : pop_own(m, cpu);

	if (e)
		memmove(e->key, key, m->def->key_size);
	return e;
}

/* L8: to the free list of where it is. */
static void push_free(struct model_map *m, struct model_elem *e)
{
	struct lru *lru = m->own;
	struct lru_local *local;

	if (!lru->common) {
		move(&lru->sets[e->cpu], e, LRU_FREE);
	} else if (e->list == LRU_LOCAL_PENDING) {
		local = &lru->locals[e->cpu];
		TAILQ_REMOVE(&local->pending, e, link);
		e->list = LRU_LOCAL_FREE;
		e->ref = false;
		TAILQ_INSERT_HEAD(&local->free, e, link);
	} else {
		move(lru->sets, e, LRU_FREE);
	}
}

/* L9: programs leave the reference bit, bpf(2) does not. */
static struct model_elem *lookup(struct model_map *m, const uint8_t *key, bool user)
{
	struct model_elem *e = model_find(m, key);

	if (e && !user)
		e->ref = true;
	return e;
}

static long check_presence(const struct model_elem *old, uint64_t flags)
{
	if (old && flags == MUE_UPDATE_NOEXIST)
		return -EEXIST;
	if (!old && flags == MUE_UPDATE_EXIST)
		return -ENOENT;
	return 0;
}

/*
 * L3, LRU_HASH: takes an element, which may evict, before it looks the key up; what the call
 * fails on afterwards brings nothing back. The value is written at once, too: when the
 * caller's key lies under it (R5), the key that is looked up is no longer the one it came with,
 * and is not found.
 */
static long update_shared(struct model_map *m, const struct model_call *c)
{
	struct model_elem *new = pop(m, c->cpu, c->key), *old = NULL;
	long err;

	if (!new)
		return -ENOMEM;
	model_write(m, new, c);
	if (!memcmp(new->key, c->key, m->def->key_size))
		old = model_find(m, new->key);
	err = check_presence(old, c->flags);
	if (err) {
		push_free(m, new);
		return err;
	}
	if (old) {
		model_remove(m, old);
		push_free(m, old);
		new->ref = true;
	}
	model_insert(m, new);
	return 0;
}

/* L10, LRU_PERCPU_HASH: a present key is updated in place; BPF_EXIST takes no element. */
static long update_per_cpu(struct model_map *m, const struct model_call *c)
{
	struct model_elem *new = NULL, *old;
	long err;

	if (c->flags != MUE_UPDATE_EXIST) {
		new = pop(m, c->cpu, c->key);
		if (!new)
			return -ENOMEM;
	}
	old = model_find(m, c->key);
	err = check_presence(old, c->flags);
	if (!err && old) {
		old->ref = true;
		model_write(m, old, c);
	} else if (!err) {
		model_write_new(m, new, c);
		model_insert(m, new);
		return 0;
	}
	if (new)
		push_free(m, new);
	return err;
}

static long update(struct model_map *m, const struct model_call *c)
{
	if (c->flags > MUE_UPDATE_EXIST)
		return -EINVAL;
	return m->per_cpu ? update_per_cpu(m, c) : update_shared(m, c);
}

static long delete(struct model_map *m, uint32_t cpu, const uint8_t *key)
{
	struct model_elem *e = model_find(m, key);

	if (!e)
		return -ENOENT;
	model_remove(m, e);
	push_free(m, e);
	return 0;
}

const struct model_kind model_lru = {init, lookup, update, delete};
