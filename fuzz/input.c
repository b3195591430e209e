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

/* What the mutator has made last: mostly that is what is decoded next. */
struct made {
	struct mue_input in;
	uint8_t bytes[MUE_INPUT_MAX];
	size_t n; /* 0: nothing */
};
static __thread struct made made; /* too large for stacks */

static void decode(struct mue_input *in, const uint8_t *data, size_t n)
{
	in->world = n ? data[0] % MUE_FUZZ_WORLDS : 0;
	mue_case_decode(&in->c, n ? data + 1 : NULL, n ? n - 1 : 0);
	mue_case_bound(&in->c);
}

static bool was_made(const uint8_t *data, size_t n)
{
	return n && n == made.n && !memcmp(data, made.bytes, n);
}

void mue_input_decode_edited(struct mue_input *in, const uint8_t *data, size_t n)
{
	if (!was_made(data, n)) {
		decode(in, data, n);
		return;
	}
	in->world = made.in.world;
	mue_case_copy(&in->c, &made.in.c);
}

/* The input, to be changed in place. */
static void begin(struct mue_raw in)
{
	if (!was_made(in.data, in.n))
		decode(&made.in, in.data, in.n);
	made.n = 0;
}

/* Its bytes; 0 when they are more than `size`, and then `to` is as it was. */
static size_t end(uint8_t *to, size_t size)
{
	size_t n;

	mue_case_canon(&made.in.c);
	n = mue_input_encode(&made.in, made.bytes, sizeof(made.bytes));
	if (n > size)
		return 0;
	memcpy(to, made.bytes, n);
	made.n = n;
	return n;
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
	static __thread struct mue_input theirs;
	struct mue_dice d = {.state = seed};
	size_t n;

	if (other)
		mue_input_decode_edited(&theirs, other->data, other->n);
	begin(in);
	if (mue_dice_chance(&d, 5))
		made.in.world = mue_dice_roll(&d, MUE_FUZZ_WORLDS);
	if (splice && other)
		mue_splice(&made.in.c, &theirs.c, seed);
	else
		mue_mutate(&made.in.c, other ? &theirs.c : NULL, seed);
	n = end(to, size);
	if (n)
		return n;
	n = in.n < size ? in.n : size;
	memmove(to, in.data, n);
	return n;
}

size_t mue_input_steady(struct mue_raw in, uint64_t seed, uint8_t *to, size_t size)
{
	begin(in);
	made.in.c.n_edits = 0;
	return mue_mutate_steady(&made.in.c, seed) ? end(to, size) : 0;
}
