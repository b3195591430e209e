#include "runners/emulator/maps/storage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Below this the heap is faster than the kernel's page tables. */
#define MAPPED_FROM (64 * 1024)

int emu_storage_get(struct emu_storage *s, uint64_t size)
{
	*s = (struct emu_storage){.size = size, .mapped = size >= MAPPED_FROM};
	if (!s->mapped) {
		s->base = calloc(1, size ? size : 1);
		return s->base ? 0 : -ENOMEM;
	}
	s->base = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (s->base != MAP_FAILED)
		return 0;
	*s = (struct emu_storage){0};
	return -ENOMEM;
}

void emu_storage_zero(struct emu_storage *s)
{
	/* Giving the pages back makes them zero at the price of those that were touched. */
	if (!s->mapped || madvise(s->base, s->size, MADV_DONTNEED))
		memset(s->base, 0, s->size);
}

void emu_storage_put(struct emu_storage *s)
{
	if (s->mapped)
		munmap(s->base, s->size);
	else
		free(s->base);
	*s = (struct emu_storage){0};
}
