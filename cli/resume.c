#include "cli/resume.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MSG_MAX 1024

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_targets(const struct mue_run *a, const struct mue_run *b)
{
	if (a->n_targets != b->n_targets)
		return false;
	for (uint32_t i = 0; i < a->n_targets; i++)
		if (!same_text(a->targets[i], b->targets[i]))
			return false;
	return true;
}

/* What two runs differ in, or NULL. */
static const char *unlike(const struct mue_run *a, const struct mue_run *b)
{
	if (!same_targets(a, b))
		return "other targets";
	for (uint32_t i = 0; i < a->n_targets; i++)
		if (memcmp(&a->worlds[i], &b->worlds[i], sizeof(a->worlds[i])))
			return "targets of other versions or with other changes";
	if (!same_text(a->glob, b->glob))
		return "another --cases";
	if (a->seed != b->seed)
		return "another --seed";
	if (a->shard != b->shard || a->shards != b->shards)
		return "another --shard";
	if (a->cases != b->cases)
		return "another suite";
	return NULL;
}

/* Whether anything whole is in the file: a run may be killed before it wrote its header. */
static bool has_line(const char *file)
{
	FILE *f = fopen(file, "re");
	int c = EOF;

	while (f && (c = getc(f)) != EOF && c != '\n')
		;
	if (f)
		fclose(f);
	return c == '\n';
}

/* Gives the records to the outlet, and keeps the last one's name. */
static int replay(struct mue_results *f, struct mue_outlet *o, uint64_t *records, uint64_t *offset,
		  char *last, char *msg, size_t msg_size)
{
	struct mue_record r;
	int line;

	*offset = mue_results_offset(f);
	while ((line = mue_results_next(f, &r, msg, msg_size)) == MUE_LINE_RECORD) {
		mue_outlet_record(o, &r);
		snprintf(last, MUE_NAME_MAX, "%s", r.name);
		++*records;
		*offset = mue_results_offset(f);
	}
	return line < 0 ? line : 0;
}

/* The suite must have, at the place where the file ends, the case that it ends with. */
static int check_last(uint64_t records, const char *last, const char *file,
		      const struct mue_selection *selection, char *msg, size_t msg_size)
{
	char name[MUE_NAME_MAX] = "";

	if (!records)
		return 0;
	mue_selection_count(selection, records - 1, name, sizeof(name));
	if (!strcmp(name, last))
		return 0;
	snprintf(msg, msg_size, "%s: record %llu is of %s; expected %s: it is of another suite",
		 file, (unsigned long long)records, last, *name ? name : "none");
	return -EINVAL;
}

int mue_resume(struct mue_outlet *o, uint64_t *records, uint64_t *offset, const char *file,
	       const struct mue_run *run, const struct mue_selection *selection, char *msg,
	       size_t msg_size)
{
	char last[MUE_NAME_MAX] = "";
	struct mue_results *f;
	struct mue_run before;
	const char *what;
	int err = -EINVAL;

	*records = *offset = 0;
	if (!has_line(file))
		return 0;
	f = mue_results_open(&before, file, msg, msg_size);
	if (!f)
		return -EINVAL;
	what = unlike(&before, run);
	if (what)
		snprintf(msg, msg_size, "%s: is of a run with %s; expected the same as now", file,
			 what);
	else
		err = replay(f, o, records, offset, last, msg, msg_size);
	mue_results_close(f);
	return err ? err : check_last(*records, last, file, selection, msg, msg_size);
}
