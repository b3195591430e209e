#include "fuzz/live/live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/coverage.h"
#include "oracle/probe.h"

static void ask_proof(void *ctx, const struct mue_case *c, struct mue_observation *o)
{
	struct mue_session *session = ctx;

	session->ask(session, c, o);
}

/* By the name that stands before ':'. */
static const struct mue_runner *runner_of(const char *name)
{
	static const struct mue_runner *const runners[] = {
		&mue_runner_host,
#ifdef MUE_HAVE_GUEST
		&mue_runner_guest,
#endif
	};
	size_t n = strcspn(name, ":");

	for (size_t i = 0; i < sizeof(runners) / sizeof(*runners); i++)
		if (strlen(runners[i]->name) == n && !strncmp(runners[i]->name, name, n))
			return runners[i];
	return NULL;
}

static int open_live(struct mue_live *l, char *msg, size_t msg_size)
{
	const char *name = getenv("MUE_FUZZ_KERNEL");
	const struct mue_runner *runner;
	struct mue_probed *probed;
	int err;

	snprintf(l->name, sizeof(l->name), "%s", name ? name : "host");
	runner = runner_of(l->name);
	if (!runner) {
		snprintf(msg, msg_size, "MUE_FUZZ_KERNEL=%s: expected host or a guest that this build knows",
			 l->name);
		return -1;
	}
	err = mue_session_start(runner, &l->session,
				l->name[strcspn(l->name, ":")] ? strchr(l->name, ':') + 1 : "", msg, msg_size);
	probed = err ? NULL : malloc(sizeof(*probed));
	if (!probed)
		return -1;
	l->session->world(l->session, &l->world);
	mue_probe(probed, &l->world, ask_proof, l->session);
	free(probed);
	return 0;
}

const struct mue_live *mue_live(char *msg, size_t msg_size)
{
	static struct mue_live live;
	static enum { UNTRIED, OPEN, SHUT } state;

	if (state == UNTRIED)
		state = open_live(&live, msg, msg_size) ? SHUT : OPEN;
	return state == OPEN ? &live : NULL;
}

void mue_live_ask(const struct mue_live *l, const struct mue_case *c, struct mue_observation *o)
{
	uint8_t *counters;
	uint32_t n;

	l->session->ask(l->session, c, o);
	if (!l->session->cover || !mue_engine_counters)
		return;
	counters = mue_engine_counters(&n);
	mue_coverage_count(counters, n, l->session->cover(l->session));
}
