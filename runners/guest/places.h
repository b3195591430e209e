/*
 * The places of a kernel image that KCOV tells apart, each with its function and line, in the order
 * of addresses: the calls of __sanitizer_cov_trace_pc. User-mode Linux makes them through
 * registers, which are followed by the order of instructions alone: a few other calls may be among
 * them.
 */
#ifndef MUE_GUEST_PLACES_H
#define MUE_GUEST_PLACES_H

#include <stddef.h>
#include <stdint.h>

struct mue_place {
	uint32_t at; /* as in struct mue_cover */
	uint32_t line;
	const char *function, *file; /* the file from the root of the sources on */
};

struct mue_places {
	uint32_t n;
	struct mue_place *rows;
	char *text; /* which holds the words */
};

/*
 * Reads them from an ELF image (user-mode Linux) that has debugging information; addr2line, of
 * binutils, reads that. 0, or -errno and one line in msg.
 */
int mue_places_read(struct mue_places *p, const char *image, char *msg, size_t msg_size);
void mue_places_clear(struct mue_places *p);

#endif
