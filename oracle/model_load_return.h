/* V13: whether a program phase may return what it returns: 0 or -EINVAL. */
#ifndef MUE_ORACLE_MODEL_LOAD_RETURN_H
#define MUE_ORACLE_MODEL_LOAD_RETURN_H

#include "cases/case.h"
#include "cases/world.h"

int model_load_return(const struct mue_world *w, const struct mue_phase *p);

#endif
