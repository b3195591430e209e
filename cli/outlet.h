/* Where the records of a run go: the results file, the reports, and the tally. */
#ifndef MUE_CLI_OUTLET_H
#define MUE_CLI_OUTLET_H

#include "reports/report.h"
#include "reports/results.h"

/* The --FORMAT FILE|- options, as the table has them. */
struct mue_format_options {
	const char *files[MUE_FORMATS];
};
#define MUE_FORMAT_OPTION(type, field, name, help) \
	MUE_STRING(type, field.files[MUE_FORMAT_##name], #name, "FILE|-", help)

struct mue_outlet {
	struct mue_tally *tally;
	struct mue_results_writer *writer; /* NULL: none */
	uint32_t n_reports;
	struct mue_report reports[MUE_FORMATS + 1];
};

/*
 * Opens the reports that were asked for; when none of them goes to standard output, `standard`
 * does. 0, or -errno and one line in msg. To be closed either way.
 */
int mue_outlet_open(struct mue_outlet *o, const struct mue_format_options *formats,
		    enum mue_format_number standard, char *msg, size_t msg_size);
/* The header; `run` stays the caller's, and lives until the outlet is closed. */
void mue_outlet_begin(struct mue_outlet *o, const struct mue_run *run);
/* A record to tally and reports. */
void mue_outlet_record(struct mue_outlet *o, const struct mue_record *r);
/* Ends the reports: 0, or -errno and one line in msg when one of them could not be written. */
int mue_outlet_end(struct mue_outlet *o, const char *broken_off, char *msg, size_t msg_size);
void mue_outlet_close(struct mue_outlet *o);

/* The exit code that a tally means. */
int mue_outlet_code(const struct mue_outlet *o);

#endif
