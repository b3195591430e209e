/*
 * Passes that make what a case says simpler. Each has an order, and only goes down in it: sizes
 * towards 4 and 8, counts towards 1, flags and bytes towards 0, words towards the first of their
 * table.
 */
#include <stdio.h>
#include <string.h>

#include "fuzz/reduce_passes.h"

/* A pass with several things to try at each place counts places in steps of that many. */
static uint32_t each_map(const struct mue_case *c, uint32_t tries)
{
	return c->n_maps * tries;
}

static uint32_t each_phase(const struct mue_case *c, uint32_t tries)
{
	return c->n_phases * tries;
}

static uint32_t each_op(const struct mue_case *c, uint32_t tries)
{
	return c->n_ops * tries;
}

/*
 * Numbers go down by halves, quarters, .. of themselves, down to one at a time, so that the least
 * is found in few questions however large they are. Two tries are for the numbers that are most
 * wanted.
 */
enum { FIRST_CHOICE, SECOND_CHOICE, PARTS, NUMBER_TRIES = PARTS + 31 };

static uint32_t lower(uint32_t n, uint32_t try)
{
	uint32_t part = n >> (try - PARTS + 1);

	if (part)
		return n - part;
	return n && try == NUMBER_TRIES - 1 ? n - 1 : n;
}

/* Sizes: 4 is the simplest, then 8, then 0, 1, 2, ... */

static uint64_t size_rank(uint32_t n)
{
	return n == 4 ? 0 : n == 8 ? 1 : (uint64_t)n + 2;
}

static bool shrink_size(uint32_t *size, uint32_t try)
{
	uint32_t to = try == FIRST_CHOICE ? 4 : try == SECOND_CHOICE ? 8 : lower(*size, try);

	if (size_rank(to) >= size_rank(*size))
		return false;
	*size = to;
	return true;
}

/* Counts: 1 is the simplest; 0 stays. */
static uint32_t less(uint32_t n, uint32_t try)
{
	uint32_t to = try == FIRST_CHOICE ? 1 : try == SECOND_CHOICE ? 2 : lower(n, try);

	return n > 1 && to && to < n ? to : n;
}

enum { SIZES = 3 * NUMBER_TRIES };

static uint32_t count_sizes(const struct mue_case *c)
{
	return each_map(c, SIZES);
}

static bool make_size(struct mue_case *c, uint32_t place)
{
	struct mue_map *m = &c->maps[place / SIZES];
	uint32_t which = place % SIZES / NUMBER_TRIES, try = place % NUMBER_TRIES, to;

	if (which == 1)
		return shrink_size(&m->key_size, try);
	if (which == 2)
		return shrink_size(&m->value_size, try);
	to = less(m->max_entries, try);
	if (to == m->max_entries)
		return false;
	m->max_entries = to;
	return true;
}

/* Flags of a map, one bit after the other; its NUMA node; its special field; its template. */
enum { MAP_FLAGS = 32, MAP_NUMA = MAP_FLAGS, MAP_SPECIAL, MAP_INNER, MAP_PLAIN };

static uint32_t count_map_plain(const struct mue_case *c)
{
	return each_map(c, MAP_PLAIN);
}

static bool zero(uint32_t *n)
{
	bool was = *n;

	*n = 0;
	return was;
}

static bool make_map_plain(struct mue_case *c, uint32_t place)
{
	struct mue_map *m = &c->maps[place / MAP_PLAIN];
	uint32_t bit = place % MAP_PLAIN;

	if (bit == MAP_NUMA)
		return zero(&m->numa_node);
	if (bit == MAP_SPECIAL)
		return zero(&m->special);
	if (bit == MAP_INNER)
		return zero(&m->inner);
	if (!(m->flags >> bit & 1))
		return false;
	m->flags &= ~(UINT32_C(1) << bit);
	return true;
}

/* Maps are called m, n, o, ... */
static uint32_t count_map_names(const struct mue_case *c)
{
	return each_map(c, 1);
}

static bool make_map_name(struct mue_case *c, uint32_t map)
{
	char name[sizeof(c->maps[map].name)] = {'m' + map};

	if (!memcmp(name, c->maps[map].name, sizeof(name)))
		return false;
	memcpy(c->maps[map].name, name, sizeof(name));
	return true;
}

/*
 * Bytes. The simplest are all zero; then fewer that are said, then smaller ones.
 */
enum { SMALL_NUMBERS = 4, NO_FILL = SMALL_NUMBERS, NO_TAIL, NO_HEAD, WHOLE };
enum { BYTE_ZERO, BYTE_ONE, BYTE_HALF, BYTE_LESS, BYTE_TRIES };
enum { BYTES = WHOLE + (MUE_HEAD_MAX + MUE_TAIL_MAX) * BYTE_TRIES };

static uint32_t bytes_rank(struct mue_bytes b, uint32_t size)
{
	uint32_t rank;

	mue_bytes_canon(&b, size);
	rank = (b.fill ? 1u << 24 : 0) + ((uint32_t)b.n_head + b.n_tail) * 0x10000 + b.fill;
	for (unsigned i = 0; i < b.n_head; i++)
		rank += b.head[i];
	for (unsigned i = 0; i < b.n_tail; i++)
		rank += b.tail[i];
	return rank;
}

static void lower_byte(uint8_t *byte, uint32_t try)
{
	uint8_t to = try == BYTE_ZERO	? 0
		     : try == BYTE_ONE	? 1
		     : try == BYTE_HALF ? *byte / 2
					: *byte - 1;

	if (to < *byte)
		*byte = to;
}

/* What to try of bytes that come in canonical form. */
static struct mue_bytes simpler(struct mue_bytes b, uint32_t try)
{
	uint32_t byte = (try - WHOLE) / BYTE_TRIES, how = (try - WHOLE) % BYTE_TRIES;

	if (try < SMALL_NUMBERS)
		b = mue_bytes_u32(try);
	else if (try == NO_FILL)
		b.fill = 0;
	else if (try == NO_TAIL)
		b.n_tail = 0;
	else if (try == NO_HEAD)
		b.n_head = 0;
	else if (byte < b.n_head)
		lower_byte(&b.head[byte], how);
	else if (byte >= MUE_HEAD_MAX && byte - MUE_HEAD_MAX < b.n_tail)
		lower_byte(&b.tail[byte - MUE_HEAD_MAX], how);
	return b;
}

static uint32_t count_bytes(const struct mue_case *c)
{
	return each_op(c, 2 * BYTES);
}

static uint32_t bytes_size(const struct mue_case *c, const struct mue_op *op, bool value)
{
	const struct mue_map *m = &c->maps[op->map];

	return value ? m->value_size : m->key_size;
}

static bool has_bytes(const struct mue_op *op, bool value)
{
	return value ? mue_op_has_value(op->kind) : mue_op_has_key(op->kind);
}

/* Of one op, or of all ops that say the same bytes. */
static bool make_bytes_of(struct mue_case *c, uint32_t place, bool together)
{
	struct mue_op *op = &c->ops[place / (2 * BYTES)];
	bool value = place / BYTES % 2;
	struct mue_bytes was = value ? op->value : op->key, to;
	uint32_t size = bytes_size(c, op, value);

	if (!has_bytes(op, value))
		return false;
	mue_bytes_canon(&was, size);
	to = simpler(was, place % BYTES);
	mue_bytes_canon(&to, size);
	if (bytes_rank(to, size) >= bytes_rank(was, size))
		return false;
	for (struct mue_op *o = together ? c->ops : op; o < c->ops + c->n_ops; o++) {
		struct mue_bytes *b = value ? &o->value : &o->key, same = *b;

		mue_bytes_canon(&same, size);
		if (o == op || (has_bytes(o, value) && bytes_size(c, o, value) == size &&
				!memcmp(&same, &was, sizeof(was))))
			*b = to;
		if (!together)
			break;
	}
	return true;
}

static bool make_bytes(struct mue_case *c, uint32_t place)
{
	return make_bytes_of(c, place, false);
}

static bool make_bytes_together(struct mue_case *c, uint32_t place)
{
	return make_bytes_of(c, place, true);
}

static uint32_t count_times(const struct mue_case *c)
{
	return each_op(c, NUMBER_TRIES);
}

static bool make_times(struct mue_case *c, uint32_t place)
{
	struct mue_op *op = &c->ops[place / NUMBER_TRIES];
	uint32_t to = less(op->times, place % NUMBER_TRIES);

	if (to == op->times)
		return false;
	op->times = to;
	return true;
}

/* All that a phase has besides its type and its ops. */
enum {
	PLAIN_CPU,
	PLAIN_ATTACH,
	PLAIN_SLEEPABLE,
	PLAIN_PROPRIETARY,
	PLAIN_TRIGGER,
	PLAIN_RETURNS,
	PLAIN_LOAD_ONLY,
	PHASE_PLAIN
};

static uint32_t count_phase_plain(const struct mue_case *c)
{
	return each_phase(c, PHASE_PLAIN);
}

static bool make_phase_plain(struct mue_case *c, uint32_t place)
{
	struct mue_phase *p = &c->phases[place / PHASE_PLAIN], was = *p;

	switch (place % PHASE_PLAIN) {
	case PLAIN_CPU:
		p->cpu = 0;
		break;
	case PLAIN_ATTACH:
		p->attach_type = 0;
		break;
	case PLAIN_SLEEPABLE:
		p->sleepable = 0;
		break;
	case PLAIN_PROPRIETARY:
		p->proprietary = 0;
		break;
	case PLAIN_TRIGGER:
		p->trigger = 0;
		break;
	case PLAIN_RETURNS:
		p->returns = 0;
		break;
	case PLAIN_LOAD_ONLY:
		p->load_only = 0;
		break;
	}
	return memcmp(&was, p, sizeof(was));
}

/* The simplest program types, best first: a user phase is no program at all. All others follow. */
static const uint8_t simple_progs[] = {
	MUE_PROG_UNSPEC, MUE_PROG_SOCKET_FILTER,  MUE_PROG_SCHED_CLS,
	MUE_PROG_XDP,	 MUE_PROG_RAW_TRACEPOINT, MUE_PROG_SYSCALL,
};
enum { SIMPLE_PROGS = sizeof(simple_progs) };

static uint32_t prog_rank(uint32_t type)
{
	uint32_t rank = 0;

	while (rank < SIMPLE_PROGS && simple_progs[rank] != type)
		rank++;
	return rank;
}

static uint32_t count_prog_types(const struct mue_case *c)
{
	return each_phase(c, SIMPLE_PROGS);
}

/* What only steps of programs have. */
static void plain_op(struct mue_op *op)
{
	op->key_from = op->value_from = op->reach = op->flags_const = op->map2 = 0;
}

static bool make_prog_type(struct mue_case *c, uint32_t place)
{
	struct mue_phase *p = &c->phases[place / SIMPLE_PROGS];
	uint32_t to = place % SIMPLE_PROGS;

	if (prog_rank(p->prog_type) <= to)
		return false;
	p->prog_type = simple_progs[to];
	p->attach_type = p->trigger = 0;
	if (p->prog_type)
		return true;
	p->sleepable = p->load_only = p->returns = p->proprietary = 0;
	for (uint32_t i = 0; i < p->count; i++)
		plain_op(&c->ops[p->first + i]);
	return true;
}

static uint32_t count_origins(const struct mue_case *c)
{
	return each_op(c, 2 * MUE_ORIGINS);
}

static bool make_origin(struct mue_case *c, uint32_t place)
{
	struct mue_op *op = &c->ops[place / (2 * MUE_ORIGINS)];
	uint8_t *from = place / MUE_ORIGINS % 2 ? &op->value_from : &op->key_from;
	uint32_t to = place % MUE_ORIGINS;

	if (*from <= to)
		return false;
	*from = to;
	return true;
}

static uint32_t count_reaches(const struct mue_case *c)
{
	return each_op(c, MUE_REACHES);
}

/* A call that is repeated in a loop is made once elsewhere. */
static bool make_reach(struct mue_case *c, uint32_t place)
{
	struct mue_op *op = &c->ops[place / MUE_REACHES];
	uint32_t to = place % MUE_REACHES;

	if (op->reach <= to)
		return false;
	op->reach = to;
	op->map2 = 0;
	if (to != MUE_REACH_LOOP)
		op->times = 1;
	return true;
}

/* What stands in keys and values for an object of the kernel: none is the simplest, then the first.
 */
static uint32_t count_objects(const struct mue_case *c)
{
	return each_op(c, 2 * MUE_OBJECTS);
}

static bool make_object(struct mue_case *c, uint32_t place)
{
	struct mue_op *op = &c->ops[place / (2 * MUE_OBJECTS)];
	uint8_t *object = place / MUE_OBJECTS % 2 ? &op->value_object : &op->key_object;
	uint32_t to = place % MUE_OBJECTS;

	if (*object <= to)
		return false;
	*object = to;
	if (op->value_object != MUE_OBJECT_MAP && op->reach != MUE_REACH_SHARED)
		op->map2 = 0;
	return true;
}

/* Update flags: all at once, then one bit after the other; then whether they are an immediate. */
enum { ALL_FLAGS, ONE_FLAG, FLAGS_CONST = ONE_FLAG + 64, FLAG_TRIES };

static uint32_t count_flags(const struct mue_case *c)
{
	return each_op(c, FLAG_TRIES);
}

static bool make_flags(struct mue_case *c, uint32_t place)
{
	struct mue_op *op = &c->ops[place / FLAG_TRIES], was = *op;
	uint32_t try = place % FLAG_TRIES;

	if (try == ALL_FLAGS)
		op->flags = 0;
	else if (try == FLAGS_CONST)
		op->flags_const = 0;
	else
		op->flags &= ~(UINT64_C(1) << (try - ONE_FLAG));
	return op->flags != was.flags || op->flags_const != was.flags_const;
}

const struct reduce_pass reduce_map_sizes = {count_sizes, make_size, false};
const struct reduce_pass reduce_map_plain = {count_map_plain, make_map_plain, false};
const struct reduce_pass reduce_map_names = {count_map_names, make_map_name, true};
const struct reduce_pass reduce_bytes = {count_bytes, make_bytes, false};
const struct reduce_pass reduce_bytes_together = {count_bytes, make_bytes_together, false};
const struct reduce_pass reduce_times = {count_times, make_times, false};
const struct reduce_pass reduce_phase_plain = {count_phase_plain, make_phase_plain, true};
const struct reduce_pass reduce_prog_types = {count_prog_types, make_prog_type, false};
const struct reduce_pass reduce_origins = {count_origins, make_origin, false};
const struct reduce_pass reduce_reaches = {count_reaches, make_reach, false};
const struct reduce_pass reduce_objects = {count_objects, make_object, false};
const struct reduce_pass reduce_flags = {count_flags, make_flags, false};
