/* Answers out of a guest, whose kernel may have gone mad: none of their numbers is trusted. */
#ifndef MUE_GUEST_ANSWER_H
#define MUE_GUEST_ANSWER_H

#include "cases/case.h"
#include "cases/observation.h"

/* Copies the answer to `c`. False when it cannot be one: then *to means nothing. */
bool mue_answer_copy(struct mue_observation *to, const struct mue_observation *from,
		     const struct mue_case *c);

#endif
