#include "fuzz/input.h"

#include <string.h>

#include "cases/families/dice.h"
#include "fuzz/mutate.h"

const struct mue_fuzz_world mue_fuzz_worlds[MUE_FUZZ_WORLDS] = {
#define MUE_FUZZ_WORLD(version, cpus, jit) {version, cpus, jit},
#include "fuzz/worlds.def"
};

void mue_fuzz_world(struct mue_world *w, uint8_t n)
{
	const struct mue_fuzz_world *row = &mue_fuzz_worlds[n % MUE_FUZZ_WORLDS];

	mue_world_of_version(w, row->version, row->cpus);
	w->jit = row->jit;
}

void mue_input_decode_edited(struct mue_input *in, const uint8_t *data, size_t n)
{
	in->world = n ? data[0] % MUE_FUZZ_WORLDS : 0;
	mue_case_decode(&in->c, n ? data + 1 : NULL, n ? n - 1 : 0);
	mue_case_bound(&in->c);
}

void mue_input_decode(struct mue_input *in, const uint8_t *data, size_t n)
{
	mue_input_decode_edited(in, data, n);
	in->c.n_edits = 0;
}

size_t mue_input_encode(const struct mue_input *in, uint8_t *to, size_t size)
{
	size_t n = size ? mue_case_encode(&in->c, to + 1, size - 1) : 0;

	if (!n)
		return 0;
	to[0] = in->world;
	return n + 1;
}

size_t mue_input_mutate(struct mue_raw in, const struct mue_raw *other, bool splice, uint64_t seed,
			uint8_t *to, size_t size)
{
	static __thread struct mue_input mine, theirs; /* too large for stacks */
	struct mue_dice d = {.state = seed};
	size_t n;

	mue_input_decode_edited(&mine, in.data, in.n);
	if (other)
		mue_input_decode_edited(&theirs, other->data, other->n);
	if (mue_dice_chance(&d, 5))
		mine.world = mue_dice_roll(&d, MUE_FUZZ_WORLDS);
	if (splice && other)
		mue_splice(&mine.c, &theirs.c, seed);
	else
		mue_mutate(&mine.c, other ? &theirs.c : NULL, seed);
	n = mue_input_encode(&mine, to, size);
	if (n)
		return n;
	n = in.n < size ? in.n : size;
	memmove(to, in.data, n);
	return n;
}

size_t mue_input_steady(struct mue_raw in, uint64_t seed, uint8_t *to, size_t size)
{
	static __thread struct mue_input mine;

	mue_input_decode(&mine, in.data, in.n);
	return mue_mutate_steady(&mine.c, seed) ? mue_input_encode(&mine, to, size) : 0;
}
