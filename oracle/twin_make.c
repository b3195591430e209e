/* Turning program steps into user-side calls. */
#include "oracle/twin.h"

#include <string.h>

static bool turnable_origin(unsigned origin)
{
	return !mue_origin_rows[origin].dry && origin != MUE_ORIGIN_LOOKUP;
}

static bool turnable_op(const struct mue_case *c, const struct mue_op *op)
{
	const struct mue_map_type_row *row = mue_map_type_row(c->maps[op->map].type);

	if (op->kind == MUE_OP_REREAD || !row || row->class != MUE_CLASS_PLAIN)
		return false;
	return turnable_origin(op->key_from) &&
	       (op->kind != MUE_OP_UPDATE || turnable_origin(op->value_from));
}

/*
 * A user-side value is counted up for each CPU, behind its special field; this is the one from
 * which that gives the op's value on CPU `cpu`.
 */
static struct mue_bytes value_before(const struct mue_map *m, const struct mue_bytes *value,
				     uint32_t cpu)
{
	uint8_t number[MUE_HEAD_MAX];
	struct mue_bytes b = *value;
	uint32_t n = b.n_head, size = m->value_size;

	if (n < sizeof(number))
		n = size < sizeof(number) ? size : sizeof(number);
	mue_bytes_resolve(value, number, n);
	if (size <= MUE_HEAD_MAX) /* its tail may lie over the number */
		mue_bytes_resolve(value, number, size);
	mue_bytes_count_up(number, n, mue_special_size(m->special), -(cpu * MUE_CPU_STEP));
	memcpy(b.head, number, n);
	b.n_head = n;
	if (size <= MUE_HEAD_MAX)
		b.n_tail = 0;
	return b;
}

static void turn_op(const struct mue_case *c, struct mue_op *op, uint32_t cpu)
{
	const struct mue_map *m = &c->maps[op->map];

	op->key_from = op->value_from = op->reach = op->map2 = op->flags_const = 0;
	if (op->kind == MUE_OP_UPDATE && mue_map_type_row(m->type)->per_cpu && cpu)
		op->value = value_before(m, &op->value, cpu);
}

bool mue_twin_make(struct mue_case *twin, const struct mue_case *c)
{
	bool turned = false;

	if (c->n_edits)
		return false;
	mue_case_copy(twin, c);
	for (uint32_t i = 0; i < c->n_phases; i++) {
		struct mue_phase *p = &twin->phases[i];

		if (!p->prog_type || p->load_only)
			continue;
		for (uint32_t op = p->first; op < p->first + p->count; op++) {
			if (!turnable_op(c, &c->ops[op]))
				return false;
			turn_op(c, &twin->ops[op], p->cpu);
			turned = true;
		}
		p->prog_type = p->attach_type = p->trigger = p->sleepable = 0;
		p->returns = p->proprietary = 0;
	}
	return turned;
}
