/*
 * Property: any program that a kernel's verifier takes runs the same in the emulator: results,
 * return value and maps. The program is that of a case with edits (cases/case.h). What the kernel
 * or the emulator refuses is no agreement: at the end it is told how many there were. The kernel is
 * a user-mode Linux, or what MUE_FUZZ_KERNEL says; this one only if that says so.
 *
 * The input: fuzz/input.h, with edits.
 */
#include "fuzz/mutate.h"
#include "fuzz/targets/ask_kernel.h"
#include "fuzz/targets/ask_pair.h"

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
	setenv("MUE_FUZZ_KERNEL", "guest:uml", 0);
	atexit(tell);
	return kernel();
}

static void count(const struct pair *p)
{
	if (p->v.outcome == MUE_AGREE)
		counts.same++;
	else if (p->v.witness >= 0 && p->seen[p->v.witness].status == MUE_ANSWERED)
		counts.refused++;
	else
		counts.skipped++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mue_input in;
	static struct pair pair;

	if (!pair.kernel)
		pair_open(&pair, guest());
	mue_input_decode_edited(&in, data, size);
	/* What chance begins with has none yet. */
	if (!in.c.n_edits)
		mue_mutate_edit(&in.c);
	if (pair_agrees(&pair, &in.c, (struct mue_raw){data, size}))
		count(&pair);
	return 0;
}
