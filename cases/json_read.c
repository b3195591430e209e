/* The JSON forms: reading. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/json_members.h"

static int read_maps(struct mue_json_reader *r, const json_t *maps)
{
	const json_t *j;
	size_t i;
	int err = mue_json_check_array(r, "maps", maps, 0, MUE_MAPS_MAX);

	if (err)
		return err;
	json_array_foreach(maps, i, j)
	{
		mue_json_enter(r, "maps[%zu]", i);
		err = mue_json_read_object(r, mue_json_map, j,
					   mue_case_add_map(r->c, "", 0, 0, 0, 0, 0));
		if (err)
			return err;
	}
	mue_json_enter(r, "%s", "");
	return 0;
}

static int read_socks(struct mue_json_reader *r, const json_t *socks)
{
	const json_t *j;
	size_t i;
	int err = socks ? mue_json_check_array(r, "socks", socks, 0, MUE_SOCKS_MAX) : 0;

	if (err || !socks)
		return err;
	json_array_foreach(socks, i, j)
	{
		int kind = json_is_string(j) ? mue_words_find(&mue_words_sock, mue_json_word(j)) : -1;

		mue_json_enter(r, "socks[%zu]", i);
		if (kind < 0)
			return mue_json_fail(r, "", "expected a kind of socket");
		mue_case_add_sock(r->c, kind);
	}
	mue_json_enter(r, "%s", "");
	return 0;
}

static int read_edits(struct mue_json_reader *r, const json_t *edits)
{
	const json_t *j;
	size_t i;
	int err = edits ? mue_json_check_array(r, "edits", edits, 0, MUE_EDITS_MAX) : 0;

	if (err || !edits)
		return err;
	json_array_foreach(edits, i, j)
	{
		struct mue_edit *e = &r->c->edits[r->c->n_edits++];

		memset(e, 0, sizeof(*e));
		mue_json_enter(r, "edits[%zu]", i);
		err = mue_json_read_object(r, mue_json_edit, j, e);
		if (err)
			return err;
	}
	mue_json_enter(r, "%s", "");
	return 0;
}

static int read_ops(struct mue_json_reader *r, size_t phase, const json_t *ops)
{
	const json_t *j;
	size_t i;
	int err = mue_json_check_array(r, "ops", ops, 0, MUE_OPS_MAX - r->c->n_ops);

	if (err)
		return err;
	json_array_foreach(ops, i, j)
	{
		mue_json_enter(r, "phases[%zu].ops[%zu]", phase, i);
		err = mue_json_read_object(r, mue_json_op, j, mue_case_add_op(r->c, 0, 0));
		if (err)
			return err;
	}
	return 0;
}

static int read_phases(struct mue_json_reader *r, const json_t *phases)
{
	const json_t *j;
	size_t i;
	int err = mue_json_check_array(r, "phases", phases, 0, MUE_PHASES_MAX);

	if (err)
		return err;
	json_array_foreach(phases, i, j)
	{
		mue_json_enter(r, "phases[%zu]", i);
		err = mue_json_read_object(r, mue_json_phase, j, mue_case_add_phase(r->c, 0));
		if (!err)
			err = read_ops(r, i, json_object_get(j, "ops"));
		if (err)
			return err;
	}
	return 0;
}

int mue_case_of_json(struct mue_case *c, const json_t *j, char *msg, size_t msg_size)
{
	struct mue_json_reader r = {.c = c, .msg = msg, .size = msg_size};
	int err;

	mue_case_init(c, "");
	err = mue_json_read_object(&r, mue_json_case, j, c);
	if (!err)
		err = read_maps(&r, json_object_get(j, "maps"));
	if (!err)
		err = read_socks(&r, json_object_get(j, "socks"));
	if (!err)
		err = read_edits(&r, json_object_get(j, "edits"));
	if (!err)
		err = read_phases(&r, json_object_get(j, "phases"));
	return err ? err : mue_case_check(c, msg, msg_size);
}

int mue_case_of_json_text(struct mue_case *c, const char *text, size_t n, char *msg,
			  size_t msg_size)
{
	json_error_t error;
	json_t *j = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
	int err;

	if (!j) {
		snprintf(msg, msg_size, "line %d column %d: %s", error.line, error.column,
			 error.text);
		return -EINVAL;
	}
	err = mue_case_of_json(c, j, msg, msg_size);
	json_decref(j);
	return err;
}

/* An entry of a state that tells its count and digest: it is kept as it is. */
static int shown_entry(struct mue_json_reader *r, struct mue_map_result *m, const json_t *j)
{
	struct mue_entry *e = &r->o->entries[r->o->n_entries];

	if (r->o->n_entries == MUE_ENTRIES_MAX || m->shown == m->n_entries)
		return mue_json_fail(r, "", "too many entries");
	r->o->n_entries++;
	m->shown++;
	return mue_json_read_blob(r, "key", json_object_get(j, "key"), &e->key)
		       ?: mue_json_read_blob(r, "value", json_object_get(j, "value"), &e->value);
}

static int full_entry(struct mue_json_reader *r, struct mue_state_writer *w, const json_t *j)
{
	uint8_t *key, *value = NULL;
	size_t n_key = 0, n_value = 0;
	int err = mue_json_hex(r, "key", json_object_get(j, "key"), &key, &n_key);

	if (!err)
		err = mue_json_hex(r, "value", json_object_get(j, "value"), &value, &n_value);
	if (!err)
		mue_state_entry(w, key, n_key, value, n_value);
	free(key);
	free(value);
	return err;
}

/* Entries in full say all; or there are also the count and the digest of all that there were. */
static int read_state(struct mue_json_reader *r, uint32_t map, const json_t *j)
{
	const struct mue_map *m = &r->asked->maps[map];
	bool array = m->type == MUE_MAP_ARRAY || m->type == MUE_MAP_PERCPU_ARRAY;
	struct mue_map_result *result = &r->o->maps[map];
	const json_t *digest = json_object_get(j, "digest"), *entries, *entry;
	struct mue_state_writer w;
	size_t i;
	int err;

	mue_state_begin(&w, r->o, map, array);
	mue_json_enter(r, "maps[%u].state", map);
	err = mue_json_read_object(r, mue_json_state, j, result);
	if (err)
		return err;
	if (!digest != !json_object_get(j, "count"))
		return mue_json_fail(r, "", "expected count and digest together");
	if (digest &&
	    (!json_is_string(digest) || !mue_word_number(mue_json_word(digest), &result->digest)))
		return mue_json_fail(r, "digest", "expected \"0x...\"");
	entries = json_object_get(j, "entries");
	if (!json_is_array(entries))
		return mue_json_fail(r, "entries", "expected an array");
	json_array_foreach(entries, i, entry)
	{
		mue_json_enter(r, "maps[%u].state.entries[%zu]", map, i);
		err = mue_json_read_object(r, mue_json_entry, entry, NULL);
		if (!err)
			err = digest ? shown_entry(r, result, entry) : full_entry(r, &w, entry);
		if (err)
			return err;
	}
	if (!digest)
		mue_state_end(&w);
	result->state_known = 1;
	return 0;
}

static int read_map_result(struct mue_json_reader *r, uint32_t map, const json_t *j)
{
	struct mue_map_result *result = &r->o->maps[map];
	const json_t *create, *state;
	int64_t ret = 0;
	int err;

	mue_json_enter(r, "maps[%u]", map);
	if (json_is_null(j))
		return 0;
	err = mue_json_check_names(r, mue_json_map_result, j);
	if (err)
		return err;
	create = json_object_get(j, "create");
	state = json_object_get(j, "state");
	if (create && (!mue_json_ret(create, &ret) || ret > 0 || ret < -4095))
		return mue_json_fail(r, "create", "expected 0 or a negative errno");
	result->known = !!create;
	result->create = ret;
	return state ? read_state(r, map, state) : 0;
}

static int read_results(struct mue_json_reader *r, uint32_t phase, const json_t *ops)
{
	const struct mue_phase *p = &r->asked->phases[phase];
	const json_t *j;
	size_t i;
	int err = mue_json_check_array(r, "ops", ops, p->count, p->count);

	if (err)
		return err;
	json_array_foreach(ops, i, j)
	{
		struct mue_result *result = &r->o->ops[p->first + i];

		mue_json_enter(r, "phases[%u].ops[%zu]", phase, i);
		result->known = !json_is_null(j);
		err = result->known ? mue_json_read_object(r, mue_json_result, j, result) : 0;
		if (err)
			return err;
	}
	return 0;
}

/* Without "load" the phase itself is not known, and there is nothing but its ops. */
static int read_phase_result(struct mue_json_reader *r, uint32_t phase, const json_t *j)
{
	static const struct mue_member ops_only[] = {{"ops", MUE_JSON_OTHER}, {0}};
	struct mue_phase_result *result = &r->o->phases[phase];
	const json_t *ops = json_object_get(j, "ops");
	int err;

	mue_json_enter(r, "phases[%u]", phase);
	if (json_is_null(j))
		return 0;
	result->known = !!json_object_get(j, "load");
	err = mue_json_read_object(r, result->known ? mue_json_phase_result : ops_only, j, result);
	return !err && ops ? read_results(r, phase, ops) : err;
}

typedef int read_element(struct mue_json_reader *r, uint32_t i, const json_t *j);

static int read_elements(struct mue_json_reader *r, const char *name, const json_t *array,
			 uint32_t n, read_element *read)
{
	int err;

	mue_json_enter(r, "%s", "");
	if (!array)
		return 0;
	err = mue_json_check_array(r, name, array, n, n);
	for (uint32_t i = 0; !err && i < n; i++)
		err = read(r, i, json_array_get(array, i));
	return err;
}

int mue_observation_of_json(struct mue_observation *o, const struct mue_case *c, const json_t *j,
			    char *msg, size_t msg_size)
{
	struct mue_json_reader r = {.o = o, .asked = c, .msg = msg, .size = msg_size};
	int err;

	mue_observation_init(o, c);
	err = mue_json_read_object(&r, mue_json_observation, j, o);
	if (!err)
		err = read_elements(&r, "maps", json_object_get(j, "maps"), c->n_maps,
				    read_map_result);
	if (!err)
		err = read_elements(&r, "phases", json_object_get(j, "phases"), c->n_phases,
				    read_phase_result);
	return err;
}
