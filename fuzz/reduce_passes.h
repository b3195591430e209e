/* The passes of the reducer. Inside fuzz/reduce*.c only. */
#ifndef MUE_FUZZ_REDUCE_PASSES_H
#define MUE_FUZZ_REDUCE_PASSES_H

#include "cases/case.h"

/* A way to make a case smaller. What it does can only be done finitely often to any case. */
struct reduce_pass {
	/* How many places it has in this case. */
	uint32_t (*places)(const struct mue_case *c);
	/* Does it at one place. False when there is nothing to do there; then `c` is as it was. */
	bool (*make)(struct mue_case *c, uint32_t place);
	/* It is tried at many places at once first. */
	bool many;
};

/* Fewer parts (fuzz/reduce_parts.c) and smaller numbers (fuzz/reduce_numbers.c). */
extern const struct reduce_pass reduce_phases, reduce_ops, reduce_maps, reduce_merge_maps,
	reduce_join_phases, reduce_edits;
extern const struct reduce_pass reduce_map_sizes, reduce_map_plain, reduce_map_names, reduce_bytes,
	reduce_bytes_together, reduce_times, reduce_phase_plain, reduce_prog_types, reduce_origins,
	reduce_reaches, reduce_objects, reduce_flags;

#endif
