/*
 * A case as a stand-alone C program: the programs as instructions, the inputs as data, and behind
 * them the fixed text of cases/export/, which asks the kernel with raw bpf(2).
 */
#ifndef MUE_CASES_EXPORT_C_H
#define MUE_CASES_EXPORT_C_H

#include <stdio.h>

#include "cases/case.h"
#include "cases/observation.h"

/*
 * Writes the program. It compiles with cc -Wall -Werror, creates, loads, runs by BPF_PROG_TEST_RUN
 * (program types without it are loaded only), and prints what mue_observation_print prints. With
 * `expect` (or NULL), an answer to the case, it holds each line against that answer's, marks those that
 * differ, and exits with 1 if any does.
 * 0, -ENOMEM, -E2BIG for a case that lowering finds too large, or -ENOTSUP for program types that
 * load only with a BTF id of the running kernel, and for calls that name objects of it.
 */
int mue_case_export_c(FILE *to, const struct mue_case *c, const struct mue_observation *expect);

/* The text of cases/export/: the types before the data, and what stands behind it. */
extern const char mue_export_head[], mue_export_maps[], mue_export_calls[], mue_export_programs[],
	mue_export_socks[], mue_export_no_socks[], mue_export_main[];

/* export_socks.c: the table of a case's sockets; nothing for none. */
void mue_export_put_socks(FILE *to, const struct mue_case *c);

#endif
