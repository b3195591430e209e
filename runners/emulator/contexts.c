#include "runners/emulator/contexts.h"

#include "cases/tables.h"

enum layout { LAYOUT_PLAIN, LAYOUT_SKB, LAYOUT_XDP };

struct row {
	uint16_t size;
	uint8_t granule, layout;
};

static const struct row rows[MUE_PROG_TYPES] = {
#define EMU_CTX(TYPE, size, granule, layout) [MUE_PROG_##TYPE] = {size, granule, LAYOUT_##layout},
#define EMU_CTX_WRITE(...)
#define EMU_CTX_SK(...)
#include "runners/emulator/contexts.def"
#undef EMU_CTX
#undef EMU_CTX_WRITE
#undef EMU_CTX_SK
};

/* Where packet pointers are, and how wide they are in the context. */
static const struct {
	uint8_t data, data_end, meta;
} pointers[] = {
	[LAYOUT_SKB] = {76, 80, 140},
	[LAYOUT_XDP] = {0, 4, 8},
};

static const struct {
	uint16_t type, from, to;
} writes[] = {
#define EMU_CTX(...)
#define EMU_CTX_SK(...)
#define EMU_CTX_WRITE(TYPE, from, to) {MUE_PROG_##TYPE, from, to},
#include "runners/emulator/contexts.def"
#undef EMU_CTX
#undef EMU_CTX_WRITE
#undef EMU_CTX_SK
};

uint32_t emu_ctx_size(uint32_t prog_type)
{
	return prog_type < MUE_PROG_TYPES ? rows[prog_type].size : 0;
}

static bool overlaps(uint32_t off, uint32_t size, uint32_t from)
{
	return off < from + 4 && from < off + size;
}

static enum emu_ctx_kind read_kind(uint32_t type, const struct row *row, uint32_t off,
				   uint32_t size)
{
	const bool packet = mue_prog_type_row(type)->packet != MUE_PACKET_NONE;
	const uint32_t at[] = {
		[EMU_CTX_DATA] = pointers[row->layout].data,
		[EMU_CTX_DATA_END] = pointers[row->layout].data_end,
		[EMU_CTX_META] = pointers[row->layout].meta,
	};

	for (unsigned kind = EMU_CTX_DATA; kind <= EMU_CTX_META; kind++)
		if (overlaps(off, size, at[kind]))
			return packet && off == at[kind] && size == 4 ? kind : EMU_CTX_REFUSED;
	return EMU_CTX_NUMBER;
}

enum emu_ctx_kind emu_ctx_access(uint32_t prog_type, uint32_t off, uint32_t size, bool write)
{
	const struct row *row = &rows[prog_type];

	if (off + size > row->size || off % size || size > row->granule)
		return EMU_CTX_REFUSED;
	if (!write)
		return row->layout == LAYOUT_PLAIN ? EMU_CTX_NUMBER
						   : read_kind(prog_type, row, off, size);
	for (unsigned i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
		if (writes[i].type == prog_type && off >= writes[i].from &&
		    off + size <= writes[i].to)
			return EMU_CTX_NUMBER;
	return EMU_CTX_REFUSED;
}
