#include "reports/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cases/json.h"
#include "cases/world_json.h"

static json_t *hex(uint64_t n)
{
	return json_sprintf("%016" PRIx64, n);
}

/* Dumps and drops an object. */
static char *line_of(json_t *j)
{
	char *line = j ? json_dumps(j, JSON_COMPACT) : NULL;

	json_decref(j);
	return line;
}

char *mue_run_line(const struct mue_run *run)
{
	json_t *targets = json_array(), *j;

	for (uint32_t i = 0; i < run->n_targets; i++) {
		json_t *target = json_pack("{s:s}", "name", run->targets[i]);
		json_t *world = mue_world_to_json(&run->worlds[i]);

		json_object_update(target, world);
		json_decref(world);
		json_array_append_new(targets, target);
	}
	j = json_pack("{s:i, s:s, s:o, s:I, s:s?, s:[ii], s:I}", "mue-results", MUE_RESULTS_FORMAT,
		      "mue", MUE_VERSION_STRING, "targets", targets, "seed", (json_int_t)run->seed,
		      "glob", run->glob, "shard", (int)run->shard, (int)run->shards, "cases",
		      (json_int_t)run->cases);
	return line_of(j);
}

/* How a phase's op went on one target. */
static enum mue_how how(const struct mue_observation *o, const struct mue_phase *p, uint32_t op)
{
	if (o->status != MUE_ANSWERED)
		return MUE_HOW_UNKNOWN;
	/* A user-side call is an execution by itself. */
	return o->ops[op].known && (o->ops[op].times || !p->prog_type) ? MUE_HOW_RAN
								       : MUE_HOW_REFUSED;
}

/* Notes in the cell of one map of an op how it went on each target; what ran is not taken back. */
static void add_cell(json_t *cells, const struct mue_recording *r, const struct mue_phase *p,
		     uint32_t op, uint32_t map)
{
	const struct mue_prog_type_row *prog = mue_prog_type_row(p->prog_type);
	const struct mue_map_type_row *type = mue_map_type_row(r->c->maps[map].type);
	char key[64], value[MUE_TARGETS_MAX + 1] = "";
	const char *before;

	if (!type || (p->prog_type && !prog))
		return;
	snprintf(key, sizeof(key), "%s/%s", prog ? prog->name : "user", type->name);
	before = json_string_value(json_object_get(cells, key));
	for (uint32_t i = 0; i < r->n; i++) {
		value[i] = r->testimonies ? how(r->testimonies[i].seen, p, op) : MUE_HOW_UNKNOWN;
		if (before && before[i] == MUE_HOW_RAN)
			value[i] = MUE_HOW_RAN;
	}
	json_object_set_new(cells, key, json_string(value));
}

static json_t *cells_of(const struct mue_recording *r)
{
	json_t *cells = json_object();

	for (uint32_t i = 0; i < r->c->n_phases; i++) {
		const struct mue_phase *p = &r->c->phases[i];

		for (uint32_t n = p->first; n < p->first + p->count; n++) {
			add_cell(cells, r, p, n, r->c->ops[n].map);
			if (r->c->ops[n].reach == MUE_REACH_SHARED)
				add_cell(cells, r, p, n, r->c->ops[n].map2);
		}
	}
	return cells;
}

static void add_answers(json_t *j, const struct mue_recording *r)
{
	json_t *all = json_array();

	json_object_set_new(j, "question", mue_case_to_json(r->c));
	for (uint32_t i = 0; r->testimonies && i < r->n; i++)
		json_array_append_new(all, mue_observation_to_json(r->c, r->testimonies[i].seen));
	json_object_set_new(j, "observations", all);
}

static const char *name_of(const struct mue_recording *r, int testimony)
{
	return testimony >= 0 && r->testimonies ? r->testimonies[testimony].target : r->other;
}

static void add_changes(json_t *j, uint64_t changes)
{
	json_t *ids = json_array();

	for (unsigned i = 0; i < MUE_CHANGES; i++)
		if (changes >> i & 1)
			json_array_append_new(ids, json_string(mue_change_rows[i].id));
	json_object_set_new(j, "changes", ids);
}

static void add_verdict(json_t *j, const struct mue_recording *r)
{
	const struct mue_verdict *v = r->verdict;
	const char *witness = name_of(r, v->witness);

	if (v->outcome == MUE_DECLARED)
		add_changes(j, v->changes);
	else
		json_object_set_new(j, "target", json_string(witness ? witness : ""));
	if (v->outcome == MUE_SKIP || v->outcome == MUE_ERROR ||
	    (v->outcome == MUE_DECLARED && *v->why))
		json_object_set_new(j, "why", json_string(v->why));
	if (v->outcome == MUE_DIVERGE) {
		json_object_set_new(j, "other", json_string(name_of(r, v->other)));
		json_object_set_new(j, "field", json_string(v->difference.field));
		json_object_set_new(j, "got", json_string(v->difference.a));
		json_object_set_new(j, "expected", json_string(v->difference.b));
	}
	/* A skipped question is in the suite, and its answer is its reason. */
	if (v->outcome != MUE_SKIP)
		add_answers(j, r);
}

char *mue_record_line(const struct mue_recording *r)
{
	json_t *j = json_object(), *digests = json_array();

	for (uint32_t i = 0; r->testimonies && i < r->n; i++)
		json_array_append_new(digests, hex(mue_observation_digest(r->testimonies[i].seen)));
	json_object_set_new(j, "case", json_string(r->c->name));
	json_object_set_new(j, "outcome", json_string(mue_outcome_names[r->verdict->outcome]));
	json_object_set_new(j, "cells", cells_of(r));
	json_object_set_new(j, "digests", digests);
	if (r->verdict->outcome != MUE_AGREE)
		add_verdict(j, r);
	return line_of(j);
}
