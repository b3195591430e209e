/* The matrix of program types by map types, as text. */
#ifndef MUE_REPORTS_MATRIX_H
#define MUE_REPORTS_MATRIX_H

#include <stdio.h>

#include "reports/tally.h"

/*
 * A cell says how many cases agreed, and how many did not: "120~3!1-4" is 120 agreed, 3 declared, 1
 * diverged, 4 skipped; "?" are errors. An "x" behind it: no call was ever executed there.
 * The map types that the helper refuses share a column. Too wide a matrix is
 * continued below itself.
 */
void mue_matrix_print(FILE *to, const struct mue_tally *t, uint32_t width, bool color);

#endif
