/* The matrix of program types by map types, as text. */
#ifndef MUE_REPORTS_MATRIX_H
#define MUE_REPORTS_MATRIX_H

#include <stdio.h>

#include "reports/tally.h"

/* A column: a map type, or (type 0) all that the helper refuses. */
struct mue_matrix_column {
	unsigned type;
	const char *name;
	uint32_t width; /* of the widest cell, as text */
};
#define MUE_MATRIX_COLUMNS_MAX (MUE_MAP_TYPES + 1)
#define MUE_MATRIX_CELL_TEXT 64

/* The columns that hold anything; how many. The rows are program types, 0 is "user" and comes last.
 */
uint32_t mue_matrix_columns(struct mue_matrix_column *columns, const struct mue_tally *t);
bool mue_matrix_row_used(const struct mue_tally *t, unsigned prog);
struct mue_tally_cell mue_matrix_cell(const struct mue_tally *t, unsigned prog, unsigned type);
/* What it says, as below; "" for one that nothing has touched. */
void mue_matrix_cell_text(char to[MUE_MATRIX_CELL_TEXT], const struct mue_tally_cell *cell);

/*
 * A cell says how many cases agreed, and how many did not: "120~3!1-4" is 120 agreed, 3 declared, 1
 * diverged, 4 skipped; "?" are errors. An "x" behind it: no call was ever executed there.
 * The map types that the helper refuses share a column. Too wide a matrix is
 * continued below itself.
 */
void mue_matrix_print(FILE *to, const struct mue_tally *t, uint32_t width, bool color);

#endif
