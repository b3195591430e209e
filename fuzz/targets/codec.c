/*
 * Property: any bytes decode to a case that can be asked; encoding it and decoding that gives the same case and the same
 * bytes; and mutating it gives such a case again. The input: fuzz/input.h.
 */
#include <string.h>

#include "fuzz/input.h"
#include "fuzz/targets/target.h"

static void check_round_trip(const struct mue_input *in)
{
	static struct mue_input back;
	static uint8_t bytes[MUE_INPUT_MAX], again[MUE_INPUT_MAX];
	char msg[MUE_NOTE_MAX];
	size_t n;

	MUE_HOLDS(!mue_case_check(&in->c, msg, sizeof(msg)));
	n = mue_input_encode(in, bytes, sizeof(bytes));
	MUE_HOLDS(n);
	mue_input_decode(&back, bytes, n);
	MUE_HOLDS(back.world == in->world && mue_case_same(&back.c, &in->c));
	MUE_HOLDS(mue_input_encode(&back, again, sizeof(again)) == n && !memcmp(bytes, again, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mue_input in;
	static uint8_t mutated[MUE_INPUT_MAX];
	struct mue_raw raw = {data, size};
	size_t n;

	mue_input_decode(&in, data, size);
	check_round_trip(&in);
	n = mue_input_mutate(raw, &raw, size & 1, size, mutated, sizeof(mutated));
	mue_input_decode(&in, mutated, n);
	check_round_trip(&in);
	return 0;
}
