/* Two answers to one case, field by field. */
#include <stdio.h>
#include <string.h>

#include "cases/text.h"
#include "cases/words.h"
#include "oracle/judge.h"

/* Where a comparison is. */
enum place { AT_MAP, AT_PHASE, AT_OP, AT_ENTRY };

/* A comparison on its way; the first difference goes to *d, and everything stops. */
struct comparison {
	const struct mue_case *c;
	const struct mue_observation *a, *b;
	const struct mue_alternatives *also; /* of a, or NULL */
	bool expectation;		     /* a pins only some fields */
	struct mue_difference *d;
	enum place place;
	uint32_t map, phase, op;
	const struct mue_observation *key_of; /* AT_ENTRY */
	const struct mue_blob *key;
};

/* Names are made for differences only: most comparisons find none. */
static struct mue_out name_place(const struct comparison *k)
{
	const struct mue_phase *p = &k->c->phases[k->phase];
	const struct mue_prog_type_row *row;
	struct mue_out out = mue_out_to(k->d->field, sizeof(k->d->field));
	char key[MUE_FIELD_MAX / 2];

	k->d->map = k->place == AT_MAP || k->place == AT_ENTRY ? (int)k->map : -1;
	k->d->op = k->place == AT_OP ? (int)k->op : -1;
	if (k->d->map >= 0) {
		mue_out_add(&out, "map %s", k->c->maps[k->map].name);
	} else {
		row = mue_prog_type_row(p->prog_type);
		mue_out_add(&out, "phase %u (%s)", k->phase, row ? row->name : "user");
	}
	if (k->place == AT_ENTRY) {
		mue_text_blob(key, sizeof(key), k->key_of, k->key);
		mue_out_add(&out, " [%s]", key);
	}
	if (k->place == AT_OP)
		mue_out_add(&out, " %s %u", p->prog_type ? "step" : "op", k->op - p->first);
	return out;
}

static bool differ_text(struct comparison *k, const char *what, const char *a, const char *b)
{
	struct mue_out field = name_place(k);

	mue_out_add(&field, "%s%s", *what ? " " : "", what);
	snprintf(k->d->a, sizeof(k->d->a), "%s", a);
	snprintf(k->d->b, sizeof(k->d->b), "%s", b);
	return false;
}

static bool same_ret(struct comparison *k, const char *what, int64_t a, int64_t b)
{
	char ta[32], tb[32];

	if (a == b)
		return true;
	mue_text_ret(ta, sizeof(ta), a);
	mue_text_ret(tb, sizeof(tb), b);
	return differ_text(k, what, ta, tb);
}

static bool same_count(struct comparison *k, const char *what, uint64_t a, uint64_t b)
{
	char ta[32], tb[32];

	if (a == b)
		return true;
	snprintf(ta, sizeof(ta), "%ju", (uintmax_t)a);
	snprintf(tb, sizeof(tb), "%ju", (uintmax_t)b);
	return differ_text(k, what, ta, tb);
}

/* Whether both know a field; one that only one knows is a difference. */
static bool same_known(struct comparison *k, const char *what, bool a, bool b)
{
	if (a == b)
		return true;
	return differ_text(k, what, a ? "known" : "not reached", b ? "known" : "not reached");
}

/* "value cpu 1": in which of the values that stand side by side the first difference is. */
static void name_cpu(const struct comparison *k, struct mue_out *out, const struct mue_blob *a,
		     const struct mue_blob *b)
{
	const struct mue_map *m = &k->c->maps[k->map];
	const uint8_t *pa = mue_blob_head(k->a, a), *pb = mue_blob_head(k->b, b);
	uint32_t n = a->len < MUE_BLOB_HEAD ? a->len : MUE_BLOB_HEAD, at = 0;

	if (!mue_map_type_row(m->type)->per_cpu || a->len != b->len || a->len <= m->value_size)
		return;
	while (pa && pb && at < n && pa[at] == pb[at])
		at++;
	if (pa && pb && at < n)
		mue_out_add(out, "%scpu %u", out->n ? " " : "", at / m->value_size);
}

/* Two values of k->map. */
static bool same_value(struct comparison *k, const char *what, const struct mue_blob *a,
		       const struct mue_blob *b)
{
	char ta[MUE_TEXT_MAX], tb[MUE_TEXT_MAX], on[32] = "";
	struct mue_out out = mue_out_to(on, sizeof(on));

	if (mue_blob_same(k->a, a, k->b, b))
		return true;
	mue_out_add(&out, "%s", what);
	name_cpu(k, &out, a, b);
	mue_text_blob(ta, sizeof(ta), k->a, a);
	mue_text_blob(tb, sizeof(tb), k->b, b);
	return differ_text(k, on, ta, tb);
}

static bool same_creation(struct comparison *k)
{
	const struct mue_map_result *a = &k->a->maps[k->map], *b = &k->b->maps[k->map];

	k->place = AT_MAP;
	if (k->expectation && !a->known)
		return true;
	return same_known(k, "create", a->known, b->known) &&
	       same_ret(k, "create", a->create, b->create);
}

static bool same_load(struct comparison *k)
{
	const struct mue_phase_result *a = &k->a->phases[k->phase], *b = &k->b->phases[k->phase];

	k->place = AT_PHASE;
	if (k->expectation && !a->known)
		return true;
	return same_known(k, "load", a->known, b->known) && same_ret(k, "load", a->load, b->load);
}

static bool same_run(struct comparison *k)
{
	const struct mue_phase_result *a = &k->a->phases[k->phase], *b = &k->b->phases[k->phase];

	k->place = AT_PHASE;
	return same_ret(k, "run", a->run, b->run) &&
	       same_count(k, "invoked", a->invoked, b->invoked) &&
	       same_count(k, "retval", a->retval, b->retval);
}

/* Of a run, an expectation pins what is not as usual: a failure, another result than 0. */
static bool as_pinned_run(struct comparison *k)
{
	const struct mue_phase_result *a = &k->a->phases[k->phase], *b = &k->b->phases[k->phase];

	k->place = AT_PHASE;
	return !a->known || ((!a->run || same_ret(k, "run", a->run, b->run)) &&
			     (!a->retval || same_count(k, "retval", a->retval, b->retval)));
}

static bool right_ret(struct comparison *k, int64_t a, int64_t b)
{
	const int64_t *other = k->also ? mue_alternatives_of(k->also, k->op) : NULL;

	return (other && *other == b) || same_ret(k, "ret", a, b);
}

/* The map whose value an op shows: that of the lookup before it for a reread. */
static uint32_t shown_map(const struct comparison *k)
{
	uint32_t op = k->op;

	while (k->c->ops[op].kind == MUE_OP_REREAD && op > k->c->phases[k->phase].first)
		op--;
	return k->c->ops[op].map;
}

static bool same_shown_value(struct comparison *k, const struct mue_result *a,
			     const struct mue_result *b)
{
	if (k->expectation && !a->has_value)
		return true;
	if (a->has_value != b->has_value)
		return differ_text(k, "value", a->has_value ? "a value" : "none",
				   b->has_value ? "a value" : "none");
	if (!a->has_value)
		return true;
	k->map = shown_map(k);
	return same_value(k, "value", &a->value, &b->value);
}

static bool same_op(struct comparison *k)
{
	const struct mue_result *a = &k->a->ops[k->op], *b = &k->b->ops[k->op];

	k->place = AT_OP;
	if (k->expectation && !a->known)
		return true;
	return same_known(k, "", a->known, b->known) && right_ret(k, a->ret, b->ret) &&
	       same_count(k, "times", a->times, b->times) &&
	       same_count(k, "failed", a->failed, b->failed) && same_shown_value(k, a, b);
}

static bool same_phase(struct comparison *k)
{
	const struct mue_phase *p = &k->c->phases[k->phase];

	if (k->expectation ? !as_pinned_run(k) : !same_run(k))
		return false;
	for (k->op = p->first; k->op < p->first + p->count; k->op++)
		if (!same_op(k))
			return false;
	return true;
}

/* Orders entries of two observations as a state has them. */
static int entry_order(const struct comparison *k, const struct mue_entry *a,
		       const struct mue_entry *b)
{
	const uint8_t *pa = mue_blob_head(k->a, &a->key), *pb = mue_blob_head(k->b, &b->key);
	uint32_t n = a->key.len < MUE_BLOB_HEAD ? a->key.len : MUE_BLOB_HEAD;
	int r = pa && pb ? memcmp(pa, pb, n) : 0;

	return r ? r : (a->key.digest > b->key.digest) - (a->key.digest < b->key.digest);
}

/* One of a and b may be NULL: absent. */
static bool differ_entry(struct comparison *k, const struct mue_entry *a, const struct mue_entry *b)
{
	char value[MUE_TEXT_MAX];

	k->place = AT_ENTRY;
	k->key_of = a ? k->a : k->b;
	k->key = a ? &a->key : &b->key;
	if (a && b)
		return same_value(k, "", &a->value, &b->value);
	mue_text_blob(value, sizeof(value), k->key_of, a ? &a->value : &b->value);
	return differ_text(k, "", a ? value : "absent", b ? value : "absent");
}

/* The first entry in which two states differ; true when none is shown. */
static bool same_shown(struct comparison *k)
{
	const struct mue_map_result *ma = &k->a->maps[k->map], *mb = &k->b->maps[k->map];
	const struct mue_entry *a = k->a->entries + ma->first, *a_end = a + ma->shown;
	const struct mue_entry *b = k->b->entries + mb->first, *b_end = b + mb->shown;
	bool all = ma->shown == ma->n_entries && mb->shown == mb->n_entries;

	while (a < a_end || b < b_end) {
		int order = a == a_end ? 1 : b == b_end ? -1 : entry_order(k, a, b);

		if (order < 0 && all)
			return differ_entry(k, a, NULL);
		if (order > 0 && all)
			return differ_entry(k, NULL, b);
		if (order == 0 && !mue_blob_same(k->a, &a->value, k->b, &b->value))
			return differ_entry(k, a, b);
		a += order <= 0;
		b += order >= 0;
	}
	return true;
}

static bool same_state(struct comparison *k)
{
	const struct mue_map_result *a = &k->a->maps[k->map], *b = &k->b->maps[k->map];

	k->place = AT_MAP;
	if (k->expectation && !a->state_known)
		return true;
	if (!same_known(k, "state", a->state_known, b->state_known))
		return false;
	if (!a->state_known || (a->n_entries == b->n_entries && a->digest == b->digest))
		return true;
	if (!same_shown(k))
		return false;
	k->place = AT_MAP;
	return same_count(k, "entries", a->n_entries, b->n_entries) &&
	       same_ret(k, "digest", a->digest, b->digest);
}

static bool same_all(struct comparison *k)
{
	const struct mue_case *c = k->c;

	for (k->map = 0; k->map < c->n_maps; k->map++)
		if (!same_creation(k))
			return false;
	for (k->phase = 0; k->phase < c->n_phases; k->phase++)
		if (!same_load(k))
			return false;
	for (k->phase = 0; k->phase < c->n_phases; k->phase++)
		if (!same_phase(k))
			return false;
	for (k->map = 0; k->map < c->n_maps; k->map++)
		if (!same_state(k))
			return false;
	return true;
}

bool mue_observation_same(const struct mue_case *c, const struct mue_observation *a,
			  const struct mue_observation *b, struct mue_difference *d)
{
	return mue_observation_right(c, a, NULL, b, d);
}

bool mue_observation_right(const struct mue_case *c, const struct mue_observation *a,
			   const struct mue_alternatives *also, const struct mue_observation *b,
			   struct mue_difference *d)
{
	struct comparison k = {.c = c, .a = a, .b = b, .also = also, .d = d};

	return same_all(&k);
}

bool mue_expectation_met(const struct mue_case *c, const struct mue_observation *expect,
			 const struct mue_observation *got, struct mue_difference *d)
{
	struct comparison k = {.c = c, .a = expect, .b = got, .expectation = true, .d = d};

	return same_all(&k);
}
