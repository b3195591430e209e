/*
 * The mutator as afl-fuzz takes it: a shared object for AFL_CUSTOM_MUTATOR_LIBRARY. Trimming takes
 * away one element of the case after the other, so that what is left is a case that somebody can
 * read.
 */
#include <stdlib.h>
#include <string.h>

#include "cases/families/dice.h"
#include "fuzz/fields.h"
#include "fuzz/input.h"
#include "fuzz/trim.h"

#define EXPORT __attribute__((visibility("default")))

/* One in so many mutations takes from another input of the queue. */
#define SPLICE_PERCENT 20
#define TURN 200

struct mutator {
	struct mue_dice dice;
	struct mue_trim trim;
	uint8_t out[MUE_INPUT_MAX];
};

EXPORT void *afl_custom_init(void *afl, unsigned int seed)
{
	struct mutator *m = calloc(1, sizeof(*m));

	if (m)
		m->dice.state = seed;
	return m;
}

EXPORT void afl_custom_deinit(struct mutator *m)
{
	free(m);
}

EXPORT size_t afl_custom_fuzz(struct mutator *m, uint8_t *buf, size_t buf_size, uint8_t **out_buf,
			      uint8_t *add_buf, size_t add_buf_size, size_t max_size)
{
	struct mue_raw in = {buf, buf_size}, other = {add_buf, add_buf_size};
	bool splice = add_buf && mue_dice_chance(&m->dice, SPLICE_PERCENT);
	uint64_t seed = (uint64_t)mue_dice_roll(&m->dice, UINT32_MAX) << 32 |
			mue_dice_roll(&m->dice, UINT32_MAX);

	*out_buf = m->out;
	return mue_input_mutate(in, add_buf ? &other : NULL, splice, seed, m->out,
				max_size < sizeof(m->out) ? max_size : sizeof(m->out));
}

/* So many mutations before the queue's next input has its turn: what takes several to find is found by going deep. */
EXPORT uint32_t afl_custom_fuzz_count(struct mutator *m, const uint8_t *buf, size_t buf_size)
{
	return TURN;
}

/* Gives how many steps there are at most. */
EXPORT int32_t afl_custom_init_trim(struct mutator *m, uint8_t *buf, size_t buf_size)
{
	return mue_trim_begin(&m->trim, (struct mue_raw){buf, buf_size});
}

EXPORT size_t afl_custom_trim(struct mutator *m, uint8_t **out_buf)
{
	*out_buf = m->out;
	return mue_trim_next(&m->trim, m->out, sizeof(m->out));
}

/* Gives the next step's number; the most there are when all is done. */
EXPORT int32_t afl_custom_post_trim(struct mutator *m, uint8_t success)
{
	return mue_trim_took(&m->trim, success);
}
