#include "cli/answering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/asking.h"
#include "reports/record.h"

bool mue_selected(const struct mue_selection *s, uint64_t n)
{
	return n / MUE_CHUNK % s->shards == s->shard - 1;
}

struct counting {
	const struct mue_selection *selection;
	uint64_t n, items, at;
	char *name;
	size_t size;
};

static bool count(void *ctx, const struct mue_suite_case *s)
{
	struct counting *c = ctx;

	if (!mue_selected(c->selection, c->n++))
		return true;
	if (c->items++ == c->at)
		snprintf(c->name, c->size, "%s", s->question->name);
	return true;
}

uint64_t mue_selection_count(const struct mue_selection *s, uint64_t at, char *name, size_t size)
{
	struct counting c = {.selection = s, .at = at, .name = name, .size = size};

	mue_suite_each(&s->suite, count, &c);
	return c.items;
}

/* A case that some targets work on while others are answered. */
struct waiting {
	uint64_t item;
	struct mue_condition when;
	bool pinned;
	struct mue_case question;
	struct mue_observation expect;
};

struct answering {
	const struct mue_answering *a;
	struct mue_worker *w;
	struct mue_asking asking;
	uint64_t n, item; /* of the suite's cases, of the pool's items: so many are through */
	uint64_t at;	  /* the item that is being answered */
	struct waiting *waiting; /* MUE_AHEAD_MAX of them, in a ring; NULL: nobody works ahead */
	uint32_t first, n_waiting;
};

static void at_target(void *ctx, uint32_t target)
{
	struct answering *a = ctx;

	if (a->a->targets->t[target].session->keeps_deadline)
		mue_worker_rest(a->w, a->at);
	else
		mue_worker_at(a->w, a->at);
}

static void send(struct answering *a, const struct mue_recording *r)
{
	char *line = mue_record_line(r);

	if (!line)
		mue_worker_give_up(a->w, "out of memory");
	mue_worker_send(a->w, a->at, line, strlen(line));
	free(line);
}

/* The case was the last of another worker. */
static void record_loss(struct answering *a, const struct mue_suite_case *s, const char *why)
{
	struct mue_verdict v = {.outcome = MUE_ERROR, .witness = -1, .other = -1};
	const struct mue_recording r = {s->question, &v, NULL, a->a->targets->n, ""};

	snprintf(v.why, sizeof(v.why), "%s", why);
	send(a, &r);
}

static void answer(struct answering *a, const struct mue_suite_case *s)
{
	struct mue_recording r = {s->question, &a->asking.verdict, a->asking.testimonies,
				  a->a->targets->n};

	mue_asking_ask(&a->asking, s);
	r.other = a->asking.other;
	send(a, &r);
}

/* Answers the case that has waited longest. */
static void answer_first(struct answering *a)
{
	struct waiting *w = &a->waiting[a->first];
	const struct mue_suite_case s = {&w->question, w->pinned ? &w->expect : NULL, w->when};

	a->first = (a->first + 1) % MUE_AHEAD_MAX;
	a->n_waiting--;
	a->at = w->item;
	answer(a, &s);
}

static void answer_waiting(struct answering *a)
{
	while (a->n_waiting)
		answer_first(a);
}

/*
 * Lets those targets begin that can, while the cases before it are answered. These come in batches:
 * targets that wait for each other case by case would do little else on a few CPUs.
 */
static void wait_for_turn(struct answering *a, const struct mue_suite_case *s)
{
	struct waiting *w;

	if (a->n_waiting == MUE_AHEAD_MAX)
		while (a->n_waiting > MUE_AHEAD_MAX / 2)
			answer_first(a);
	w = &a->waiting[(a->first + a->n_waiting++) % MUE_AHEAD_MAX];
	w->item = a->item;
	w->when = s->when;
	w->pinned = s->expect;
	mue_case_copy(&w->question, s->question);
	if (s->expect)
		mue_observation_copy(&w->expect, s->expect);
	mue_asking_ahead(&a->asking, s->question);
}

static void take_own(struct answering *a, const struct mue_suite_case *s)
{
	const char *lost = mue_worker_lost(a->w, a->item);

	if (a->waiting && !lost) {
		wait_for_turn(a, s);
		return;
	}
	answer_waiting(a);
	a->at = a->item;
	if (lost)
		record_loss(a, s, lost);
	else
		answer(a, s);
}

static bool take(void *ctx, const struct mue_suite_case *s)
{
	struct answering *a = ctx;

	if (!mue_selected(&a->a->selection, a->n++))
		return true;
	if (mue_worker_wants(a->w, a->item))
		take_own(a, s);
	a->item++;
	return true;
}

/* Opens the targets and what the asking needs; false when memory is short. */
static bool prepare(struct answering *a)
{
	struct mue_targets *ts = a->a->targets;
	char msg[MUE_WHY_MAX * 2];
	bool ahead = false;

	mue_worker_rest(a->w, MUE_NO_ITEM); /* opening may take long: guests boot */
	if (mue_targets_open(ts, msg, sizeof(msg)))
		mue_worker_give_up(a->w, msg);
	for (uint32_t i = 0; i < ts->n; i++) {
		ts->t[i].session->deadline_ms = a->a->deadline_ms;
		ahead = ahead || ts->t[i].session->post;
	}
	if (mue_asking_init(&a->asking, ts))
		return false;
	a->asking.before = at_target;
	a->asking.ctx = a;
	if (ahead)
		a->waiting = calloc(MUE_AHEAD_MAX, sizeof(*a->waiting));
	return !ahead || a->waiting;
}

uint64_t mue_answering_work(struct mue_worker *w, void *ctx)
{
	struct answering a = {.a = ctx, .w = w};

	if (!prepare(&a))
		mue_worker_give_up(w, "out of memory");
	mue_suite_each(&a.a->selection.suite, take, &a);
	answer_waiting(&a);
	free(a.waiting);
	mue_asking_free(&a.asking);
	mue_targets_close(a.a->targets);
	return a.item;
}
