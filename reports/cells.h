/* Which cells of the matrix of program types by map types kernels have answered, over any recorded runs. */
#ifndef MUE_REPORTS_CELLS_H
#define MUE_REPORTS_CELLS_H

#include <stdio.h>

#include "reports/record.h"

/* Kernels of which runs are put together: more are not told apart. */
#define MUE_CELLS_KERNELS 64

struct mue_cells; /* what has been seen */

/* Empty, or NULL when memory is out. */
struct mue_cells *mue_cells_new(void);
/* Adds a record of a run. What agrees or is declared counts; emulator and model are no kernels. */
void mue_cells_add(struct mue_cells *c, const struct mue_run *run, const struct mue_record *r);
/*
 * Prints the matrix: by how many kernels a call was executed, or else (with x) refused; then, a line each, the
 * cells that cases/cells.def leaves open, and those that nobody answered as it demands. Gives how many
 * of the latter there are.
 */
uint32_t mue_cells_print(FILE *to, const struct mue_cells *c);
void mue_cells_free(struct mue_cells *c);

#endif
