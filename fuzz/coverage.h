/*
 * Coverage of the code behind a target (mue_session.cover) as what a fuzzer goes by: counters for
 * engines that bring their own test of novelty, and such a test for those that do not.
 */
#ifndef MUE_FUZZ_COVERAGE_H
#define MUE_FUZZ_COVERAGE_H

#include "runners/runner.h"

/*
 * Adds an answer's to `n` counters (a power of two), each place to one that is its own as far as
 * they go: to libFuzzer's section __libfuzzer_extra_counters, to AFL++'s map behind __afl_area_ptr.
 * Counters stop at 255.
 */
void mue_coverage_count(uint8_t *counters, uint32_t n, const struct mue_cover *seen);

/* All that was ever seen. */
struct mue_coverage;
struct mue_coverage *mue_coverage_new(void); /* NULL when memory is out */
void mue_coverage_free(struct mue_coverage *k);

/*
 * Adds an answer's. Gives how many places are new in it: never reached before, or never so often,
 * in the steps of AFL (1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128 and more). -ENOMEM.
 */
int mue_coverage_add(struct mue_coverage *k, const struct mue_cover *seen);

/* How many places were reached, and whether one was. */
uint32_t mue_coverage_places(const struct mue_coverage *k);
bool mue_coverage_has(const struct mue_coverage *k, uint32_t place);

#endif
