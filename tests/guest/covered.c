/* Compiled with -fsanitize-coverage=trace-pc, as a kernel with KCOV is; beside test_places.c, which
 * is not. */
#include "tests/guest/covered.h"

static __attribute__((noinline)) int twice(int n)
{
	return n > 3 ? 2 * n : n + n;
}

int covered_entered(int n)
{
	int sum = 0;

	for (int i = 0; i < n; i++)
		sum += i % 3 ? twice(i) : -1;
	return sum;
}

int covered_never(int n)
{
	return n ? covered_entered(n - 1) : 7;
}
