/* Results files: written line by line so that a run that is killed loses nothing, and read back. */
#ifndef MUE_REPORTS_RESULTS_H
#define MUE_REPORTS_RESULTS_H

#include "reports/record.h"
#include "reports/tally.h"

/* One line of a file. */
enum mue_line { MUE_LINE_END, MUE_LINE_RECORD, MUE_LINE_SUMMARY };

struct mue_results; /* an open file, being read */

/*
 * Opens a file ("-": standard input) and reads its header into *run, which lives until it is
 * closed. NULL, and one line "FILE:LINE: what; what was expected" in msg, otherwise.
 */
struct mue_results *mue_results_open(struct mue_run *run, const char *name, char *msg,
				     size_t msg_size);
/*
 * Reads the next line. *r is filled for a record, and lives until the next call.
 * A last line without an end was torn by a kill: it counts as not there.
 * Gives enum mue_line, or -errno and one line in msg.
 */
int mue_results_next(struct mue_results *f, struct mue_record *r, char *msg, size_t msg_size);
/* Where the line that was read last ends, in bytes from the beginning. */
uint64_t mue_results_offset(const struct mue_results *f);
void mue_results_close(struct mue_results *f);

/* The summary line, to be freed. */
char *mue_summary_line(const struct mue_tally *t, double seconds);

struct mue_results_writer; /* an open file, being written */

/*
 * Creates a file and writes the header; or, when `offset` is not 0, goes on behind that
 * many bytes, and drops what follows them. NULL, and one line in msg, when that fails.
 */
struct mue_results_writer *mue_results_create(const char *name, const struct mue_run *run,
					      uint64_t offset, char *msg, size_t msg_size);
/* Appends one line, which is in the file when this returns. 0, or -errno and one line in msg. */
int mue_results_write(struct mue_results_writer *w, const char *line, size_t n, char *msg,
		      size_t msg_size);
/* 0, or -errno and one line in msg. NULL is fine. */
int mue_results_finish(struct mue_results_writer *w, char *msg, size_t msg_size);

#endif
