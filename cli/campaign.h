/* Running a campaign: jobs, their status, their end. */
#ifndef MUE_CLI_CAMPAIGN_H
#define MUE_CLI_CAMPAIGN_H

#include "cli/fuzzing.h"

/*
 * Which built target asks these targets: k->target, and in the environment what it needs to know.
 * 0, or -EINVAL and one line in k->msg when the engine has none.
 */
int mue_campaign_target(struct mue_campaign *k, const struct mue_fuzz_engine *e);
/* Until the time is over or somebody interrupts. Gives the exit code. */
int mue_campaign_run(struct mue_campaign *k, const struct mue_fuzz_engine *e);

#endif
