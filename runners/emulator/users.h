/* User phases and final states: what a case does to the emulator's maps by bpf(2). */
#ifndef MUE_EMULATOR_USERS_H
#define MUE_EMULATOR_USERS_H

#include "cases/case.h"
#include "cases/observation.h"
#include "runners/emulator/map.h"
#include "runners/emulator/socks.h"

/* Room for keys and values; zeroed is empty. */
struct emu_users {
	uint8_t *room;
	size_t size;
};
void emu_users_free(struct emu_users *u);

/* Makes the calls of user phase `phase` on maps[], the case's. Memory out makes o BROKEN. */
void emu_users_phase(struct emu_users *u, struct emu_map *const *maps, struct emu_socks *socks,
		     const struct mue_case *c, uint32_t phase, struct mue_observation *o);

/* Records the contents of `m`, the case's map `i`, if they are to be observed. */
void emu_users_state(struct emu_users *u, struct emu_map *m, const struct mue_case *c, uint32_t i,
		     struct mue_observation *o);

#endif
