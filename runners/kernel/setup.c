#include <stdlib.h>
#include <string.h>

#include "runners/kernel/host.h"

void mue_host_setup_free(struct mue_host *h, struct mue_host_setup *u)
{
	struct mue_closing closing = {-1, -1};
	uint32_t programs;

	programs = mue_host_programs_close(u, &closing);
	mue_host_maps_close(u, &closing);
	mue_closing_end(&closing);
	mue_grace_closed(h->grace, programs);
	free(u);
}

/* Takes out what is kept there. */
static struct mue_host_setup *take_out(struct mue_host *h, struct mue_host_kept *k)
{
	struct mue_host_setup *u = k->setup;

	h->kept_fds -= u->fds;
	h->kept_bytes -= u->bytes;
	*k = (struct mue_host_kept){0};
	return u;
}

/* Takes the setup of the case's shape out of those that are kept, or gives NULL. */
static struct mue_host_setup *find(struct mue_host *h, const struct mue_case *c, uint64_t digest)
{
	for (struct mue_host_kept *k = h->kept; k < h->kept + MUE_HOST_SETUPS_MAX; k++)
		if (k->setup && k->digest == digest && mue_shape_same(&k->setup->shape, c))
			return take_out(h, k);
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
	u->fds = u->n_maps = u->n_programs = u->bytes = 0;
	for (uint32_t i = 0; i < c->n_maps; i++)
		u->bytes += mue_host_map_bytes(h, &c->maps[i]);
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

/* NULL where there is none. */
static struct mue_host_kept *empty_place(struct mue_host *h)
{
	for (struct mue_host_kept *k = h->kept; k < h->kept + MUE_HOST_SETUPS_MAX; k++)
		if (!k->setup)
			return k;
	return NULL;
}

/* The setup that was kept first; there is one. */
static struct mue_host_kept *oldest(struct mue_host *h)
{
	struct mue_host_kept *best = NULL;

	for (struct mue_host_kept *k = h->kept; k < h->kept + MUE_HOST_SETUPS_MAX; k++)
		if (k->setup && (!best || k->used < best->used))
			best = k;
	return best;
}

/* Whether it can be kept beside setups that hold so much. */
static bool has_room(const struct mue_host_setup *u, uint32_t fds, uint64_t bytes)
{
	return fds + u->fds <= MUE_HOST_KEPT_FDS_MAX && bytes + u->bytes <= MUE_HOST_KEPT_BYTES_MAX;
}

void mue_host_setup_keep(struct mue_host *h, struct mue_host_setup *u)
{
	struct mue_host_kept *at;

	if (!has_room(u, 0, 0)) {
		mue_host_setup_free(h, u);
		return;
	}
	while (!has_room(u, h->kept_fds, h->kept_bytes) || !(at = empty_place(h)))
		mue_host_setup_free(h, take_out(h, oldest(h)));
	*at = (struct mue_host_kept){u, u->digest, ++h->clock};
	h->kept_fds += u->fds;
	h->kept_bytes += u->bytes;
}

void mue_host_setups_close(struct mue_host *h)
{
	for (struct mue_host_kept *k = h->kept; k < h->kept + MUE_HOST_SETUPS_MAX; k++)
		if (k->setup)
			mue_host_setup_free(h, take_out(h, k));
}
