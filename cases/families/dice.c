#include "cases/families/dice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SplitMix64. */
static uint64_t next(struct mue_dice *d)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

uint32_t mue_dice_roll(struct mue_dice *d, uint32_t n)
{
	return (next(d) >> 32) * n >> 32;
}

bool mue_dice_chance(struct mue_dice *d, uint32_t percent)
{
	return mue_dice_roll(d, 100) < percent;
}

unsigned mue_dice_pick(struct mue_dice *d, const uint8_t *weights, unsigned n)
{
	uint32_t sum = 0, at;
	unsigned i;

	for (i = 0; i < n; i++)
		sum += weights[i];
	at = mue_dice_roll(d, sum);
	for (i = 0; at >= weights[i]; i++)
		at -= weights[i];
	return i;
}

struct draw {
	struct mue_sink *sink;
	const struct mue_drawing *x;
	struct mue_case c;
};

static void draw_one(struct draw *w, const struct mue_point *kind, uint64_t number)
{
	struct mue_dice d = {.state = number ^ kind->n << 56};
	char name[MUE_NAME_MAX];

	snprintf(name, sizeof(name), "%s/%s/%llu", w->x->family, kind->word,
		 (unsigned long long)number);
	if (!mue_sink_wants(w->sink, name))
		return;
	mue_case_init(&w->c, name);
	w->x->build(&w->c, kind->n, &d);
	mue_sink_give(w->sink, &w->c);
}

static void draw_kind(struct draw *w, const struct mue_point *kind)
{
	const char *only = mue_sink_only(w->sink);
	uint64_t first = mue_sink_seed(w->sink) * w->x->count;
	char prefix[MUE_NAME_MAX];
	int n = snprintf(prefix, sizeof(prefix), "%s/%s/", w->x->family, kind->word);

	if (!mue_sink_may(w->sink, prefix, n))
		return;
	if (only) {
		draw_one(w, kind, strtoull(only + n, NULL, 10));
		return;
	}
	for (uint32_t i = 0; i < w->x->count && !mue_sink_full(w->sink); i++)
		draw_one(w, kind, first + i);
}

void mue_draw(struct mue_sink *s, const struct mue_drawing *x)
{
	struct draw w = {.sink = s, .x = x};

	for (const struct mue_point *p = x->kinds->points; p->word; p++)
		if (!x->kinds->has || x->kinds->has(p->n))
			draw_kind(&w, p);
}
