#include "runners/kernel/steady.h"

#include <errno.h>
#include <time.h>

/* A second, all together. */
#define TRIES 5000
#define PAUSE_NS 200000

int mue_steady_read(mue_steady_fn *read, void *ctx)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	uint64_t before, now;
	int err = read(ctx, &before);

	for (unsigned i = 0; !err && i < TRIES; i++) {
		nanosleep(&pause, NULL);
		err = read(ctx, &now);
		if (!err && now == before)
			return 0;
		before = now;
	}
	return err ? err : -EBUSY;
}
