#include "cases/print.h"

#include <inttypes.h>

#include "cases/text.h"
#include "cases/words.h"

void mue_print_phase_label(char *to, size_t size, const struct mue_case *c, uint32_t phase)
{
	const struct mue_prog_type_row *row = mue_prog_type_row(c->phases[phase].prog_type);

	snprintf(to, size, "phase %u %s", phase, row ? row->name : "user");
}

void mue_print_op_label(char *to, size_t size, const struct mue_case *c, uint32_t phase,
			uint32_t op)
{
	int n = snprintf(to, size, "phase %u op %u: ", phase, op - c->phases[phase].first);

	mue_text_op(to + n, size - n, c, &c->ops[op]);
}

static void print_blob(FILE *to, const struct mue_observation *o, const struct mue_blob *b)
{
	uint32_t n = b->len < MUE_BLOB_HEAD ? b->len : MUE_BLOB_HEAD;
	const uint8_t *p = mue_blob_head(o, b);

	for (uint32_t i = 0; p && i < n; i++)
		fprintf(to, "%02x", p[i]);
	if (!p || n < b->len)
		fprintf(to, "..%u digest 0x%" PRIx64, b->len, b->digest);
}

static void print_maps(FILE *to, const struct mue_case *c, const struct mue_observation *o)
{
	char ret[32];

	for (uint32_t i = 0; i < o->n_maps; i++) {
		if (!o->maps[i].known)
			continue;
		mue_text_ret(ret, sizeof(ret), o->maps[i].create);
		fprintf(to, "map %s: create %s\n", c->maps[i].name, ret);
	}
}

static void print_loads(FILE *to, const struct mue_case *c, const struct mue_observation *o)
{
	char label[64], ret[32];

	for (uint32_t i = 0; i < o->n_phases; i++) {
		if (!o->phases[i].known || !c->phases[i].prog_type)
			continue;
		mue_print_phase_label(label, sizeof(label), c, i);
		mue_text_ret(ret, sizeof(ret), o->phases[i].load);
		fprintf(to, "%s: load %s\n", label, ret);
	}
}

static void print_op(FILE *to, const struct mue_case *c, const struct mue_observation *o,
		     uint32_t phase, uint32_t op)
{
	const struct mue_result *r = &o->ops[op];
	char label[MUE_LABEL_MAX], ret[32];

	if (!r->known)
		return;
	mue_print_op_label(label, sizeof(label), c, phase, op);
	mue_text_ret(ret, sizeof(ret), r->ret);
	fprintf(to, "%s -> %s", label, ret);
	if (r->times != 1)
		fprintf(to, " times %u failed %u", r->times, r->failed);
	if (r->has_value) {
		fprintf(to, " value ");
		print_blob(to, o, &r->value);
	}
	fprintf(to, "\n");
}

static void print_phase(FILE *to, const struct mue_case *c, const struct mue_observation *o,
			uint32_t phase)
{
	const struct mue_phase_result *r = &o->phases[phase];
	const struct mue_phase *p = &c->phases[phase];
	char label[64], ret[32];

	if (r->known && p->prog_type && !p->load_only && !r->load) {
		mue_print_phase_label(label, sizeof(label), c, phase);
		mue_text_ret(ret, sizeof(ret), r->run);
		fprintf(to, "%s: run %s invoked %u retval %u\n", label, ret, r->invoked, r->retval);
	}
	for (uint32_t i = 0; i < p->count; i++)
		print_op(to, c, o, phase, p->first + i);
}

static void print_state(FILE *to, const struct mue_case *c, const struct mue_observation *o,
			uint32_t map)
{
	const struct mue_map_result *r = &o->maps[map];
	const char *name = c->maps[map].name;

	if (!r->state_known)
		return;
	fprintf(to, "state %s: %u entries digest 0x%" PRIx64 "\n", name, r->n_entries, r->digest);
	for (uint32_t i = 0; i < r->shown; i++) {
		const struct mue_entry *e = &o->entries[r->first + i];

		fprintf(to, "state %s: ", name);
		print_blob(to, o, &e->key);
		fprintf(to, " = ");
		print_blob(to, o, &e->value);
		fprintf(to, "\n");
	}
}

void mue_observation_print(FILE *to, const struct mue_case *c, const struct mue_observation *o)
{
	if (o->status != MUE_ANSWERED && o->status < MUE_STATUSES)
		fprintf(to, "%s: %s\n", mue_words_name(&mue_words_status, o->status), o->why);
	print_maps(to, c, o);
	print_loads(to, c, o);
	for (uint32_t i = 0; i < o->n_phases; i++)
		print_phase(to, c, o, i);
	for (uint32_t i = 0; i < o->n_maps; i++)
		print_state(to, c, o, i);
}
