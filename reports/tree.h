/*
 * A tree of test points, written as it is walked: TAP and KTAP are two syntaxes of it.
 */
#ifndef MUE_REPORTS_TREE_H
#define MUE_REPORTS_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct mue_tree_syntax {
	const char *version;	 /* first line */
	const char *sub_version; /* first line of a subtree, "" for none */
	const char *subtest;	 /* printf format of the line that names a subtree */
	const char *separator;	 /* between a point's number and its name */
	const char *indent;	 /* one level's */
	const char *details_begin, *details_end; /* lines round a point's details */
	const char *detail;			 /* printf format of one: name, value */
	bool details_first;			 /* they come before their point */
	bool plan_first; /* so its level must be held back until it is counted */
};
extern const struct mue_tree_syntax mue_tree_tap, mue_tree_ktap;

struct mue_tree_detail {
	const char *name, *value;
};
struct mue_tree_point {
	bool ok;
	const char *name;
	const char *skip;		       /* why it was skipped, or NULL */
	const struct mue_tree_detail *details; /* ends with a name of NULL; NULL: none */
};

#define MUE_TREE_DEPTH 3

struct mue_tree {
	const struct mue_tree_syntax *syntax;
	uint32_t depth;
	struct mue_tree_level {
		FILE *to;
		char name[128];
		uint64_t points, failed, skipped;
	} levels[MUE_TREE_DEPTH];
};

void mue_tree_begin(struct mue_tree *t, const struct mue_tree_syntax *syntax, FILE *to);
/* Begins and ends a subtree, which is itself a point of its parent: ok when none of its points
 * failed. */
void mue_tree_open(struct mue_tree *t, const char *name);
void mue_tree_close(struct mue_tree *t);
void mue_tree_add(struct mue_tree *t, const struct mue_tree_point *p);
/* A remark, on lines of its own. */
void mue_tree_note(struct mue_tree *t, const char *text);
/* Closes all; `bail` says why the walk was broken off, or is NULL. */
void mue_tree_end(struct mue_tree *t, const char *bail);

#endif
