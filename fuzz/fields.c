#include "fuzz/fields.h"

#include <stddef.h>
#include <string.h>

#include "cases/attach.h"

#define ROW(STRUCT, member, standard, KIND)                                                  \
	{#member, MUE_FIELD_##KIND, offsetof(STRUCT, member), sizeof(((STRUCT *)0)->member), \
	 standard},
static const struct mue_field op_fields[] = {
#define MUE_OP_FIELD(...) ROW(struct mue_op, __VA_ARGS__)
#include "fuzz/fields.def"
};
static const struct mue_field phase_fields[] = {
#define MUE_PHASE_FIELD(...) ROW(struct mue_phase, __VA_ARGS__)
#include "fuzz/fields.def"
};
static const struct mue_field map_fields[] = {
#define MUE_MAP_FIELD(...) ROW(struct mue_map, __VA_ARGS__)
#include "fuzz/fields.def"
};
static const struct mue_field sock_fields[] = {
#define MUE_SOCK_FIELD(...) ROW(struct mue_sock, __VA_ARGS__)
#include "fuzz/fields.def"
};
static const struct mue_field edit_fields[] = {
#define MUE_EDIT_FIELD(...) ROW(struct mue_edit, __VA_ARGS__)
#include "fuzz/fields.def"
};

const struct mue_element_row mue_elements[MUE_ELEMENTS] = {
#define MUE_ELEMENT(ID, element, pool_, count_, max_)                             \
	{                                                                         \
		.name = #element,                                                 \
		.pool = offsetof(struct mue_case, pool_),                         \
		.count = offsetof(struct mue_case, count_),                       \
		.size = sizeof(struct mue_##element),                             \
		.max = max_,                                                      \
		.n_fields = sizeof(element##_fields) / sizeof(*element##_fields), \
		.fields = element##_fields,                                       \
	},
#include "fuzz/fields.def"
};

void mue_field_set(const struct mue_field *f, void *element, uint64_t n)
{
	uint8_t *to = (uint8_t *)element + f->at;

	switch (f->size) {
	case 1:
		*to = n;
		break;
	case 2:
		memcpy(to, &n, 2);
		break;
	case 4:
		memcpy(to, &n, 4);
		break;
	default:
		memcpy(to, &n, f->size);
	}
}

void mue_field_reset(const struct mue_field *f, void *element)
{
	if (f->kind == MUE_FIELD_BYTES)
		memset((uint8_t *)element + f->at, 0, f->size);
	else
		mue_field_set(f, element, f->standard);
}

void mue_element_reset(enum mue_element e, void *element)
{
	const struct mue_element_row *row = &mue_elements[e];

	memset(element, 0, row->size);
	for (uint32_t i = 0; i < row->n_fields; i++)
		if (row->fields[i].standard)
			mue_field_set(&row->fields[i], element, row->fields[i].standard);
}

uint32_t mue_element_count(const struct mue_case *c, enum mue_element e)
{
	uint32_t n;

	memcpy(&n, (const uint8_t *)c + mue_elements[e].count, sizeof(n));
	return n;
}

void *mue_element_at(struct mue_case *c, enum mue_element e, uint32_t i)
{
	return (uint8_t *)c + mue_elements[e].pool + (size_t)i * mue_elements[e].size;
}
