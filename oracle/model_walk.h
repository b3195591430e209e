/* A case on its way through the model, shared by its user side and its program side. */
#ifndef MUE_ORACLE_MODEL_WALK_H
#define MUE_ORACLE_MODEL_WALK_H

#include "oracle/model.h"
#include "oracle/model_map.h"
#include "oracle/model_sock.h"

/* One case on its way. */
struct walk {
	const struct mue_world *w;
	const struct mue_case *c;
	struct mue_observation *o;
	struct mue_alternatives *also; /* or NULL */
	const struct mue_phase *phase; /* the one that runs a program */
	uint32_t cpu;		       /* of the phase */
	/* What the phase's latest lookup found, and in which map (O4). */
	struct model_map *found_in;
	struct model_elem *found;
	struct model_map maps[MUE_MAPS_MAX];
	struct model_socks socks;
	struct model_memory mem;
};

/* Ends the case with no answer; gives false. */
bool model_unsupported(struct walk *k, const char *why);
/* Takes a socket out of all maps. */
void model_forget_sock(struct walk *k, uint32_t number);
/* What the next repetition of an op changes (R3): the key, and `copies` values side by side. */
void model_count_up(const struct model_map *m, uint8_t *key, uint8_t *value, uint32_t copies);
/* Makes the calls of a user phase (S); false where no rule says. */
bool model_user_phase(struct walk *k, const struct mue_phase *p);

#endif
