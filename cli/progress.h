/* The line that tells a person how far a run is, on standard error when that is a terminal. */
#ifndef MUE_CLI_PROGRESS_H
#define MUE_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "reports/tally.h"

struct mue_progress {
	bool shown, on;
	int64_t began_ms, drawn_ms;
	uint64_t first, total; /* cases that were there before, and in all */
};

void mue_progress_begin(struct mue_progress *p, uint64_t first, uint64_t total);
/* Draws it, a few times a second at most. */
void mue_progress_draw(struct mue_progress *p, const struct mue_tally *t);
/* Takes it away, so that something else can be printed. */
void mue_progress_erase(struct mue_progress *p);
double mue_progress_seconds(const struct mue_progress *p);

#endif
