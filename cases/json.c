/* The JSON forms: writing. */
#include "cases/json.h"

#include <string.h>

#include "cases/json_members.h"
#include "cases/socks.h"
#include "cases/text_rules.h"

/* A string; one that is not UTF-8 has its bytes beyond ASCII replaced by '?'. */
static json_t *text(const char *s)
{
	json_t *j = json_string(s);
	char plain[MUE_NOTE_MAX];
	size_t i;

	if (j)
		return j;
	for (i = 0; s[i] && i < sizeof(plain) - 1; i++)
		plain[i] = s[i] & 0x80 ? '?' : s[i];
	plain[i] = 0;
	return json_string(plain);
}

static json_t *hex64(uint64_t n)
{
	char to[24];
	struct mue_out out = mue_out_to(to, sizeof(to));

	mue_out_add(&out, "0x%llx", (unsigned long long)n);
	return json_string(to);
}

/* Small numbers as integers; errors by name and large numbers in hex, as strings. */
static json_t *ret(int64_t n)
{
	char to[24];
	struct mue_out out = mue_out_to(to, sizeof(to));

	mue_out_ret(&out, n);
	if ((to[0] == '-' && to[1] >= 'A') || to[1] == 'x')
		return json_string(to);
	return json_integer(n);
}

/* The names of the bits that have one, and one string of hex for those that have none. */
static json_t *flags(const struct mue_flag_row *rows, uint64_t n)
{
	json_t *j = json_array();

	for (; rows->name; rows++)
		if (n & rows->value) {
			json_array_append_new(j, json_string(rows->name));
			n &= ~rows->value;
		}
	if (n)
		json_array_append_new(j, hex64(n));
	return j;
}

static json_t *bytes(const struct mue_bytes *b, uint32_t size)
{
	char to[2 * (MUE_HEAD_MAX + MUE_TAIL_MAX) + 32];
	struct mue_out out = mue_out_to(to, sizeof(to));

	mue_out_bytes(&out, b, size);
	return json_string(to);
}

static json_t *blob(const struct mue_observation *o, const struct mue_blob *b)
{
	char to[2 * MUE_BLOB_HEAD + 48];
	struct mue_out out = mue_out_to(to, sizeof(to));

	mue_out_blob(&out, o, b);
	return json_string(to);
}

static json_t *type(const struct mue_words *words, uint64_t n)
{
	const char *name = mue_words_name(words, n);

	return name ? json_string(name) : json_integer(n);
}

/* What the members of an object refer to. */
struct context {
	const struct mue_case *c;
	const struct mue_observation *o;
};

/* The member of an op that its kind or reach may leave without meaning; NULL when it does. */
static json_t *op_member(const struct context *k, const struct mue_member *m,
			 const struct mue_op *op)
{
	const struct mue_map *map = &k->c->maps[op->map];

	switch (m->kind) {
	case MUE_JSON_KEY:
		return mue_op_has_key(op->kind) ? bytes(&op->key, map->key_size) : NULL;
	case MUE_JSON_VALUE:
		return mue_op_has_value(op->kind) ? bytes(&op->value, map->value_size) : NULL;
	case MUE_JSON_SOCK:
		return mue_op_is_sock(op->kind) ? json_integer(op->sock + 1) : NULL;
	default:
		if (mue_op_is_sock(op->kind))
			return NULL;
		if (!m->needed && op->reach != MUE_REACH_SHARED &&
		    op->value_object != MUE_OBJECT_MAP)
			return NULL;
		return json_string(k->c->maps[mue_member_load(m, op)].name);
	}
}

/* NULL for a member that is left out. */
static json_t *member(const struct context *k, const struct mue_member *m, const void *base)
{
	const char *at = (const char *)base + m->at;
	uint64_t n = 0;

	switch (m->kind) {
	case MUE_JSON_KEY:
	case MUE_JSON_VALUE:
	case MUE_JSON_MAP:
	case MUE_JSON_SOCK:
		return op_member(k, m, base);
	case MUE_JSON_TEXT:
		return m->needed || *at ? text(at) : NULL;
	case MUE_JSON_BLOB:
		return ((const struct mue_result *)base)->has_value
			       ? blob(k->o, &((const struct mue_result *)base)->value)
			       : NULL;
	case MUE_JSON_OTHER:
		return NULL;
	default:
		n = mue_member_load(m, base);
	}
	if (n == m->plain && !m->needed)
		return NULL;
	switch (m->kind) {
	case MUE_JSON_INNER:
		return json_string(k->c->maps[n - 1].name);
	case MUE_JSON_BOOL:
		return json_boolean(n);
	case MUE_JSON_WORD:
	case MUE_JSON_TYPE:
		return type(m->words, n);
	case MUE_JSON_FLAGS:
		return flags(m->flags, n);
	case MUE_JSON_RET:
		return ret(n);
	default:
		return json_integer(n);
	}
}

static json_t *object(const struct context *k, const struct mue_member *m, const void *base)
{
	json_t *j = json_object();

	for (; m->name; m++) {
		json_t *value = member(k, m, base);

		if (value)
			json_object_set_new(j, m->name, value);
	}
	return j;
}

static json_t *socks(const struct mue_case *c)
{
	json_t *j = json_array();

	for (uint32_t i = 0; i < c->n_socks; i++)
		json_array_append_new(j, type(&mue_words_sock, c->socks[i].kind));
	return j;
}

static json_t *edits(const struct context *k)
{
	json_t *j = json_array();

	for (uint32_t i = 0; i < k->c->n_edits; i++)
		json_array_append_new(j, object(k, mue_json_edit, &k->c->edits[i]));
	return j;
}

json_t *mue_case_to_json(const struct mue_case *c)
{
	const struct context k = {.c = c};
	json_t *j = object(&k, mue_json_case, c), *maps = json_array(), *phases = json_array();

	for (uint32_t i = 0; i < c->n_maps; i++)
		json_array_append_new(maps, object(&k, mue_json_map, &c->maps[i]));
	for (uint32_t i = 0; i < c->n_phases; i++) {
		const struct mue_phase *p = &c->phases[i];
		json_t *phase = object(&k, mue_json_phase, p), *ops = json_array();

		for (uint32_t at = p->first; at < p->first + p->count; at++)
			json_array_append_new(ops, object(&k, mue_json_op, &c->ops[at]));
		json_object_set_new(phase, "ops", ops);
		json_array_append_new(phases, phase);
	}
	json_object_set_new(j, "maps", maps);
	if (c->n_socks)
		json_object_set_new(j, "socks", socks(c));
	if (c->n_edits)
		json_object_set_new(j, "edits", edits(&k));
	json_object_set_new(j, "phases", phases);
	return j;
}

static json_t *state(const struct mue_observation *o, const struct mue_map_result *r)
{
	json_t *j = json_object(), *entries = json_array();

	if (!mue_text_state_whole(o, r)) {
		json_object_set_new(j, "count", json_integer(r->n_entries));
		json_object_set_new(j, "digest", hex64(r->digest));
	}
	for (uint32_t i = r->first; i < r->first + r->shown; i++) {
		json_t *entry = json_object();

		json_object_set_new(entry, "key", blob(o, &o->entries[i].key));
		json_object_set_new(entry, "value", blob(o, &o->entries[i].value));
		json_array_append_new(entries, entry);
	}
	json_object_set_new(j, "entries", entries);
	return j;
}

static json_t *map_result(const struct mue_observation *o, const struct mue_map_result *r)
{
	json_t *j = json_object();

	if (r->known)
		json_object_set_new(j, "create", ret(r->create));
	if (r->state_known)
		json_object_set_new(j, "state", state(o, r));
	return j;
}

/* Appends an element of which an empty object or array says nothing: then null. */
static void append(json_t *array, json_t *j)
{
	bool empty = json_is_object(j) && !json_object_size(j);

	json_array_append_new(array, empty ? json_null() : j);
	if (empty)
		json_decref(j);
}

/* Sets a member to an array, unless there is nothing but nulls in it. */
static void set_array(json_t *j, const char *name, json_t *array)
{
	bool says = false;
	size_t i;
	json_t *element;

	json_array_foreach(array, i, element) says = says || !json_is_null(element);
	if (says)
		json_object_set_new(j, name, array);
	else
		json_decref(array);
}

static json_t *phase_result(const struct context *k, uint32_t i)
{
	static const struct mue_member nothing[] = {{0}};
	const struct mue_phase *p = &k->c->phases[i];
	const struct mue_phase_result *r = &k->o->phases[i];
	json_t *j = object(k, r->known ? mue_json_phase_result : nothing, r), *ops = json_array();

	for (uint32_t at = p->first; at < p->first + p->count; at++) {
		const struct mue_result *op = &k->o->ops[at];

		append(ops, object(k, op->known ? mue_json_result : nothing, op));
	}
	set_array(j, "ops", ops);
	return j;
}

json_t *mue_observation_to_json(const struct mue_case *c, const struct mue_observation *o)
{
	const struct context k = {.c = c, .o = o};
	json_t *j = object(&k, mue_json_observation, o), *maps = json_array(),
	       *phases = json_array();

	for (uint32_t i = 0; i < c->n_maps; i++)
		append(maps, map_result(o, &o->maps[i]));
	for (uint32_t i = 0; i < c->n_phases; i++)
		append(phases, phase_result(&k, i));
	set_array(j, "maps", maps);
	set_array(j, "phases", phases);
	return j;
}
