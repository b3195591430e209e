#include "cli/fuzzing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct mue_runner mue_runner_model;

struct mue_fuzz_worlds *mue_fuzz_worlds_new(const struct mue_campaign *k, bool bare)
{
	struct mue_fuzz_worlds *w = calloc(1, sizeof(*w));

	if (w) {
		w->k = k;
		w->bare = bare;
	}
	return w;
}

static void slot_close(struct mue_fuzz_slot *slot)
{
	mue_asking_free(&slot->asking);
	mue_targets_close(&slot->targets);
	slot->open = false;
}

void mue_fuzz_worlds_free(struct mue_fuzz_worlds *w)
{
	for (unsigned i = 0; w && i < MUE_FUZZ_WORLDS; i++)
		if (w->slots[i].open)
			slot_close(&w->slots[i]);
	free(w);
}

static bool is_model(const struct mue_target *t)
{
	return t->runner == &mue_runner_model;
}

/* The same targets in that world, by names that say its version. */
static void take_targets(const struct mue_fuzz_worlds *w, uint8_t world, struct mue_fuzz_slot *slot)
{
	const struct mue_targets *all = &w->k->targets;
	bool models_only = true;

	for (uint32_t i = 0; i < all->n; i++)
		models_only &= is_model(&all->t[i]);
	slot->targets.n = 0;
	for (uint32_t i = 0; i < all->n; i++) {
		struct mue_target *t = &slot->targets.t[slot->targets.n];

		if (w->bare && is_model(&all->t[i]) && !models_only)
			continue;
		*t = all->t[i];
		t->session = NULL;
		if (w->k->any_world) {
			mue_fuzz_world(&t->world, world);
			snprintf(slot->names[i], sizeof(slot->names[i]), "%s:%s", t->runner->name,
				 mue_fuzz_worlds[world].version);
			t->name = slot->names[i];
		}
		slot->targets.n++;
	}
}

struct mue_asking *mue_fuzz_asking(struct mue_fuzz_worlds *w, uint8_t world, char *msg,
				   size_t msg_size)
{
	struct mue_fuzz_slot *slot = &w->slots[w->k->any_world ? world : 0];
	int err;

	if (slot->open)
		return &slot->asking;
	take_targets(w, world, slot);
	err = mue_targets_open(&slot->targets, msg, msg_size);
	if (!err && mue_asking_init(&slot->asking, &slot->targets)) {
		snprintf(msg, msg_size, "out of memory");
		err = -ENOMEM;
	}
	slot->open = true;
	if (!err)
		return &slot->asking;
	slot_close(slot);
	return NULL;
}
