/* Passes that take parts of a case away: phases, ops, maps. */
#include <string.h>

#include "fuzz/reduce_passes.h"

static void remove_op(struct mue_case *c, uint32_t op)
{
	memmove(&c->ops[op], &c->ops[op + 1], (c->n_ops - op - 1) * sizeof(*c->ops));
	c->n_ops--;
	for (struct mue_phase *p = c->phases; p < c->phases + c->n_phases; p++) {
		if (op < p->first)
			p->first--;
		else if (op < p->first + p->count)
			p->count--;
	}
}

static void remove_phase(struct mue_case *c, uint32_t phase)
{
	struct mue_phase *p = &c->phases[phase];

	while (p->count)
		remove_op(c, p->first + p->count - 1);
	memmove(p, p + 1, (c->n_phases - phase - 1) * sizeof(*p));
	c->n_phases--;
}

static void remove_map(struct mue_case *c, uint32_t map)
{
	memmove(&c->maps[map], &c->maps[map + 1], (c->n_maps - map - 1) * sizeof(*c->maps));
	c->n_maps--;
	for (struct mue_map *m = c->maps; m < c->maps + c->n_maps; m++)
		m->inner = m->inner == 1 + map ? 0 : m->inner - (m->inner > 1 + map);
	for (struct mue_op *op = c->ops; op < c->ops + c->n_ops; op++) {
		op->map -= op->map > map;
		op->map2 -= op->map2 > map;
	}
}

static uint32_t count_phases(const struct mue_case *c)
{
	return c->n_phases;
}

static bool drop_phase(struct mue_case *c, uint32_t phase)
{
	remove_phase(c, phase);
	return true;
}

static uint32_t count_ops(const struct mue_case *c)
{
	return c->n_ops;
}

static bool drop_op(struct mue_case *c, uint32_t op)
{
	remove_op(c, op);
	return true;
}

static uint32_t count_maps(const struct mue_case *c)
{
	return c->n_maps;
}

static bool has_map2(const struct mue_op *op)
{
	return op->reach == MUE_REACH_SHARED || op->value_object == MUE_OBJECT_MAP;
}

/* With all ops on it. */
static bool drop_map(struct mue_case *c, uint32_t map)
{
	for (uint32_t op = c->n_ops; op-- > 0;)
		if (c->ops[op].map == map || (has_map2(&c->ops[op]) && c->ops[op].map2 == map))
			remove_op(c, op);
	remove_map(c, map);
	return true;
}

static uint32_t count_pairs(const struct mue_case *c)
{
	return c->n_maps * c->n_maps;
}

/* The ops of one map go to another that stands before it. */
static bool merge_maps(struct mue_case *c, uint32_t pair)
{
	uint32_t from = pair / c->n_maps, to = pair % c->n_maps;

	if (to >= from)
		return false;
	for (struct mue_map *m = c->maps; m < c->maps + c->n_maps; m++)
		if (m->inner == 1 + from)
			m->inner = 1 + to;
	for (struct mue_op *op = c->ops; op < c->ops + c->n_ops; op++) {
		if (op->map == from)
			op->map = to;
		if (op->map2 == from)
			op->map2 = to;
	}
	remove_map(c, from);
	return true;
}

static uint32_t count_edits(const struct mue_case *c)
{
	return c->n_edits;
}

static bool drop_edit(struct mue_case *c, uint32_t edit)
{
	memmove(&c->edits[edit], &c->edits[edit + 1], (--c->n_edits - edit) * sizeof(*c->edits));
	return true;
}

/* A phase becomes the end of the one before it. */
static bool join_phases(struct mue_case *c, uint32_t phase)
{
	struct mue_phase *p = &c->phases[phase];

	if (!phase || !p->prog_type != !p[-1].prog_type)
		return false;
	p[-1].count += p->count;
	memmove(p, p + 1, (c->n_phases - phase - 1) * sizeof(*p));
	c->n_phases--;
	return true;
}

const struct reduce_pass reduce_phases = {count_phases, drop_phase, true};
const struct reduce_pass reduce_ops = {count_ops, drop_op, true};
const struct reduce_pass reduce_maps = {count_maps, drop_map, true};
const struct reduce_pass reduce_merge_maps = {count_pairs, merge_maps, false};
const struct reduce_pass reduce_join_phases = {count_phases, join_phases, false};
const struct reduce_pass reduce_edits = {count_edits, drop_edit, true};
