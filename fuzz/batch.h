/*
 * A batch: a case, and followers that differ from it in keys, values and flags only (mue_input_steady). They have its
 * shape, so that a kernel makes maps and programs once for all of them.
 */
#ifndef MUE_FUZZ_BATCH_H
#define MUE_FUZZ_BATCH_H

#include "cases/families/dice.h"
#include "fuzz/input.h"
#include "fuzz/mutate.h"

#define MUE_BATCH_MAX (1 + MUE_STEADY_RUN)

struct mue_batch {
	uint32_t n;
	struct mue_raw in[MUE_BATCH_MAX];
	uint8_t bytes[MUE_BATCH_MAX][MUE_INPUT_MAX];
};

/* The first input is in b->bytes[0], of that size (0: the batch is empty). Adds followers until there are `most`, or it
 * has no more. */
void mue_batch_fill(struct mue_batch *b, size_t size, uint32_t most, struct mue_dice *d);

/* 64 bits of chance. */
uint64_t mue_batch_seed(struct mue_dice *d);

#endif
