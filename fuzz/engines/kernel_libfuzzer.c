/* What a kernel covers, as libFuzzer takes it: its extra counters. */
#include "fuzz/live/live.h"

/* Map code has some thousand places: few share a counter. */
#define COUNTERS (1u << 15)

static uint8_t counters[COUNTERS] __attribute__((section("__libfuzzer_extra_counters")));

uint8_t *mue_engine_counters(uint32_t *n)
{
	*n = COUNTERS;
	return counters;
}
