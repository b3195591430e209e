/* Making any pools a case that can be asked, without knowing why they are none. */
#include <stdio.h>
#include <string.h>

#include "fuzz/codec.h"
#include "fuzz/fields.h"

static bool passes(const struct mue_case *c)
{
	return !mue_case_check(c, NULL, 0);
}

/* The case up to some point: all elements but phases and ops, and the first `n` of these in their
 * order. */
struct prefix {
	uint32_t n_phases, n_ops;
	uint32_t count; /* of the last phase's ops */
};

/* Phase i is behind i phases and the ops of those. */
static struct prefix prefix_of(const struct mue_case *c, uint32_t n)
{
	struct prefix x = {0};

	while (n && x.n_phases < c->n_phases) {
		const struct mue_phase *p = &c->phases[x.n_phases++];

		n--;
		x.count = n < p->count ? n : p->count;
		x.n_ops += x.count;
		n -= x.count;
	}
	return x;
}

/* Whether the first `n` pass. Leaves the case as it was. */
static bool prefix_passes(struct mue_case *c, uint32_t n)
{
	struct prefix x = prefix_of(c, n), all = {c->n_phases, c->n_ops, 0};
	struct mue_phase *last = &c->phases[x.n_phases ? x.n_phases - 1 : 0];
	bool yes;

	all.count = last->count;
	c->n_phases = x.n_phases;
	c->n_ops = x.n_ops;
	if (x.n_phases)
		last->count = x.count;
	yes = passes(c);
	c->n_phases = all.n_phases;
	c->n_ops = all.n_ops;
	last->count = all.count;
	return yes;
}

/* The least n whose prefix does not pass, when that of `bad` does not and that of 0 does. */
static uint32_t first_bad(struct mue_case *c, uint32_t bad)
{
	uint32_t good = 0;

	while (good + 1 < bad) {
		uint32_t middle = good + (bad - good) / 2;

		if (prefix_passes(c, middle))
			good = middle;
		else
			bad = middle;
	}
	return bad;
}

typedef bool passes_fn(struct mue_case *c, uint32_t n);

/* Resets fields until it passes: one alone, else all from the last on. Gives whether it ever does.
 */
static bool reset_fields(struct mue_case *c, enum mue_element e, void *element, passes_fn *ok,
			 uint32_t n)
{
	const struct mue_element_row *row = &mue_elements[e];
	uint8_t was[sizeof(struct mue_op) + sizeof(struct mue_phase) + sizeof(struct mue_map)];

	memcpy(was, element, row->size);
	for (uint32_t i = row->n_fields; i-- > 0;) {
		mue_field_reset(&row->fields[i], element);
		if (ok(c, n))
			return true;
		memcpy(element, was, row->size);
	}
	for (uint32_t i = row->n_fields; i-- > 0;) {
		mue_field_reset(&row->fields[i], element);
		if (ok(c, n))
			return true;
	}
	return false;
}

static void drop_op(struct mue_case *c, uint32_t phase, uint32_t op)
{
	memmove(&c->ops[op], &c->ops[op + 1], (--c->n_ops - op) * sizeof(*c->ops));
	c->phases[phase].count--;
	while (++phase < c->n_phases)
		c->phases[phase].first--;
}

/* Its ops go to the phase before it, or away with it when it is the first. */
static void drop_phase(struct mue_case *c, uint32_t phase)
{
	while (!phase && c->phases[0].count)
		drop_op(c, 0, c->phases[0].first);
	if (phase)
		c->phases[phase - 1].count += c->phases[phase].count;
	memmove(&c->phases[phase], &c->phases[phase + 1],
		(--c->n_phases - phase) * sizeof(*c->phases));
}

/* Makes the prefix of n pass, when that of n - 1 does. */
static void mend_last(struct mue_case *c, uint32_t n)
{
	struct prefix x = prefix_of(c, n);
	uint32_t phase = x.n_phases - 1;

	if (x.count) {
		uint32_t op = x.n_ops - 1;

		if (!reset_fields(c, MUE_ELEMENT_OP, &c->ops[op], prefix_passes, n))
			drop_op(c, phase, op);
	} else if (!reset_fields(c, MUE_ELEMENT_PHASE, &c->phases[phase], prefix_passes, n)) {
		drop_phase(c, phase);
	}
}

/* Whether the first n maps pass, alone. */
static bool maps_pass(struct mue_case *c, uint32_t n)
{
	uint32_t maps = c->n_maps, phases = c->n_phases, ops = c->n_ops;
	bool yes;

	c->n_maps = n;
	c->n_phases = c->n_ops = 0;
	yes = passes(c);
	c->n_maps = maps;
	c->n_phases = phases;
	c->n_ops = ops;
	return yes;
}

static void mend_socks(struct mue_case *c)
{
	for (uint32_t i = 0; i < c->n_socks; i++)
		if (c->socks[i].kind >= MUE_SOCKS)
			mue_field_reset(mue_elements[MUE_ELEMENT_SOCK].fields, &c->socks[i]);
}

static void mend_edits(struct mue_case *c)
{
	for (uint32_t i = 0; i < c->n_edits; i++)
		c->edits[i].insert = !!c->edits[i].insert;
}

static void mend_maps(struct mue_case *c)
{
	if (!c->n_maps)
		mue_case_add_map(c, "m0", MUE_MAP_HASH, 4, 8, 2, 0);
	for (uint32_t i = 0; i < c->n_maps; i++)
		if (!maps_pass(c, i + 1))
			reset_fields(c, MUE_ELEMENT_MAP, &c->maps[i], maps_pass, i + 1);
}

void mue_case_mend(struct mue_case *c)
{
	if (passes(c))
		return;
	mend_socks(c);
	mend_edits(c);
	mend_maps(c);
	/* Each round ends with a longer good prefix, or with an element less. */
	while (!passes(c))
		mend_last(c, first_bad(c, c->n_phases + c->n_ops));
}
