/* The parts of the creation rules (semantics C). Inside the oracle only. */
#ifndef MUE_ORACLE_MODEL_CREATE_H
#define MUE_ORACLE_MODEL_CREATE_H

#include "oracle/model_map.h"

/* Each gives 0 or -errno, 1 where no rule says; common checks (C1) and memory aside. */
int model_create_hash(const struct mue_world *w, const struct mue_map *m);
int model_create_other(const struct mue_world *w, const struct mue_case *c, const struct mue_map *m);

/* Whether C8 leaves it open if there is memory for the map. */
bool model_create_may_starve(const struct mue_world *w, const struct mue_map *m);

#endif
