/* An observation as lines, one fact a line: for mue exec, failure messages, and what an exported
 * program prints. */
#ifndef MUE_CASES_PRINT_H
#define MUE_CASES_PRINT_H

#include <stdio.h>

#include "cases/case.h"
#include "cases/observation.h"

/*
 * Prints what is known, in this order:
 *   map m: create 0
 *   phase 0 xdp: load 0
 *   phase 0 xdp: run 0 invoked 1 retval 2
 *   phase 0 op 0: update m 01000000 = 0a00000000000000 -> 0
 *   phase 0 op 1: lookup m 01000000 -> 1 value 0a00000000000000
 *   phase 0 op 2: update m 00000000 = 00 loop times 5 -> -E2BIG times 5 failed 3
 *   state m: 2 entries digest 0x123
 *   state m: 01000000 = 0a00000000000000
 * Bytes beyond MUE_BLOB_HEAD are shown as "..SIZE digest 0x456".
 */
void mue_observation_print(FILE *to, const struct mue_case *c, const struct mue_observation *o);

#define MUE_LABEL_MAX 2048
/* "phase 0 xdp" and "phase 0 op 1: lookup m 01000000". */
void mue_print_phase_label(char *to, size_t size, const struct mue_case *c, uint32_t phase);
void mue_print_op_label(char *to, size_t size, const struct mue_case *c, uint32_t phase,
			uint32_t op);

#endif
