/* Counting up a run: all that a report needs besides the single records. */
#ifndef MUE_REPORTS_TALLY_H
#define MUE_REPORTS_TALLY_H

#include "reports/record.h"

/* How the cases that touch a program type on a map type came out. */
struct mue_tally_cell {
	uint32_t outcomes[MUE_OUTCOMES];
	uint32_t ran; /* cases in which some target executed a call in this cell */
};

struct mue_tally {
	uint64_t cases;
	uint64_t outcomes[MUE_OUTCOMES];
	uint64_t changes[MUE_CHANGES]; /* DECLARED cases that each change explains */
	json_t *worlds;		       /* DECLARED cases that no change explains, by reason */
	json_t *reasons;	       /* skips: {"host: no LIRC device": count} */
	/* Row 0 is "user", bpf(2) calls. */
	struct mue_tally_cell cells[MUE_PROG_TYPES][MUE_MAP_TYPES];
};

/* A new, empty tally, or NULL when memory is out. */
struct mue_tally *mue_tally_new(void);
void mue_tally_add(struct mue_tally *t, const struct mue_record *r);
void mue_tally_free(struct mue_tally *t);

#endif
