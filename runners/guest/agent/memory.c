#include "runners/guest/agent/memory.h"

#include <stdbool.h>
#include <sys/sysinfo.h>
#include <unistd.h>

/* So many answers from one look to the next; short is less than 1/SHORT of all, enough 1/ENOUGH. */
#define ANSWERS 64
#define SHORT 3
#define ENOUGH 2
/* A rest, at the longest: what is used for good does not come back. */
#define NAPS_MAX 40
#define NAP_US 5000

static bool has(unsigned part)
{
	struct sysinfo info;

	return sysinfo(&info) || info.freeram > info.totalram / part;
}

void mue_agent_let_free(void)
{
	static unsigned answers;

	if (++answers % ANSWERS || has(SHORT))
		return;
	for (unsigned naps = 0; naps < NAPS_MAX && !has(ENOUGH); naps++)
		usleep(NAP_US);
}
