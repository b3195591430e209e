/*
 * Property: any program that a kernel's verifier takes runs the same in the emulator: results,
 * return value and maps. The program is that of a case with edits (cases/case.h). What the kernel
 * or the emulator refuses is no agreement: at the end it is told how many there were. The kernel is
 * a user-mode Linux, or what MUE_FUZZ_KERNEL says; this one only if that says so.
 *
 * The input: fuzz/input.h, with edits.
 */
#include <string.h>

#include "fuzz/found.h"
#include "fuzz/mutate.h"
#include "fuzz/targets/ask_kernel.h"
#include "fuzz/targets/target.h"

static struct {
	uint64_t same, refused, skipped;
} counts;

static void tell(void)
{
	fprintf(stderr, "%ju ran the same, %ju were refused, %ju could not be asked\n",
		(uintmax_t)counts.same, (uintmax_t)counts.refused, (uintmax_t)counts.skipped);
}

static const struct mue_live *guest(void)
{
	static const struct mue_live *live;

	if (!live) {
		setenv("MUE_FUZZ_KERNEL", "guest:uml", 0);
		live = kernel();
		atexit(tell);
	}
	return live;
}

static struct mue_session *emulator_of(const struct mue_live *live)
{
	static struct mue_session *emulator;
	char msg[MUE_WHY_MAX];

	if (!emulator)
		MUE_HOLDS(!mue_runner_emulator.open(&emulator, "", &live->world, msg, sizeof(msg)));
	return emulator;
}

static void count(const struct mue_testimony *t, const struct mue_verdict *v)
{
	if (v->outcome == MUE_AGREE)
		counts.same++;
	else if (v->witness >= 0 && t[v->witness].seen->status == MUE_ANSWERED)
		counts.refused++;
	else
		counts.skipped++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mue_observation seen[2];
	static struct mue_input in;
	const struct mue_live *live = guest();
	struct mue_session *emulator = emulator_of(live);
	struct mue_testimony t[] = {{live->name, &live->world, &seen[0]},
				    {"emulator", &live->world, &seen[1]}};
	struct mue_verdict v;

	mue_input_decode_edited(&in, data, size);
	/* What chance begins with has none yet. */
	if (!in.c.n_edits)
		mue_mutate_edit(&in.c);
	mue_live_ask(live, &in.c, &seen[0]);
	emulator->ask(emulator, &in.c, &seen[1]);
	mue_judge(&v, &in.c, t, 2);
	if (v.outcome == MUE_DIVERGE || v.outcome == MUE_ERROR)
		mue_found(&in.c, &v, (struct mue_raw){data, size});
	else
		count(t, &v);
	return 0;
}
