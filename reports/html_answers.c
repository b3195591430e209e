/* A recorded case with its answers, as text in a page. */
#include <stdlib.h>

#include "cases/json.h"
#include "cases/text.h"
#include "reports/html.h"
#include "reports/markup.h"
#include "reports/side_by_side.h"

struct mue_html_answers {
	struct mue_case c;
	struct mue_observation *seen[MUE_TARGETS_MAX];
};

struct mue_html_answers *mue_html_answers_new(void)
{
	return calloc(1, sizeof(struct mue_html_answers));
}

void mue_html_answers_free(struct mue_html_answers *a)
{
	for (uint32_t i = 0; a && i < MUE_TARGETS_MAX; i++)
		free(a->seen[i]);
	free(a);
}

/* Reads them; gives whether all are there and right. */
static bool read_answers(struct mue_html_answers *a, const struct mue_run *run,
			 const struct mue_record *record)
{
	const json_t *question = record->question, *all = record->observations;
	char msg[MUE_MSG_MAX];

	if (!question || json_array_size(all) != run->n_targets ||
	    mue_case_of_json(&a->c, question, msg, sizeof(msg)))
		return false;
	for (uint32_t i = 0; i < run->n_targets; i++) {
		if (!a->seen[i])
			a->seen[i] = malloc(sizeof(*a->seen[i]));
		if (!a->seen[i] ||
		    mue_observation_of_json(a->seen[i], &a->c, json_array_get(all, i), msg,
					    sizeof(msg)))
			return false;
	}
	return true;
}

static void print_all(FILE *text, const struct mue_html_answers *a, const struct mue_run *run)
{
	mue_text_print(text, &a->c, NULL, NULL);
	fputc('\n', text);
	mue_side_by_side(text, &a->c, run->targets, (const struct mue_observation *const *)a->seen,
			 run->n_targets, false);
}

void mue_html_answers_put(struct mue_html_answers *a, FILE *to, const struct mue_run *run,
			  const struct mue_record *record)
{
	char *text = NULL;
	size_t n;
	FILE *f;

	if (!read_answers(a, run, record))
		return;
	f = open_memstream(&text, &n);
	if (f)
		print_all(f, a, run);
	if (f && !fclose(f)) {
		fputs("<details><summary>the case, and every answer</summary>\n<pre>", to);
		mue_markup_text(to, text);
		fputs("</pre>\n</details>\n", to);
	}
	free(text);
}
