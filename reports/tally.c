#include "reports/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mue_tally *mue_tally_new(void)
{
	struct mue_tally *t = calloc(1, sizeof(*t));

	if (t) {
		t->reasons = json_object();
		t->worlds = json_object();
	}
	return t;
}

void mue_tally_free(struct mue_tally *t)
{
	if (!t)
		return;
	json_decref(t->reasons);
	json_decref(t->worlds);
	free(t);
}

/* The cell of "xdp/hash", or NULL for names that a newer mue may have written. */
static struct mue_tally_cell *cell_of(struct mue_tally *t, const char *key)
{
	const char *slash = strchr(key, '/');
	char prog[64];
	int p, m;

	if (!slash)
		return NULL;
	snprintf(prog, sizeof(prog), "%.*s", (int)(slash - key), key);
	p = strcmp(prog, "user") ? mue_prog_type_of_name(prog) : 0;
	m = mue_map_type_of_name(slash + 1);
	return p >= 0 && p < MUE_PROG_TYPES && m >= 0 && m < MUE_MAP_TYPES ? &t->cells[p][m] : NULL;
}

static void count_up(json_t *counts, const char *what)
{
	json_t *count = json_object_get(counts, what);

	if (count)
		json_integer_set(count, json_integer_value(count) + 1);
	else
		json_object_set_new(counts, what, json_integer(1));
}

static void add_reason(struct mue_tally *t, const struct mue_record *r)
{
	char reason[MUE_WHY_MAX * 2];

	snprintf(reason, sizeof(reason), "%s%s%s", r->target, *r->target ? ": " : "", r->why);
	count_up(t->reasons, reason);
}

void mue_tally_add(struct mue_tally *t, const struct mue_record *r)
{
	const char *key;
	json_t *how;

	t->cases++;
	t->outcomes[r->outcome]++;
	for (unsigned i = 0; i < MUE_CHANGES; i++)
		t->changes[i] += r->changes >> i & 1;
	if (r->outcome == MUE_SKIP)
		add_reason(t, r);
	if (r->outcome == MUE_DECLARED && *r->why)
		count_up(t->worlds, r->why);
	json_object_foreach((json_t *)r->cells, key, how)
	{
		struct mue_tally_cell *cell = cell_of(t, key);

		if (!cell || !json_is_string(how))
			continue;
		cell->outcomes[r->outcome]++;
		cell->ran += strchr(json_string_value(how), MUE_HOW_RAN) != NULL;
	}
}
