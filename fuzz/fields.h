/* The elements and fields of a case (fields.def) as rows. */
#ifndef MUE_FUZZ_FIELDS_H
#define MUE_FUZZ_FIELDS_H

#include <string.h>

#include "cases/case.h"

enum mue_element {
#define MUE_ELEMENT(ID, ...) MUE_ELEMENT_##ID,
#include "fuzz/fields.def"
	MUE_ELEMENTS
};

enum mue_field_kind {
	MUE_FIELD_BYTES, /* struct mue_bytes; the others are numbers */
	MUE_FIELD_NUMBER,
	MUE_FIELD_BOOL,
	MUE_FIELD_MAP, /* an index of the case's maps */
	MUE_FIELD_OP_KIND,
	MUE_FIELD_UPDATE_FLAGS,
	MUE_FIELD_TIMES,
	MUE_FIELD_ORIGIN,
	MUE_FIELD_REACH,
	MUE_FIELD_PROG_TYPE,
	MUE_FIELD_CPU,
	MUE_FIELD_ATTACH_TYPE,
	MUE_FIELD_TRIGGER,
	MUE_FIELD_RETURNS,
	MUE_FIELD_MAP_TYPE,
	MUE_FIELD_SIZE, /* of a key or value */
	MUE_FIELD_ENTRIES,
	MUE_FIELD_MAP_FLAGS,
	MUE_FIELD_SPECIAL,
	MUE_FIELD_OBJECT,
	MUE_FIELD_INNER, /* 0, or 1 and the index of an earlier map */
	MUE_FIELD_SOCK,	 /* an index of the case's sockets */
	MUE_FIELD_SOCK_KIND,
	MUE_FIELD_EDIT_AT,
	MUE_FIELD_INSN_CODE,
	MUE_FIELD_INSN_REGS,
	MUE_FIELD_INSN_OFF,
	MUE_FIELD_INSN_IMM,
	MUE_FIELD_KINDS
};

struct mue_field {
	const char *name;
	enum mue_field_kind kind;
	uint16_t at, size; /* in its element's struct */
	uint64_t standard;
};

struct mue_element_row {
	const char *name;
	uint32_t pool, count; /* offsets in struct mue_case */
	uint32_t size, max;   /* of one, in bytes; of the pool, in elements */
	uint32_t n_fields;
	const struct mue_field *fields;
};
extern const struct mue_element_row mue_elements[MUE_ELEMENTS];

/* A number field of an element. Inline: whoever encodes asks for all of them. */
static inline uint64_t mue_field_get(const struct mue_field *f, const void *element)
{
	const uint8_t *from = (const uint8_t *)element + f->at;
	uint64_t n = 0;

	/* Little-endian, as BPF is here; of sizes that the compiler knows. */
	switch (f->size) {
	case 1:
		return *from;
	case 2:
		memcpy(&n, from, 2);
		return n;
	case 4:
		memcpy(&n, from, 4);
		return n;
	default:
		memcpy(&n, from, f->size);
		return n;
	}
}

/* What does not fit is cut off. */
void mue_field_set(const struct mue_field *f, void *element, uint64_t n);
/* Sets a field to its standard; bytes to none. */
void mue_field_reset(const struct mue_field *f, void *element);
/* Sets all of an element so. */
void mue_element_reset(enum mue_element e, void *element);

/* How many elements of a kind the case has, and number i of them. */
uint32_t mue_element_count(const struct mue_case *c, enum mue_element e);
void *mue_element_at(struct mue_case *c, enum mue_element e, uint32_t i);

#endif
