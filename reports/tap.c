/* TAP and KTAP: a tree of families and their cases. */
#include "reports/report.h"
#include "reports/tree.h"

#include <stdlib.h>
#include <string.h>

#include "cases/world_json.h"

struct tap {
	struct mue_tree tree;
	char family[MUE_NAME_MAX];
};

static void begin(struct mue_report *r, const struct mue_tree_syntax *syntax)
{
	struct tap *tap = calloc(1, sizeof(*tap));

	r->state = tap;
	r->failed = !tap;
	if (!tap)
		return;
	mue_tree_begin(&tap->tree, syntax, r->to);
	for (uint32_t i = 0; i < r->run->n_targets; i++) {
		char note[256], version[MUE_VERSION_TEXT];

		mue_version_text(version, sizeof(version), r->run->worlds[i].version);
		snprintf(note, sizeof(note), "target: %.200s, %s, %u CPUs", r->run->targets[i],
			 version, r->run->worlds[i].cpus);
		mue_tree_note(&tap->tree, note);
	}
}

static void begin_tap(struct mue_report *r)
{
	begin(r, &mue_tree_tap);
}

static void begin_ktap(struct mue_report *r)
{
	begin(r, &mue_tree_ktap);
}

/* A family is the run of cases whose names begin alike. */
static void enter_family(struct tap *tap, const char *name)
{
	char family[MUE_NAME_MAX];

	snprintf(family, sizeof(family), "%.*s", (int)strcspn(name, "/"), name);
	if (tap->tree.depth && !strcmp(family, tap->family))
		return;
	if (tap->tree.depth)
		mue_tree_close(&tap->tree);
	strcpy(tap->family, family);
	mue_tree_open(&tap->tree, family);
}

static void add_divergence(struct mue_report *r, struct tap *tap, const struct mue_record *record)
{
	char repeat[1024];
	const struct mue_tree_detail details[] = {
		{"target", record->target},
		{"differs_from", record->other},
		{"field", record->field},
		{"expected", record->expected},
		{"got", record->got},
		{"repeat", repeat},
		{NULL},
	};
	const struct mue_tree_point p = {false, record->name, NULL, details};

	mue_repeat_command(repeat, sizeof(repeat), r->run, record->name);
	mue_tree_add(&tap->tree, &p);
}

static void add_error(struct mue_report *r, struct tap *tap, const struct mue_record *record)
{
	char repeat[1024];
	const struct mue_tree_detail details[] = {
		{"error", record->why}, {"target", record->target}, {"repeat", repeat}, {NULL}};
	const struct mue_tree_point p = {false, record->name, NULL, details};

	mue_repeat_command(repeat, sizeof(repeat), r->run, record->name);
	mue_tree_add(&tap->tree, &p);
}

static void add_declared(struct tap *tap, const struct mue_record *record)
{
	char name[MUE_NAME_MAX + 512];
	struct mue_tree_point p = {true, name};
	size_t n = snprintf(name, sizeof(name), "%s (declared:", record->name);

	for (unsigned i = 0; i < MUE_CHANGES && n < sizeof(name) - 64; i++)
		if (record->changes >> i & 1)
			n += snprintf(name + n, sizeof(name) - n, " %.48s", mue_change_rows[i].id);
	snprintf(name + n, sizeof(name) - n, "%s%.128s)",
		 *record->why ? record->changes ? "; " : " " : "", record->why);
	mue_tree_add(&tap->tree, &p);
}

static void add_skip(struct tap *tap, const struct mue_record *record)
{
	char why[MUE_WHY_MAX * 2];
	const struct mue_tree_point p = {true, record->name, why};

	snprintf(why, sizeof(why), "%s%s%s", record->target, *record->target ? ": " : "",
		 record->why);
	mue_tree_add(&tap->tree, &p);
}

static void add_record(struct mue_report *r, const struct mue_record *record)
{
	const struct mue_tree_point agreed = {true, record->name};
	struct tap *tap = r->state;

	if (!tap)
		return;
	enter_family(tap, record->name);
	switch (record->outcome) {
	case MUE_DIVERGE:
		add_divergence(r, tap, record);
		break;
	case MUE_ERROR:
		add_error(r, tap, record);
		break;
	case MUE_DECLARED:
		add_declared(tap, record);
		break;
	case MUE_SKIP:
		add_skip(tap, record);
		break;
	default:
		mue_tree_add(&tap->tree, &agreed);
	}
}

static void end(struct mue_report *r, const struct mue_tally *t, const char *broken_off)
{
	struct tap *tap = r->state;

	if (tap)
		mue_tree_end(&tap->tree, broken_off);
	free(tap);
	r->state = NULL;
}

const struct mue_format mue_format_tap = {
	.begin = begin_tap,
	.record = add_record,
	.end = end,
};
const struct mue_format mue_format_ktap = {
	.begin = begin_ktap,
	.record = add_record,
	.end = end,
};
