/* The parts of the HTML report. Inside reports/html*.c only. */
#ifndef MUE_REPORTS_HTML_H
#define MUE_REPORTS_HTML_H

#include <stdio.h>

#include "reports/record.h"

/* The page up to its content, with all of its style. */
extern const char mue_html_head[];

/* Room to read a record's case and answers again. */
struct mue_html_answers;
struct mue_html_answers *mue_html_answers_new(void); /* NULL when memory is out */
void mue_html_answers_free(struct mue_html_answers *a);
/* The case and every answer side by side, folded away; nothing where the record has none. */
void mue_html_answers_put(struct mue_html_answers *a, FILE *to, const struct mue_run *run,
			  const struct mue_record *record);

#endif
