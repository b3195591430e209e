/* Where a phase's inputs and outputs lie; filling and reading them. */
#include <string.h>

#include "cases/attach.h"
#include "cases/lower_emit.h"
#include "cases/socks.h"

/* Origins whose bytes the parameter block holds, or whose checks need a block of that size. */
static bool in_io(unsigned origin)
{
	switch (origin) {
	case MUE_ORIGIN_STACK:
	case MUE_ORIGIN_UNALIGNED:
	case MUE_ORIGIN_MAP:
	case MUE_ORIGIN_RODATA:
	case MUE_ORIGIN_RINGBUF:
	case MUE_ORIGIN_SHORT_MAP:
	case MUE_ORIGIN_OR_NULL:
	case MUE_ORIGIN_OR_NULL_CONST:
		return true;
	default:
		return false;
	}
}

/* What is in a block is never behind its end, though it be of size 0. */
static uint64_t room(uint32_t size)
{
	return size ? size : 1;
}

static bool key_in_io(const struct mue_op *op)
{
	return mue_op_has_key(op->kind) && in_io(op->key_from);
}

static bool value_in_io(const struct mue_op *op)
{
	return mue_op_has_value(op->kind) && in_io(op->value_from);
}

static bool value_is_sock(const struct mue_op *op)
{
	return op->kind == MUE_OP_UPDATE && mue_origin_is_sock(op->value_from);
}

static bool in_packet(unsigned origin)
{
	return origin == MUE_ORIGIN_PACKET || origin == MUE_ORIGIN_SHORT_PACKET;
}

/* Offsets as they grow. 64 bits: many large values go beyond what a block can be. */
struct cursor {
	uint64_t io, packet;
};

static uint32_t take(uint64_t *at, uint64_t size)
{
	uint64_t here = *at;

	*at += (size + 7) & ~UINT64_C(7);
	return here;
}

static uint64_t handles_of(const struct mue_op *op)
{
	uint64_t handles = 0;

	if (op->kind == MUE_OP_REREAD)
		return 0;
	if (op->reach == MUE_REACH_INNER)
		handles |= UINT64_C(1) << (MUE_HANDLE_OUTER + op->map);
	else
		handles |= UINT64_C(1) << (MUE_HANDLE_MAP + op->map);
	if (op->reach == MUE_REACH_SHARED)
		handles |= UINT64_C(1) << (MUE_HANDLE_MAP + op->map2);
	if (op->reach == MUE_REACH_TAIL_CALL)
		handles |= UINT64_C(1) << MUE_HANDLE_TAILS;
	if (op->key_from == MUE_ORIGIN_RODATA || op->value_from == MUE_ORIGIN_RODATA)
		handles |= UINT64_C(1) << MUE_HANDLE_RODATA;
	if (op->key_from == MUE_ORIGIN_RINGBUF || op->value_from == MUE_ORIGIN_RINGBUF)
		handles |= UINT64_C(1) << MUE_HANDLE_RINGBUF;
	if (op->value_from == MUE_ORIGIN_SOCKMAP)
		handles |= UINT64_C(1) << MUE_HANDLE_SOCKS;
	return handles;
}

/*
 * Checking one packet pointer makes the verifier trust all up to there: a key that is to be
 * short lies behind the value.
 */
static void layout_packet(struct cursor *at, const struct mue_op *op, const struct mue_map *m,
			  struct mue_step_layout *s)
{
	bool short_key = op->key_from == MUE_ORIGIN_SHORT_PACKET;

	s->packet_key = s->packet_value = UINT32_MAX;
	if (in_packet(op->key_from) && !short_key)
		s->packet_key = take(&at->packet, m->key_size);
	if (in_packet(op->value_from))
		s->packet_value = take(&at->packet, m->value_size);
	if (short_key)
		s->packet_key = take(&at->packet, m->key_size);
}

uint32_t mue_step_out(const struct mue_case *c, const struct mue_phase *p, uint32_t op,
		      const struct mue_map **map)
{
	const struct mue_op *o = &c->ops[op];

	if (o->kind != MUE_OP_LOOKUP && o->kind != MUE_OP_REREAD)
		return 0;
	while (o->kind != MUE_OP_LOOKUP)
		if (o-- == &c->ops[p->first])
			return 0;
	*map = &c->maps[o->map];
	return (*map)->value_size < MUE_OUT_MAX ? (*map)->value_size : MUE_OUT_MAX;
}

void mue_layout_phase(struct mue_layout *l, const struct mue_case *c, uint32_t phase)
{
	const struct mue_phase *p = &c->phases[phase];
	struct cursor at = {.io = sizeof(struct mue_io_head)};

	l->handles = UINT64_C(1) << MUE_HANDLE_IO;
	if (p->trigger == MUE_VIA_ITER_SOCKMAP)
		l->handles |= UINT64_C(1) << MUE_HANDLE_SOCKS;
	for (uint32_t i = 0; i < p->count; i++) {
		const struct mue_op *op = &c->ops[p->first + i];
		const struct mue_map *m = &c->maps[op->map], *looked_up;
		struct mue_step_layout *s = &l->steps[i];

		l->handles |= handles_of(op);
		s->io = take(&at.io, sizeof(struct mue_io_step));
		s->key = take(&at.io, key_in_io(op) ? room(m->key_size) : 0);
		s->value = take(&at.io, value_in_io(op) ? room(m->value_size) : 0);
		s->sock = take(&at.io, value_is_sock(op) ? sizeof(uint64_t) : 0);
		s->tuple = take(&at.io, value_is_sock(op) ? sizeof(struct mue_sock_tuple) : 0);
		layout_packet(&at, op, m, s);
		s->out = take(&at.io, mue_step_out(c, p, p->first + i, &looked_up));
	}
	l->io_size = at.io <= MUE_IO_SIZE_MAX ? at.io : UINT32_MAX & ~7u;
	l->packet_payload = at.packet;
}

void mue_io_fill(void *io, const struct mue_layout *l, const struct mue_case *c, uint32_t phase)
{
	const struct mue_phase *p = &c->phases[phase];
	const struct mue_map *looked_up;
	uint8_t *to = io;

	memset(to, 0, sizeof(struct mue_io_head));
	for (uint32_t i = 0; i < p->count; i++) {
		const struct mue_op *op = &c->ops[p->first + i];
		const struct mue_map *m = &c->maps[op->map];
		const struct mue_step_layout *s = &l->steps[i];
		struct mue_io_step step = {.flags = op->flags};

		memcpy(to + s->io, &step, sizeof(step));
		if (key_in_io(op))
			mue_bytes_resolve(&op->key, to + s->key, m->key_size);
		if (value_in_io(op))
			mue_bytes_resolve(&op->value, to + s->value, m->value_size);
		if (value_is_sock(op)) {
			uint64_t number = mue_sock_number(&op->value, m->value_size);

			memcpy(to + s->sock, &number, sizeof(number));
			memset(to + s->tuple, 0, sizeof(struct mue_sock_tuple));
		}
		memset(to + s->out, 0, mue_step_out(c, p, p->first + i, &looked_up));
	}
}

void mue_packet_fill(void *payload, const struct mue_layout *l, const struct mue_case *c,
		     uint32_t phase)
{
	const struct mue_phase *p = &c->phases[phase];
	uint8_t *to = payload;

	memset(to, 0, l->packet_payload);
	for (uint32_t i = 0; i < p->count; i++) {
		const struct mue_op *op = &c->ops[p->first + i];
		const struct mue_map *m = &c->maps[op->map];
		const struct mue_step_layout *s = &l->steps[i];

		if (s->packet_key != UINT32_MAX)
			mue_bytes_resolve(&op->key, to + s->packet_key, m->key_size);
		if (s->packet_value != UINT32_MAX)
			mue_bytes_resolve(&op->value, to + s->packet_value, m->value_size);
	}
}

uint32_t mue_context_size(const struct mue_case *c, uint32_t phase)
{
	const struct mue_phase *p = &c->phases[phase];
	uint32_t size = 0;

	for (uint32_t i = p->first; i < p->first + p->count; i++) {
		const struct mue_op *op = &c->ops[i];
		const struct mue_map *m = &c->maps[op->map];

		if (op->key_from == MUE_ORIGIN_CTX && m->key_size > size)
			size = m->key_size;
		if (op->value_from == MUE_ORIGIN_CTX && m->value_size > size)
			size = m->value_size;
	}
	return size;
}

void mue_io_read(struct mue_observation *o, const void *io, const struct mue_layout *l,
		 const struct mue_case *c, uint32_t phase)
{
	const struct mue_phase *p = &c->phases[phase];
	const struct mue_map *looked_up;
	const uint8_t *from = io;
	struct mue_io_head head;

	memcpy(&head, from, sizeof(head));
	o->phases[phase].invoked = head.invoked;
	for (uint32_t i = 0; i < p->count && head.invoked; i++) {
		struct mue_result *r = &o->ops[p->first + i];
		struct mue_io_step step;
		uint32_t out = mue_step_out(c, p, p->first + i, &looked_up);

		memcpy(&step, from + l->steps[i].io, sizeof(step));
		r->known = 1;
		r->times = step.times;
		r->failed = step.failed;
		r->ret = step.ret;
		r->has_value = out && step.ret;
		if (r->has_value)
			mue_observe_blob(o, &r->value, from + l->steps[i].out, out);
	}
}
