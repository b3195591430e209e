/* For people: what differs as it comes, then the matrix, reasons, and totals. */
#include "reports/matrix.h"
#include "reports/report.h"

#include <inttypes.h>

#include "cases/world_json.h"

static const char *paint(const struct mue_report *r, const char *code)
{
	return r->color ? code : "";
}

static void begin(struct mue_report *r)
{
	for (uint32_t i = 0; i < r->run->n_targets; i++) {
		const struct mue_world *w = &r->run->worlds[i];
		char version[MUE_VERSION_TEXT];

		mue_version_text(version, sizeof(version), w->version);
		fprintf(r->to, "%s %s: %s, %u CPU%s%s\n", i ? "      " : "asking",
			r->run->targets[i], version, w->cpus, w->cpus == 1 ? "" : "s",
			w->jit ? "" : ", no JIT");
	}
}

static void print_divergence(struct mue_report *r, const struct mue_record *record)
{
	fprintf(r->to,
		"%sdiverge%s %s\n"
		"  target    %s, unlike %s\n"
		"  field     %s\n"
		"  expected  %s\n"
		"  got       %s\n",
		paint(r, "\033[31m"), paint(r, "\033[0m"), record->name, record->target,
		record->other, record->field, record->expected, record->got);
}

static void print_error(struct mue_report *r, const struct mue_record *record)
{
	fprintf(r->to,
		"%serror%s   %s\n"
		"  target    %s\n"
		"  reason    %s\n",
		paint(r, "\033[31m"), paint(r, "\033[0m"), record->name,
		*record->target ? record->target : "?", record->why);
}

static void add_record(struct mue_report *r, const struct mue_record *record)
{
	char repeat[1024];

	if (record->outcome != MUE_DIVERGE && record->outcome != MUE_ERROR)
		return;
	if (record->outcome == MUE_DIVERGE)
		print_divergence(r, record);
	else
		print_error(r, record);
	mue_repeat_command(repeat, sizeof(repeat), r->run, record->name);
	fprintf(r->to, "  repeat    %s\n\n", repeat);
}

static void print_changes(struct mue_report *r, const struct mue_tally *t)
{
	const char *reason;
	json_t *count;

	if (t->outcomes[MUE_DECLARED])
		fprintf(r->to, "\ndeclared, by the change that explains them:\n");
	for (unsigned i = 0; i < MUE_CHANGES; i++)
		if (t->changes[i])
			fprintf(r->to, "%8" PRIu64 "  %s: %s\n", t->changes[i],
				mue_change_rows[i].id, mue_change_rows[i].sentence);
	json_object_foreach(t->worlds, reason, count)
		fprintf(r->to, "%8lld  no change: %s\n", (long long)json_integer_value(count), reason);
}

static void print_reasons(struct mue_report *r, const struct mue_tally *t)
{
	const char *reason;
	json_t *count;

	if (t->outcomes[MUE_SKIP])
		fprintf(r->to, "\nskipped, by reason:\n");
	json_object_foreach(t->reasons, reason, count)
		fprintf(r->to, "%8lld  %s\n", (long long)json_integer_value(count), reason);
}

static void end(struct mue_report *r, const struct mue_tally *t, const char *broken_off)
{
	mue_matrix_print(r->to, t, r->width, r->color);
	print_changes(r, t);
	print_reasons(r, t);
	fprintf(r->to, "\n%" PRIu64 " cases:", t->cases);
	for (int i = 0; i < MUE_OUTCOMES; i++)
		fprintf(r->to, "%s %" PRIu64 " %s", i ? "," : "", t->outcomes[i],
			mue_outcome_names[i]);
	fputc('\n', r->to);
	if (broken_off)
		fprintf(r->to, "not complete: %s\n", broken_off);
}

const struct mue_format mue_format_terminal = {
	.begin = begin,
	.record = add_record,
	.end = end,
};
