#include "fuzz/batch.h"

uint64_t mue_batch_seed(struct mue_dice *d)
{
	return (uint64_t)mue_dice_roll(d, UINT32_MAX) << 32 | mue_dice_roll(d, UINT32_MAX);
}

void mue_batch_fill(struct mue_batch *b, size_t size, uint32_t most, struct mue_dice *d)
{
	b->n = 0;
	while (size) {
		b->in[b->n] = (struct mue_raw){b->bytes[b->n], size};
		if (++b->n == most)
			return;
		size = mue_input_steady(b->in[0], mue_batch_seed(d), b->bytes[b->n], MUE_INPUT_MAX);
	}
}
