#include "runners/kernel/triggers/probed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/* Not inlined (and in a file of its own): probes find it, and calls pass it. */
__attribute__((noinline)) void mue_probed(void)
{
	__asm__ volatile("nop");
}

/* What of us is mapped stands in a table: from, to, flags, offset in the file. */
int mue_probed_offset(uint64_t *offset)
{
	const uint64_t at = (uintptr_t)mue_probed;
	FILE *f = fopen("/proc/self/maps", "re");
	uint64_t from, to, begin;
	char line[512];
	int err = -ENOENT;

	if (!f)
		return -errno;
	while (err && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64, &from, &to, &begin) != 3 ||
		    at < from || at >= to)
			continue;
		*offset = at - from + begin;
		err = 0;
	}
	fclose(f);
	return err;
}
