/* The user side of the model (semantics S). */
#include <errno.h>
#include <string.h>

#include "oracle/model_walk.h"

#define ENOTSUPP MODEL_ENOTSUPP

static bool may_write(const struct model_map *m)
{
	return !m->frozen && !(m->def->flags & MUE_MAP_F_RDONLY);
}

static bool has_lock(const struct model_map *m)
{
	return model_has_special(m->world, m->def, MUE_SPECIAL_SPIN_LOCK);
}

/* The bytes of a user-side value, as one value for each CPU where the map has them. */
static uint8_t *user_value(struct walk *k, const struct model_map *m, const struct mue_op *op)
{
	const uint32_t size = m->def->value_size, at = mue_special_size(m->def->special);
	uint8_t *value = model_take(&k->mem, (uint64_t)size * m->copies);

	for (uint32_t cpu = 0; cpu < m->copies; cpu++) {
		mue_bytes_resolve(&op->value, value + (uint64_t)cpu * size, size);
		mue_bytes_count_up(value + (uint64_t)cpu * size, size, at, cpu * MUE_CPU_STEP);
	}
	return value;
}

static uint8_t *resolved_key(struct walk *k, const struct model_map *m, const struct mue_op *op)
{
	uint8_t *key = model_take(&k->mem, m->def->key_size);

	mue_bytes_resolve(&op->key, key, m->def->key_size);
	return key;
}

/* O6: the number of an object over bytes of a key or value. */
static void put_object(uint8_t *to, struct mue_fd_place place, unsigned object, unsigned map)
{
	const uint64_t number = mue_object_number(object, map);

	memcpy(to + place.at, &number, place.size);
}

/* A call's key, value and objects. */
static struct model_call call_of(struct walk *k, const struct model_map *m, const struct mue_op *op)
{
	uint8_t *key = resolved_key(k, m, op), *value = NULL;

	if (op->key_object)
		put_object(key, MUE_KEY_FD_PLACE, op->key_object, 0);
	if (mue_op_has_value(op->kind))
		value = user_value(k, m, op);
	if (op->value_object)
		put_object(value, mue_value_fd_place(m->def), op->value_object, op->map2);
	return (struct model_call){
		.cpu = k->cpu,
		.user = true,
		.flags = op->flags,
		.key = key,
		.value = value,
		.target = MODEL_ALL_CPUS,
		.key_object = op->key_object,
		.value_object = op->value_object,
		.value_map = &k->c->maps[op->map2],
	};
}

static bool has_cpu_flags(const struct model_map *m)
{
	return m->per_cpu && mue_world_has(m->world, MUE_CHANGE_CPU_FLAGS);
}

/* S7 */
static int check_other_cpu_flags(const struct model_map *m, uint64_t flags)
{
	const uint32_t bits = flags, cpu = flags >> 32;

	if (cpu && !(bits & MUE_UPDATE_CPU))
		return -EINVAL;
	if (bits & MUE_UPDATE_CPU && bits & MUE_UPDATE_ALL_CPUS)
		return -EINVAL;
	return bits & MUE_UPDATE_CPU && cpu >= m->world->cpus ? -ERANGE : 0;
}

static int check_cpu_flags(const struct model_map *m, uint64_t flags)
{
	const uint32_t bits = flags;
	int err = check_other_cpu_flags(m, flags);

	if (err)
		return err;
	return bits & MUE_UPDATE_LOCK || bits > MUE_UPDATE_ALL_CPUS ? -EINVAL : 0;
}

/* S2: the checks before the map's own. */
static int check_user_update(const struct model_map *m, uint64_t flags)
{
	if (!may_write(m))
		return -EPERM;
	if (flags & MUE_UPDATE_LOCK && !has_lock(m))
		return -EINVAL;
	if (has_cpu_flags(m))
		return m->other ? check_other_cpu_flags(m, flags) : check_cpu_flags(m, flags);
	if (mue_world_has(m->world, MUE_CHANGE_CPU_FLAGS) &&
	    (flags >> 32 || flags & (MUE_UPDATE_CPU | MUE_UPDATE_ALL_CPUS)))
		return -EINVAL;
	return 0;
}

/* S7: whose value is written, and what of the flags counts then. */
static void aim(const struct model_map *m, struct model_call *c, uint8_t *value)
{
	const uint32_t size = m->def->value_size;

	if (!has_cpu_flags(m) || m->other)
		return;
	if (c->flags & MUE_UPDATE_CPU)
		c->target = c->flags >> 32;
	for (uint32_t cpu = 1; c->flags & MUE_UPDATE_ALL_CPUS && cpu < m->copies; cpu++)
		memcpy(value + (uint64_t)cpu * size, value, size);
	if (c->flags != MUE_UPDATE_NOEXIST && c->flags != MUE_UPDATE_EXIST)
		c->flags = 0;
}

static void user_update(struct walk *k, struct model_map *m, const struct mue_op *op,
			struct mue_result *r)
{
	struct model_call call = call_of(k, m, op);

	aim(m, &call, (uint8_t *)call.value);
	r->times = op->times;
	for (uint32_t i = 0; i < op->times; i++) {
		if (i)
			model_count_up(m, (uint8_t *)call.key, (uint8_t *)call.value, m->copies);
		r->ret = check_user_update(m, op->flags);
		if (!r->ret)
			r->ret = m->other ? m->other->update(m, &call) : m->kind->update(m, &call);
		r->failed += r->ret != 0;
		if (r->ret == MODEL_NO_RULE)
			return;
	}
}

static bool has_batch(const struct model_map *m)
{
	switch (m->def->type) {
	case MUE_MAP_PERCPU_ARRAY:
		return mue_world_has(m->world, MUE_CHANGE_PERCPU_ARRAY_BATCH);
	case MUE_MAP_LPM_TRIE:
		return mue_world_has(m->world, MUE_CHANGE_LPM_BATCH);
	case MUE_MAP_SOCKMAP:
	case MUE_MAP_SOCKHASH:
		return false;
	}
	return true;
}

/* S5: times is the count as the kernel leaves it. */
static void user_batch(struct walk *k, struct model_map *m, const struct mue_op *op,
		       struct mue_result *r)
{
	struct model_call call = call_of(k, m, op);

	r->times = op->times;
	if (!may_write(m))
		r->ret = -EPERM;
	else if (!has_batch(m))
		r->ret = -ENOTSUPP;
	else if (op->flags & ~(uint64_t)MUE_UPDATE_LOCK)
		r->ret = -EINVAL;
	else if (op->flags && !has_lock(m))
		r->ret = -EINVAL;
	if (r->ret)
		return;
	for (r->times = 0; r->times < op->times; r->times++) {
		if (r->times)
			model_count_up(m, (uint8_t *)call.key, (uint8_t *)call.value, m->copies);
		r->ret = m->kind->update(m, &call);
		if (r->ret)
			return;
	}
}

/* S3 */
static void user_delete(struct walk *k, struct model_map *m, const struct mue_op *op,
			struct mue_result *r)
{
	struct model_call call = call_of(k, m, op);

	if (!may_write(m))
		r->ret = -EPERM;
	else if (m->other)
		r->ret = m->other->delete(m, &call);
	else
		r->ret = m->kind->delete(m, k->cpu, call.key);
	r->failed = r->ret != 0;
}

/* S4: what comes first, the right to read or the flags, S7 turned round. */
static int check_user_lookup(const struct model_map *m, uint64_t flags)
{
	const bool refused = m->def->flags & MUE_MAP_F_WRONLY;

	if (refused && mue_world_has(m->world, MUE_CHANGE_CPU_FLAGS))
		return -EPERM;
	if (flags & ~(uint64_t)MUE_UPDATE_LOCK)
		return -EINVAL;
	if (refused)
		return -EPERM;
	return flags && !has_lock(m) ? -EINVAL : 0;
}

/* A lookup of a type that only bpf(2) updates. */
static void other_lookup(struct walk *k, struct model_map *m, const struct mue_op *op,
			 struct mue_result *r)
{
	uint8_t *value = model_take_zeroed(&k->mem, (uint64_t)m->copies * m->def->value_size);
	struct model_call call = call_of(k, m, op);

	if (call.value)
		memcpy(value, call.value, m->def->value_size);
	r->ret = m->other->lookup(m, &call, value);
	if (r->ret == MODEL_EITHER) {
		r->ret = -ENOENT;
		if (k->also)
			mue_alternatives_add(k->also, op - k->c->ops, 0);
	}
	if (r->ret || mue_op_has_value(op->kind))
		return;
	r->has_value = 1;
	mue_observe_blob(k->o, &r->value, value, (uint64_t)m->copies * m->def->value_size);
}

static void user_lookup(struct walk *k, struct model_map *m, const struct mue_op *op,
			struct mue_result *r)
{
	struct model_elem *e;

	r->ret = check_user_lookup(m, op->flags);
	if (r->ret)
		return;
	if (m->other) {
		other_lookup(k, m, op, r);
		return;
	}
	if (m->kind == &model_sockmap && m->def->value_size != sizeof(uint64_t)) {
		r->ret = -ENOSPC; /* K7 */
		return;
	}
	e = m->kind->lookup(m, resolved_key(k, m, op), true);
	if (!e) {
		r->ret = -ENOENT;
		return;
	}
	r->has_value = 1;
	mue_observe_blob(k->o, &r->value, e->value, (uint64_t)m->copies * m->def->value_size);
}

/* S8, of the types of C2 to C6: hashes. */
static int plain_lookup_and_delete(struct walk *k, struct model_map *m, const uint8_t *key,
				   uint8_t *value)
{
	const bool is_hash = m->kind == &model_hash || m->kind == &model_lru || m->kind == &model_rhash;
	const struct model_elem *e;

	if (!is_hash || !mue_world_has(m->world, MUE_CHANGE_TAKE_FLAGS))
		return -ENOTSUPP;
	e = m->kind->lookup(m, key, true);
	if (!e)
		return -ENOENT;
	memcpy(value, e->value, (uint64_t)m->copies * m->def->value_size);
	return m->kind->delete(m, k->cpu, key);
}

/* S8 */
static void user_lookup_and_delete(struct walk *k, struct model_map *m, const struct mue_op *op,
				   struct mue_result *r)
{
	uint8_t *value = model_take_zeroed(&k->mem, (uint64_t)m->copies * m->def->value_size);
	struct model_call call = call_of(k, m, op);
	const bool flags = mue_world_has(m->world, MUE_CHANGE_TAKE_FLAGS);

	if (op->flags & ~(flags ? (uint64_t)MUE_UPDATE_LOCK : 0))
		r->ret = -EINVAL;
	else if (!may_write(m) || m->def->flags & MUE_MAP_F_WRONLY)
		r->ret = -EPERM;
	else if (op->flags && !has_lock(m))
		r->ret = -EINVAL;
	else if (!m->other)
		r->ret = plain_lookup_and_delete(k, m, call.key, value);
	else if (!m->other->lookup_and_delete)
		r->ret = -ENOTSUPP;
	else
		r->ret = m->other->lookup_and_delete(m, &call, value);
	if (r->ret)
		return;
	r->has_value = 1;
	mue_observe_blob(k->o, &r->value, value, (uint64_t)m->copies * m->def->value_size);
}

/* S6 */
static void user_freeze(struct walk *k, struct model_map *m, const struct mue_op *op,
			struct mue_result *r)
{
	const struct mue_world *w = k->w;
	const bool needs_write = mue_world_has(w, MUE_CHANGE_FREEZE_NEEDS_WRITE);

	if (m->special_size && (!model_has_special(w, m->def, MUE_SPECIAL_SPIN_LOCK) ||
				mue_world_has(w, MUE_CHANGE_FREEZE_REFUSES_SPIN_LOCK)))
		r->ret = -ENOTSUPP;
	else if (needs_write && !may_write(m))
		r->ret = -EPERM;
	else if (m->frozen)
		r->ret = -EBUSY;
	else
		m->frozen = true;
}

static bool all_zero(const uint8_t *p, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static void user_digest(struct walk *k, struct model_map *m, const struct mue_op *op,
			struct mue_result *r)
{
	const uint64_t size = (uint64_t)m->copies * m->def->value_size;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < m->n; i++) {
		const struct model_elem *e = m->elems[i];

		if (m->kind != &model_array || !all_zero(e->value, size))
			sum += mue_entry_digest(e->key, m->def->key_size, e->value, size);
	}
	r->ret = sum;
}

typedef void user_fn(struct walk *k, struct model_map *m, const struct mue_op *op,
		     struct mue_result *r);
static user_fn *const user_fns[MUE_OP_KINDS] = {
	[MUE_OP_UPDATE] = user_update, [MUE_OP_DELETE] = user_delete,
	[MUE_OP_LOOKUP] = user_lookup, [MUE_OP_BATCH] = user_batch,
	[MUE_OP_FREEZE] = user_freeze, [MUE_OP_DIGEST] = user_digest,
	[MUE_OP_CONTAINS] = user_lookup, [MUE_OP_LOOKUP_AND_DELETE] = user_lookup_and_delete,
};

/* K4 */
static void user_sock(struct walk *k, const struct mue_op *op)
{
	if (model_socks_op(&k->socks, op))
		model_forget_sock(k, op->sock + 1);
}

bool model_user_phase(struct walk *k, const struct mue_phase *p)
{
	k->o->phases[p - k->c->phases].known = 1;
	for (uint32_t i = p->first; i < p->first + p->count; i++) {
		const struct mue_op *op = &k->c->ops[i];
		struct mue_result *r = &k->o->ops[i];
		struct model_map *m = &k->maps[op->map];

		r->known = r->times = 1;
		if (mue_op_is_sock(op->kind)) {
			user_sock(k, op);
			continue;
		}
		if (!m->kind && !m->other)
			return model_unsupported(k, "no rule for user-side calls on this map type");
		if ((m->other && op->kind == MUE_OP_BATCH) ||
		    ((m->other || m->kind == &model_sockmap) && op->kind == MUE_OP_DIGEST))
			return model_unsupported(k, "no rule for this call on this map type");
		user_fns[op->kind](k, m, op, r);
		if (op->kind != MUE_OP_DIGEST && r->ret == MODEL_NO_RULE)
			return model_unsupported(k, "no rule for this call on this map");
	}
	return true;
}
