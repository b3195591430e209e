#include "cases/text_rules.h"

#include "cases/words.h"

bool mue_text_reads(unsigned kind)
{
	return kind == MUE_OP_LOOKUP || kind == MUE_OP_REREAD ||
	       kind == MUE_OP_LOOKUP_AND_DELETE;
}

int64_t mue_text_found(const struct mue_phase *p)
{
	return p->prog_type ? 1 : 0;
}

bool mue_text_per_cpu(const struct mue_map *m)
{
	const struct mue_map_type_row *type = mue_map_type_row(m->type);

	return type && type->per_cpu;
}

uint32_t mue_text_value_unit(const struct mue_case *c, const struct mue_phase *p,
			     const struct mue_op *op)
{
	uint32_t size = c->maps[op->map].value_size;

	return p->prog_type && size > MUE_OUT_MAX ? MUE_OUT_MAX : size;
}

unsigned mue_text_reread_map(const struct mue_case *c, const struct mue_op *op)
{
	const struct mue_phase *p = c->phases;
	uint32_t at = op - c->ops;

	while (p < c->phases + c->n_phases - 1 && at - p->first >= p->count)
		p++;
	while (at-- > p->first)
		if (c->ops[at].kind == MUE_OP_LOOKUP)
			return c->ops[at].map;
	return 0;
}

void mue_text_result_defaults(struct mue_result *r, const struct mue_op *op)
{
	bool fails = op->kind == MUE_OP_UPDATE || op->kind == MUE_OP_DELETE;

	r->times = op->times;
	r->failed = fails && r->ret ? r->times : 0;
}

void mue_text_phase_defaults(struct mue_phase_result *r, const struct mue_phase *p)
{
	r->run = 0;
	r->invoked = p->prog_type && !p->load_only && !r->load;
	r->retval = 0;
}

bool mue_text_state_whole(const struct mue_observation *o, const struct mue_map_result *r)
{
	if (r->shown != r->n_entries)
		return false;
	for (uint32_t i = r->first; i < r->first + r->shown; i++)
		if (!mue_blob_whole(&o->entries[i].key) || !mue_blob_whole(&o->entries[i].value))
			return false;
	return true;
}
