#include "cli/asking.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int mue_asking_init(struct mue_asking *a, struct mue_targets *targets)
{
	memset(a, 0, sizeof(*a));
	a->targets = targets;
	a->seen = calloc(targets->n, sizeof(*a->seen));
	if (!a->seen)
		return -ENOMEM;
	for (uint32_t i = 0; i < targets->n; i++)
		a->testimonies[i] = (struct mue_testimony){targets->t[i].name, &targets->t[i].world,
							   &a->seen[i]};
	return 0;
}

void mue_asking_free(struct mue_asking *a)
{
	free(a->seen);
	a->seen = NULL;
}

/* Whether what the case's file pins is met by every target to which it applies. */
static bool pinned_met(struct mue_asking *a, const struct mue_suite_case *s)
{
	struct mue_difference *d = &a->verdict.difference;

	for (uint32_t i = 0; i < a->targets->n; i++) {
		if (a->seen[i].status != MUE_ANSWERED ||
		    !mue_condition_holds(&s->when, &a->targets->t[i].world) ||
		    mue_expectation_met(s->question, s->expect, &a->seen[i], d))
			continue;
		a->verdict.witness = i;
		return false;
	}
	return true;
}

/* An expectation's difference has the expectation first; a verdict's has the witness first. */
static void blame_witness(struct mue_asking *a)
{
	struct mue_difference *d = &a->verdict.difference;
	char expected[MUE_TEXT_MAX];

	memcpy(expected, d->a, sizeof(expected));
	memcpy(d->a, d->b, sizeof(d->a));
	memcpy(d->b, expected, sizeof(d->b));
	a->verdict.outcome = MUE_DIVERGE;
	a->verdict.other = -1;
	a->other = "the case file";
}

void mue_asking_ask(struct mue_asking *a, const struct mue_suite_case *s)
{
	for (uint32_t i = 0; i < a->targets->n; i++) {
		struct mue_session *session = a->targets->t[i].session;

		if (a->before)
			a->before(a->ctx, i);
		session->ask(session, s->question, &a->seen[i]);
	}
	a->other = "model";
	mue_judge(&a->verdict, s->question, a->testimonies, a->targets->n);
	if (s->expect && a->verdict.outcome != MUE_DIVERGE && a->verdict.outcome != MUE_ERROR &&
	    !pinned_met(a, s))
		blame_witness(a);
}
