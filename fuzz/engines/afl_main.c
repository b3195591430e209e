/* Runs a target under afl-fuzz: one process for many inputs, which come through shared memory. */
#include <stdio.h>
#include <unistd.h>

#include "fuzz/targets/target.h"

__AFL_FUZZ_INIT();

int main(void)
{
	const uint8_t *data;

	__AFL_INIT();
	data = __AFL_FUZZ_TESTCASE_BUF;
	while (__AFL_LOOP(100000)) {
		size_t n = __AFL_FUZZ_TESTCASE_LEN;

		LLVMFuzzerTestOneInput(data, n);
	}
	return 0;
}
