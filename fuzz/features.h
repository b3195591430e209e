/*
 * Features: what an answer shows, as a set of small facts. A case whose answer shows a fact that
 * was not seen before is worth keeping. It is all the guidance there is for a target that shows no
 * coverage, and it is the same for every target.
 */
#ifndef MUE_FUZZ_FEATURES_H
#define MUE_FUZZ_FEATURES_H

#include "cases/case.h"
#include "cases/observation.h"

#define MUE_FEATURE_BITS 20

struct mue_features {
	uint32_t n; /* seen so far */
	uint64_t seen[(1u << MUE_FEATURE_BITS) / 64];
};

/*
 * Adds the answer's, which hold in world number `world`: each op by its kind, where it stands, its
 * map's type, its flags, origins and reach, with its result and with that of the op before it on
 * the same map; what a pointer shows later; each phase by its program type and verdicts; each map by its type,
 * its flags and sizes, how it was created and how full it is in the end. Gives how many are new.
 */
uint32_t mue_features_add(struct mue_features *f, uint8_t world, const struct mue_case *c,
			  const struct mue_observation *o);

#endif
