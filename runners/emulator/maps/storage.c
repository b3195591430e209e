#include "runners/emulator/maps/storage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Below this the heap is faster than the kernel's page tables. */
#define MAPPED_FROM (64 * 1024)
/* Up to this, writing zeros is faster than having the kernel give zeroed pages; more of a spare is
 * given back. */
#define WRITTEN_UP_TO (1024 * 1024)

void emu_spares_free(struct emu_spares *s)
{
	while (s->n) {
		s->n--;
		munmap(s->kept[s->n].base, s->kept[s->n].size);
	}
}

/* The smallest spare that has room for `size` bytes; false when none has. */
static bool take_spare(struct emu_storage *s, struct emu_spares *spares, uint64_t size)
{
	struct emu_spare *best = NULL;

	for (uint32_t i = 0; spares && i < spares->n; i++) {
		struct emu_spare *spare = &spares->kept[i];

		if (spare->size >= size && (!best || spare->size < best->size))
			best = spare;
	}
	if (!best)
		return false;
	s->base = best->base;
	s->mapped = best->size;
	*best = spares->kept[--spares->n];
	return true;
}

/* Room for a mapping among the spares: a larger one serves more, so it takes the place of the
 * smallest. */
static struct emu_spare *spare_place(struct emu_spares *spares, uint64_t size)
{
	struct emu_spare *smallest = spares->kept;

	if (spares->n < EMU_SPARES_MAX)
		return &spares->kept[spares->n++];
	for (uint32_t i = 1; i < EMU_SPARES_MAX; i++)
		if (spares->kept[i].size < smallest->size)
			smallest = &spares->kept[i];
	if (smallest->size >= size)
		return NULL;
	munmap(smallest->base, smallest->size);
	return smallest;
}

static int map(struct emu_storage *s, uint64_t size)
{
	s->base = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->base == MAP_FAILED) {
		*s = (struct emu_storage){0};
		return -ENOMEM;
	}
	s->mapped = size;
	return 0;
}

int emu_storage_get(struct emu_storage *s, struct emu_spares *spares, uint64_t size)
{
	*s = (struct emu_storage){.size = size, .spares = spares};
	if (size < MAPPED_FROM) {
		s->base = calloc(1, size ? size : 1);
		return s->base ? 0 : -ENOMEM;
	}
	return take_spare(s, spares, size) ? 0 : map(s, size);
}

int emu_storage_get_zeroed(struct emu_storage *s, struct emu_spares *spares, uint64_t size)
{
	bool spare = size >= MAPPED_FROM && size <= WRITTEN_UP_TO && take_spare(s, spares, size);
	int err = 0;

	if (spare)
		memset(s->base, 0, size);
	else
		err = emu_storage_get(s, NULL, size);
	if (!err) {
		s->size = size;
		s->spares = spares;
	}
	return err;
}

void emu_storage_zero(struct emu_storage *s)
{
	if (s->size <= WRITTEN_UP_TO || madvise(s->base, s->size, MADV_DONTNEED))
		memset(s->base, 0, s->size);
}

void emu_storage_put(struct emu_storage *s)
{
	struct emu_spare *place = s->mapped && s->spares ? spare_place(s->spares, s->mapped) : NULL;

	if (place) {
		if (s->mapped > WRITTEN_UP_TO)
			madvise((uint8_t *)s->base + WRITTEN_UP_TO, s->mapped - WRITTEN_UP_TO,
				MADV_DONTNEED);
		*place = (struct emu_spare){s->base, s->mapped};
	} else if (s->mapped) {
		munmap(s->base, s->mapped);
	} else {
		free(s->base);
	}
	*s = (struct emu_storage){0};
}
