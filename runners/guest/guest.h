/* What a guest session can tell besides answers. */
#ifndef MUE_GUEST_GUEST_H
#define MUE_GUEST_GUEST_H

#include "runners/runner.h"

/* Time that its agents have spent answering, in ns of the guest's clock. */
uint64_t mue_guest_busy_ns(const struct mue_session *s);

#endif
