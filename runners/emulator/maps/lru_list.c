#include "runners/emulator/maps/lru_list.h"

#include <errno.h>
#include <stdlib.h>

/* The kinds of lists, in the order in which their heads stand. */
enum emu_lru_kind { ACTIVE, INACTIVE, FREE, SET_KINDS, LOCAL_FREE = SET_KINDS, PENDING };
#define LOCAL_KINDS 2

/* Nodes moved, and nodes looked at, in one go. */
#define COMMON_BATCH_MAX 128
#define COMMON_SCANS 128
#define OWN_BATCH 4
#define OWN_SCANS 4

static uint32_t set_head(uint32_t set, enum emu_lru_kind kind)
{
	return set * SET_KINDS + kind;
}

static uint32_t local_head(uint32_t cpu, enum emu_lru_kind kind)
{
	return SET_KINDS + cpu * LOCAL_KINDS + (kind - LOCAL_FREE);
}

static uint32_t heads(const struct emu_lru *l)
{
	return l->own_lists ? l->cpus * SET_KINDS : SET_KINDS + l->cpus * LOCAL_KINDS;
}

static uint32_t n_sets(const struct emu_lru *l)
{
	return l->own_lists ? l->cpus : 1;
}

static uint32_t scans(const struct emu_lru *l)
{
	return l->own_lists ? OWN_SCANS : COMMON_SCANS;
}

static uint32_t element_of(const struct emu_lru *l, uint32_t node)
{
	return node - l->first + 1;
}

static bool empty(const struct emu_lru *l, uint32_t head)
{
	return l->nodes[head].next == head;
}

static void take_out(struct emu_lru *l, uint32_t node)
{
	struct emu_lru_node *n = &l->nodes[node];

	l->nodes[n->prev].next = n->next;
	l->nodes[n->next].prev = n->prev;
}

static void put_first(struct emu_lru *l, uint32_t node, uint32_t head)
{
	struct emu_lru_node *n = &l->nodes[node];

	n->prev = head;
	n->next = l->nodes[head].next;
	l->nodes[n->next].prev = node;
	l->nodes[head].next = node;
}

static void put_last(struct emu_lru *l, uint32_t node, uint32_t head)
{
	/* The front as seen from the last node: behind it, in the ring. */
	put_first(l, node, l->nodes[head].prev);
}

/* Takes a node out of its list, for one of `kind`, keeping the set's counts and its cursor. */
static void leave(struct emu_lru *l, uint32_t set, uint32_t node, enum emu_lru_kind kind)
{
	struct emu_lru_set *s = &l->sets[set];
	struct emu_lru_node *n = &l->nodes[node];

	if (n->kind <= INACTIVE)
		s->counts[n->kind]--;
	if (kind <= INACTIVE)
		s->counts[kind]++;
	if (node == s->rotation)
		s->rotation = n->prev;
	n->kind = kind;
	take_out(l, node);
}

/* Moves a node to the front of one of the set's lists, which always clears its ref bit. */
static void move(struct emu_lru *l, uint32_t set, uint32_t node, enum emu_lru_kind kind)
{
	l->nodes[node].ref = 0;
	leave(l, set, node, kind);
	put_first(l, node, set_head(set, kind));
}

static void rotate_active(struct emu_lru *l, uint32_t set)
{
	uint32_t head = set_head(set, ACTIVE), node = l->nodes[head].prev, prev;
	uint32_t first = l->nodes[head].next;

	for (uint32_t i = 1; node != head; i++, node = prev) {
		prev = l->nodes[node].prev;
		move(l, set, node, l->nodes[node].ref ? ACTIVE : INACTIVE);
		if (i == scans(l) || node == first)
			break;
	}
}

/* From the cursor towards the front, and round, referenced nodes become active. */
static void rotate_inactive(struct emu_lru *l, uint32_t set)
{
	struct emu_lru_set *s = &l->sets[set];
	uint32_t head = set_head(set, INACTIVE), next = head, last, cur;

	if (empty(l, head))
		return;
	last = l->nodes[s->rotation].next;
	if (last == head)
		last = l->nodes[last].next;
	cur = s->rotation;
	for (uint32_t i = 0; i < scans(l);) {
		if (cur == head) {
			cur = l->nodes[cur].prev;
			continue;
		}
		next = l->nodes[cur].prev;
		if (l->nodes[cur].ref)
			move(l, set, cur, ACTIVE);
		if (cur == last)
			break;
		cur = next;
		i++;
	}
	s->rotation = next;
}

static void rotate(struct emu_lru *l, uint32_t set)
{
	if (l->sets[set].counts[INACTIVE] < l->sets[set].counts[ACTIVE])
		rotate_active(l, set);
	rotate_inactive(l, set);
}

/* Puts a node, which has left for a list of `kind`, onto that list of free nodes. */
static void give(struct emu_lru *l, uint32_t node, uint32_t to, enum emu_lru_kind kind)
{
	if (l->in_order && kind == LOCAL_FREE)
		put_last(l, node, to);
	else
		put_first(l, node, to);
}

static void evict(struct emu_lru *l, uint32_t set, uint32_t node, uint32_t to,
		  enum emu_lru_kind kind)
{
	l->evict(l->ctx, element_of(l, node));
	leave(l, set, node, kind);
	give(l, node, to, kind);
}

/* Evicts up to `want` unreferenced nodes from the tail of the inactive list to the list `to`. */
static uint32_t shrink_inactive(struct emu_lru *l, uint32_t set, uint32_t want, uint32_t to,
				enum emu_lru_kind kind)
{
	uint32_t head = set_head(set, INACTIVE), node = l->nodes[head].prev, prev, got = 0;

	for (uint32_t i = 0; node != head && i < scans(l); i++, node = prev) {
		prev = l->nodes[node].prev;
		if (l->nodes[node].ref) {
			move(l, set, node, ACTIVE);
			continue;
		}
		evict(l, set, node, to, kind);
		if (++got == want)
			break;
	}
	return got;
}

/* The same, and when all are referenced, one node that is. */
static void shrink(struct emu_lru *l, uint32_t set, uint32_t want, uint32_t to,
		   enum emu_lru_kind kind)
{
	uint32_t head = set_head(set, INACTIVE), node;

	if (shrink_inactive(l, set, want, to, kind))
		return;
	if (empty(l, head))
		head = set_head(set, ACTIVE);
	node = l->nodes[head].prev;
	if (node == head)
		return;
	evict(l, set, node, to, kind);
}

/* Takes the first node of a set's free list, for a list of `kind`; 0 when it is empty. */
static uint32_t take_free(struct emu_lru *l, uint32_t set, enum emu_lru_kind kind)
{
	struct emu_lru_set *s = &l->sets[set];
	uint32_t head = set_head(set, FREE), node = l->nodes[head].next;

	if (node == head) {
		if (s->fresh == s->fresh_end)
			return 0;
		node = l->first + s->fresh++;
		l->nodes[node] = (struct emu_lru_node){.kind = kind, .cpu = set};
		if (kind <= INACTIVE)
			s->counts[kind]++;
		return node;
	}
	leave(l, set, node, kind);
	return node;
}

static void flush_pending(struct emu_lru *l, uint32_t cpu)
{
	uint32_t head = local_head(cpu, PENDING), node = l->nodes[head].prev, prev;

	for (; node != head; node = prev) {
		prev = l->nodes[node].prev;
		move(l, 0, node, l->nodes[node].ref ? ACTIVE : INACTIVE);
	}
}

static void refill_local(struct emu_lru *l, uint32_t cpu)
{
	uint32_t to = local_head(cpu, LOCAL_FREE), got = 0, node;

	flush_pending(l, cpu);
	rotate(l, 0);
	for (; got < l->batch && (node = take_free(l, 0, LOCAL_FREE)); got++)
		give(l, node, to, LOCAL_FREE);
	if (got < l->batch)
		shrink(l, 0, l->batch - got, to, LOCAL_FREE);
}

static uint32_t pop_local_free(struct emu_lru *l, uint32_t cpu)
{
	uint32_t head = local_head(cpu, LOCAL_FREE), node = l->nodes[head].next;

	if (node == head)
		return 0;
	take_out(l, node);
	return node;
}

/* The oldest pending node without a reference, else the oldest. */
static uint32_t pop_pending(struct emu_lru *l, uint32_t cpu)
{
	uint32_t head = local_head(cpu, PENDING), node = l->nodes[head].prev;

	while (node != head && l->nodes[node].ref)
		node = l->nodes[node].prev;
	if (node == head)
		node = l->nodes[head].prev;
	if (node == head)
		return 0;
	l->evict(l->ctx, element_of(l, node));
	take_out(l, node);
	return node;
}

/* From the CPUs' local lists in turn, this one's own among them. */
static uint32_t steal(struct emu_lru *l, uint32_t cpu)
{
	uint32_t first = l->next_steal[cpu], from = first, node;

	do {
		node = pop_local_free(l, from);
		if (!node)
			node = pop_pending(l, from);
		from = (from + 1) % l->cpus;
	} while (!node && from != first);
	l->next_steal[cpu] = from;
	return node;
}

static uint32_t pop_common(struct emu_lru *l, uint32_t cpu)
{
	uint32_t node = pop_local_free(l, cpu);

	if (!node) {
		refill_local(l, cpu);
		node = pop_local_free(l, cpu);
	}
	if (!node)
		node = steal(l, cpu);
	if (!node)
		return 0;
	l->nodes[node].cpu = cpu;
	l->nodes[node].kind = PENDING;
	l->nodes[node].ref = 0;
	put_first(l, node, local_head(cpu, PENDING));
	return node;
}

static uint32_t pop_own(struct emu_lru *l, uint32_t cpu)
{
	uint32_t node;

	rotate(l, cpu);
	node = take_free(l, cpu, INACTIVE);
	if (!node) {
		shrink(l, cpu, OWN_BATCH, set_head(cpu, FREE), FREE);
		node = take_free(l, cpu, INACTIVE);
	}
	if (!node)
		return 0;
	l->nodes[node].ref = 0;
	put_first(l, node, set_head(cpu, INACTIVE));
	return node;
}

uint32_t emu_lru_pop(struct emu_lru *l, uint32_t cpu)
{
	uint32_t node = l->own_lists ? pop_own(l, cpu) : pop_common(l, cpu);

	return node ? element_of(l, node) : 0;
}

void emu_lru_push(struct emu_lru *l, uint32_t i)
{
	uint32_t node = l->first + i - 1;
	struct emu_lru_node *n = &l->nodes[node];

	if (n->kind == PENDING) {
		n->kind = LOCAL_FREE;
		n->ref = 0;
		take_out(l, node);
		put_first(l, node, local_head(n->cpu, LOCAL_FREE));
		return;
	}
	move(l, l->own_lists ? n->cpu : 0, node, FREE);
}

void emu_lru_reset(struct emu_lru *l)
{
	for (uint32_t i = 0; i < heads(l); i++)
		l->nodes[i] = (struct emu_lru_node){.prev = i, .next = i};
	for (uint32_t i = 0; i < n_sets(l); i++) {
		uint32_t share = l->n / n_sets(l);

		l->sets[i] = (struct emu_lru_set){
			.rotation = set_head(i, INACTIVE),
			.fresh = i * share,
			.fresh_end = (i + 1) * share,
		};
	}
	for (uint32_t i = 0; i < l->cpus; i++)
		l->next_steal[i] = i;
}

static uint32_t batch_of(const struct emu_lru_options *o)
{
	uint32_t batch = o->n / o->cpus / 2;

	if (!o->batch_scaled || batch > COMMON_BATCH_MAX)
		return COMMON_BATCH_MAX;
	return batch ? batch : 1;
}

int emu_lru_init(struct emu_lru *l, const struct emu_lru_options *o)
{
	*l = (struct emu_lru){
		.n = o->n,
		.cpus = o->cpus,
		.batch = batch_of(o),
		.own_lists = o->own_lists,
		.in_order = o->in_order,
		.evict = o->evict,
		.ctx = o->ctx,
		.sets = calloc(o->cpus, sizeof(*l->sets)),
		.next_steal = calloc(o->cpus, sizeof(*l->next_steal)),
	};
	l->first = heads(l);
	if (!l->sets || !l->next_steal ||
	    emu_storage_get(&l->storage, o->spares,
			    (l->first + (uint64_t)l->n) * sizeof(*l->nodes))) {
		emu_lru_free(l);
		return -ENOMEM;
	}
	l->nodes = l->storage.base;
	emu_lru_reset(l);
	return 0;
}

void emu_lru_free(struct emu_lru *l)
{
	emu_storage_put(&l->storage);
	free(l->next_steal);
	free(l->sets);
	*l = (struct emu_lru){0};
}
