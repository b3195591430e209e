/*
 * What a kernel covers, as AFL++ takes it: a part of its shared map, which is asked for as
 * instrumented code would, by guards; the first one's value is the part's place.
 */
#include "fuzz/live/live.h"

/* Map code has some thousand places: few share a counter. */
#define COUNTERS (1u << 15)

extern uint8_t *__afl_area_ptr;
void __sanitizer_cov_trace_pc_guard_init(uint32_t *begin, uint32_t *end);

static uint32_t guards[COUNTERS];

static void reserve(void)
{
	__sanitizer_cov_trace_pc_guard_init(guards, guards + COUNTERS);
}

/* Before the runtime's constructors, which make a map of the size that is wanted by then. */
__attribute__((section(".preinit_array"), used)) static void (*const first)(void) = reserve;

uint8_t *mue_engine_counters(uint32_t *n)
{
	*n = COUNTERS;
	return __afl_area_ptr + guards[0];
}
