/* The creation rules of the hashes. */
#ifndef MUE_EMULATOR_MAPS_HASH_CHECK_H
#define MUE_EMULATOR_MAPS_HASH_CHECK_H

#include "runners/emulator/map.h"

int emu_hash_check(const struct mue_world *w, const struct emu_map_attr *attr);
/* Its two halves: what all hashes have in common, and whether there is room for the table. */
int emu_hash_check_sizes(const struct mue_world *w, const struct emu_map_attr *attr);
int emu_hash_check_entries(const struct mue_world *w, const struct emu_map_attr *attr);
int emu_rhash_check_sizes(const struct mue_world *w, const struct emu_map_attr *attr);
int emu_rhash_check(const struct mue_world *w, const struct emu_map_attr *attr);
/* The capacity of an LRU map: the same number for every CPU under NO_COMMON_LRU. */
uint64_t emu_lru_entries(const struct mue_world *w, const struct emu_map_attr *attr);

#endif
