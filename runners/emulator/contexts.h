/* What R1 points to when a program begins, by its type. */
#ifndef MUE_EMULATOR_CONTEXTS_H
#define MUE_EMULATOR_CONTEXTS_H

#include <stdbool.h>
#include <stdint.h>

#define EMU_CTX_MAX 512 /* bytes of the largest context */

enum emu_ctx_kind {
	EMU_CTX_REFUSED,
	EMU_CTX_NUMBER,	  /* reads as zero unless the session says otherwise */
	EMU_CTX_DATA,	  /* the beginning of the packet */
	EMU_CTX_DATA_END, /* its end */
	EMU_CTX_META,	  /* data_meta: test runs have none, so it is data */
};

/* The size of a program type's context. */
uint32_t emu_ctx_size(uint32_t prog_type);

/* What `size` bytes at `off` of the context are to a program that reads or writes them. */
enum emu_ctx_kind emu_ctx_access(uint32_t prog_type, uint32_t off, uint32_t size, bool write);

#endif
