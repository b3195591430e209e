/* The mutator as libFuzzer takes it. Linked to the targets whose inputs are cases. */
#include <stdint.h>
#include <stdlib.h>

#include "fuzz/input.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* One in so many mutations is libFuzzer's own, blind one: any bytes are a case. */
#define BLIND 16
/* Every other call is to cross two inputs: one in so many of these surely does, or cases would only grow. */
#define SPLICE 4

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	struct mue_raw in = {data, size};

	if (seed % BLIND == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	return mue_input_mutate(in, NULL, false, seed, data, max_size);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size,
				 uint8_t *out, size_t max_out_size, unsigned int seed)
{
	struct mue_raw in = {a, a_size}, other = {b, b_size};

	return mue_input_mutate(in, &other, seed % SPLICE == 0, seed, out, max_out_size);
}
