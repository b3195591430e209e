/*
 * Property: a kernel answers as the emulator does, and both as the model does, in the kernel's world. The kernel is this
 * one, or MUE_FUZZ_KERNEL=guest:6.12.
 *
 * The input: fuzz/input.h.
 */
#include <string.h>

#include "fuzz/found.h"
#include "fuzz/live/live.h"
#include "fuzz/targets/ask_kernel.h"
#include "fuzz/targets/target.h"

static struct mue_session *emulator_of(const struct mue_live *live)
{
	static struct mue_session *emulator;
	char msg[MUE_WHY_MAX];

	if (!emulator)
		MUE_HOLDS(!mue_runner_emulator.open(&emulator, "", &live->world, msg, sizeof(msg)));
	return emulator;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mue_observation seen[2];
	static struct mue_input in;
	const struct mue_live *live = kernel();
	struct mue_session *emulator = emulator_of(live);
	struct mue_testimony t[] = {{live->name, &live->world, &seen[0]},
				    {"emulator", &live->world, &seen[1]}};
	struct mue_verdict v;

	mue_input_decode(&in, data, size);
	mue_live_ask(live, &in.c, &seen[0]);
	emulator->ask(emulator, &in.c, &seen[1]);
	mue_judge(&v, &in.c, t, 2);
	if (v.outcome == MUE_DIVERGE || v.outcome == MUE_ERROR)
		mue_found(&in.c, &v, (struct mue_raw){data, size});
	return 0;
}
