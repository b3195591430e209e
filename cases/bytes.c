#include "cases/bytes.h"

#include <string.h>

void mue_bytes_resolve(const struct mue_bytes *b, void *to, size_t size)
{
	uint8_t *p = to;
	size_t head = b->n_head < size ? b->n_head : size;
	size_t tail = b->n_tail < size ? b->n_tail : size;

	memcpy(p, b->head, head);
	if (head < size)
		memset(p + head, b->fill, size - head);
	if (tail)
		memcpy(p + size - tail, b->tail + b->n_tail - tail, tail);
}

void mue_bytes_count_up(void *buf, size_t size, size_t at, uint32_t n)
{
	uint8_t *p = (uint8_t *)buf + at;

	if (at >= size)
		return;
	for (size_t i = 0; i < 4 && i < size - at; i++, n >>= 8) {
		n += p[i];
		p[i] = n;
	}
}

/*
 * Small sizes are all head. Larger ones: the tail goes as far back, and the head as far
 * forward, as there is a byte that differs from the fill.
 */
void mue_bytes_canon(struct mue_bytes *b, size_t size)
{
	struct mue_bytes r = {.fill = b->fill};
	uint8_t edge[MUE_HEAD_MAX + MUE_TAIL_MAX];

	if (size <= sizeof(edge)) {
		mue_bytes_resolve(b, edge, size);
		r.fill = 0;
		r.n_head = size < MUE_HEAD_MAX ? size : MUE_HEAD_MAX;
		memcpy(r.head, edge, r.n_head);
		r.n_tail = size - r.n_head; /* what does not fit the head */
		memcpy(r.tail, edge + r.n_head, r.n_tail);
		*b = r;
		return;
	}
	/* Now head and tail do not meet, and at least one byte between them is fill. */
	r.n_head = b->n_head;
	while (r.n_head && b->head[r.n_head - 1] == b->fill)
		r.n_head--;
	memcpy(r.head, b->head, r.n_head);
	uint8_t skip = 0;

	while (skip < b->n_tail && b->tail[skip] == b->fill)
		skip++;
	r.n_tail = b->n_tail - skip;
	memcpy(r.tail, b->tail + skip, r.n_tail);
	*b = r;
}

struct mue_bytes mue_bytes_of(const void *p, size_t n)
{
	struct mue_bytes b = {.n_head = n < MUE_HEAD_MAX ? n : MUE_HEAD_MAX};

	memcpy(b.head, p, b.n_head);
	return b;
}

struct mue_bytes mue_bytes_u32(uint32_t n)
{
	struct mue_bytes b = {.n_head = 4, .head = {n, n >> 8, n >> 16, n >> 24}};

	return b;
}
