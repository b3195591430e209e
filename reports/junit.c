/* JUnit XML: a testsuite a family, a testcase a case. */
#include "reports/markup.h"
#include "reports/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A family's cases are held back until their counts are known, which XML wants first. */
struct junit {
	char family[MUE_NAME_MAX];
	FILE *held;
	uint64_t outcomes[MUE_OUTCOMES];
};

static void put_attribute(FILE *to, const char *name, const char *value)
{
	fprintf(to, " %s=\"", name);
	mue_markup_text(to, value);
	fputc('"', to);
}

static void begin(struct mue_report *r)
{
	r->state = calloc(1, sizeof(struct junit));
	r->failed = !r->state;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mue\">\n", r->to);
}

static void end_family(struct mue_report *r, struct junit *j)
{
	const uint64_t *n = j->outcomes;
	uint64_t tests = 0;
	char buf[8192];
	size_t got;

	if (!j->held)
		return;
	for (int i = 0; i < MUE_OUTCOMES; i++)
		tests += n[i];
	fputs(" <testsuite", r->to);
	put_attribute(r->to, "name", j->family);
	fprintf(r->to,
		" tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64
		"\" skipped=\"%" PRIu64 "\">\n",
		tests, n[MUE_DIVERGE], n[MUE_ERROR], n[MUE_SKIP]);
	rewind(j->held);
	while ((got = fread(buf, 1, sizeof(buf), j->held)) > 0)
		fwrite(buf, 1, got, r->to);
	fputs(" </testsuite>\n", r->to);
	fclose(j->held);
	memset(j, 0, sizeof(*j));
}

static bool begin_family(struct mue_report *r, struct junit *j, const char *name)
{
	char family[MUE_NAME_MAX];

	snprintf(family, sizeof(family), "%.*s", (int)strcspn(name, "/"), name);
	if (j->held && !strcmp(j->family, family))
		return true;
	end_family(r, j);
	strcpy(j->family, family);
	j->held = tmpfile();
	r->failed |= !j->held;
	return j->held != NULL;
}

static void put_divergence(FILE *to, const struct mue_report *r, const struct mue_record *record)
{
	char repeat[1024];

	mue_repeat_command(repeat, sizeof(repeat), r->run, record->name);
	fputs("<failure", to);
	put_attribute(to, "message", record->field);
	fputs(">target: ", to);
	mue_markup_text(to, record->target);
	fputs(", unlike ", to);
	mue_markup_text(to, record->other);
	fputs("\nexpected: ", to);
	mue_markup_text(to, record->expected);
	fputs("\ngot: ", to);
	mue_markup_text(to, record->got);
	fputs("\nrepeat: ", to);
	mue_markup_text(to, repeat);
	fputs("</failure>", to);
}

static void put_reason(FILE *to, const char *element, const struct mue_record *record)
{
	char why[MUE_WHY_MAX * 2];

	snprintf(why, sizeof(why), "%s%s%s", record->target, *record->target ? ": " : "",
		 record->why);
	fprintf(to, "<%s", element);
	put_attribute(to, "message", why);
	fputs("/>", to);
}

static void add_record(struct mue_report *r, const struct mue_record *record)
{
	struct junit *j = r->state;

	if (!j || !begin_family(r, j, record->name))
		return;
	j->outcomes[record->outcome]++;
	fputs("  <testcase", j->held);
	put_attribute(j->held, "classname", j->family);
	put_attribute(j->held, "name", record->name);
	fputc('>', j->held);
	if (record->outcome == MUE_DIVERGE)
		put_divergence(j->held, r, record);
	else if (record->outcome == MUE_ERROR)
		put_reason(j->held, "error", record);
	else if (record->outcome == MUE_SKIP)
		put_reason(j->held, "skipped", record);
	fputs("</testcase>\n", j->held);
}

static void end(struct mue_report *r, const struct mue_tally *t, const char *broken_off)
{
	if (r->state)
		end_family(r, r->state);
	if (broken_off) {
		fputs(" <testsuite name=\"run\" tests=\"1\" failures=\"0\" errors=\"1\" "
		      "skipped=\"0\">\n"
		      "  <testcase classname=\"run\" name=\"complete\"><error",
		      r->to);
		put_attribute(r->to, "message", broken_off);
		fputs("/></testcase>\n </testsuite>\n", r->to);
	}
	fputs("</testsuites>\n", r->to);
	free(r->state);
	r->state = NULL;
}

const struct mue_format mue_format_junit = {
	.begin = begin,
	.record = add_record,
	.end = end,
};
