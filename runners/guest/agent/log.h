/* The kernel log, watched for splats from inside. */
#ifndef MUE_GUEST_AGENT_LOG_H
#define MUE_GUEST_AGENT_LOG_H

#include <stddef.h>
#include <stdint.h>

/* /dev/kmsg behind its present end, or -1 where there is none. */
int mue_agent_log_open(void);

/*
 * Reads what is new. Gives 1 and the first line that is a splat (the rows of
 * splats.def), else 0.
 */
uint32_t mue_agent_splat(int kmsg, char *line, size_t size);

#endif
