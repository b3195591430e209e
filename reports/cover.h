/* Which functions and lines of a kernel's map code were executed, as text. */
#ifndef MUE_REPORTS_COVER_H
#define MUE_REPORTS_COVER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A place of the code that is told from others: where a stretch of instructions begins. */
struct mue_cover_row {
	const char *file, *function;
	uint32_t line;
	bool reached;
};

/*
 * Prints, for each file by its name and in it for each function in the order of lines, how many of
 * its places were reached, and the lines of those that were not. Of files that were not entered, a
 * line. Sorts the rows. 0 or -ENOMEM.
 */
int mue_cover_print(FILE *to, struct mue_cover_row *rows, uint32_t n);

#endif
