/*
 * Keeping cases light. A few of a thousand that move megabytes take more time than all the others:
 * speed is what finds things, so that only one case in many may be heavy.
 */
#include "cases/observation.h"
#include "fuzz/codec.h"
#include "fuzz/mutation.h"

/* Bytes that the cases of one in so many may move, about; and the most that any moves. */
static const struct {
	uint32_t one_in;
	uint64_t most;
} tiers[] = {
	{32768, UINT64_C(16) << 20},
	{512, UINT64_C(256) << 10},
	{16, UINT64_C(8) << 10},
	{1, UINT64_C(1) << 10},
};
#define BOUND tiers[0].most
/* An array is made and read as a whole, but not copied. */
#define READ_FOR_COPIED 2
/* Elements are only made, and by kernels alone; so many bytes of them are refused at once. */
#define MADE_FOR_COPIED 64
#define REFUSED_FROM (UINT64_C(4) << 30)
#define CPUS 2
/* No weight is more, so that sums do not wrap. */
#define MOST (UINT64_C(1) << 50)

static uint64_t product(uint64_t a, uint64_t b)
{
	uint64_t p;

	return __builtin_mul_overflow(a, b, &p) || p > MOST ? MOST : p;
}

static uint64_t copies(const struct mue_map *m)
{
	const struct mue_map_type_row *row = mue_map_type_row(m->type);

	return row && row->per_cpu ? CPUS : 1;
}

/* Of a map that is read from end to end. */
static uint64_t whole_weight(const struct mue_map *m)
{
	if (m->type != MUE_MAP_ARRAY && m->type != MUE_MAP_PERCPU_ARRAY)
		return 0;
	return product(m->max_entries, m->value_size * copies(m)) / READ_FOR_COPIED;
}

static uint64_t op_weight(const struct mue_case *c, const struct mue_op *op)
{
	const struct mue_map *m = &c->maps[op->map];
	uint64_t bytes = 0;

	if (mue_op_has_key(op->kind))
		bytes += m->key_size;
	if (mue_op_has_value(op->kind) || op->kind == MUE_OP_LOOKUP)
		bytes += m->value_size * copies(m);
	if (op->kind == MUE_OP_DIGEST)
		bytes += whole_weight(m);
	return product(bytes, op->times ? op->times : 1);
}

/* Of a map that has all its elements from the beginning. */
static uint64_t made_weight(const struct mue_map *m)
{
	uint64_t bytes = product(m->max_entries, m->key_size + m->value_size * copies(m));

	return m->flags & MUE_MAP_F_NO_PREALLOC || bytes > REFUSED_FROM ? 0 : bytes / MADE_FOR_COPIED;
}

static uint64_t map_weight(const struct mue_map *m)
{
	return (mue_state_observed(m) ? whole_weight(m) : 0) + made_weight(m);
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
 * too. Without dice, not at all. */
static void lighten_op(struct mue_case *c, uint32_t i, struct mue_dice *d)
{
	struct mue_op *op = &c->ops[i];
	struct mue_map *map = &c->maps[op->map];

	if (op->times > 1)
		op->times /= 2;
	else if (!d || op->kind == MUE_OP_DIGEST || mue_dice_chance(d, 50))
		drop_op(c, i);
	else if (map->key_size > map->value_size)
		map->key_size /= 2;
	else
		map->value_size /= 2;
}

static void lighten_map(struct mue_map *map)
{
	if (map->max_entries > 1)
		map->max_entries /= 2;
	else if (map->key_size > map->value_size)
		map->key_size /= 2;
	else
		map->value_size /= 2;
}

/* Whether anything had to go. */
static bool lighten(struct mue_case *c, uint64_t most, struct mue_dice *d)
{
	struct weight w = weigh(c);

	if (w.all <= most)
		return false;
	for (; w.all > most; w = weigh(c)) {
		if (w.op_is >= w.map_is)
			lighten_op(c, w.op, d);
		else
			lighten_map(&c->maps[w.map]);
	}
	return true;
}

static uint64_t roll_most(struct mue_dice *d)
{
	uint32_t tier = 0;

	while (mue_dice_roll(d, tiers[tier].one_in))
		tier++;
	return tiers[tier].most;
}

bool mutate_lighten(const struct mutation *m)
{
	return lighten(m->c, roll_most(m->d), m->d);
}

void mue_case_bound(struct mue_case *c)
{
	while (lighten(c, BOUND, NULL))
		mue_case_mend(c);
}
