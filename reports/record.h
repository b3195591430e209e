/*
 * What is recorded of a run, as lines of JSON (docs/results-format.md): a header that says what was
 * asked of whom, a record for each case, and a summary. All but the summary is the same for every
 * run that saw the same, byte for byte.
 */
#ifndef MUE_REPORTS_RECORD_H
#define MUE_REPORTS_RECORD_H

#include <jansson.h>

#include "oracle/judge.h"

#define MUE_RESULTS_FORMAT 1

/* The header. */
struct mue_run {
	uint32_t n_targets;
	const char *targets[MUE_TARGETS_MAX];
	struct mue_world worlds[MUE_TARGETS_MAX];
	uint64_t seed;
	const char *glob;	/* NULL: the default suite */
	uint32_t shard, shards; /* shard of shards, from 1 on */
	uint64_t cases;		/* how many records make it complete */
	json_t *json;		/* keeps the strings, when it was read; else NULL */
};

/* What is to be recorded of one case. */
struct mue_recording {
	const struct mue_case *c;
	const struct mue_verdict *verdict;
	const struct mue_testimony *testimonies; /* NULL when no answers came */
	uint32_t n;
	const char *other; /* whom the witness differs from, when it is no testimony: "model" */
};

/* The record as it was read. Strings live as long as `json`. */
struct mue_record {
	const char *name;
	enum mue_outcome outcome;
	uint64_t changes;			    /* DECLARED */
	const char *target;			    /* DIVERGE, SKIP, ERROR: who shows it, or "" */
	const char *why;			    /* SKIP, ERROR */
	const char *other, *field, *got, *expected; /* DIVERGE */
	const json_t *cells;			    /* {"xdp/hash":"rx"}: see mue_cell */
	const json_t *digests;			    /* an array of one string a target */
	const json_t *question, *observations;	    /* the case and the answers, not checked, or NULL */
	json_t *json;
};

/*
 * A cell is a program type ("user" for bpf(2) calls) and a map type on which the case made a call.
 * How it went is one letter a target.
 */
enum mue_how {
	MUE_HOW_RAN = 'r',     /* at least one call was executed */
	MUE_HOW_REFUSED = 'x', /* none was: the map or the program was refused, or was not to run */
	MUE_HOW_UNKNOWN = '-', /* there was no answer */
};

/* Lines without line ends, to be freed; NULL when memory is out. */
char *mue_run_line(const struct mue_run *run);
char *mue_record_line(const struct mue_recording *r);

/*
 * Understand one line of n bytes. 0, or -EINVAL and in msg what was expected. What they give is
 * to be cleared.
 */
int mue_run_of_line(struct mue_run *run, const char *line, size_t n, char *msg, size_t msg_size);
int mue_record_of_line(struct mue_record *r, const char *line, size_t n, char *msg,
		       size_t msg_size);
void mue_run_clear(struct mue_run *run);
void mue_record_clear(struct mue_record *r);

/* 64 bits that tell one observation from another: equal for equal answers, whoever gave them. */
uint64_t mue_observation_digest(const struct mue_observation *o);

/* The command that asks a case again, quoted for a shell. */
void mue_repeat_command(char *to, size_t size, const struct mue_run *run, const char *name);

#endif
