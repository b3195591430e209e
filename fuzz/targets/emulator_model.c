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

struct emulator {
	struct mue_session *session;
	struct mue_world world;
};

/* The emulator of a world, made when first asked: of those of worlds.def, or of the one that
 * MUE_FUZZ_WORLD=6.1 says. */
static const struct emulator *emulator_of(uint8_t n)
{
	static struct emulator emulators[MUE_FUZZ_WORLDS];
	const char *version = getenv("MUE_FUZZ_WORLD");
	struct emulator *e = &emulators[version ? 0 : n];
	char msg[MUE_WHY_MAX];

	if (e->session)
		return e;
	mue_fuzz_world(&e->world, n);
	if (version)
		MUE_HOLDS(!mue_world_of_version(&e->world, version, mue_fuzz_worlds[0].cpus));
	MUE_HOLDS(!mue_runner_emulator.open(&e->session, "", &e->world, msg, sizeof(msg)));
	return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mue_observation
		seen; /* large, and needed a hundred thousand times a second */
	static struct mue_input in;
	struct mue_testimony t = {"emulator", NULL, &seen};
	const struct emulator *emulator;
	struct mue_verdict v;

	mue_input_decode(&in, data, size);
	emulator = emulator_of(in.world);
	t.world = &emulator->world;
	emulator->session->ask(emulator->session, &in.c, &seen);
	mue_judge(&v, &in.c, &t, 1);
	if (v.outcome == MUE_DIVERGE || v.outcome == MUE_ERROR)
		mue_found(&in.c, &v, (struct mue_raw){data, size});
	return 0;
}
