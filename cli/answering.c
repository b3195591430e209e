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

struct answering {
	const struct mue_answering *a;
	struct mue_worker *w;
	struct mue_asking asking;
	uint64_t n, item;
};

static void at_target(void *ctx, uint32_t target)
{
	struct answering *a = ctx;

	mue_worker_at(a->w, a->item);
}

static void send(struct answering *a, const struct mue_recording *r)
{
	char *line = mue_record_line(r);

	if (!line)
		mue_worker_give_up(a->w, "out of memory");
	mue_worker_send(a->w, a->item, line, strlen(line));
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

static bool take(void *ctx, const struct mue_suite_case *s)
{
	struct answering *a = ctx;
	const char *lost;

	if (!mue_selected(&a->a->selection, a->n++))
		return true;
	if (mue_worker_wants(a->w, a->item)) {
		lost = mue_worker_lost(a->w, a->item);
		if (lost)
			record_loss(a, s, lost);
		else
			answer(a, s);
	}
	a->item++;
	return true;
}

uint64_t mue_answering_work(struct mue_worker *w, void *ctx)
{
	struct answering a = {.a = ctx, .w = w};
	char msg[MUE_WHY_MAX * 2];

	if (mue_targets_open(a.a->targets, msg, sizeof(msg)))
		mue_worker_give_up(w, msg);
	if (mue_asking_init(&a.asking, a.a->targets))
		mue_worker_give_up(w, "out of memory");
	a.asking.before = at_target;
	a.asking.ctx = &a;
	mue_suite_each(&a.a->selection.suite, take, &a);
	mue_asking_free(&a.asking);
	mue_targets_close(a.a->targets);
	return a.item;
}
