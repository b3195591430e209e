/*
 * One page for a browser, which needs nothing else: no script, no font, no image. What differs is
 * held back, as the summary stands first.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cases/text.h"
#include "cases/world_json.h"
#include "reports/html.h"
#include "reports/markup.h"
#include "reports/matrix.h"
#include "reports/report.h"

/* Divergences and errors shown in full; of the rest there is only the count. */
#define SHOWN_MAX 500

struct html {
	FILE *held; /* divergences and errors, as they come */
	uint64_t shown, more;
	struct mue_html_answers *answers;
};

static void begin(struct mue_report *r)
{
	struct html *h = calloc(1, sizeof(*h));

	r->state = h;
	if (h) {
		h->held = tmpfile();
		h->answers = mue_html_answers_new();
	}
	r->failed = !h || !h->held || !h->answers;
}

/* A row of a list of terms. */
static void put_term(FILE *to, const char *term, const char *text, bool code)
{
	fprintf(to, "<dt>%s</dt><dd>%s", term, code ? "<code>" : "");
	mue_markup_text(to, text);
	fprintf(to, "%s</dd>\n", code ? "</code>" : "");
}

static void put_divergence(FILE *to, const struct mue_record *record)
{
	put_term(to, "target", record->target, false);
	put_term(to, "unlike", record->other, false);
	put_term(to, "field", record->field, false);
	put_term(to, "expected", record->expected, true);
	put_term(to, "got", record->got, true);
}

static void put_error(FILE *to, const struct mue_record *record)
{
	put_term(to, "target", *record->target ? record->target : "?", false);
	put_term(to, "reason", record->why, false);
}

static void add_record(struct mue_report *r, const struct mue_record *record)
{
	struct html *h = r->state;
	char repeat[1024];

	if ((record->outcome != MUE_DIVERGE && record->outcome != MUE_ERROR) || r->failed)
		return;
	if (h->shown == SHOWN_MAX) {
		h->more++;
		return;
	}
	h->shown++;
	fprintf(h->held, "<article class=%s><h3><b>%s</b> ", mue_outcome_names[record->outcome],
		mue_outcome_names[record->outcome]);
	mue_markup_text(h->held, record->name);
	fputs("</h3>\n<dl>\n", h->held);
	if (record->outcome == MUE_DIVERGE)
		put_divergence(h->held, record);
	else
		put_error(h->held, record);
	mue_repeat_command(repeat, sizeof(repeat), r->run, record->name);
	put_term(h->held, "repeat", repeat, true);
	fputs("</dl>\n", h->held);
	mue_html_answers_put(h->answers, h->held, r->run, record);
	fputs("</article>\n", h->held);
}

static void put_targets(FILE *to, const struct mue_run *run)
{
	fputs("<table class=targets><tr><th>target<th>version<th>CPUs<th>JIT</tr>\n", to);
	for (uint32_t i = 0; i < run->n_targets; i++) {
		const struct mue_world *w = &run->worlds[i];
		char version[MUE_VERSION_TEXT];

		mue_version_text(version, sizeof(version), w->version);
		fputs("<tr><td><code>", to);
		mue_markup_text(to, run->targets[i]);
		fprintf(to, "</code><td>%s<td>%u<td>%s</tr>\n", version, w->cpus,
			w->jit ? "yes" : "no");
	}
	fputs("</table>\n", to);
}

/* What was asked: all that makes the run another one. */
static void put_choice(FILE *to, const struct mue_run *run)
{
	fputs("<p class=choice>cases ", to);
	mue_markup_text(to, run->glob ? run->glob : "of the default suite");
	fprintf(to, ", seed %" PRIu64, run->seed);
	if (run->shards > 1)
		fprintf(to, ", shard %u of %u", run->shard, run->shards);
	fputs(", mue " MUE_VERSION_STRING "</p>\n", to);
}

static const char *verdict(const struct mue_tally *t, const char *broken_off)
{
	if (t->outcomes[MUE_DIVERGE])
		return "diverge";
	if (t->outcomes[MUE_ERROR] || broken_off)
		return "error";
	return t->outcomes[MUE_AGREE] + t->outcomes[MUE_DECLARED] ? "agree" : "skip";
}

static const char *sentence(const struct mue_tally *t, const char *broken_off)
{
	if (t->outcomes[MUE_DIVERGE])
		return "There are differences that no declared change explains.";
	if (t->outcomes[MUE_ERROR])
		return "The harness failed on some cases; what could be asked agrees.";
	if (broken_off)
		return "No difference so far, but the run is not complete.";
	if (t->outcomes[MUE_AGREE] + t->outcomes[MUE_DECLARED])
		return "No difference that no declared change explains.";
	return "Nothing could be asked.";
}

/* A bar in proportion, and the numbers. */
static void put_outcomes(FILE *to, const struct mue_tally *t)
{
	fputs("<div class=bar>", to);
	for (int i = 0; i < MUE_OUTCOMES; i++)
		if (t->outcomes[i])
			fprintf(to, "<i class=%s style=\"flex-grow:%" PRIu64 "\"></i>",
				mue_outcome_names[i], t->outcomes[i]);
	fputs("</div>\n<ul class=counts>\n", to);
	for (int i = 0; i < MUE_OUTCOMES; i++)
		fprintf(to, "<li class=\"%s%s\"><b>%" PRIu64 "</b> %s</li>\n", mue_outcome_names[i],
			t->outcomes[i] ? "" : " none", t->outcomes[i], mue_outcome_names[i]);
	fprintf(to, "<li><b>%" PRIu64 "</b> cases</li>\n</ul>\n", t->cases);
}

static void put_summary(const struct mue_report *r, const struct mue_tally *t,
			const char *broken_off)
{
	fprintf(r->to, "<header class=%s>\n<h1>mue</h1>\n<p>%s</p>\n", verdict(t, broken_off),
		sentence(t, broken_off));
	if (broken_off) {
		fputs("<p>Not complete: ", r->to);
		mue_markup_text(r->to, broken_off);
		fputs("</p>\n", r->to);
	}
	fputs("</header>\n", r->to);
	put_outcomes(r->to, t);
	put_targets(r->to, r->run);
	put_choice(r->to, r->run);
}

/* The worst that a cell holds. */
static const char *cell_class(const struct mue_tally_cell *cell)
{
	static const enum mue_outcome worst_first[] = {MUE_DIVERGE, MUE_ERROR, MUE_SKIP,
						       MUE_DECLARED, MUE_AGREE};

	for (int i = 0; i < MUE_OUTCOMES; i++)
		if (cell->outcomes[worst_first[i]])
			return mue_outcome_names[worst_first[i]];
	return "none";
}

static void put_cell(FILE *to, const struct mue_tally_cell *cell)
{
	char text[MUE_MATRIX_CELL_TEXT];

	mue_matrix_cell_text(text, cell);
	if (*text)
		fprintf(to, "<td class=%s>%s", cell_class(cell), text);
	else
		fputs("<td>", to);
}

static void put_row(FILE *to, const struct mue_tally *t, unsigned prog,
		    const struct mue_matrix_column *columns, uint32_t n)
{
	const struct mue_prog_type_row *row = mue_prog_type_row(prog);

	if (!mue_matrix_row_used(t, prog))
		return;
	fprintf(to, "<tr><th>%s", row ? row->name : "user");
	for (uint32_t i = 0; i < n; i++) {
		struct mue_tally_cell cell = mue_matrix_cell(t, prog, columns[i].type);

		put_cell(to, &cell);
	}
	fputs("</tr>\n", to);
}

static void put_matrix(FILE *to, const struct mue_tally *t)
{
	struct mue_matrix_column columns[MUE_MATRIX_COLUMNS_MAX];
	uint32_t n = mue_matrix_columns(columns, t);

	if (!n)
		return;
	fputs("<h2>Program types by map types</h2>\n<div class=wide><table class=matrix>\n<tr><td>",
	      to);
	for (uint32_t i = 0; i < n; i++)
		fprintf(to, "<th>%s", columns[i].name);
	fputs("</tr>\n", to);
	for (unsigned prog = 1; prog < MUE_PROG_TYPES; prog++)
		put_row(to, t, prog, columns, n);
	put_row(to, t, 0, columns, n);
	fputs("</table></div>\n<p class=legend>agreed, ~declared, !diverged, -skipped, ?error; x: "
	      "no "
	      "call was ever executed there; user: bpf(2) calls; others: map types that the helper "
	      "refuses</p>\n",
	      to);
}

static void copy(FILE *to, FILE *from)
{
	char buf[8192];
	size_t n;

	rewind(from);
	while ((n = fread(buf, 1, sizeof(buf), from)) > 0)
		fwrite(buf, 1, n, to);
}

static void put_differences(const struct mue_report *r, struct html *h)
{
	if (!h->shown)
		return;
	fputs("<h2>Divergences and errors</h2>\n", r->to);
	copy(r->to, h->held);
	if (h->more)
		fprintf(r->to, "<p>%" PRIu64 " more are in the results file.</p>\n", h->more);
}

/* A row for each reason: how often, `cell`, the reason. */
static void put_counted(FILE *to, json_t *counts, const char *cell)
{
	const char *reason;
	json_t *count;

	json_object_foreach(counts, reason, count)
	{
		fprintf(to, "<tr><td>%lld%s<td>", (long long)json_integer_value(count), cell);
		mue_markup_text(to, reason);
		fputs("</tr>\n", to);
	}
}

static void put_changes(FILE *to, const struct mue_tally *t)
{
	if (!t->outcomes[MUE_DECLARED])
		return;
	fputs("<h2>Declared, by the change that explains them</h2>\n<table class=list>\n", to);
	for (unsigned i = 0; i < MUE_CHANGES; i++) {
		if (!t->changes[i])
			continue;
		fprintf(to, "<tr><td>%" PRIu64 "<td><code>%s</code><td>", t->changes[i],
			mue_change_rows[i].id);
		mue_markup_text(to, mue_change_rows[i].sentence);
		fputs("</tr>\n", to);
	}
	put_counted(to, t->worlds, "<td>no change");
	fputs("</table>\n", to);
}

static void put_reasons(FILE *to, const struct mue_tally *t)
{
	if (!t->outcomes[MUE_SKIP])
		return;
	fputs("<h2>Skipped, by reason</h2>\n<table class=list>\n", to);
	put_counted(to, t->reasons, "");
	fputs("</table>\n", to);
}

static void end(struct mue_report *r, const struct mue_tally *t, const char *broken_off)
{
	struct html *h = r->state;

	fputs(mue_html_head, r->to);
	put_summary(r, t, broken_off);
	put_matrix(r->to, t);
	if (!r->failed)
		put_differences(r, h);
	put_changes(r->to, t);
	put_reasons(r->to, t);
	fputs("</main>\n</body>\n</html>\n", r->to);
	if (h && h->held)
		fclose(h->held);
	if (h)
		mue_html_answers_free(h->answers);
	free(h);
	r->state = NULL;
}

const struct mue_format mue_format_html = {
	.begin = begin,
	.record = add_record,
	.end = end,
};
