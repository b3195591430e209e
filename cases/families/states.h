/*
 * The states a key can be in when it is updated: how a map of MUE_STATE_ROOM entries is
 * filled before, and which key is asked for.
 */
#ifndef MUE_CASES_FAMILIES_STATES_H
#define MUE_CASES_FAMILIES_STATES_H

#include "cases/families/ask.h"
#include "cases/families/cross.h"

#define MUE_STATE_ROOM 4

struct mue_key_state {
	const char *name;
	bool (*of)(uint64_t kind); /* the kinds of map that can have it */
	uint32_t filled;	   /* keys 0 .. filled - 1 are present */
	uint32_t key;
	uint32_t prefix; /* 0, or what a trie's key has for its prefix length */
	bool telling;	 /* asked from everywhere */
};

/* Points are indexes into mue_key_states. */
extern const struct mue_axis mue_axis_states;
extern const struct mue_key_state mue_key_states[];

/* Whether a kind of map can have a state. */
bool mue_state_fits(uint64_t kind, uint64_t state);

/* Fills the map in a user phase, if anything has to be filled. */
void mue_state_setup(struct mue_case *c, uint64_t state);

/* Makes `op` ask for the state's key. */
void mue_state_aim(const struct mue_case *c, struct mue_op *op, uint64_t state);

#endif
