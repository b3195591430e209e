/*
 * Property: a kernel answers as the emulator does, and both as the model does, in the kernel's world. The kernel is this
 * one, or MUE_FUZZ_KERNEL=guest:6.12.
 *
 * The input: fuzz/input.h.
 */
#include "fuzz/targets/ask_kernel.h"
#include "fuzz/targets/ask_pair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mue_input in;
	static struct pair pair;

	if (!pair.kernel)
		pair_open(&pair, kernel());
	mue_input_decode(&in, data, size);
	pair_agrees(&pair, &in.c, (struct mue_raw){data, size});
	return 0;
}
