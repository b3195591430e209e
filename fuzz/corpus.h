/*
 * A corpus: inputs worth changing, in memory, and in a directory when there is one: a file each,
 * named after its content, so that engines, processes and runs share them.
 */
#ifndef MUE_FUZZ_CORPUS_H
#define MUE_FUZZ_CORPUS_H

#include "cases/families/dice.h"
#include "fuzz/input.h"

struct mue_corpus;

/* `dir` (NULL: none) is there. NULL when memory is out. */
struct mue_corpus *mue_corpus_open(const char *dir);
void mue_corpus_close(struct mue_corpus *k);

/* How many inputs it has, and number i of them. */
uint32_t mue_corpus_count(const struct mue_corpus *k);
struct mue_raw mue_corpus_at(const struct mue_corpus *k, uint32_t i);
/* One of them: of those that came late more often, and of those that cost little. There must be one. */
struct mue_raw mue_corpus_pick(const struct mue_corpus *k, struct mue_dice *d);

/* Adds an input (copied), also to the directory. 0 or -errno. It costs nothing as long as nobody says. */
int mue_corpus_add(struct mue_corpus *k, struct mue_raw in, uint32_t cost);
void mue_corpus_cost(struct mue_corpus *k, uint32_t i, uint32_t cost);
/* Adds what has come into the directory since. Gives how many, or -errno. */
int mue_corpus_read(struct mue_corpus *k);

/*
 * Writes an input to `dir` under `name`, unless that is there. The file appears as a whole, as others look at
 * the directory meanwhile. 1 when it is new, 0 when it was there, or -errno.
 */
int mue_corpus_keep(const char *dir, const char *name, struct mue_raw in);
/* Writes an input to `dir` under the name of its content, unless it is there. 0 or -errno. */
int mue_corpus_write(const char *dir, struct mue_raw in);
/* The content of a file of at most MUE_INPUT_MAX bytes, to be freed; NULL, data not set, when it
 * has none or more. */
uint8_t *mue_corpus_file(const char *path, size_t *n);

#endif
