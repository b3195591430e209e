/* Ops and phases come, go, move, and are taken from another case. */
#include <string.h>

#include "cases/socks.h"
#include "fuzz/mutation.h"

#define WATCH_OPS 4 /* what mutate_op_watch may insert */

struct mue_op *mutate_insert_op(struct mue_case *c, uint32_t phase, uint32_t at)
{
	struct mue_op *op = &c->ops[c->phases[phase].first + at];

	if (c->n_ops >= MUE_MUTATE_OPS)
		return NULL;
	memmove(op + 1, op, (c->ops + c->n_ops++ - op) * sizeof(*op));
	memset(op, 0, sizeof(*op));
	op->times = 1;
	c->phases[phase].count++;
	while (++phase < c->n_phases)
		c->phases[phase].first++;
	return op;
}

void mutate_remove_op(struct mue_case *c, uint32_t phase, uint32_t op)
{
	memmove(&c->ops[op], &c->ops[op + 1], (--c->n_ops - op) * sizeof(*c->ops));
	c->phases[phase].count--;
	while (++phase < c->n_phases)
		c->phases[phase].first--;
}

void mutate_remove_phase(struct mue_case *c, uint32_t phase)
{
	while (c->phases[phase].count)
		mutate_remove_op(c, phase, c->phases[phase].first);
	memmove(&c->phases[phase], &c->phases[phase + 1],
		(--c->n_phases - phase) * sizeof(*c->phases));
}

static uint32_t phase_of(const struct mue_case *c, uint32_t op)
{
	uint32_t i = 0;

	while (op >= c->phases[i].first + c->phases[i].count)
		i++;
	return i;
}

static uint32_t some_place(const struct mutation *m, uint32_t phase)
{
	return mue_dice_roll(m->d, m->c->phases[phase].count + 1);
}

/* Room for a phase at `at`, without ops; NULL when there is none. */
static struct mue_phase *insert_phase(struct mue_case *c, uint32_t at)
{
	struct mue_phase *p = &c->phases[at];

	if (c->n_phases >= MUE_MUTATE_PHASES)
		return NULL;
	memmove(p + 1, p, (c->n_phases++ - at) * sizeof(*p));
	memset(p, 0, sizeof(*p));
	p->first = at + 1 < c->n_phases ? p[1].first : c->n_ops;
	return p;
}

/* Behind all phases, as all new ones are at first: the others' ops stay in place. */
static struct mue_phase *append_phase(struct mue_case *c)
{
	return insert_phase(c, c->n_phases);
}

/* Values of types that hold descriptors, mostly; and at times of others. */
static void draw_objects(const struct mutation *m, struct mue_op *op)
{
	const struct mue_map_type_row *row = mue_map_type_row(m->c->maps[op->map].type);
	bool plain = row && row->class == MUE_CLASS_PLAIN;

	if (mue_dice_chance(m->d, plain ? 1 : 70))
		op->value_object = mutate_number(m, MUE_FIELD_OBJECT, 0, op->map);
	if (mue_dice_chance(m->d, plain ? 1 : 10))
		op->key_object = mutate_number(m, MUE_FIELD_OBJECT, 0, op->map);
	if (op->value_object == MUE_OBJECT_MAP)
		op->map2 = mutate_number(m, MUE_FIELD_MAP, 0, 0);
}

static void draw_op(const struct mutation *m, struct mue_op *op, bool step)
{
	op->map = mutate_number(m, MUE_FIELD_MAP, 0, 0);
	op->kind = mutate_number(m, MUE_FIELD_OP_KIND, 0, op->map);
	mutate_new_key(m, op);
	mutate_new_value(m, op);
	if (mue_dice_chance(m->d, 40))
		op->flags = mutate_number(m, MUE_FIELD_UPDATE_FLAGS, 0, op->map);
	if (mue_dice_chance(m->d, 10))
		op->times = mutate_number(m, MUE_FIELD_TIMES, 1, op->map);
	if (step && mue_dice_chance(m->d, 15))
		op->key_from = mutate_number(m, MUE_FIELD_ORIGIN, 0, op->map);
	if (step && mue_dice_chance(m->d, 15))
		op->value_from = mutate_number(m, MUE_FIELD_ORIGIN, 0, op->map);
	if (step && mue_dice_chance(m->d, 15))
		op->reach = mutate_number(m, MUE_FIELD_REACH, 0, op->map);
	if (mue_op_is_sock(op->kind))
		op->sock = mutate_number(m, MUE_FIELD_SOCK, 0, 0);
	if (op->reach == MUE_REACH_SHARED)
		op->map2 = mutate_number(m, MUE_FIELD_MAP, 0, 0);
	op->flags_const = step && mue_dice_chance(m->d, 10);
	if (!step)
		draw_objects(m, op);
	if (op->reach == MUE_REACH_LOOP && mue_dice_chance(m->d, 60))
		op->times = mutate_number(m, MUE_FIELD_TIMES, 1, op->map);
}

/* Mostly that of a neighbour: to kernels a change of CPU is the dearest thing in a case. */
static uint32_t draw_cpu(const struct mutation *m, const struct mue_phase *p)
{
	const struct mue_case *c = m->c;

	if (mue_dice_chance(m->d, 5))
		return mutate_number(m, MUE_FIELD_CPU, p->cpu, 0);
	if (p > c->phases)
		return p[-1].cpu;
	return c->n_phases > 1 ? p[1].cpu : p->cpu;
}

static void draw_phase(const struct mutation *m, struct mue_phase *p)
{
	p->prog_type = mutate_number(m, MUE_FIELD_PROG_TYPE, 0, 0);
	p->cpu = draw_cpu(m, p);
}

bool mutate_op_insert(const struct mutation *m)
{
	struct mue_case *c = m->c;
	uint32_t phase;
	struct mue_op *op;

	if (!c->n_phases)
		draw_phase(m, append_phase(c));
	phase = mue_dice_roll(m->d, c->n_phases);
	op = mutate_insert_op(c, phase, some_place(m, phase));
	if (op)
		draw_op(m, op, c->phases[phase].prog_type);
	return op != NULL;
}

bool mutate_op_drop(const struct mutation *m)
{
	uint32_t op;

	if (!m->c->n_ops)
		return false;
	op = mue_dice_roll(m->d, m->c->n_ops);
	mutate_remove_op(m->c, phase_of(m->c, op), op);
	return true;
}

/* Another of it, somewhere: often with one thing changed. */
static bool put_copy(const struct mutation *m, struct mue_op copy)
{
	uint32_t phase = mue_dice_roll(m->d, m->c->n_phases);
	struct mue_op *op = mutate_insert_op(m->c, phase, some_place(m, phase));

	if (!op)
		return false;
	*op = copy;
	if (mue_dice_chance(m->d, 30))
		op->kind = mutate_number(m, MUE_FIELD_OP_KIND, op->kind, op->map);
	if (mue_dice_chance(m->d, 30))
		op->flags = mutate_number(m, MUE_FIELD_UPDATE_FLAGS, op->flags, op->map);
	if (mue_dice_chance(m->d, 50))
		mutate_new_value(m, op);
	return true;
}

bool mutate_op_duplicate(const struct mutation *m)
{
	return m->c->n_ops && put_copy(m, m->c->ops[mue_dice_roll(m->d, m->c->n_ops)]);
}

/* A plain op on that map; there is room for it. */
static struct mue_op *insert_kind(struct mue_case *c, uint32_t phase, uint32_t at, uint8_t kind,
				  uint8_t map)
{
	struct mue_op *op = mutate_insert_op(c, phase, at);

	op->kind = kind;
	op->map = map;
	return op;
}

/* Where there is a lock, an update under it writes in place; where there is none, there may be one
 * soon. */
static void toggle_lock(const struct mutation *m, struct mue_op *op)
{
	struct mue_map *map = &m->c->maps[op->map];

	if (!mue_special_rows[map->special].lock && mue_dice_chance(m->d, 10))
		map->special = MUE_SPECIAL_SPIN_LOCK;
	if (mue_special_rows[map->special].lock && mue_dice_chance(m->d, 50))
		op->flags ^= MUE_UPDATE_LOCK;
}

/* What is watched is put there first, alone or as the first of as many as fill the map. */
static void put_first(const struct mutation *m, struct mue_op *op, const struct mue_op *watched)
{
	uint32_t room = m->c->maps[watched->map].max_entries;

	op->key = watched->key;
	mutate_new_value(m, op);
	if (room > 1 && room < 1024 && mue_dice_chance(m->d, 40)) {
		op->reach = MUE_REACH_LOOP;
		op->times = room;
	}
}

/*
 * A call is watched by a pointer: to what was there before it, read behind it. At times what was
 * there is put there first, and another update comes in between, which may take what the call set
 * free.
 */
bool mutate_op_watch(const struct mutation *m)
{
	struct mue_case *c = m->c;
	struct mue_op watched, *op;
	uint32_t phase, at;

	if (!c->n_ops || c->n_ops + WATCH_OPS > MUE_MUTATE_OPS)
		return false;
	at = mue_dice_roll(m->d, c->n_ops);
	phase = phase_of(c, at);
	if (!c->phases[phase].prog_type ||
	    (c->ops[at].kind != MUE_OP_UPDATE && c->ops[at].kind != MUE_OP_DELETE))
		return false;
	toggle_lock(m, &c->ops[at]);
	watched = c->ops[at];
	at -= c->phases[phase].first;
	insert_kind(c, phase, at + 1, MUE_OP_REREAD, watched.map);
	if (mue_dice_chance(m->d, watched.kind == MUE_OP_DELETE ? 60 : 15)) {
		op = insert_kind(c, phase, at + 1, MUE_OP_UPDATE, watched.map);
		mutate_new_key(m, op);
		mutate_new_value(m, op);
	}
	insert_kind(c, phase, at, MUE_OP_LOOKUP, watched.map)->key = watched.key;
	if (mue_dice_chance(m->d, 50)) {
		op = insert_kind(c, phase, at, MUE_OP_UPDATE, watched.map);
		put_first(m, op, &watched);
	}
	return true;
}

bool mutate_op_move(const struct mutation *m)
{
	struct mue_case *c = m->c;
	struct mue_op moved;
	uint32_t op, phase;

	if (!c->n_ops || c->n_ops > MUE_MUTATE_OPS)
		return false;
	op = mue_dice_roll(m->d, c->n_ops);
	moved = c->ops[op];
	mutate_remove_op(c, phase_of(c, op), op);
	phase = mue_dice_roll(m->d, c->n_phases);
	*mutate_insert_op(c, phase, some_place(m, phase)) = moved;
	return true;
}

bool mutate_phase_insert(const struct mutation *m)
{
	struct mue_phase *p = insert_phase(m->c, mue_dice_roll(m->d, m->c->n_phases + 1));
	struct mue_op *op;

	if (!p)
		return false;
	draw_phase(m, p);
	op = mutate_insert_op(m->c, p - m->c->phases, 0);
	if (op)
		draw_op(m, op, p->prog_type);
	return true;
}

bool mutate_phase_drop(const struct mutation *m)
{
	if (!m->c->n_phases)
		return false;
	mutate_remove_phase(m->c, mue_dice_roll(m->d, m->c->n_phases));
	return true;
}

/* Behind all others: a phase of case `from`, which may be this one, with its ops. */
static bool append_copy(const struct mutation *m, const struct mue_case *from, uint32_t phase)
{
	struct mue_case *c = m->c;
	struct mue_phase copy = from->phases[phase], *p = append_phase(c);

	if (!p || c->n_ops + copy.count > MUE_MUTATE_OPS) {
		c->n_phases -= !!p;
		return false;
	}
	memcpy(&c->ops[c->n_ops], &from->ops[copy.first], copy.count * sizeof(*c->ops));
	for (uint32_t i = 0; i < copy.count; i++) {
		c->ops[c->n_ops + i].map %= c->n_maps;
		c->ops[c->n_ops + i].map2 %= c->n_maps;
		c->ops[c->n_ops + i].sock %= c->n_socks + 1;
	}
	copy.first = c->n_ops;
	c->n_ops += copy.count;
	*p = copy;
	return true;
}

bool mutate_phase_duplicate(const struct mutation *m)
{
	struct mue_case *c = m->c;

	if (!c->n_phases || !append_copy(m, c, mue_dice_roll(m->d, c->n_phases)))
		return false;
	if (mue_dice_chance(m->d, 30))
		draw_phase(m, &c->phases[c->n_phases - 1]);
	return true;
}

/* The last phase, and its ops, go to the front. */
bool mutate_phase_move(const struct mutation *m)
{
	struct mue_case *c = m->c;
	struct mue_phase last;
	struct mue_op ops[MUE_MUTATE_OPS];

	if (c->n_phases < 2)
		return false;
	last = c->phases[c->n_phases - 1];
	if (last.count > MUE_MUTATE_OPS)
		return false;
	memcpy(ops, &c->ops[last.first], last.count * sizeof(*ops));
	memmove(&c->ops[last.count], c->ops, last.first * sizeof(*ops));
	memcpy(c->ops, ops, last.count * sizeof(*ops));
	memmove(&c->phases[1], c->phases, (c->n_phases - 1) * sizeof(*c->phases));
	c->phases[0] = last;
	for (uint32_t i = 0, first = 0; i < c->n_phases; i++) {
		c->phases[i].first = first;
		first += c->phases[i].count;
	}
	return true;
}

/* One invocation becomes two. */
bool mutate_phase_split(const struct mutation *m)
{
	struct mue_case *c = m->c;
	uint32_t phase, left;
	struct mue_phase *p;

	if (!c->n_phases)
		return false;
	phase = mue_dice_roll(m->d, c->n_phases);
	left = some_place(m, phase);
	p = insert_phase(c, phase + 1);
	if (!p)
		return false;
	*p = p[-1];
	p->first = p[-1].first + left;
	p->count = p[-1].count - left;
	p[-1].count = left;
	p->cpu = draw_cpu(m, p);
	return true;
}

/* A map is brought near its capacity at one stroke. */
bool mutate_fill(const struct mutation *m)
{
	struct mue_case *c = m->c;
	struct mue_phase *p = insert_phase(c, mue_dice_roll(m->d, c->n_phases + 1));
	struct mue_op *op;
	uint32_t entries;

	if (!p)
		return false;
	p->cpu = draw_cpu(m, p);
	p->prog_type = mue_dice_chance(m->d, 30) ? mutate_number(m, MUE_FIELD_PROG_TYPE, 0, 0) : 0;
	op = mutate_insert_op(c, p - c->phases, 0);
	if (!op) {
		memmove(p, p + 1, (c->phases + --c->n_phases - p) * sizeof(*p));
		return false;
	}
	op->map = mutate_number(m, MUE_FIELD_MAP, 0, 0);
	op->kind = !p->prog_type && mue_dice_chance(m->d, 40) ? MUE_OP_BATCH : MUE_OP_UPDATE;
	op->reach = p->prog_type ? MUE_REACH_LOOP : 0;
	mutate_new_key(m, op);
	mutate_new_value(m, op);
	entries = c->maps[op->map].max_entries;
	op->times = entries < 1024 ? entries + mue_dice_roll(m->d, 4) - 1 : 16;
	if (!op->times)
		op->times = 1;
	return true;
}

bool mutate_splice_ops(const struct mutation *m)
{
	const struct mue_case *o = m->other;
	uint32_t n, at;

	if (!o->n_ops || !m->c->n_phases)
		return false;
	at = mue_dice_roll(m->d, o->n_ops);
	for (n = 1 + mue_dice_roll(m->d, 4); n && at < o->n_ops; n--) {
		struct mue_op op = o->ops[at++];

		op.map %= m->c->n_maps;
		op.map2 %= m->c->n_maps;
		if (!put_copy(m, op))
			return false;
	}
	return true;
}

bool mutate_splice_phases(const struct mutation *m)
{
	return m->other->n_phases &&
	       append_copy(m, m->other, mue_dice_roll(m->d, m->other->n_phases));
}
