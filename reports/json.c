/* The summary as one JSON object: docs/summary.schema.json. */
#include <stdlib.h>

#include "cases/world_json.h"
#include "reports/report.h"

#define SUMMARY_VERSION 1

/* Two arrays that grow while records come. */
struct summary {
	json_t *divergences, *errors;
};

static void begin(struct mue_report *r)
{
	struct summary *s = calloc(1, sizeof(*s));

	r->state = s;
	r->failed = !s;
	if (!s)
		return;
	s->divergences = json_array();
	s->errors = json_array();
}

static void add_record(struct mue_report *r, const struct mue_record *record)
{
	struct summary *s = r->state;
	char repeat[1024];

	if (!s)
		return;
	mue_repeat_command(repeat, sizeof(repeat), r->run, record->name);
	if (record->outcome == MUE_DIVERGE)
		r->failed |= json_array_append_new(s->divergences,
						   json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
							     "case", record->name, "target",
							     record->target, "other", record->other,
							     "field", record->field, "expected",
							     record->expected, "got", record->got,
							     "repeat", repeat)) != 0;
	if (record->outcome == MUE_ERROR)
		r->failed |=
			json_array_append_new(s->errors,
					      json_pack("{s:s, s:s, s:s, s:s}", "case",
							record->name, "target", record->target,
							"why", record->why, "repeat", repeat)) != 0;
}

static json_t *targets_of(const struct mue_run *run)
{
	json_t *all = json_array();

	for (uint32_t i = 0; i < run->n_targets; i++) {
		json_t *one = json_pack("{s:s}", "name", run->targets[i]);
		json_t *world = mue_world_to_json(&run->worlds[i]);

		json_object_update(one, world);
		json_decref(world);
		json_array_append_new(all, one);
	}
	return all;
}

static json_t *counts(const uint64_t *n)
{
	json_t *j = json_object();

	for (int i = 0; i < MUE_OUTCOMES; i++)
		json_object_set_new(j, mue_outcome_names[i], json_integer(n[i]));
	return j;
}

static json_t *changes_of(const struct mue_tally *t)
{
	json_t *j = json_object();

	for (unsigned i = 0; i < MUE_CHANGES; i++)
		if (t->changes[i])
			json_object_set_new(j, mue_change_rows[i].id, json_integer(t->changes[i]));
	return j;
}

static void add_cell(json_t *cells, unsigned prog, unsigned type, const struct mue_tally_cell *cell)
{
	const struct mue_prog_type_row *row = mue_prog_type_row(prog);
	uint64_t n[MUE_OUTCOMES], sum = 0;
	char key[128];
	json_t *one;

	for (int i = 0; i < MUE_OUTCOMES; i++)
		sum += n[i] = cell->outcomes[i];
	if (!sum)
		return;
	snprintf(key, sizeof(key), "%s/%s", row ? row->name : "user", mue_map_type_row(type)->name);
	one = counts(n);
	json_object_set_new(one, "ran", json_integer(cell->ran));
	json_object_set_new(cells, key, one);
}

static json_t *cells_of(const struct mue_tally *t)
{
	json_t *cells = json_object();

	for (unsigned prog = 0; prog < MUE_PROG_TYPES; prog++)
		for (unsigned type = 1; type < MUE_MAP_TYPES; type++)
			if (mue_map_type_row(type))
				add_cell(cells, prog, type, &t->cells[prog][type]);
	return cells;
}

static json_t *summary_of(const struct mue_report *r, const struct summary *s,
			  const struct mue_tally *t, const char *broken_off)
{
	const struct mue_run *run = r->run;
	json_t *j = json_pack(
		"{s:i, s:s, s:o, s:I, s:s?, s:[i, i], s:I, s:b, s:o, s:o, s:O, s:O, s:O, s:o}",
		"mue-summary", SUMMARY_VERSION, "mue", MUE_VERSION_STRING, "targets",
		targets_of(run), "seed", (json_int_t)run->seed, "glob", run->glob, "shard",
		(int)run->shard, (int)run->shards, "cases", (json_int_t)t->cases, "complete",
		!broken_off, "outcomes", counts(t->outcomes), "changes", changes_of(t), "skips",
		t->reasons, "divergences", s->divergences, "errors", s->errors, "cells",
		cells_of(t));

	if (j && broken_off)
		json_object_set_new(j, "why", json_string(broken_off));
	return j;
}

static void end(struct mue_report *r, const struct mue_tally *t, const char *broken_off)
{
	struct summary *s = r->state;
	json_t *j = s ? summary_of(r, s, t, broken_off) : NULL;

	r->failed |= !j || json_dumpf(j, r->to, JSON_INDENT(1)) || fputc('\n', r->to) == EOF;
	json_decref(j);
	if (s) {
		json_decref(s->divergences);
		json_decref(s->errors);
	}
	free(s);
	r->state = NULL;
}

const struct mue_format mue_format_json = {
	.begin = begin,
	.record = add_record,
	.end = end,
};
