/*
 * Property: the emulator answers as the model does, in every world. No privileges are needed, and
 * no kernel.
 *
 * The input: fuzz/input.h.
 */
#include <errno.h>
#include <string.h>

#include "fuzz/found.h"
#include "fuzz/targets/target.h"
#include "runners/runner.h"

/* The emulators that have been asked, one a world. */
static struct mue_session *emulator_of(uint8_t n, const struct mue_world *w)
{
	static struct mue_session *sessions[MUE_FUZZ_WORLDS];
	char msg[MUE_WHY_MAX];

	if (!sessions[n])
		MUE_HOLDS(!mue_runner_emulator.open(&sessions[n], "", w, msg, sizeof(msg)));
	return sessions[n];
}

/* Which world, when the campaign has chosen one: MUE_FUZZ_WORLD=6.1. */
static void choose_world(struct mue_input *in, struct mue_world *w)
{
	const char *version = getenv("MUE_FUZZ_WORLD");

	mue_fuzz_world(w, in->world);
	if (!version)
		return;
	in->world = 0;
	MUE_HOLDS(!mue_world_of_version(w, version, mue_fuzz_worlds[0].cpus));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mue_observation
		seen; /* large, and needed a hundred thousand times a second */
	static struct mue_input in;
	struct mue_testimony t = {"emulator", NULL, &seen};
	struct mue_session *emulator;
	struct mue_verdict v;
	struct mue_world w;

	mue_input_decode(&in, data, size);
	choose_world(&in, &w);
	t.world = &w;
	emulator = emulator_of(in.world, &w);
	emulator->ask(emulator, &in.c, &seen);
	mue_judge(&v, &in.c, &t, 1);
	if (v.outcome == MUE_DIVERGE || v.outcome == MUE_ERROR)
		mue_found(&in.c, &v, (struct mue_raw){data, size});
	return 0;
}
