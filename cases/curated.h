/* The curated .case files below cases/curated/, as compiled into the binary. */
#ifndef MUE_CASES_CURATED_H
#define MUE_CASES_CURATED_H

struct mue_curated {
	const char *name; /* the path below cases/curated/, without .case: the case's name */
	const char *text;
};
/* Sorted by name; ends with a row whose name is NULL. */
extern const struct mue_curated mue_curated[];

#endif
