#include <stdlib.h>
#include <string.h>

#include "runners/kernel/host.h"

void mue_host_setup_free(struct mue_host *h, struct mue_host_setup *u)
{
	struct mue_closing closing = {-1, -1};
	uint32_t programs;

	if (!u)
		return;
	programs = mue_host_programs_close(u, &closing);
	mue_host_maps_close(u, &closing);
	mue_closing_end(&closing);
	mue_grace_closed(h->grace, programs);
	free(u);
}

/* Takes the setup of the case's shape out of those that are kept, or gives NULL. */
static struct mue_host_setup *find(struct mue_host *h, const struct mue_case *c, uint64_t digest)
{
	for (uint32_t i = 0; i < MUE_HOST_SETUPS_MAX; i++) {
		struct mue_host_setup *u = h->setups[i];

		if (!u || u->digest != digest || !mue_shape_same(&u->shape, c))
			continue;
		h->setups[i] = NULL;
		return u;
	}
	return NULL;
}

static struct mue_host_setup *make(struct mue_host *h, const struct mue_case *c,
				   struct mue_observation *o)
{
	struct mue_host_setup *u = malloc(sizeof(*u));

	if (!u) {
		mue_host_fail(o, MUE_BROKEN, "out of memory");
		return NULL;
	}
	mue_case_copy(&u->shape, c);
	u->fds = u->n_maps = u->n_programs = 0;
	u->create = 0;
	if (mue_host_maps_create(h, u, c, o) && (u->create || mue_host_programs_load(h, u, c, o)))
		return u;
	mue_host_setup_free(h, u);
	return NULL;
}

struct mue_host_setup *mue_host_setup_take(struct mue_host *h, const struct mue_case *c,
					   struct mue_observation *o)
{
	uint64_t digest = h->reuse ? mue_shape_digest(c) : 0;
	struct mue_host_setup *u = h->reuse ? find(h, c, digest) : NULL;

	if (!u)
		u = make(h, c, o);
	if (u)
		u->digest = digest;
	return u;
}

/* The place of the setup that was used least recently, or an empty one. */
static uint32_t oldest(const struct mue_host *h)
{
	uint32_t best = 0;

	for (uint32_t i = 0; i < MUE_HOST_SETUPS_MAX; i++) {
		if (!h->setups[i])
			return i;
		if (h->setups[i]->used < h->setups[best]->used)
			best = i;
	}
	return best;
}

static uint32_t kept_fds(const struct mue_host *h)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < MUE_HOST_SETUPS_MAX; i++)
		sum += h->setups[i] ? h->setups[i]->fds : 0;
	return sum;
}

/* Lets the oldest go until n more descriptors may be kept. */
static void make_room(struct mue_host *h, uint32_t n)
{
	while (kept_fds(h) + n > MUE_HOST_KEPT_FDS_MAX) {
		struct mue_host_setup **u = NULL;

		for (uint32_t i = 0; i < MUE_HOST_SETUPS_MAX; i++)
			if (h->setups[i] && (!u || h->setups[i]->used < (*u)->used))
				u = &h->setups[i];
		mue_host_setup_free(h, *u);
		*u = NULL;
	}
}

void mue_host_setup_keep(struct mue_host *h, struct mue_host_setup *u)
{
	uint32_t at;

	if (u->fds > MUE_HOST_KEPT_FDS_MAX) {
		mue_host_setup_free(h, u);
		return;
	}
	make_room(h, u->fds);
	at = oldest(h);
	mue_host_setup_free(h, h->setups[at]);
	u->used = ++h->clock;
	h->setups[at] = u;
}
