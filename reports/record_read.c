#include "reports/record.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cases/world_json.h"

static int expected(char *msg, size_t msg_size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static int expected(char *msg, size_t msg_size, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(msg, msg_size, format, ap);
	va_end(ap);
	return -EINVAL;
}

static json_t *parse(const char *line, size_t n, char *msg, size_t msg_size)
{
	json_error_t error;
	json_t *j = json_loadb(line, n, JSON_REJECT_DUPLICATES, &error);

	if (!j)
		expected(msg, msg_size, "%.120s; expected a line of results", error.text);
	return j;
}

static int read_targets(struct mue_run *run, const json_t *targets, char *msg, size_t msg_size)
{
	json_t *target;
	size_t i;

	if (!json_array_size(targets) || json_array_size(targets) > MUE_TARGETS_MAX)
		return expected(msg, msg_size, "targets: expected an array of 1 to %d",
				MUE_TARGETS_MAX);
	json_array_foreach(targets, i, target)
	{
		run->targets[i] = json_string_value(json_object_get(target, "name"));
		if (!run->targets[i])
			return expected(msg, msg_size, "targets[%zu].name: expected a string", i);
		if (mue_world_of_json(&run->worlds[i], target, msg, msg_size))
			return -EINVAL;
	}
	run->n_targets = json_array_size(targets);
	return 0;
}

static int read_run(struct mue_run *run, char *msg, size_t msg_size)
{
	json_t *shard = json_object_get(run->json, "shard");

	if (json_integer_value(json_object_get(run->json, "mue-results")) != MUE_RESULTS_FORMAT)
		return expected(
			msg, msg_size,
			"not a results file of format %d; expected {\"mue-results\":%d,...}",
			MUE_RESULTS_FORMAT, MUE_RESULTS_FORMAT);
	run->seed = json_integer_value(json_object_get(run->json, "seed"));
	run->cases = json_integer_value(json_object_get(run->json, "cases"));
	run->glob = json_string_value(json_object_get(run->json, "glob"));
	run->shard = json_integer_value(json_array_get(shard, 0));
	run->shards = json_integer_value(json_array_get(shard, 1));
	if (run->shard < 1 || run->shard > run->shards)
		return expected(msg, msg_size, "shard: expected two numbers, K of N");
	return read_targets(run, json_object_get(run->json, "targets"), msg, msg_size);
}

int mue_run_of_line(struct mue_run *run, const char *line, size_t n, char *msg, size_t msg_size)
{
	int err;

	memset(run, 0, sizeof(*run));
	run->json = parse(line, n, msg, msg_size);
	if (!run->json)
		return -EINVAL;
	err = read_run(run, msg, msg_size);
	if (err)
		mue_run_clear(run);
	return err;
}

void mue_run_clear(struct mue_run *run)
{
	json_decref(run->json);
	memset(run, 0, sizeof(*run));
}

static const char *text(const json_t *j, const char *member)
{
	const char *s = json_string_value(json_object_get(j, member));

	return s ? s : "";
}

static int read_outcome(struct mue_record *r, char *msg, size_t msg_size)
{
	const char *name = text(r->json, "outcome");

	for (int i = 0; i < MUE_OUTCOMES; i++) {
		if (!strcmp(name, mue_outcome_names[i])) {
			r->outcome = i;
			return 0;
		}
	}
	return expected(msg, msg_size, "outcome: expected agree, declared, diverge, skip or error");
}

static void read_changes(struct mue_record *r)
{
	json_t *id;
	size_t i;

	json_array_foreach(json_object_get(r->json, "changes"), i, id)
	{
		int change = json_is_string(id) ? mue_change_of_id(json_string_value(id)) : -1;

		if (change >= 0)
			r->changes |= 1ULL << change;
	}
}

static int read_record(struct mue_record *r, char *msg, size_t msg_size)
{
	r->name = json_string_value(json_object_get(r->json, "case"));
	r->cells = json_object_get(r->json, "cells");
	r->digests = json_object_get(r->json, "digests");
	r->question = json_object_get(r->json, "question");
	r->observations = json_object_get(r->json, "observations");
	r->target = text(r->json, "target");
	r->why = text(r->json, "why");
	r->other = text(r->json, "other");
	r->field = text(r->json, "field");
	r->got = text(r->json, "got");
	r->expected = text(r->json, "expected");
	if (!r->name || !json_is_object(r->cells) || !json_is_array(r->digests))
		return expected(msg, msg_size, "expected a record: case, outcome, cells, digests");
	read_changes(r);
	return read_outcome(r, msg, msg_size);
}

int mue_record_of_line(struct mue_record *r, const char *line, size_t n, char *msg, size_t msg_size)
{
	int err;

	memset(r, 0, sizeof(*r));
	r->json = parse(line, n, msg, msg_size);
	if (!r->json)
		return -EINVAL;
	err = read_record(r, msg, msg_size);
	if (err)
		mue_record_clear(r);
	return err;
}

void mue_record_clear(struct mue_record *r)
{
	json_decref(r->json);
	memset(r, 0, sizeof(*r));
}
