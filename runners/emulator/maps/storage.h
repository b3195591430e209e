/*
 * Memory for maps: costing only what is touched, so that a map of a million elements is made
 * as fast as one of ten.
 */
#ifndef MUE_EMULATOR_MAPS_STORAGE_H
#define MUE_EMULATOR_MAPS_STORAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "runners/emulator/map.h"

#define EMU_SPARES_MAX 16

/*
 * Mappings of maps that are gone, for the next ones: asking the kernel for pages and giving them
 * back costs more than all that most cases do with them. All zero is empty.
 */
struct emu_spares {
	uint32_t n;
	struct emu_spare {
		void *base;
		uint64_t size;
	} kept[EMU_SPARES_MAX];
};
void emu_spares_free(struct emu_spares *s);

struct emu_storage {
	void *base;
	uint64_t size;
	uint64_t mapped;	   /* bytes of its mapping, 0 when it is from the heap */
	struct emu_spares *spares; /* where that goes, or NULL */
};

/*
 * `size` bytes, aligned to 8 at least. 0, or -ENOMEM. They are zero, or, when there are spares,
 * what was in another map.
 */
int emu_storage_get(struct emu_storage *s, struct emu_spares *spares, uint64_t size);
/* The same, zero in any case. */
int emu_storage_get_zeroed(struct emu_storage *s, struct emu_spares *spares, uint64_t size);
/* Makes every byte zero again, at the same address. */
void emu_storage_zero(struct emu_storage *s);
void emu_storage_put(struct emu_storage *s); /* fine when empty */

#endif
