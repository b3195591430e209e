/*
 * Memory for maps: zeroed, costing only what is touched, so that a map of a million
 * elements is made as fast as one of ten.
 */
#ifndef MUE_EMULATOR_MAPS_STORAGE_H
#define MUE_EMULATOR_MAPS_STORAGE_H

#include <stdbool.h>
#include <stdint.h>

struct emu_storage {
	void *base;
	uint64_t size;
	bool mapped; /* by mmap, not from the heap */
};

/* `size` zeroed bytes, aligned to 8 at least. 0, or -ENOMEM. */
int emu_storage_get(struct emu_storage *s, uint64_t size);
/* Makes every byte zero again, at the same address. */
void emu_storage_zero(struct emu_storage *s);
void emu_storage_put(struct emu_storage *s); /* fine when empty */

#endif
