/* What the parser and the printer of the text form agree on, as what need not be written. */
#ifndef MUE_CASES_TEXT_RULES_H
#define MUE_CASES_TEXT_RULES_H

#include <stdio.h>

#include "cases/case.h"
#include "cases/observation.h"

#define MUE_TEXT_NOTHING "-" /* no bytes at all */

/* Whether ops of this kind answer with a value. */
bool mue_text_reads(unsigned kind);
/* What such an op returns in a phase when there is a value. */
int64_t mue_text_found(const struct mue_phase *p);

/* The bytes that a reading op shows of one value; user-side ones show one for each CPU, if per_cpu.
 */
uint32_t mue_text_value_unit(const struct mue_case *c, const struct mue_phase *p,
			     const struct mue_op *op);
bool mue_text_per_cpu(const struct mue_map *m);

/* The map of the latest lookup before `op`, one of c->ops, in its phase; 0 if none. */
unsigned mue_text_reread_map(const struct mue_case *c, const struct mue_op *op);

/* Sets times and failed as they are for r->ret when nothing odd happens. */
void mue_text_result_defaults(struct mue_result *r, const struct mue_op *op);
/* The same for all of a phase's result from its load verdict. */
void mue_text_phase_defaults(struct mue_phase_result *r, const struct mue_phase *p);

/* Whether the entries say all about a state, so that its count and digest need no saying. */
bool mue_text_state_whole(const struct mue_observation *o, const struct mue_map_result *r);

/* text_edits.c: the lines of a case's edits. */
void mue_text_print_edits(FILE *to, const struct mue_case *c);
/* text_socks.c: the lines of a case's sockets. */
void mue_text_print_socks(FILE *to, const struct mue_case *c);

#endif
