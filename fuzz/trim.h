/*
 * Trimming step by step, as a fuzzer asks for it: each candidate has one phase, op or map less than
 * the input, and the fuzzer says whether it does the same. mue_reduce does more, where the question
 * can be asked in place.
 */
#ifndef MUE_FUZZ_TRIM_H
#define MUE_FUZZ_TRIM_H

#include "fuzz/input.h"

struct mue_trim {
	struct mue_input best, candidate;
	uint32_t step, steps;
	uint32_t at; /* the element to take away next, counted from the last */
};

/* Gives how many candidates there can be; 0 when there are none. */
uint32_t mue_trim_begin(struct mue_trim *t, struct mue_raw in);
/* Writes the next candidate; gives its size, at most `size`. */
size_t mue_trim_next(struct mue_trim *t, uint8_t *to, size_t size);
/* Whether the candidate did the same. Gives the number of candidates tried so far: all, when there
 * are no more. */
uint32_t mue_trim_took(struct mue_trim *t, bool same);

#endif
