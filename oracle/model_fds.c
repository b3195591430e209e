/* Arrays and hashes of descriptors: PROG_ARRAY, PERF_EVENT_ARRAY, CGROUP_ARRAY, maps of maps (semantics M). */
#include <errno.h>
#include <string.h>

#include "oracle/model_map.h"

uint32_t model_index(const uint8_t *key)
{
	uint32_t index;

	memcpy(&index, key, sizeof(index));
	return index;
}

/* M2 */
static bool is_open(unsigned object)
{
	return object != MUE_OBJECT_CLOSED && object != MUE_OBJECT_NO_FD;
}

static bool is_program(unsigned object)
{
	return mue_object_rows[object].kind == MUE_OBJECT_KIND_PROG;
}

/* M3: the first program that was put in, ever, says what all others must be. */
static bool fits_owner(struct model_map *m, const struct mue_object_row *prog)
{
	const struct mue_object_row *owner = m->own;

	if (!owner)
		m->own = (void *)prog;
	if (!owner)
		return true;
	return owner->prog_type == prog->prog_type &&
	       (owner->attach_type == prog->attach_type ||
		!mue_world_has(m->world, MUE_CHANGE_TAIL_CALL_ATTACH_TYPE));
}

static long check_program(struct model_map *m, unsigned object)
{
	if (!is_open(object))
		return -EBADF;
	return is_program(object) && fits_owner(m, &mue_object_rows[object]) ? 0 : -EINVAL;
}

/* M4: the special field. Kernels compared where timers and pointers are, which told maps without
 * BTF from others, too. */
static bool same_special(const struct mue_world *w, const struct mue_map *a, const struct mue_map *b)
{
	for (unsigned special = MUE_SPECIAL_SPIN_LOCK; special < MUE_SPECIALS; special++) {
		const bool compared =
			mue_world_has(w, MUE_CHANGE_INNER_SPECIAL_FIELDS) ||
			(special != MUE_SPECIAL_SPIN_LOCK && w->version >= MUE_VERSION(5, 15));

		if (compared && special != MUE_SPECIAL_BTF &&
		    model_has_special(w, a, special) != model_has_special(w, b, special))
			return false;
	}
	return mue_world_has(w, MUE_CHANGE_INNER_SPECIAL_FIELDS) ||
	       w->version < MUE_VERSION(5, 15) || !a->special == !b->special;
}

bool model_same_meta(const struct mue_world *w, const struct mue_map *a, const struct mue_map *b)
{
	const uint32_t flags = ~(uint32_t)(MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY);

	if (a->type != b->type || a->key_size != b->key_size || a->value_size != b->value_size ||
	    (a->flags & flags) != (b->flags & flags) || !same_special(w, a, b))
		return false;
	switch (a->type) {
	case MUE_MAP_ARRAY:
		return a->flags & MUE_MAP_F_INNER_MAP || a->max_entries == b->max_entries;
	case MUE_MAP_PERCPU_ARRAY:
		return !mue_world_has(w, MUE_CHANGE_INNER_PERCPU_ARRAY_SIZED) ||
		       a->max_entries == b->max_entries;
	case MUE_MAP_XSKMAP:
		return a->max_entries == b->max_entries;
	}
	return true;
}

/* M4 */
static long check_map(struct model_map *m, const struct model_call *c)
{
	if (!is_open(c->value_object))
		return -EBADF;
	if (c->value_object != MUE_OBJECT_MAP)
		return -EINVAL;
	return model_same_meta(m->world, m->own, c->value_map) ? 0 : -EINVAL;
}

static long check_object(struct model_map *m, const struct model_call *c)
{
	if (!c->value_object)
		return MODEL_NO_RULE; /* who knows what is open by that number? */
	switch (m->def->type) {
	case MUE_MAP_PROG_ARRAY:
		return check_program(m, c->value_object);
	case MUE_MAP_PERF_EVENT_ARRAY:
		return c->value_object == MUE_OBJECT_EVENT ? 0 : -EBADF;
	case MUE_MAP_CGROUP_ARRAY:
		return c->value_object == MUE_OBJECT_CGROUP ? 0 : -EBADF;
	}
	return check_map(m, c);
}

static void put(struct model_map *m, const struct model_call *c)
{
	struct model_elem *e = model_find(m, c->key);

	if (!e) {
		e = model_new(m);
		memcpy(e->key, c->key, m->def->key_size);
		model_insert(m, e);
	}
	memcpy(e->value, c->value, m->def->value_size);
}

/* M1 */
static long update(struct model_map *m, const struct model_call *c)
{
	long err;

	if (c->flags)
		return -EINVAL;
	if (model_index(c->key) >= m->def->max_entries)
		return -E2BIG;
	err = check_object(m, c);
	if (!err)
		put(m, c);
	return err;
}

/* M5 */
static bool shows_ids(const struct model_map *m)
{
	return m->def->type != MUE_MAP_PERF_EVENT_ARRAY && m->def->type != MUE_MAP_CGROUP_ARRAY;
}

static long lookup(struct model_map *m, const struct model_call *c, uint8_t *value)
{
	struct model_elem *e = model_find(m, c->key);

	if (!shows_ids(m))
		return -MODEL_ENOTSUPP;
	if (!e)
		return -ENOENT;
	memcpy(value, e->value, m->def->value_size);
	return 0;
}

static long take_out(struct model_map *m, const struct model_call *c)
{
	struct model_elem *e = model_find(m, c->key);

	if (e)
		model_remove(m, e);
	return e ? 0 : -ENOENT;
}

static long delete(struct model_map *m, const struct model_call *c)
{
	return model_index(c->key) < m->def->max_entries ? take_out(m, c) : -E2BIG;
}

const struct model_other model_fd_array = {NULL, update, lookup, delete, NULL};

/* M6: the descriptor first, then H1 and H2. */
static long hash_update(struct model_map *m, const struct model_call *c)
{
	bool present = model_find(m, c->key);
	long err = check_object(m, c);

	if (err)
		return err;
	if ((c->flags & ~(uint64_t)MUE_UPDATE_LOCK) > MUE_UPDATE_EXIST)
		return -EINVAL;
	if (c->flags & MUE_UPDATE_LOCK)
		return -EINVAL;
	if (c->flags == MUE_UPDATE_NOEXIST && present)
		return -EEXIST;
	if (c->flags == MUE_UPDATE_EXIST && !present)
		return -ENOENT;
	if (!present && m->n == m->def->max_entries)
		return -E2BIG;
	put(m, c);
	return 0;
}

const struct model_other model_hash_of_maps = {NULL, hash_update, lookup, take_out, NULL};
