#include "cli/reducing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/words.h"
#include "fuzz/finding.h"
#include "reports/record.h"

static bool ask(struct mue_reducing *r, const struct mue_case *c, char *kind)
{
	const struct mue_suite_case question = {c};

	mue_asking_ask(r->a, &question);
	if (r->a->verdict.outcome != MUE_DIVERGE)
		return false;
	mue_divergence_kind(kind, MUE_KIND_MAX, c, &r->a->verdict.difference);
	return true;
}

static bool differs(void *ctx, const struct mue_case *c)
{
	struct mue_reducing *r = ctx;
	char kind[MUE_KIND_MAX];

	return ask(r, c, kind) && r->a->verdict.witness == r->witness &&
	       r->a->verdict.other == r->other && !strcmp(r->a->other, r->of) &&
	       !strcmp(kind, r->kind);
}

bool mue_reducing_begin(struct mue_reducing *r, struct mue_asking *a, const struct mue_case *c)
{
	memset(r, 0, sizeof(*r));
	r->a = a;
	if (!ask(r, c, r->kind))
		return false;
	r->witness = a->verdict.witness;
	r->other = a->verdict.other;
	snprintf(r->of, sizeof(r->of), "%s", a->other);
	return true;
}

bool mue_reducing_holds(struct mue_reducing *r, const struct mue_case *c, unsigned times)
{
	while (times && differs(r, c))
		times--;
	return !times;
}

static const char *other_of(const struct mue_reducing *r)
{
	return r->other >= 0 ? r->a->targets->t[r->other].name : r->of;
}

static void note(const struct mue_reducing *r, struct mue_case *c)
{
	const struct mue_difference *d = &r->a->verdict.difference;
	struct mue_out out = mue_out_to(c->note, sizeof(c->note));

	mue_out_add(&out, "%s: %s is %s; expected, by %s, %s.", r->a->targets->t[r->witness].name,
		    d->field, d->a, other_of(r), d->b);
	if (out.n < out.size - 1)
		mue_out_add(&out, "\n");
	mue_out_add(&out, "Reduced from %s.", c->name);
	if (out.n < out.size - 1)
		mue_out_add(&out, "\n");
}

bool mue_reducing_reduce(struct mue_reducing *r, struct mue_case *c)
{
	r->asked = mue_reduce(c, differs, r);
	if (!differs(r, c))
		return false;
	note(r, c);
	return true;
}

/* The command that asks them the finding's case again. */
static void command(char *to, size_t size, const struct mue_reducing *r, const struct mue_case *c)
{
	const struct mue_targets *ts = r->a->targets;
	struct mue_run run = {.n_targets = ts->n};
	char file[MUE_NAME_MAX + 8];

	for (uint32_t i = 0; i < ts->n; i++)
		run.targets[i] = ts->t[i].name;
	mue_finding_name(file, MUE_NAME_MAX, c, &r->a->verdict.difference);
	strcat(file, ".case");
	mue_repeat_command(to, size, &run, file);
}

int mue_reducing_write(struct mue_reducing *r, const struct mue_case *c, const char *dir,
		       char *path, size_t path_size)
{
	const struct mue_targets *ts = r->a->targets;
	char(*texts)[MUE_IDENTITY_MAX] = calloc(ts->n, sizeof(*texts));
	const char *identities[MUE_TARGETS_MAX];
	char again[2048];
	struct mue_finding f = {.c = c,
				.verdict = &r->a->verdict,
				.answers = r->a->testimonies,
				.identities = identities,
				.n = ts->n,
				.other = r->of,
				.command = again};
	int err;

	if (!texts)
		return -ENOMEM;
	for (uint32_t i = 0; i < ts->n; i++) {
		struct mue_session *s = ts->t[i].session;

		if (s->identify)
			s->identify(s, texts[i], sizeof(texts[i]));
		identities[i] = texts[i];
	}
	command(again, sizeof(again), r, c);
	err = mue_finding_write(&f, dir, path, path_size);
	free(texts);
	return err;
}
