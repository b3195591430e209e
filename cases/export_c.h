/*
 * A case as a stand-alone C program: the programs as instructions, the inputs as data, and behind
 * them the fixed text of cases/export/, which asks the kernel with raw bpf(2).
 */
#ifndef MUE_CASES_EXPORT_C_H
#define MUE_CASES_EXPORT_C_H

#include <stdio.h>

#include "cases/case.h"
#include "cases/observation.h"

struct mue_layout;

/* Whether there is such a program of a case; else one line in msg that says why not. */
bool mue_case_exports(const struct mue_case *c, char *msg, size_t msg_size);
/*
 * Writes the program. It compiles with cc -Wall -Werror, creates, loads, runs by BPF_PROG_TEST_RUN
 * or by an event of its own, and prints what mue_observation_print prints. With `expect` (or NULL),
 * an answer to the case, it holds each line against that answer's, marks those that differ, and
 * exits with 1 if any does. 0, -ENOMEM, -E2BIG for a case that lowering finds too large, or
 * -ENOTSUP: mue_case_exports says why.
 */
int mue_case_export_c(FILE *to, const struct mue_case *c, const struct mue_observation *expect);

/* The text of cases/export/: the types before the data, and what stands behind it. */
extern const char mue_export_head[], mue_export_maps[], mue_export_calls[], mue_export_programs[],
	mue_export_socks[], mue_export_no_socks[], mue_export_objects[], mue_export_no_objects[],
	mue_export_hooks[], mue_export_traffic[], mue_export_tracing[], mue_export_replacing[],
	mue_export_events[], mue_export_no_events[], mue_export_places[], mue_export_main[];

/* export_socks.c: the table of a case's sockets; nothing for none. */
void mue_export_put_socks(FILE *to, const struct mue_case *c);
/* export_objects.c: whether a case has to do with objects; their table; what a map shows in their
 * place. */
bool mue_export_has_objects(const struct mue_case *c);
void mue_export_put_objects(FILE *to);
const char *mue_export_ids_of(const struct mue_map *m);

/* export_events.c: whether programs run by events or name something; the text for that, or for none; what the row
 * of such a phase says. */
bool mue_export_has_events(const struct mue_case *c);
void mue_export_put_events(FILE *to, bool any);
void mue_export_put_event(FILE *rows, const struct mue_phase *p, const struct mue_layout *l);

#endif
