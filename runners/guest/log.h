/* What in a kernel log is a splat: the rows of splats.def. */
#ifndef MUE_GUEST_LOG_H
#define MUE_GUEST_LOG_H

#include <stdbool.h>

/* A log that is read line by line; begins as zero. */
struct mue_log {
	bool advice; /* the line before makes a WARNING harmless */
};

/* Whether the next line is a splat. */
bool mue_log_splat(struct mue_log *log, const char *line);

/* Whether a splat is about the guest being given too little, not about its kernel. */
bool mue_log_shortage(const char *line);

#endif
