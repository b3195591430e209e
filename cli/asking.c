#include "cli/asking.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/twin.h"

int mue_asking_init(struct mue_asking *a, struct mue_targets *targets)
{
	memset(a, 0, sizeof(*a));
	a->targets = targets;
	a->seen = calloc(targets->n, sizeof(*a->seen));
	a->twin = malloc(sizeof(*a->twin));
	a->twin_seen = malloc(sizeof(*a->twin_seen));
	if (!a->seen || !a->twin || !a->twin_seen) {
		mue_asking_free(a);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < targets->n; i++)
		a->testimonies[i] = (struct mue_testimony){targets->t[i].name, &targets->t[i].world,
							   &a->seen[i]};
	return 0;
}

void mue_asking_free(struct mue_asking *a)
{
	free(a->seen);
	free(a->twin);
	free(a->twin_seen);
	memset(a, 0, sizeof(*a));
}

/* Whether what the case's file pins is met by every target to which it applies. */
static bool pinned_met(struct mue_asking *a, const struct mue_suite_case *s)
{
	struct mue_difference *d = &a->verdict.difference;

	for (uint32_t i = 0; i < a->targets->n; i++) {
		if (a->seen[i].status != MUE_ANSWERED ||
		    !mue_expectations_hold(s, &a->targets->t[i].world) ||
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

/* Whether the target has the question already. */
static bool is_ahead(const struct mue_asking *a, uint32_t target)
{
	return a->ahead && a->targets->t[target].session->post;
}

static void ask_target(struct mue_asking *a, uint32_t target, const struct mue_case *c,
		       struct mue_observation *o)
{
	struct mue_session *session = a->targets->t[target].session;

	if (a->before)
		a->before(a->ctx, target);
	if (is_ahead(a, target))
		session->take(session, o);
	else
		session->ask(session, c, o);
	if (a->after)
		a->after(a->ctx, target);
}

/* Whether there is a twin to compare with: now, or if it is asked already. */
static bool wants_twin(const struct mue_asking *a, uint32_t target)
{
	if (a->targets->t[target].imitates)
		return false;
	if (is_ahead(a, target))
		return true;
	return a->verdict.outcome != MUE_DIVERGE && a->verdict.outcome != MUE_ERROR &&
	       a->seen[target].status == MUE_ANSWERED;
}

/* The second oracle: each real target must do the same by the syscall as by the helper. */
static void compare_twins(struct mue_asking *a, const struct mue_case *c)
{
	struct mue_twin_verdict v;

	if (!mue_twin_make(a->twin, c))
		return;
	for (uint32_t i = 0; i < a->targets->n; i++) {
		if (!wants_twin(a, i))
			continue;
		ask_target(a, i, a->twin, a->twin_seen);
		if (a->verdict.outcome == MUE_DIVERGE || a->verdict.outcome == MUE_ERROR ||
		    a->seen[i].status != MUE_ANSWERED)
			continue;
		mue_twin_judge(&v, c, &a->seen[i], a->twin_seen);
		if (v.outcome != MUE_DIVERGE && v.outcome != MUE_ERROR)
			continue;
		a->verdict.outcome = v.outcome;
		a->verdict.witness = i;
		a->verdict.other = -1;
		a->verdict.difference = v.difference;
		memcpy(a->verdict.why, v.why, sizeof(v.why));
		a->other = a->twin_seen->status == MUE_CRASHED ? "model" : "the syscall";
	}
}

bool mue_asking_posts(const struct mue_asking *a)
{
	for (uint32_t i = 0; i < a->targets->n; i++)
		if (a->targets->t[i].session->post)
			return true;
	return false;
}

void mue_asking_ahead(struct mue_asking *a, const struct mue_case *c)
{
	bool twin = !a->untwinned && mue_twin_make(a->twin, c);

	for (uint32_t i = 0; i < a->targets->n; i++) {
		struct mue_session *session = a->targets->t[i].session;

		if (!session->post)
			continue;
		session->post(session, c);
		if (twin && !a->targets->t[i].imitates)
			session->post(session, a->twin);
	}
	a->ahead++;
}

void mue_asking_ask(struct mue_asking *a, const struct mue_suite_case *s)
{
	for (uint32_t i = 0; i < a->targets->n; i++)
		ask_target(a, i, s->question, &a->seen[i]);
	a->other = "model";
	mue_judge(&a->verdict, s->question, a->testimonies, a->targets->n);
	if (a->verdict.outcome != MUE_DIVERGE && a->verdict.outcome != MUE_ERROR && s->expect &&
	    !pinned_met(a, s))
		blame_witness(a);
	if (!a->untwinned)
		compare_twins(a, s->question);
	if (a->ahead)
		a->ahead--;
}
