/*
 * What fuzzers feed the targets that ask cases: a byte that chooses a world, then a case as bytes
 * (codec.h). Targets that ask a kernel pass the first byte over: a kernel is what it is.
 */
#ifndef MUE_FUZZ_INPUT_H
#define MUE_FUZZ_INPUT_H

#include "cases/world.h"
#include "fuzz/codec.h"

#define MUE_INPUT_MAX (MUE_ENCODED_MAX + 1)

struct mue_input {
	uint8_t world; /* of mue_fuzz_worlds */
	struct mue_case c;
};

struct mue_fuzz_world {
	const char *version;
	uint32_t cpus;
	bool jit;
};
enum {
	MUE_FUZZ_WORLDS = 0
#define MUE_FUZZ_WORLD(...) +1
#include "fuzz/worlds.def"
};
extern const struct mue_fuzz_world mue_fuzz_worlds[MUE_FUZZ_WORLDS];
void mue_fuzz_world(struct mue_world *w, uint8_t n);

/* Without the edits of programs: nobody runs those by chance. */
void mue_input_decode(struct mue_input *in, const uint8_t *data, size_t n);
/* With them, for targets that mean to. */
void mue_input_decode_edited(struct mue_input *in, const uint8_t *data, size_t n);
/* Gives the number of bytes, or 0 when they are more than `size`. */
size_t mue_input_encode(const struct mue_input *in, uint8_t *to, size_t size);

struct mue_raw {
	const uint8_t *data;
	size_t n;
};
/*
 * The mutator (mutate.h) on bytes: changes `in`, taking from `other` (NULL: none; when `splice`,
 * surely). Edits come only to where edits are. Gives the number of bytes written to `to`. When the
 * result does not fit, it is `in` again, as far as that fits.
 */
size_t mue_input_mutate(struct mue_raw in, const struct mue_raw *other, bool splice, uint64_t seed,
			uint8_t *to, size_t size);

/* The same by mue_mutate_steady; 0 where nothing can be changed so, or it does not fit. */
size_t mue_input_steady(struct mue_raw in, uint64_t seed, uint8_t *to, size_t size);

#endif
