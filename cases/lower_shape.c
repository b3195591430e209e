/* Shapes: what maps and loaded programs depend on. */
#include <string.h>

#include "cases/lower.h"

/* All of an op but its bytes, with what does not matter at 0. */
struct op_shape {
	uint8_t kind, map, map2, key_from, value_from, reach, flags_const, zero;
	uint64_t times, flags;
};

static struct op_shape shape_of(const struct mue_op *op)
{
	return (struct op_shape){
		.kind = op->kind,
		.map = op->map,
		.map2 = op->map2,
		.key_from = op->key_from,
		.value_from = op->value_from,
		.reach = op->reach,
		.flags_const = op->flags_const,
		.times = op->times,
		.flags = op->flags_const ? op->flags : 0,
	};
}

static struct mue_bytes canon(struct mue_bytes b, uint32_t size)
{
	mue_bytes_canon(&b, size);
	return b;
}

static bool same_bytes(const struct mue_bytes *a, const struct mue_bytes *b, uint32_t size)
{
	struct mue_bytes x = canon(*a, size), y = canon(*b, size);

	return !memcmp(&x, &y, sizeof(x));
}

/* Of two ops that are the same otherwise: the bytes that are part of the program. */
static bool same_literals(const struct mue_op *a, const struct mue_op *b, const struct mue_map *m)
{
	if (a->key_from == MUE_ORIGIN_LITERAL && !same_bytes(&a->key, &b->key, m->key_size))
		return false;
	return a->value_from != MUE_ORIGIN_LITERAL ||
	       same_bytes(&a->value, &b->value, m->value_size);
}

static bool same_edits(const struct mue_case *a, const struct mue_phase *p,
		       const struct mue_case *b, const struct mue_phase *q)
{
	bool edited = mue_phase_edited(a, p - a->phases);

	if (edited != mue_phase_edited(b, q - b->phases))
		return false;
	return !edited || (a->n_edits == b->n_edits &&
			   !memcmp(a->edits, b->edits, a->n_edits * sizeof(*a->edits)));
}

/* Programs of cases whose maps are the same. */
static bool same_programs(const struct mue_case *a, const struct mue_phase *p,
			  const struct mue_case *b, const struct mue_phase *q)
{
	if (!same_edits(a, p, b, q))
		return false;
	if (p->prog_type != q->prog_type || p->attach_type != q->attach_type ||
	    p->trigger != q->trigger || p->returns != q->returns ||
	    p->proprietary != q->proprietary || p->sleepable != q->sleepable ||
	    p->count != q->count)
		return false;
	for (uint32_t i = 0; i < p->count; i++) {
		const struct mue_op *x = &a->ops[p->first + i], *y = &b->ops[q->first + i];
		struct op_shape s = shape_of(x), t = shape_of(y);

		if (memcmp(&s, &t, sizeof(s)) || !same_literals(x, y, &a->maps[x->map]))
			return false;
	}
	return true;
}

static struct mue_map map_shape(const struct mue_map *m)
{
	struct mue_map shape = *m;

	memset(shape.name, 0, sizeof(shape.name));
	if (!(m->flags & MUE_MAP_F_NUMA_NODE))
		shape.numa_node = 0;
	return shape;
}

static bool same_maps(const struct mue_case *a, const struct mue_case *b)
{
	if (a->n_maps != b->n_maps)
		return false;
	for (uint32_t i = 0; i < a->n_maps; i++) {
		struct mue_map m = map_shape(&a->maps[i]), n = map_shape(&b->maps[i]);

		if (memcmp(&m, &n, sizeof(m)))
			return false;
	}
	return true;
}

/* The next program phase of a case at or behind phase i, or NULL. */
static const struct mue_phase *next_program(const struct mue_case *c, uint32_t *i)
{
	while (*i < c->n_phases) {
		const struct mue_phase *p = &c->phases[(*i)++];

		if (p->prog_type)
			return p;
	}
	return NULL;
}

bool mue_shape_same(const struct mue_case *a, const struct mue_case *b)
{
	const struct mue_phase *p, *q;
	uint32_t i = 0, j = 0;

	if (!same_maps(a, b))
		return false;
	do {
		p = next_program(a, &i);
		q = next_program(b, &j);
		if (p && q && !same_programs(a, p, b, q))
			return false;
	} while (p && q);
	return !p && !q;
}

bool mue_phase_shape_same(const struct mue_case *c, uint32_t a, uint32_t b)
{
	return same_programs(c, &c->phases[a], c, &c->phases[b]);
}

static uint64_t join(uint64_t digest, const void *p, size_t n)
{
	return (digest ^ mue_digest(p, n)) * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t join_op(uint64_t digest, const struct mue_case *c, const struct mue_op *op)
{
	const struct mue_map *m = &c->maps[op->map];
	struct op_shape shape = shape_of(op);
	struct mue_bytes bytes;

	digest = join(digest, &shape, sizeof(shape));
	if (op->key_from == MUE_ORIGIN_LITERAL) {
		bytes = canon(op->key, m->key_size);
		digest = join(digest, &bytes, sizeof(bytes));
	}
	if (op->value_from == MUE_ORIGIN_LITERAL) {
		bytes = canon(op->value, m->value_size);
		digest = join(digest, &bytes, sizeof(bytes));
	}
	return digest;
}

uint64_t mue_shape_digest(const struct mue_case *c)
{
	const struct mue_phase *p;
	uint64_t digest = c->n_maps;
	uint32_t next = 0;

	for (uint32_t i = 0; i < c->n_maps; i++) {
		struct mue_map m = map_shape(&c->maps[i]);

		digest = join(digest, &m, sizeof(m));
	}
	if (c->n_edits)
		digest = join(digest, c->edits, c->n_edits * sizeof(*c->edits));
	while ((p = next_program(c, &next))) {
		uint32_t head[] = {p->prog_type,   p->attach_type, p->trigger, p->returns,
				   p->proprietary, p->sleepable,   p->count};

		digest = join(digest, head, sizeof(head));
		for (uint32_t i = 0; i < p->count; i++)
			digest = join_op(digest, c, &c->ops[p->first + i]);
	}
	return digest;
}
