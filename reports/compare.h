/* Two recorded runs: what changed between them. */
#ifndef MUE_REPORTS_COMPARE_H
#define MUE_REPORTS_COMPARE_H

#include <stdio.h>

#include "reports/results.h"

enum mue_compared {
#define MUE_COMPARED(ID, words, regression) MUE_COMPARED_##ID,
#include "reports/compare_kinds.def"
#undef MUE_COMPARED
	MUE_COMPARED_KINDS
};

struct mue_compared_row {
	const char *words;
	bool regression;
};
extern const struct mue_compared_row mue_compared_rows[MUE_COMPARED_KINDS];

/*
 * Compares the results files `old` and `new`, and prints a line for each case that changed, then
 * totals. counts takes how many there are of each kind. 0, or -errno and one line in msg.
 */
int mue_compare(FILE *to, uint64_t counts[MUE_COMPARED_KINDS], const char *old, const char *new,
		char *msg, size_t msg_size);

#endif
