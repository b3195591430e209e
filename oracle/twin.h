/*
 * The second oracle, which needs no model: a case and its twin, in which the same calls are made
 * from user space on the same CPU, must answer the same but for the rows of paths.def.
 */
#ifndef MUE_ORACLE_TWIN_H
#define MUE_ORACLE_TWIN_H

#include "oracle/judge.h"

enum mue_path {
#define MUE_PATH(ID, ...) MUE_PATH_##ID,
#include "oracle/paths.def"
#undef MUE_PATH
	MUE_PATHS
};
struct mue_path_row {
	const char *id, *reason;
};
extern const struct mue_path_row mue_path_rows[MUE_PATHS];

/*
 * Makes the twin of a case: program phases become user phases. Gives false when it has
 * none: steps that no syscall does (rereads, origins that are looked up or refused), or nothing
 * to turn. Phases that are only loaded stay as they are.
 */
bool mue_twin_make(struct mue_case *twin, const struct mue_case *c);

struct mue_twin_verdict {
	enum mue_outcome outcome;
	uint64_t paths; /* DECLARED: bit n: row n of paths.def excuses a difference */
	/* DIVERGE; a is the helper's, b the syscall's, or a what crashed it, by the syscall */
	struct mue_difference difference;
	char why[MUE_WHY_MAX];		  /* SKIP, ERROR: the reason */
};

/*
 * Judges what one target answered to a case and to its twin. SKIP when a program was
 * refused or did not run: nothing is there to compare.
 */
void mue_twin_judge(struct mue_twin_verdict *v, const struct mue_case *c,
		    const struct mue_observation *helper, const struct mue_observation *syscall);

#endif
