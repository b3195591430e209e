#include "fuzz/features.h"

#include <string.h>

/* A fact is a tuple of small numbers; which kind of fact comes first. */
enum fact {
	FACT_OP,
	FACT_OBJECT,
	FACT_PAIR,
	FACT_WAY,
	FACT_PHASE,
	FACT_MAP,
	FACT_FULL,
	FACT_KEYS,
	FACT_SEEN,
	FACT_WORLD
};
#define LOCKED 0x100 /* beside an op's kind */

struct looking {
	struct mue_features *f;
	const struct mue_observation *o;
	const struct mue_blob *shown; /* by the phase's latest lookup; NULL: nothing */
	uint32_t fresh;
};

static void note(struct looking *l, const uint32_t *fact, uint32_t n)
{
	uint64_t h = mue_digest(fact, n * sizeof(*fact));
	uint32_t bit = h >> (64 - MUE_FEATURE_BITS);
	uint64_t *word = &l->f->seen[bit / 64], mask = UINT64_C(1) << bit % 64;

	if (*word & mask)
		return;
	*word |= mask;
	l->f->n++;
	l->fresh++;
}
#define NOTE(l, ...) \
	note(l, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

/* The highest bit of a count: 0, 1, 2-3, 4-7, ... */
static uint32_t scale(uint64_t n)
{
	return n ? 64 - __builtin_clzll(n) : 0;
}

/* Named bits by themselves; of the others only that there are some, low ones or high ones. */
static uint32_t flags_class(uint64_t flags)
{
	if (flags >> 5)
		return flags >> 32 ? 0x40 : 0x20;
	return flags;
}

/* A digest's result says nothing by itself. */
static uint32_t result_of(const struct mue_op *op, const struct mue_result *r)
{
	if (!r->known)
		return 1000;
	return op->kind == MUE_OP_DIGEST ? 0 : (uint32_t)r->ret;
}

/* Less, equal, more; one less and one more by themselves: limits are missed by one. */
static uint32_t order(uint64_t a, uint64_t b)
{
	if (a + 1 == b || a == b + 1)
		return a < b ? 3 : 4;
	return a < b ? 0 : a > b ? 1 : 2;
}

static void look_at_way(struct looking *l, const struct mue_op *op, uint32_t result)
{
	NOTE(l, FACT_WAY, 0, op->kind, op->key_from, op->flags_const, result);
	NOTE(l, FACT_WAY, 1, op->kind, op->value_from, op->reach, result);
	NOTE(l, FACT_WAY, 2, op->kind, op->key_from, op->value_from);
}

struct last {
	uint32_t kind, result;
	const struct mue_op *op; /* of those with a key */
};

enum relation { UNRELATED, SAME, PREFIX, LONGER, FORKED };

/* How a key of a trie lies to another: which is a prefix of which, or only in their first bits the
 * same. */
static enum relation trie_relation(const uint8_t *key, const uint8_t *other, uint32_t size)
{
	uint32_t n, m, bit = 0;

	memcpy(&n, key, sizeof(n));
	memcpy(&m, other, sizeof(m));
	if (n > (size - 4) * 8 || m > (size - 4) * 8)
		return UNRELATED;
	while (bit < n && bit < m && !((key[4 + bit / 8] ^ other[4 + bit / 8]) << bit % 8 & 0x80))
		bit++;
	if (bit == n || bit == m)
		return n == m ? SAME : n < m ? PREFIX : LONGER;
	return bit ? FORKED : UNRELATED;
}

static enum relation relation(const struct mue_map *m, const struct mue_op *op,
			      const struct mue_op *other)
{
	uint8_t key[MUE_HEAD_MAX], its[MUE_HEAD_MAX];

	if (!other || m->key_size > sizeof(key))
		return UNRELATED;
	mue_bytes_resolve(&op->key, key, m->key_size);
	mue_bytes_resolve(&other->key, its, m->key_size);
	if (m->type == MUE_MAP_LPM_TRIE && m->key_size >= 4)
		return trie_relation(key, its, m->key_size);
	return memcmp(key, its, m->key_size) ? UNRELATED : SAME;
}

/* What a pointer shows after the calls behind its lookup: the same, or what they wrote. */
static void look_at_sight(struct looking *l, const struct mue_op *op, const struct mue_result *r,
			  uint32_t type, const struct last *last)
{
	const struct mue_blob *value = r->has_value ? &r->value : NULL;

	if (op->kind == MUE_OP_REREAD)
		NOTE(l, FACT_SEEN, type, last->kind, last->result,
		     l->shown && value ? mue_blob_same(l->o, l->shown, l->o, value) : 2);
	else if (op->kind == MUE_OP_LOOKUP)
		l->shown = value;
}

/* An op beside the one before it on the same map. */
static void look_at_pair(struct looking *l, const struct mue_map *m, uint32_t where,
			 const struct mue_op *op, const struct mue_result *r, struct last *last)
{
	uint32_t result = result_of(op, r);

	NOTE(l, FACT_PAIR, where, m->type, result, last->kind, last->result);
	NOTE(l, FACT_FULL, m->type, where, order(r->times, m->max_entries), result);
	look_at_sight(l, op, r, m->type, last);
	/* A locked update writes where others replace. */
	last->kind = where | (op->flags & MUE_UPDATE_LOCK ? LOCKED : 0);
	last->result = result;
	if (!mue_op_has_key(op->kind))
		return;
	NOTE(l, FACT_KEYS, m->type, where, result, relation(m, op, last->op),
	     last->op ? last->op->kind : UINT32_MAX);
	last->op = op;
}

static void look_at_op(struct looking *l, const struct mue_case *c, const struct mue_phase *p,
		       const struct mue_op *op, const struct mue_result *r, struct last *last)
{
	const struct mue_map *m = &c->maps[op->map];
	uint32_t result = result_of(op, r), where = op->kind << 1 | !!p->prog_type;

	NOTE(l, FACT_OP, where, m->type, result, flags_class(op->flags));
	NOTE(l, FACT_OP, where, m->type, result, scale(r->failed), m->special);
	if (p->prog_type)
		look_at_way(l, op, result);
	if (op->key_object)
		NOTE(l, FACT_OBJECT, 0, m->type, op->key_object, result);
	if (op->value_object)
		NOTE(l, FACT_OBJECT, 1, m->type, op->value_object, result);
	/* Of what was not reached there are endless pairs, which tell nothing. */
	if (r->known)
		look_at_pair(l, m, where, op, r, last);
}

static void look_at_phase(struct looking *l, const struct mue_case *c, const struct mue_phase *p,
			  const struct mue_phase_result *r)
{
	NOTE(l, FACT_PHASE, p->prog_type, r->load, r->run, p->sleepable | p->proprietary << 1,
	     p->trigger);
	NOTE(l, FACT_PHASE, p->prog_type, r->load, 1000 + p->returns);
	NOTE(l, FACT_PHASE, p->prog_type, r->load, 2000 + p->attach_type);
	for (uint32_t i = p->first; r->known && i < p->first + p->count; i++)
		NOTE(l, FACT_PHASE, p->prog_type, r->load, c->maps[c->ops[i].map].type);
}

static void look_at_map(struct looking *l, const struct mue_map *m, const struct mue_map_result *r)
{
	for (uint32_t bit = 0; bit < 32; bit++)
		if (m->flags >> bit & 1)
			NOTE(l, FACT_MAP, m->type, bit, r->create);
	NOTE(l, FACT_MAP, m->type, m->special, r->create);
	NOTE(l, FACT_MAP, m->type, 100 + scale(m->key_size), r->create);
	NOTE(l, FACT_MAP, m->type, 200 + scale(m->value_size), r->create);
	NOTE(l, FACT_MAP, m->type, 300 + scale(m->max_entries), r->create);
	if (r->state_known)
		NOTE(l, FACT_FULL, m->type, order(r->n_entries, m->max_entries),
		     scale(r->n_entries));
}

uint32_t mue_features_add(struct mue_features *f, uint8_t world, const struct mue_case *c,
			  const struct mue_observation *o)
{
	struct looking l = {.f = f, .o = o};
	struct last last[MUE_MAPS_MAX] = {0};

	if (o->status != MUE_ANSWERED)
		return 0;
	for (uint32_t i = 0; i < c->n_maps; i++) {
		look_at_map(&l, &c->maps[i], &o->maps[i]);
		NOTE(&l, FACT_WORLD, world, c->maps[i].type, o->maps[i].create);
	}
	for (uint32_t i = 0; i < c->n_phases; i++) {
		const struct mue_phase *p = &c->phases[i];

		look_at_phase(&l, c, p, &o->phases[i]);
		l.shown = NULL;
		for (uint32_t j = p->first; j < p->first + p->count; j++)
			look_at_op(&l, c, p, &c->ops[j], &o->ops[j], &last[c->ops[j].map]);
	}
	return l.fresh;
}
