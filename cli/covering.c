#include "cli/covering.h"

#include <errno.h>
#include <stdlib.h>

#include "reports/cover.h"

struct mue_target *mue_covering_target(struct mue_targets *ts)
{
	for (uint32_t i = 0; i < ts->n; i++)
		if (ts->t[i].session && ts->t[i].session->cover)
			return &ts->t[i];
	return NULL;
}

#ifdef MUE_HAVE_GUEST

#include "runners/guest/options.h"
#include "runners/guest/places.h"

static int print_places(FILE *to, const struct mue_places *p, const struct mue_coverage *k)
{
	struct mue_cover_row *rows = calloc(p->n, sizeof(*rows));
	int err;

	if (!rows)
		return -ENOMEM;
	for (uint32_t i = 0; i < p->n; i++)
		rows[i] =
			(struct mue_cover_row){p->rows[i].file, p->rows[i].function,
					       p->rows[i].line, mue_coverage_has(k, p->rows[i].at)};
	err = mue_cover_print(to, rows, p->n);
	free(rows);
	return err;
}

int mue_covering_print(FILE *to, const struct mue_target *t, const struct mue_coverage *k,
		       char *msg, size_t msg_size)
{
	struct mue_guest_options o;
	struct mue_places p;
	int err = mue_guest_options_parse(&o, t->arg, msg, msg_size);

	if (!err)
		err = mue_places_read(&p, o.kernel.kernel, msg, msg_size);
	if (err)
		return err;
	fprintf(to, "%s: %s\n", t->name, o.kernel.origin);
	err = print_places(to, &p, k);
	if (err)
		snprintf(msg, msg_size, "out of memory");
	mue_places_clear(&p);
	return err;
}

#else

int mue_covering_print(FILE *to, const struct mue_target *t, const struct mue_coverage *k,
		       char *msg, size_t msg_size)
{
	snprintf(msg, msg_size, "this mue was built without guests (cmake says why)");
	return -ENOTSUP;
}
#endif
