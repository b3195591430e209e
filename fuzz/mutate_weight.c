/*
 * Keeping cases light. A few of a thousand that move megabytes take more time than all the others:
 * speed is what finds things, so that only one case in many may be heavy.
 */
#include "cases/observation.h"
#include "fuzz/mutation.h"

/* Bytes that a light case moves, about. */
#define LIGHT (UINT64_C(64) << 10)
#define HEAVY_ONE_IN 256
/* An array is read as a whole, but not copied. */
#define READ_FOR_COPIED 8
#define CPUS 2

static uint64_t copies(const struct mue_map *m)
{
	const struct mue_map_type_row *row = mue_map_type_row(m->type);

	return row && row->per_cpu ? CPUS : 1;
}

static uint64_t op_weight(const struct mue_case *c, const struct mue_op *op)
{
	const struct mue_map *m = &c->maps[op->map];
	uint64_t bytes = 0;

	if (mue_op_has_key(op->kind))
		bytes += m->key_size;
	if (mue_op_has_value(op->kind) || op->kind == MUE_OP_LOOKUP)
		bytes += m->value_size * copies(m);
	return bytes * (op->times ? op->times : 1);
}

static uint64_t map_weight(const struct mue_map *m)
{
	if ((m->type != MUE_MAP_ARRAY && m->type != MUE_MAP_PERCPU_ARRAY) || !mue_state_observed(m))
		return 0;
	return (uint64_t)m->max_entries * m->value_size * copies(m) / READ_FOR_COPIED;
}

/* What the case moves, and its heaviest op and map. */
struct weight {
	uint64_t all, op_is, map_is;
	uint32_t op, map;
};

static struct weight weigh(const struct mue_case *c)
{
	struct weight w = {0};

	for (uint32_t i = 0; i < c->n_maps; i++) {
		uint64_t is = map_weight(&c->maps[i]);

		w.all += is;
		if (is > w.map_is)
			w.map_is = is, w.map = i;
	}
	for (uint32_t i = 0; i < c->n_ops; i++) {
		uint64_t is = op_weight(c, &c->ops[i]);

		w.all += is;
		if (is > w.op_is)
			w.op_is = is, w.op = i;
	}
	return w;
}

static void drop_op(struct mue_case *c, uint32_t op)
{
	uint32_t phase = 0;

	while (op >= c->phases[phase].first + c->phases[phase].count)
		phase++;
	mutate_remove_op(c, phase, op);
}

/* Less often, else of another size, or not at all: a large key or value is of interest to the map,
 * too. */
static void lighten_op(const struct mutation *m, uint32_t i)
{
	struct mue_op *op = &m->c->ops[i];
	struct mue_map *map = &m->c->maps[op->map];

	if (op->times > 1)
		op->times /= 2;
	else if (mue_dice_chance(m->d, 50))
		drop_op(m->c, i);
	else if (map->key_size > map->value_size)
		map->key_size /= 2;
	else
		map->value_size /= 2;
}

static void lighten_map(struct mue_map *map)
{
	if (map->max_entries > 1)
		map->max_entries /= 2;
	else
		map->value_size /= 2;
}

bool mutate_lighten(const struct mutation *m)
{
	struct weight w = weigh(m->c);

	if (w.all <= LIGHT || !mue_dice_roll(m->d, HEAVY_ONE_IN))
		return false;
	for (; w.all > LIGHT; w = weigh(m->c)) {
		if (w.op_is >= w.map_is)
			lighten_op(m, w.op);
		else
			lighten_map(&m->c->maps[w.map]);
	}
	return true;
}
