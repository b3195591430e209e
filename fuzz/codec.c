#include "fuzz/codec.h"

#include <string.h>

#include "fuzz/fields.h"

_Static_assert(MUE_MAPS_MAX <= 10, "names of a letter and a digit");
/* n_head and n_tail share a byte. */
_Static_assert(MUE_HEAD_MAX < 32 && MUE_TAIL_MAX < 8, "5 and 3 bits");

struct writer {
	uint8_t *to;
	size_t n, size; /* n goes on counting when the room is used up */
};

static void put(struct writer *w, const void *p, size_t n)
{
	if (w->n + n <= w->size)
		memcpy(w->to + w->n, p, n);
	w->n += n;
}

static void put_byte(struct writer *w, uint8_t byte)
{
	put(w, &byte, 1);
}

static void put_number(struct writer *w, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		put_byte(w, n | 0x80);
	put_byte(w, n);
}

static void put_bytes(struct writer *w, const struct mue_bytes *b)
{
	put_byte(w, b->n_head | b->n_tail << 5);
	put_byte(w, b->fill);
	put(w, b->head, b->n_head);
	put(w, b->tail, b->n_tail);
}

static void put_element(struct writer *w, enum mue_element e, const void *element)
{
	static const struct mue_bytes none;
	const struct mue_element_row *row = &mue_elements[e];
	uint64_t present = 0;

	for (uint32_t i = 0; i < row->n_fields; i++) {
		const struct mue_field *f = &row->fields[i];
		const uint8_t *member = (const uint8_t *)element + f->at;

		if (f->kind == MUE_FIELD_BYTES ? memcmp(member, &none, sizeof(none)) != 0
					       : mue_field_get(f, element) != f->standard)
			present |= UINT64_C(1) << i;
	}
	put_byte(w, e);
	put_number(w, present);
	for (uint32_t i = 0; i < row->n_fields; i++) {
		const struct mue_field *f = &row->fields[i];

		if (!(present >> i & 1))
			continue;
		if (f->kind == MUE_FIELD_BYTES)
			put_bytes(w, (const void *)((const uint8_t *)element + f->at));
		else
			put_number(w, mue_field_get(f, element));
	}
}

/* Bytes have one form for each meaning, and none where the op has no use for them. */
static void canon_op(struct mue_op *op, const struct mue_map *m)
{
	if (mue_op_has_key(op->kind))
		mue_bytes_canon(&op->key, m->key_size);
	else
		memset(&op->key, 0, sizeof(op->key));
	if (mue_op_has_value(op->kind))
		mue_bytes_canon(&op->value, m->value_size);
	else
		memset(&op->value, 0, sizeof(op->value));
}

void mue_case_canon(struct mue_case *c)
{
	for (uint32_t i = 0; i < c->n_ops; i++)
		canon_op(&c->ops[i], &c->maps[c->ops[i].map]);
}

static void put_op(struct writer *w, const struct mue_case *c, const struct mue_op *op)
{
	struct mue_op canon = *op;

	canon_op(&canon, &c->maps[op->map]);
	put_element(w, MUE_ELEMENT_OP, &canon);
}

size_t mue_case_encode(const struct mue_case *c, uint8_t *to, size_t size)
{
	struct writer w = {.to = to, .size = size};

	for (enum mue_element e = MUE_ELEMENT_PHASE + 1; e < MUE_ELEMENTS; e++)
		for (uint32_t i = 0; i < mue_element_count(c, e); i++)
			put_element(&w, e, mue_element_at((struct mue_case *)c, e, i));
	for (uint32_t i = 0; i < c->n_phases; i++) {
		const struct mue_phase *p = &c->phases[i];

		put_element(&w, MUE_ELEMENT_PHASE, p);
		for (uint32_t j = p->first; j < p->first + p->count; j++)
			put_op(&w, c, &c->ops[j]);
	}
	return w.n <= size ? w.n : 0;
}

struct reader {
	const uint8_t *p;
	size_t n; /* left */
};

static uint8_t take_byte(struct reader *r)
{
	if (!r->n)
		return 0;
	r->n--;
	return *r->p++;
}

static uint64_t take_number(struct reader *r)
{
	uint64_t n = 0;
	uint8_t digit;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		digit = take_byte(r);
		n |= (uint64_t)(digit & 0x7f) << shift;
		if (!(digit & 0x80))
			break;
	}
	return n;
}

static void take_bytes(struct reader *r, struct mue_bytes *b)
{
	uint8_t counts = take_byte(r);

	b->n_head = (counts & 31) % (MUE_HEAD_MAX + 1);
	b->n_tail = counts >> 5;
	b->fill = take_byte(r);
	for (unsigned i = 0; i < b->n_head; i++)
		b->head[i] = take_byte(r);
	for (unsigned i = 0; i < b->n_tail; i++)
		b->tail[i] = take_byte(r);
}

static void take_fields(struct reader *r, enum mue_element e, void *element)
{
	const struct mue_element_row *row = &mue_elements[e];
	uint64_t present = take_number(r);

	mue_element_reset(e, element);
	for (uint32_t i = 0; i < row->n_fields; i++) {
		const struct mue_field *f = &row->fields[i];

		if (!(present >> i & 1))
			continue;
		if (f->kind == MUE_FIELD_BYTES)
			take_bytes(r, (void *)((uint8_t *)element + f->at));
		else
			mue_field_set(f, element, take_number(r));
	}
}

/* Makes room for one more in its pool; NULL when it is full. */
static void *append(struct mue_case *c, enum mue_element e)
{
	uint32_t n = mue_element_count(c, e) + 1;

	if (n > mue_elements[e].max)
		return NULL;
	memcpy((uint8_t *)c + mue_elements[e].count, &n, sizeof(n));
	return mue_element_at(c, e, n - 1);
}

static void take_element(struct reader *r, struct mue_case *c)
{
	enum mue_element e = take_byte(r) % MUE_ELEMENTS;
	union {
		struct mue_map map;
		struct mue_phase phase;
		struct mue_op op;
	} passed_over;
	void *element;

	if (e == MUE_ELEMENT_OP && !c->n_phases)
		mue_case_add_phase(c, MUE_PROG_UNSPEC);
	element = append(c, e);
	take_fields(r, e, element ? element : &passed_over);
	if (!element)
		return;
	if (e == MUE_ELEMENT_MAP)
		memcpy(c->maps[c->n_maps - 1].name, (char[3]){'m', '0' + c->n_maps - 1}, 3);
	if (e == MUE_ELEMENT_PHASE)
		c->phases[c->n_phases - 1].first = c->n_ops;
	if (e == MUE_ELEMENT_OP)
		c->phases[c->n_phases - 1].count++;
}

void mue_case_decode(struct mue_case *c, const uint8_t *data, size_t n)
{
	struct reader r = {data, n};

	mue_case_init(c, "bytes");
	while (r.n)
		take_element(&r, c);
	mue_case_mend(c);
}
