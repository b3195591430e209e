/*
 * Reports: pure functions of recorded results. A report takes a run record by record, so that
 * none needs to hold it, and writes it in one format.
 */
#ifndef MUE_REPORTS_REPORT_H
#define MUE_REPORTS_REPORT_H

#include <stdio.h>

#include "reports/record.h"
#include "reports/tally.h"

struct mue_report {
	const struct mue_format *format;
	FILE *to;
	const struct mue_run *run;
	bool color;
	uint32_t width; /* columns that fit */
	void *state;	/* the format's own */
	bool failed;	/* out of memory or temporary files: something is missing in it */
};

struct mue_format {
	/* Any may be NULL. The caller looks at ferror(to) when it is over. */
	void (*begin)(struct mue_report *r);
	void (*record)(struct mue_report *r, const struct mue_record *record);
	/* `broken_off` is why the run did not come to its end, or NULL. */
	void (*end)(struct mue_report *r, const struct mue_tally *t, const char *broken_off);
};

#define MUE_FORMAT(name, help) extern const struct mue_format mue_format_##name;
#include "reports/formats.def"
#undef MUE_FORMAT

enum mue_format_number {
#define MUE_FORMAT(name, help) MUE_FORMAT_##name,
#include "reports/formats.def"
#undef MUE_FORMAT
	MUE_FORMATS
};
extern const struct mue_format *const mue_formats[MUE_FORMATS];

#define MUE_WIDTH_DEFAULT 100

#endif
