/*
 * Any valid case from a seed, and an answer to it: random elements are tried, and
 * kept when mue_case_check takes them, so that no rule is written twice. Deterministic.
 */
#ifndef MUE_TESTS_RANDOM_CASE_H
#define MUE_TESTS_RANDOM_CASE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/attach.h"
#include "cases/case.h"
#include "cases/observation.h"

/* splitmix64 */
static inline uint64_t random_next(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* 0 .. n - 1 */
static inline uint32_t random_below(uint64_t *seed, uint32_t n)
{
	return random_next(seed) % n;
}

/* True once in n times. */
static inline bool random_once_in(uint64_t *seed, uint32_t n)
{
	return !random_below(seed, n);
}

#define random_of(seed, array) ((array)[random_below(seed, sizeof(array) / sizeof(*(array)))])

static inline struct mue_bytes random_bytes(uint64_t *seed)
{
	struct mue_bytes b = {0};

	b.fill = random_once_in(seed, 2) ? 0 : random_next(seed);
	b.n_head = random_below(seed, MUE_HEAD_MAX + 1);
	b.n_tail = random_once_in(seed, 2) ? 0 : random_below(seed, MUE_TAIL_MAX + 1);
	for (unsigned i = 0; i < b.n_head; i++)
		b.head[i] = random_below(seed, 3);
	for (unsigned i = 0; i < b.n_tail; i++)
		b.tail[i] = random_below(seed, 3);
	return b;
}

static inline void random_map(struct mue_case *c, uint64_t *seed)
{
	static const uint32_t types[] = {1, 2, 5, 6, 9, 10, 11};
	static const uint32_t sizes[] = {0,  1,	 4,  4,	 4,   8,   8,	8,
					 16, 31, 32, 33, 100, 384, 600, 5000};
	static const uint32_t odd[] = {0, 1u << 31, 0x1000, 3};
	uint32_t type = random_of(seed, types), flags = type == MUE_MAP_LPM_TRIE;
	struct mue_map *m;
	char name[16];

	if (random_once_in(seed, 8))
		type = random_below(seed, MUE_MAP_TYPES + 4);
	if (random_once_in(seed, 8))
		flags |= 1u << random_below(seed, 15);
	if (random_once_in(seed, 20))
		flags = random_next(seed);
	snprintf(name, sizeof(name), "%c%u", random_once_in(seed, 2) ? 'm' : '_', c->n_maps);
	m = mue_case_add_map(c, name, type, random_of(seed, sizes), random_of(seed, sizes),
			     1 + random_below(seed, 8), flags);
	if (random_once_in(seed, 2) && c->n_maps > 1) { /* so that maps can share a call site */
		m->key_size = c->maps[0].key_size;
		m->value_size = c->maps[0].value_size;
	}
	if (random_once_in(seed, 20))
		m->max_entries = random_of(seed, odd);
	if (random_once_in(seed, 20))
		m->numa_node = random_below(seed, 3) - 1;
	if (random_once_in(seed, 8) && m->value_size >= 20)
		m->special = random_below(seed, MUE_SPECIALS);
	if (type == MUE_MAP_ARRAY_OF_MAPS || type == MUE_MAP_HASH_OF_MAPS)
		m->inner = random_below(seed, c->n_maps);
}

static inline void random_phase(struct mue_case *c, uint64_t *seed)
{
	unsigned type = random_once_in(seed, 3) ? 0 : random_below(seed, MUE_PROG_TYPES);
	struct mue_phase *p;

	if (!mue_prog_type_row(type))
		type = 0;
	p = mue_case_add_phase(c, type);
	p->cpu = random_once_in(seed, 2) ? 0 : random_below(seed, 64);
	if (!type)
		return;
	p->attach_type = random_once_in(seed, 6) ? random_below(seed, 60) : 0;
	p->sleepable = random_once_in(seed, 8);
	p->trigger = random_once_in(seed, 4) ? random_below(seed, MUE_VIA_ITER_TCP) : 0;
	if (p->trigger && !mue_phase_trigger(p))
		p->trigger = 0;
	p->load_only = random_once_in(seed, 8);
	p->proprietary = random_once_in(seed, 8);
	if (p->load_only || mue_phase_test_run(p))
		p->returns = random_once_in(seed, 4) ? random_below(seed, MUE_RETURNS) : 0;
}

static inline void random_op(struct mue_case *c, uint64_t *seed)
{
	static const uint64_t flags[] = {0, 0, 0, 1, 2, 3, 4, 5, 6, 8, 16, 64, UINT64_C(1) << 32};
	bool step = c->phases[c->n_phases - 1].prog_type;
	struct mue_op *op =
		mue_case_add_op(c, random_below(seed, MUE_OP_KINDS), random_below(seed, c->n_maps));

	if (random_once_in(seed, 2))
		op->kind = MUE_OP_UPDATE;
	if (mue_op_has_key(op->kind)) {
		op->key = random_bytes(seed);
		op->key_from =
			step && random_once_in(seed, 3) ? random_below(seed, MUE_ORIGINS) : 0;
	}
	op->flags = random_once_in(seed, 30) ? random_next(seed) : random_of(seed, flags);
	if (op->kind == MUE_OP_REREAD || (op->kind != MUE_OP_UPDATE && random_once_in(seed, 2)))
		op->flags = 0;
	if (random_once_in(seed, 8))
		op->times = 1 + random_below(seed, MUE_TIMES_MAX);
	if (!step && mue_op_has_key(op->kind) && random_once_in(seed, 4))
		op->key_object = random_below(seed, MUE_OBJECTS);
	if (!mue_op_has_value(op->kind))
		return;
	op->value = random_bytes(seed);
	if (!step && random_once_in(seed, 4))
		op->value_object = random_below(seed, MUE_OBJECTS);
	if (op->value_object == MUE_OBJECT_MAP)
		op->map2 = random_below(seed, c->n_maps);
	if (!step)
		return;
	op->value_from = random_once_in(seed, 3) ? random_below(seed, MUE_ORIGINS) : 0;
	op->reach = random_once_in(seed, 2) ? random_below(seed, MUE_REACHES) : 0;
	if (op->reach == MUE_REACH_SHARED)
		op->map2 = random_below(seed, c->n_maps);
	op->flags_const = random_once_in(seed, 4);
}

/* Gives a case that passes mue_case_check, for any seed. */
static inline void random_case(struct mue_case *c, uint64_t seed)
{
	char name[MUE_NAME_MAX], msg[256];
	uint32_t maps, phases, tries;

	snprintf(name, sizeof(name), "random/%llu", (unsigned long long)seed);
	mue_case_init(c, name);
	if (random_once_in(&seed, 2))
		strcpy(c->note, "What is asked.\n\n  And why: 100%.\n");
	maps = random_once_in(&seed, 2) ? 1 : 1 + random_below(&seed, MUE_MAPS_MAX);
	while (c->n_maps < maps)
		random_map(c, &seed);
	phases = random_below(&seed, 6);
	while (c->n_phases < phases) {
		random_phase(c, &seed);
		for (tries = random_below(&seed, 16); tries; tries--) {
			random_op(c, &seed);
			if (!mue_case_check(c, msg, sizeof(msg)))
				continue;
			c->n_ops--;
			c->phases[c->n_phases - 1].count--;
		}
	}
}

/* A result, most often a plain one. */
static inline int64_t random_ret(uint64_t *seed)
{
	static const int64_t rets[] = {0,    0,	    0,	-ENOENT, -EEXIST,     -E2BIG,
				       -524, -4000, 17, 5000,	 0xfffffffeu, INT64_MIN};

	return random_of(seed, rets);
}

static inline void random_result(struct mue_observation *o, const struct mue_case *c,
				 const struct mue_phase *p, uint32_t i, uint64_t *seed)
{
	const struct mue_op *op = &c->ops[i];
	const struct mue_map_type_row *type = mue_map_type_row(c->maps[op->map].type);
	uint32_t size = c->maps[op->map].value_size;
	struct mue_result *r = &o->ops[i];
	uint8_t value[16384];

	r->known = 1;
	r->ret = random_ret(seed);
	r->times = random_once_in(seed, 4) ? random_below(seed, 9) : op->times;
	r->failed = random_once_in(seed, 4) ? random_below(seed, 9) : 0;
	if (op->kind != MUE_OP_LOOKUP && op->kind != MUE_OP_REREAD &&
	    op->kind != MUE_OP_LOOKUP_AND_DELETE)
		return;
	r->ret = random_once_in(seed, 2) ? 0 : p->prog_type ? 1 : -ENOENT;
	r->has_value = r->ret == (p->prog_type ? 1 : 0) && random_once_in(seed, 2);
	if (!r->has_value)
		return;
	if (p->prog_type && size > MUE_OUT_MAX)
		size = MUE_OUT_MAX;
	if (!p->prog_type && type && type->per_cpu)
		size *= 2;
	for (uint32_t j = 0; j < size; j++)
		value[j] = random_next(seed);
	mue_observe_blob(o, &r->value, value, size);
}

static inline void random_state(struct mue_observation *o, const struct mue_case *c, uint32_t map,
				uint64_t *seed)
{
	const struct mue_map *m = &c->maps[map];
	const struct mue_map_type_row *type = mue_map_type_row(m->type);
	uint32_t size = m->value_size * (type && type->per_cpu ? 2 : 1);
	struct mue_state_writer w;
	uint8_t key[8192], value[16384];

	mue_state_begin(&w, o, map, m->type == MUE_MAP_ARRAY || m->type == MUE_MAP_PERCPU_ARRAY);
	for (uint32_t i = 0, n = m->key_size ? random_below(seed, 5) : 0; i < n; i++) {
		memset(key, 7, m->key_size);
		key[0] = i;
		memset(value, random_next(seed) | 1, size);
		mue_state_entry(&w, key, m->key_size, value, size);
	}
	if (random_once_in(seed, 8)) { /* more than were shown */
		o->maps[map].n_entries += 3;
		w.sum++;
	}
	mue_state_end(&w);
}

/* An answer to the case in which each part is known or not, of the right sizes but not the right
 * one. */
static inline void random_observation(struct mue_observation *o, const struct mue_case *c,
				      uint64_t seed)
{
	mue_observation_init(o, c);
	for (uint32_t i = 0; i < c->n_maps; i++) {
		if (!random_once_in(&seed, 3)) {
			o->maps[i].known = 1;
			o->maps[i].create = random_once_in(&seed, 2) ? 0 : -EINVAL;
		}
		if (!random_once_in(&seed, 3))
			random_state(o, c, i, &seed);
	}
	for (uint32_t i = 0; i < c->n_phases; i++) {
		const struct mue_phase *p = &c->phases[i];

		if (!random_once_in(&seed, 3))
			o->phases[i] = (struct mue_phase_result){
				.known = 1,
				.load = random_once_in(&seed, 2) ? 0 : -EACCES,
				.run = random_once_in(&seed, 4) ? -EFAULT : 0,
				.invoked = random_below(&seed, 3),
				.retval = random_once_in(&seed, 2) ? random_next(&seed) : 0,
			};
		for (uint32_t j = p->first; j < p->first + p->count; j++)
			if (!random_once_in(&seed, 3))
				random_result(o, c, p, j, &seed);
	}
}

#endif
