/* mue list: the suite, one case a line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "cases/suite.h"
#include "cli/command.h"

struct options {
	const char *cases;
	uint64_t seed;
	bool json, families;
};

static const struct options defaults = {.seed = MUE_SEED_DEFAULT};

static const struct mue_option options[] = {
	MUE_STRING(struct options, cases, "cases", "GLOB",
		   "only cases whose names match; '*' matches '/' too"),
	MUE_OPTION_SEED(struct options, seed),
	MUE_FLAG(struct options, json, "json", "each as an object: its name, programs and maps"),
	MUE_FLAG(struct options, families, "families", "the families, and what they ask, instead"),
	{NULL}};

struct listing {
	bool json;
	uint64_t n;
};

/* Appends a name that is not there yet. */
static void add_name(json_t *names, const char *name)
{
	json_t *known;
	size_t i;

	json_array_foreach(names, i, known) if (!strcmp(json_string_value(known), name)) return;
	json_array_append_new(names, json_string(name));
}

static json_t *programs_of(const struct mue_case *c)
{
	json_t *names = json_array();

	for (uint32_t i = 0; i < c->n_phases; i++) {
		const struct mue_prog_type_row *row = mue_prog_type_row(c->phases[i].prog_type);

		add_name(names, row ? row->name : "user");
	}
	return names;
}

static json_t *maps_of(const struct mue_case *c)
{
	json_t *names = json_array();

	for (uint32_t i = 0; i < c->n_maps; i++) {
		const struct mue_map_type_row *row = mue_map_type_row(c->maps[i].type);

		add_name(names, row ? row->name : "unknown");
	}
	return names;
}

static void print_json(const struct mue_suite_case *s)
{
	json_t *j = json_pack("{s:s, s:o, s:o, s:b}", "case", s->question->name, "programs",
			      programs_of(s->question), "maps", maps_of(s->question), "pinned",
			      s->expect != NULL);
	char *line = j ? json_dumps(j, JSON_COMPACT) : NULL;

	puts(line ? line : "");
	free(line);
	json_decref(j);
}

static bool print(void *ctx, const struct mue_suite_case *s)
{
	struct listing *l = ctx;

	l->n++;
	if (l->json)
		print_json(s);
	else
		puts(s->question->name);
	return !ferror(stdout);
}

static int list_families(void)
{
	for (const struct mue_family *f = mue_families; f->name; f++)
		printf("%-12s %s%s\n", f->name, f->sentence,
		       f->large ? " (part of it only when --cases names it)" : "");
	return MUE_EXIT_OK;
}

static int list(const void *opts, char *const *args, unsigned n_args)
{
	const struct options *o = opts;
	const struct mue_suite_options suite = {o->cases, o->seed};
	struct listing l = {.json = o->json};

	if (o->families)
		return list_families();
	mue_suite_each(&suite, print, &l);
	if (!l.n)
		return mue_fail(&mue_command_list, MUE_EXIT_USAGE,
				"no case matches '%s'; 'mue list' prints all names",
				o->cases ? o->cases : "");
	return MUE_EXIT_OK;
}

const struct mue_command mue_command_list = {
	.name = "list",
	.args = "",
	.sentence = "print the names of the suite's cases",
	.examples = "  mue list --cases 'hash/*'\n"
		    "  mue list --json | jq -r 'select(.maps[] == \"lpm_trie\") | .case'\n"
		    "  mue list --families\n",
	.options = options,
	.defaults = &defaults,
	.option_size = sizeof(struct options),
	.run = list,
};
