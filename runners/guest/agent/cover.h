/* Coverage of the kernel by KCOV, as far as the agent's own thread executes it. */
#ifndef MUE_GUEST_AGENT_COVER_H
#define MUE_GUEST_AGENT_COVER_H

#include "runners/runner.h"

struct mue_agent_cover;

/* NULL where the kernel has none. It stays on. */
struct mue_agent_cover *mue_agent_cover_open(void);
/* What is executed from here on counts; from there on it is in *to. */
void mue_agent_cover_begin(struct mue_agent_cover *k);
void mue_agent_cover_end(struct mue_agent_cover *k, struct mue_cover *to);

#endif
