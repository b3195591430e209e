/*
 * A world: what the answer to a case may depend on besides the case. The
 * emulator and the model take one; a live target's is found out by probing.
 */
#ifndef MUE_CASES_WORLD_H
#define MUE_CASES_WORLD_H

#include "cases/tables.h"

enum mue_change {
#define MUE_CHANGE(ID, ...) MUE_CHANGE_##ID,
#include "cases/changes.def"
#undef MUE_CHANGE
	MUE_CHANGES
};

struct mue_change_row {
	const char *id;	      /* "lpm-honours-flags" */
	uint32_t since;	      /* mainline version that has it */
	const char *stable;   /* stable releases it reached: "6.1.120 6.12.5", or "" */
	const char *commit;   /* 12 hex digits, or "" where not known */
	const char *sentence; /* what changed, in one sentence */
	const char *proof;    /* the case that shows it */
};
extern const struct mue_change_row mue_change_rows[MUE_CHANGES];
/* The change of an id, or -1. */
int mue_change_of_id(const char *id);

#define MUE_CPUS_MAX 64

struct mue_world {
	uint32_t version;    /* MUE_VERSION_PATCH */
	uint32_t cpus;	     /* possible CPUs, 1..MUE_CPUS_MAX */
	uint32_t built_cpus; /* how many its kernel is built for (NR_CPUS); 0: not known */
	bool jit;	     /* calls go straight to the map's operation (semantics R2) */
	uint64_t changes;    /* bit n: enum mue_change n is present */
};

static inline bool mue_world_has(const struct mue_world *w, enum mue_change c)
{
	return w->changes >> c & 1;
}

/*
 * The world of a version: "6.1", "6.1.192", "6.18.44-anything". Without a patch
 * level the newest stable release of the series is meant. jit is true.
 * Returns 0, or -EINVAL for what is no version or is older than 5.10.
 */
int mue_world_of_version(struct mue_world *w, const char *version, uint32_t cpus);

/* Whether `version` should have change `c`, by the table alone. */
bool mue_change_expected(enum mue_change c, uint32_t version);

#endif
