#include "oracle/model.h"

#include <stdio.h>
#include <string.h>

#include "cases/attach.h"
#include "oracle/model_load.h"
#include "oracle/model_walk.h"

bool model_unsupported(struct walk *k, const char *why)
{
	k->o->status = MUE_UNSUPPORTED;
	snprintf(k->o->why, sizeof(k->o->why), "%s", why);
	return false;
}

/* Where the number of a key stands that repetitions count up. */
static uint32_t key_number(const struct mue_map *def)
{
	return def->type == MUE_MAP_LPM_TRIE ? sizeof(uint32_t) : 0;
}

void model_count_up(const struct model_map *m, uint8_t *key, uint8_t *value, uint32_t copies)
{
	const uint32_t size = m->def->value_size, at = mue_special_size(m->def->special);

	mue_bytes_count_up(key, m->def->key_size, key_number(m->def), 1);
	for (uint32_t cpu = 0; cpu < copies; cpu++)
		mue_bytes_count_up(value + (uint64_t)cpu * size, size, at, 1);
}

void model_forget_sock(struct walk *k, uint32_t number)
{
	for (uint32_t i = 0; i < k->c->n_maps; i++)
		if (k->maps[i].kind == &model_sockmap)
			model_sockmap_forget(&k->maps[i], number);
}

/* Program side (semantics R) */

/* R5: what the latest lookup's pointer shows, as long as a rule says. */
static const uint8_t *found_value(struct walk *k)
{
	if (k->found->lost)
		longjmp(k->mem.leave, MODEL_LOST);
	return model_value(k->found_in, k->found, k->cpu);
}

/* R3: the bytes that an argument points to; NULL where the step is skipped for want of them. */
static const uint8_t *argument(struct walk *k, const struct mue_op *op, unsigned origin,
			       const struct mue_bytes *bytes, uint32_t size)
{
	uint8_t *p;

	if (origin == MUE_ORIGIN_LOOKUP)
		return k->found ? found_value(k) : NULL;
	p = model_take(&k->mem, size);
	mue_bytes_resolve(bytes, p, size);
	return p;
}

/* R2: until map operations returned long, only the lower half of a direct call's R0 is sure. */
static int64_t result(struct walk *k, const struct mue_op *op, bool shared, long ret)
{
	const bool direct = k->w->jit && !shared;

	if (ret >= 0 || !direct || mue_world_has(k->w, MUE_CHANGE_RET_SIGN_EXTENDED))
		return ret;
	if (k->also)
		mue_alternatives_add(k->also, op - k->c->ops, ret);
	return (uint32_t)ret;
}

/* K6: what a step passes as value, bytes or a socket; false where it finds none and is skipped. */
static bool put_value(struct walk *k, const struct model_map *m, const struct mue_op *op,
		      struct model_call *call)
{
	call->value = argument(k, op, op->value_from, &op->value, m->def->value_size);
	if (!mue_origin_is_sock(op->value_from))
		return call->value;
	call->sock = model_socks_step(&k->socks, k->c, k->phase, op);
	return call->sock;
}

static void step_update(struct walk *k, struct model_map *m, const struct mue_op *op,
			struct mue_result *r)
{
	const bool shared = op->reach == MUE_REACH_SHARED;
	struct model_call call = {.cpu = k->cpu, .target = k->cpu, .flags = op->flags};
	long ret = 0;

	call.key = argument(k, op, op->key_from, &op->key, m->def->key_size);
	if (!call.key || !put_value(k, m, op, &call))
		return;
	r->times = op->times;
	for (uint32_t i = 0; i < op->times; i++) {
		if (i) /* then both are on the stack (mue_case_check) */
			model_count_up(m, (uint8_t *)call.key, (uint8_t *)call.value, 1);
		ret = m->kind->update(m, &call);
		r->failed += ret != 0;
	}
	r->ret = result(k, op, shared, ret);
}

static void step_delete(struct walk *k, struct model_map *m, const struct mue_op *op,
			struct mue_result *r)
{
	const uint8_t *key = argument(k, op, op->key_from, &op->key, m->def->key_size);
	long ret;

	if (!key)
		return;
	ret = m->kind->delete(m, k->cpu, key);
	r->times = 1;
	r->failed = ret != 0;
	r->ret = result(k, op, false, ret);
}

/* O4: the value as the running CPU sees it, the special field as zeros. */
static void observe_found(struct walk *k, struct mue_result *r)
{
	uint8_t out[MUE_OUT_MAX];
	uint32_t size, special;

	r->times = 1;
	r->ret = k->found != NULL;
	if (!k->found)
		return;
	size = k->found_in->def->value_size;
	special = mue_special_size(k->found_in->def->special);
	if (size > MUE_OUT_MAX)
		size = MUE_OUT_MAX;
	memcpy(out, found_value(k), size);
	memset(out, 0, special);
	r->has_value = 1;
	mue_observe_blob(k->o, &r->value, out, size);
}

static void step_lookup(struct walk *k, struct model_map *m, const struct mue_op *op,
			struct mue_result *r)
{
	const uint8_t *key = argument(k, op, op->key_from, &op->key, m->def->key_size);

	if (!key)
		return;
	k->found = m->kind->lookup(m, key, false);
	k->found_in = m;
	observe_found(k, r);
	if (m->kind == &model_sockmap)
		k->found = NULL; /* K6: it is given back */
}

static void step_reread(struct walk *k, struct model_map *m, const struct mue_op *op,
			struct mue_result *r)
{
	observe_found(k, r);
}

typedef void step_fn(struct walk *k, struct model_map *m, const struct mue_op *op,
		     struct mue_result *r);
static step_fn *const step_fns[MUE_OP_KINDS] = {
	[MUE_OP_UPDATE] = step_update,
	[MUE_OP_DELETE] = step_delete,
	[MUE_OP_LOOKUP] = step_lookup,
	[MUE_OP_REREAD] = step_reread,
};

static bool is_dry(const struct mue_op *op)
{
	return (mue_op_has_key(op->kind) && mue_origin_rows[op->key_from].dry) ||
	       (mue_op_has_value(op->kind) && mue_origin_rows[op->value_from].dry);
}

/* P3, once the steps are done. */
static uint32_t test_result(const struct walk *k, const struct mue_phase *p)
{
	const struct mue_world *w = k->w;
	uint32_t ret = mue_phase_ret(p);

	if (p->returns == MUE_RETURN_RESULT && p->count)
		ret = (uint32_t)k->o->ops[p->first + p->count - 1].ret;
	if (p->prog_type == MUE_PROG_FLOW_DISSECTOR && !mue_world_has(w, MUE_CHANGE_FLOW_TEST_RESULT))
		return ret == 0;
	return ret;
}

static void prog_phase(struct walk *k, const struct mue_phase *p)
{
	struct mue_phase_result *seen = &k->o->phases[p - k->c->phases];

	if (seen->load || p->load_only)
		return;
	seen->run = model_run(p);
	if (seen->run)
		return;
	seen->invoked = 1;
	k->found = NULL;
	k->phase = p;
	for (uint32_t i = p->first; i < p->first + p->count; i++) {
		const struct mue_op *op = &k->c->ops[i];

		k->o->ops[i].known = 1;
		if (is_dry(op)) {
			if (op->kind == MUE_OP_LOOKUP)
				k->found = NULL; /* R4: skipped, it found nothing */
			continue;
		}
		step_fns[op->kind](k, &k->maps[op->map], op, &k->o->ops[i]);
	}
	seen->retval = mue_phase_test_run(p) ? test_result(k, p) : 0;
	model_forget_sock(k, 0); /* K6: the event's socket is closed */
}

/* The case (semantics O) */

/* O1: in order, up to the first that cannot be had. */
static bool create_maps(struct walk *k, bool *all)
{
	*all = true;
	for (uint32_t i = 0; i < k->c->n_maps && *all; i++) {
		int err = model_create_check(k->w, k->c, &k->c->maps[i]);

		if (err > 0)
			return model_unsupported(k, "no rule says whether this map can be created");
		k->o->maps[i].known = 1;
		k->o->maps[i].create = err;
		*all = !err;
		if (err)
			continue;
		model_map_init(&k->maps[i], &k->mem, k->w, &k->c->maps[i]);
		if (k->c->maps[i].inner)
			k->maps[i].own = (void *)&k->c->maps[k->c->maps[i].inner - 1];
		k->maps[i].socks = &k->socks;
	}
	return true;
}

/* O2: all loads come before the first phase runs. */
static bool load_programs(struct walk *k)
{
	for (uint32_t i = 0; i < k->c->n_phases; i++) {
		const struct mue_phase *p = &k->c->phases[i];
		const char *why = NULL;
		int err;

		if (!p->prog_type)
			continue;
		err = model_load(k->w, k->c, p, &why);
		if (err > 0)
			return model_unsupported(k, why);
		k->o->phases[i].known = 1;
		k->o->phases[i].load = err;
	}
	return true;
}

static bool run_phases(struct walk *k)
{
	for (uint32_t i = 0; i < k->c->n_phases; i++) {
		const struct mue_phase *p = &k->c->phases[i];

		k->cpu = p->cpu;
		if (!p->prog_type && !model_user_phase(k, p))
			return false;
		if (p->prog_type)
			prog_phase(k, p);
	}
	return true;
}

/* O5 */
static void record_states(struct walk *k)
{
	for (uint32_t i = 0; i < k->c->n_maps; i++) {
		const struct model_map *m = &k->maps[i];
		struct mue_state_writer writer;

		if (!m->kind || !mue_state_observed(m->def))
			continue;
		mue_state_begin(&writer, k->o, i, m->kind == &model_array);
		for (uint32_t n = 0; n < m->n; n++)
			mue_state_entry(&writer, m->elems[n]->key, m->def->key_size, m->elems[n]->value,
					(uint64_t)m->copies * m->def->value_size);
		mue_state_end(&writer);
	}
}

/* S7: what is read and written then does not fit the buffers for all CPUs that cases speak of. */
static bool beyond_rules(const struct walk *k, const struct mue_phase *p, const struct mue_op *op)
{
	const struct mue_map_type_row *row = mue_map_type_row(k->c->maps[op->map].type);

	if (!mue_world_has(k->w, MUE_CHANGE_CPU_FLAGS) || p->prog_type || !row || !row->per_cpu)
		return false;
	if (op->kind == MUE_OP_BATCH)
		return op->flags & (MUE_UPDATE_CPU | MUE_UPDATE_ALL_CPUS);
	return op->kind == MUE_OP_LOOKUP && op->flags & MUE_UPDATE_CPU;
}

static bool fits_world(struct walk *k)
{
	for (uint32_t i = 0; i < k->c->n_phases; i++) {
		const struct mue_phase *p = &k->c->phases[i];

		if (p->cpu >= k->w->cpus)
			return model_unsupported(k, "the case wants more CPUs than there are");
		for (uint32_t op = p->first; op < p->first + p->count; op++)
			if (beyond_rules(k, p, &k->c->ops[op]))
				return model_unsupported(k, "no rule for this use of CPU flags");
	}
	return true;
}

static void answer(struct walk *k)
{
	bool all;

	if (!fits_world(k) || !create_maps(k, &all) || !all)
		return;
	model_socks_init(&k->socks, k->w, k->c);
	if (load_programs(k) && run_phases(k))
		record_states(k);
}

void mue_model_answer_also(const struct mue_world *w, const struct mue_case *c,
			   struct mue_observation *o, struct mue_alternatives *also)
{
	struct walk k;

	/* Field by field: what a case does not use is not worth zeroing. */
	k.w = w;
	k.c = c;
	k.o = o;
	k.also = also;
	k.found = NULL;
	k.found_in = NULL;
	mue_observation_init(o, c);
	if (also)
		also->n = 0;
	if (c->n_edits) {
		model_unsupported(&k, "no rule says what an edited program does");
		return;
	}
	model_memory_begin(&k.mem);
	switch (setjmp(k.mem.leave)) {
	case 0:
		answer(&k);
		break;
	case MODEL_FULL:
		model_unsupported(&k, "the case needs more memory than the model allows itself");
		break;
	default:
		model_unsupported(&k, "no rule says what is where an element was that the allocator took back");
	}
	model_memory_end(&k.mem);
}

void mue_model_answer(const struct mue_world *w, const struct mue_case *c, struct mue_observation *o)
{
	mue_model_answer_also(w, c, o, NULL);
}
