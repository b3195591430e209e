/* What was reached of a guest kernel's code, said by functions and lines: what `cover` and `fuzz`
 * share. */
#ifndef MUE_CLI_COVERING_H
#define MUE_CLI_COVERING_H

#include <stdio.h>

#include "cli/target.h"
#include "fuzz/coverage.h"

/* The first target that tells its coverage, or NULL. They are open. */
struct mue_target *mue_covering_target(struct mue_targets *ts);

/* Prints the report on what `k` holds of that target. 0, or -errno and one line in msg. */
int mue_covering_print(FILE *to, const struct mue_target *t, const struct mue_coverage *k,
		       char *msg, size_t msg_size);

#endif
