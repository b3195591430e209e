#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/worker.h"

#define EVERY_MS 200

void mue_progress_begin(struct mue_progress *p, uint64_t first, uint64_t total)
{
	*p = (struct mue_progress){
		.on = isatty(2), .began_ms = mue_now_ms(), .first = first, .total = total};
}

double mue_progress_seconds(const struct mue_progress *p)
{
	return (mue_now_ms() - p->began_ms) / 1000.0;
}

void mue_progress_draw(struct mue_progress *p, const struct mue_tally *t)
{
	int64_t now = mue_now_ms();
	double rate;

	if (!p->on || now - p->drawn_ms < EVERY_MS || now == p->began_ms)
		return;
	p->drawn_ms = now;
	p->shown = true;
	rate = (t->cases - p->first) * 1000.0 / (now - p->began_ms);
	fprintf(stderr,
		"\r\033[K%" PRIu64 "/%" PRIu64 " cases, %" PRIu64 " diverge, %" PRIu64
		" errors, %.0f/s",
		t->cases, p->total, t->outcomes[MUE_DIVERGE], t->outcomes[MUE_ERROR], rate);
	if (rate > 0)
		fprintf(stderr, ", %.0f s left", (p->total - t->cases) / rate);
}

void mue_progress_erase(struct mue_progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
