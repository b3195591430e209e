/*
 * Property: a kernel does the same by the syscall as by the helper, but for what oracle/paths.def declares. Needs no model
 * and no emulator. The kernel is this one, or MUE_FUZZ_KERNEL=guest:6.12.
 *
 * The input: fuzz/input.h.
 */
#include <string.h>

#include "fuzz/found.h"
#include "fuzz/targets/ask_kernel.h"
#include "fuzz/targets/target.h"
#include "oracle/twin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mue_observation helper, syscall;
	static struct mue_input in;
	static struct mue_case twin;
	const struct mue_live *live = kernel();
	struct mue_twin_verdict t;
	struct mue_verdict v = {.witness = 0, .other = -1};

	mue_input_decode(&in, data, size);
	if (!mue_twin_make(&twin, &in.c))
		return 0;
	mue_live_ask(live, &in.c, &helper);
	mue_live_ask(live, &twin, &syscall);
	if (helper.status != MUE_ANSWERED || syscall.status != MUE_ANSWERED)
		return 0;
	mue_twin_judge(&t, &in.c, &helper, &syscall);
	v.outcome = t.outcome;
	v.difference = t.difference;
	memcpy(v.why, t.why, sizeof(v.why));
	if (v.outcome == MUE_DIVERGE || v.outcome == MUE_ERROR)
		mue_found(&in.c, &v, (struct mue_raw){data, size});
	return 0;
}
