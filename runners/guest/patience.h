/*
 * The time that a guest had: as long as it wants a CPU, the time that it got one; else all time. So
 * a machine with too much to do does not make a guest look hung, and one that sleeps for ever does.
 */
#ifndef MUE_GUEST_PATIENCE_H
#define MUE_GUEST_PATIENCE_H

#include <stdint.h>
#include <sys/types.h>

struct mue_patience {
	uint64_t had_ms;
	uint64_t last_ms,
		last_ran; /* the time, and that of the threads, when they were looked at last */
};

void mue_patience_begin(struct mue_patience *p, pid_t pid);

/*
 * Milliseconds that process `pid` and all below it had since the beginning. To be called several
 * times a second: what they want is known for the moments of the calls.
 */
uint64_t mue_patience_ms(struct mue_patience *p, pid_t pid);

#endif
