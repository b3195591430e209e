/* mue_case_check: one function a rule, called in the order of the case. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cases/attach.h"
#include "cases/case.h"
#include "cases/socks.h"

/* What is being checked, for messages. */
struct check {
	const struct mue_case *c;
	const struct mue_phase *phase;
	const struct mue_op *op;
	char *msg;
	size_t size;
};

__attribute__((format(printf, 2, 3))) static int refuse(const struct check *k, const char *format, ...)
{
	va_list args;
	int n = 0;

	if (!k->size)
		return -EINVAL;
	if (k->phase)
		n = snprintf(k->msg, k->size, "phase %td", k->phase - k->c->phases);
	if (k->op)
		n += snprintf(k->msg + n, k->size - n, " op %td", k->op - k->c->ops - k->phase->first);
	if (n)
		n += snprintf(k->msg + n, k->size - n, ": ");
	va_start(args, format);
	vsnprintf(k->msg + n, k->size - n, format, args);
	va_end(args);
	return -EINVAL;
}

/* Bytes of keys and values that ops handle; creation alone may ask for anything. */
#define OP_SIZE_MAX (8u << 20)

static bool on_stack(unsigned origin)
{
	return origin == MUE_ORIGIN_STACK || origin == MUE_ORIGIN_UNALIGNED ||
	       origin == MUE_ORIGIN_LITERAL;
}

static bool uses_stack(unsigned origin)
{
	return on_stack(origin) || origin == MUE_ORIGIN_UNINIT || origin == MUE_ORIGIN_SHORT_STACK;
}

static bool in_packet(unsigned origin)
{
	return origin == MUE_ORIGIN_PACKET || origin == MUE_ORIGIN_SHORT_PACKET;
}

/* A program that never runs sees what it likes. */
static bool has_payload(const struct mue_phase *p)
{
	const struct mue_trigger_row *trigger = mue_phase_trigger(p);

	return p->load_only || !trigger || trigger->flags & MUE_TRIGGER_F_PAYLOAD;
}

/* Origins that every reach can pass on. */
static bool portable(unsigned origin)
{
	return on_stack(origin) || origin == MUE_ORIGIN_MAP || origin == MUE_ORIGIN_RODATA;
}

/* What the kernel takes for a map's name; also what keeps it one word of the text form. */
static bool map_name_ok(const char *name, size_t size)
{
	size_t n = strnlen(name, size);

	if (!n || n == size)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_' && name[i] != '.')
			return false;
	return true;
}

/*
 * The name is one word: printable ASCII without spaces that does not begin as a comment does.
 * The note is lines of text.
 */
static int check_name(struct check *k)
{
	const char *name = k->c->name, *note = k->c->note;
	size_t n = strnlen(name, sizeof(k->c->name));

	if (n == sizeof(k->c->name) || !memchr(note, 0, sizeof(k->c->note)))
		return refuse(k, "name or note has no end");
	for (size_t i = 0; i < n; i++)
		if (!isascii(name[i]) || !isgraph(name[i]) || name[0] == '#')
			return refuse(k, "name: expected printable characters without spaces");
	for (; *note; note++)
		if (iscntrl((unsigned char)*note) && *note != '\t' && *note != '\n')
			return refuse(k, "note: expected no control characters");
	return 0;
}

static int check_maps(struct check *k)
{
	const struct mue_case *c = k->c;

	if (!c->n_maps || c->n_maps > MUE_MAPS_MAX)
		return refuse(k, "%u maps; expected 1 to %d", c->n_maps, MUE_MAPS_MAX);
	for (uint32_t i = 0; i < c->n_maps; i++) {
		const struct mue_map *m = &c->maps[i];

		if (!map_name_ok(m->name, sizeof(m->name)))
			return refuse(k, "map %u: expected a name of 1 to %zu letters, digits, _ or .",
				      i, sizeof(m->name) - 1);
		for (uint32_t j = 0; j < i; j++)
			if (!strcmp(m->name, c->maps[j].name))
				return refuse(k, "map %u: name %s is taken", i, m->name);
		if (m->inner > i)
			return refuse(k, "map %s: expected the inner map before it", m->name);
		if (m->inner && m->type != MUE_MAP_ARRAY_OF_MAPS && m->type != MUE_MAP_HASH_OF_MAPS)
			return refuse(k, "map %s: a map of its type has no inner map", m->name);
		if (m->special >= MUE_SPECIALS)
			return refuse(k, "map %s: unknown special field %u", m->name, m->special);
		if (m->special && m->value_size < mue_special_size(m->special))
			return refuse(k, "map %s: value of %u bytes is too small for its special field",
				      m->name, m->value_size);
	}
	return 0;
}

static bool takes_flags(unsigned kind, bool step)
{
	switch (kind) {
	case MUE_OP_UPDATE:
	case MUE_OP_BATCH:
		return true;
	case MUE_OP_LOOKUP:
	case MUE_OP_LOOKUP_AND_DELETE:
	case MUE_OP_CONTAINS:
		return !step;
	}
	return false;
}

static int check_socks(struct check *k)
{
	if (k->c->n_socks > MUE_SOCKS_MAX)
		return refuse(k, "%u sockets; expected at most %d", k->c->n_socks, MUE_SOCKS_MAX);
	for (uint32_t i = 0; i < k->c->n_socks; i++)
		if (k->c->socks[i].kind >= MUE_SOCKS)
			return refuse(k, "unknown socket kind %u", k->c->socks[i].kind);
	return 0;
}

static int check_edits(struct check *k)
{
	if (k->c->n_edits > MUE_EDITS_MAX)
		return refuse(k, "%u edits; expected at most %d", k->c->n_edits, MUE_EDITS_MAX);
	for (uint32_t i = 0; i < k->c->n_edits; i++)
		if (k->c->edits[i].insert > 1)
			return refuse(k, "edit %u neither inserts nor replaces", i);
	return 0;
}

/* The fields that an op of this kind and place has no use for must be at their defaults. */
static int check_unused(struct check *k)
{
	const struct mue_op *op = k->op;
	bool step = k->phase->prog_type;

	if (!step && (op->key_from || op->value_from || op->reach || op->flags_const))
		return refuse(k, "user-side calls take no origin, reach or const");
	if (!mue_op_has_value(op->kind) && (op->value_from || op->reach || op->flags_const))
		return refuse(k, "%s takes no value origin, reach or const", mue_op_rows[op->kind].name);
	if (!mue_op_has_key(op->kind) && op->key_from)
		return refuse(k, "%s takes no key origin", mue_op_rows[op->kind].name);
	if (op->flags && !takes_flags(op->kind, step))
		return refuse(k, "%s takes no flags", mue_op_rows[op->kind].name);
	if (op->reach != MUE_REACH_SHARED && op->value_object != MUE_OBJECT_MAP && op->map2)
		return refuse(k, "a second map goes with reach shared and with map_fd only");
	if (op->kind == MUE_OP_CONTAINS && k->c->maps[op->map].type != MUE_MAP_BLOOM_FILTER)
		return refuse(k, "contains asks a bloom_filter only");
	/* A lookup there hands a value over, which a lookup of ours does not have. */
	if (k->c->maps[op->map].type == MUE_MAP_BLOOM_FILTER && !step && op->kind == MUE_OP_LOOKUP)
		return refuse(k, "a bloom_filter is asked by contains only");
	if (op->sock && !mue_op_is_sock(op->kind))
		return refuse(k, "%s takes no socket", mue_op_rows[op->kind].name);
	return 0;
}

/* An object's descriptor stands in place of bytes that are there. */
static int check_objects(struct check *k)
{
	const struct mue_op *op = k->op;
	const struct mue_map *m = &k->c->maps[op->map];
	struct mue_fd_place place = mue_value_fd_place(m);

	if (!op->key_object && !op->value_object)
		return 0;
	if (k->phase->prog_type)
		return refuse(k, "a program names no objects");
	if (op->key_object >= MUE_OBJECTS || op->value_object >= MUE_OBJECTS)
		return refuse(k, "unknown object");
	if (op->key_object == MUE_OBJECT_MAP)
		return refuse(k, "a key names no map");
	if (op->key_object && (!mue_op_has_key(op->kind) || !mue_key_fd_place(m).size || m->key_size < 4))
		return refuse(k, "there is no key that names an object");
	if (op->value_object && (!mue_op_has_value(op->kind) || place.size < 4 ||
				 m->value_size < place.at + place.size))
		return refuse(k, "there is no value that holds an object");
	if (op->value_object == MUE_OBJECT_MAP && op->map2 >= k->c->n_maps)
		return refuse(k, "map %u of %u", op->map2, k->c->n_maps);
	if (op->times > 1)
		return refuse(k, "an object is named once");
	return 0;
}

static int check_times(struct check *k)
{
	const struct mue_op *op = k->op;

	if (op->times < 1 || op->times > MUE_TIMES_MAX)
		return refuse(k, "times %u; expected 1 to %d", op->times, MUE_TIMES_MAX);
	if (op->times == 1)
		return 0;
	if (!k->phase->prog_type) {
		if (op->kind != MUE_OP_UPDATE && op->kind != MUE_OP_BATCH)
			return refuse(k, "times goes with update and batch only");
		return 0;
	}
	if (op->reach != MUE_REACH_LOOP)
		return refuse(k, "times in a program goes with reach loop only");
	if (!on_stack(op->key_from) ||
	    (!on_stack(op->value_from) && !mue_origin_is_sock(op->value_from)))
		return refuse(k, "times in a program needs key and value on the stack");
	return 0;
}

/* The latest lookup before the op in the same program, or NULL. */
static const struct mue_op *latest_lookup(const struct check *k)
{
	const struct mue_op *first = k->c->ops + k->phase->first;

	if (k->op->reach == MUE_REACH_TAIL_CALL)
		return NULL;
	for (const struct mue_op *o = k->op; o-- > first;) {
		if (o->kind == MUE_OP_LOOKUP)
			return o;
		if (o->reach == MUE_REACH_TAIL_CALL)
			return NULL;
	}
	return NULL;
}

static int check_lookup_pointer(struct check *k, uint32_t need)
{
	const struct mue_op *lookup = latest_lookup(k);
	const struct mue_map *m = lookup ? &k->c->maps[lookup->map] : NULL;

	if (!lookup)
		return refuse(k, "expected a lookup before it in the same program");
	if (mue_map_holds_socks(m->type))
		return refuse(k, "a socket that map %s holds is released when it was looked at",
			      m->name);
	if (need && (m->special || m->value_size < need))
		return refuse(k, "the looked-up value of map %s does not hold %u plain bytes", m->name,
			      need);
	return 0;
}

/* A value that is a socket: the register, or a slot of the stack, must outlive the call. */
static int check_sock(struct check *k)
{
	switch (k->op->reach) {
	case MUE_REACH_MAIN:
	case MUE_REACH_SUBPROG:
	case MUE_REACH_LOOP:
	case MUE_REACH_SHARED:
	case MUE_REACH_TAIL_CALL:
		return 0;
	default:
		return refuse(k, "reach %s takes no socket", mue_reach_names[k->op->reach]);
	}
}

static int check_origin(struct check *k, unsigned origin, uint32_t size, const char *what)
{
	const struct mue_prog_type_row *type = mue_prog_type_row(k->phase->prog_type);

	if (origin >= MUE_ORIGINS)
		return refuse(k, "unknown %s origin %u", what, origin);
	if (uses_stack(origin) && size > MUE_STACK_ROOM)
		return refuse(k, "a %s of %u bytes does not fit on the stack (%d)", what, size,
			      MUE_STACK_ROOM);
	if (in_packet(origin) && (!type || type->packet == MUE_PACKET_NONE))
		return refuse(k, "the program type has no packet for a %s", what);
	if (in_packet(origin) && !has_payload(k->phase))
		return refuse(k, "the trigger sends no packet for a %s", what);
	if (in_packet(origin) && size > MUE_STACK_ROOM)
		return refuse(k, "a %s of %u bytes does not fit the packet (%d)", what, size,
			      MUE_STACK_ROOM);
	if (origin == MUE_ORIGIN_LOOKUP)
		return check_lookup_pointer(k, size);
	if (k->op->reach != MUE_REACH_MAIN && !portable(origin))
		return refuse(k, "reach %s takes no %s from %s", mue_reach_names[k->op->reach], what,
			      mue_origin_rows[origin].name);
	return 0;
}

static int check_reach(struct check *k)
{
	const struct mue_op *op = k->op;
	const struct mue_map *m = &k->c->maps[op->map], *m2;
	const struct mue_map_type_row *type = mue_map_type_row(m->type);

	if (op->reach >= MUE_REACHES)
		return refuse(k, "unknown reach %u", op->reach);
	if (op->reach == MUE_REACH_SHARED) {
		if (op->map2 >= k->c->n_maps || op->map2 == op->map)
			return refuse(k, "reach shared needs a second map");
		m2 = &k->c->maps[op->map2];
		if (m2->key_size != m->key_size || m2->value_size != m->value_size)
			return refuse(k, "the maps %s and %s differ in key or value size", m->name,
				      m2->name);
	}
	if (op->reach == MUE_REACH_INNER && (!type || type->class != MUE_CLASS_PLAIN || m->special))
		return refuse(k, "map %s cannot be the inner map", m->name);
	return 0;
}

static int check_step(struct check *k)
{
	const struct mue_op *op = k->op;
	const struct mue_map *m = &k->c->maps[op->map];
	uint32_t room = 0;
	int err = check_reach(k);

	if (!err && op->kind == MUE_OP_REREAD)
		err = check_lookup_pointer(k, 0);
	if (!err && mue_op_has_key(op->kind))
		err = check_origin(k, op->key_from, m->key_size, "key");
	if (!err && mue_op_has_key(op->kind) && mue_origin_is_sock(op->key_from))
		return refuse(k, "a key is no socket");
	if (!err && mue_op_has_value(op->kind))
		err = mue_origin_is_sock(op->value_from)
			      ? check_sock(k)
			      : check_origin(k, op->value_from, m->value_size, "value");
	if (err)
		return err;
	if (op->key_from == MUE_ORIGIN_RINGBUF && op->value_from == MUE_ORIGIN_RINGBUF)
		return refuse(k, "a call takes one ring buffer reservation, not two");
	if (op->key_from == MUE_ORIGIN_RINGBUF && mue_origin_is_sock(op->value_from))
		return refuse(k, "a call takes a ring buffer reservation or a socket, not both");
	if (mue_op_has_key(op->kind) && uses_stack(op->key_from))
		room += m->key_size;
	if (mue_op_has_value(op->kind) && uses_stack(op->value_from))
		room += m->value_size;
	if (room > MUE_STACK_ROOM)
		return refuse(k, "key and value of %u bytes do not fit on the stack (%d)", room,
			      MUE_STACK_ROOM);
	return 0;
}

static int check_sock_op(struct check *k)
{
	if (k->op->sock >= k->c->n_socks)
		return refuse(k, "socket %u of %u", k->op->sock + 1, k->c->n_socks);
	if (k->op->map)
		return refuse(k, "%s takes no map", mue_op_rows[k->op->kind].name);
	return check_unused(k) ?: check_times(k);
}

static int check_op(struct check *k)
{
	const struct mue_op *op = k->op;
	enum mue_where where = k->phase->prog_type ? MUE_WHERE_PROG : MUE_WHERE_USER;
	const struct mue_map *m;
	int err;

	if (op->kind >= MUE_OP_KINDS)
		return refuse(k, "unknown kind %u", op->kind);
	if (!(mue_op_rows[op->kind].where & where))
		return refuse(k, "%s does not stand in a %s phase", mue_op_rows[op->kind].name,
			      where == MUE_WHERE_USER ? "user" : "program");
	if (op->map >= k->c->n_maps)
		return refuse(k, "map %u of %u", op->map, k->c->n_maps);
	if (mue_op_is_sock(op->kind))
		return check_sock_op(k);
	m = &k->c->maps[op->map];
	if (m->key_size > OP_SIZE_MAX || m->value_size > OP_SIZE_MAX)
		return refuse(k, "map %s: keys and values of at most %u bytes can be used", m->name,
			      OP_SIZE_MAX);
	if (op->key.n_head > MUE_HEAD_MAX || op->key.n_tail > MUE_TAIL_MAX ||
	    op->value.n_head > MUE_HEAD_MAX || op->value.n_tail > MUE_TAIL_MAX)
		return refuse(k, "bytes with more than %d of head or %d of tail", MUE_HEAD_MAX,
			      MUE_TAIL_MAX);
	err = check_unused(k);
	if (!err)
		err = check_objects(k);
	if (!err)
		err = check_times(k);
	if (!err && where == MUE_WHERE_PROG)
		err = check_step(k);
	return err;
}

/* Whether a step that runs passes the context's socket. */
static bool shows_socket(const struct check *k)
{
	for (uint32_t i = 0; i < k->phase->count && !k->phase->load_only; i++)
		if (k->c->ops[k->phase->first + i].value_from == MUE_ORIGIN_CTX_SK)
			return true;
	return false;
}

/* Which of several sockets an iterator meets first is chance; and a TCP socket that is gone leaves
 * a remainder. */
static int check_iterator(struct check *k)
{
	const bool tcp = k->phase->trigger == MUE_VIA_ITER_TCP;
	uint32_t met = 0;
	bool pair;

	for (uint32_t i = 0; i < k->c->n_socks; i++) {
		if (!mue_phase_meets(k->phase, &k->c->socks[i], &pair))
			continue;
		met++;
		if (pair)
			return refuse(k, "an iterator meets both ends of socket %u", i + 1);
		for (uint32_t op = 0; op < k->c->n_ops && tcp; op++)
			if (mue_op_is_sock(k->c->ops[op].kind) && k->c->ops[op].sock == i)
				return refuse(k, "an iterator wants socket %u to go on listening",
					      i + 1);
	}
	if (met > 1 || (tcp && !met))
		return refuse(k, "an iterator meets %u of the case's sockets; expected %s", met,
			      tcp ? "1" : "at most 1");
	return 0;
}

static int check_phase(struct check *k, uint32_t next)
{
	const struct mue_phase *p = k->phase;
	uint32_t tails = 0;

	if (p->first != next || p->count > k->c->n_ops - next)
		return refuse(k, "its ops do not follow those of the phase before");
	if (p->prog_type >= MUE_PROG_TYPES || (p->prog_type && !mue_prog_type_row(p->prog_type)))
		return refuse(k, "unknown program type %u", p->prog_type);
	if (p->cpu >= 64)
		return refuse(k, "CPU %u; expected 0 to 63", p->cpu);
	if (!p->prog_type && (p->attach_type || p->trigger || p->sleepable || p->load_only))
		return refuse(k, "a user phase has no attach type and no trigger and is not loaded");
	if (!p->prog_type && (p->returns || p->proprietary))
		return refuse(k, "a user phase returns nothing and has no licence");
	if (p->proprietary > 1)
		return refuse(k, "proprietary %u; expected 0 or 1", p->proprietary);
	if (p->trigger >= MUE_VIAS)
		return refuse(k, "unknown trigger %u", p->trigger);
	if (p->trigger && !mue_phase_trigger(p))
		return refuse(k, "no trigger %s for programs of this type and attach type",
			      mue_via_names[p->trigger]);
	if (mue_phase_iterates(p) && shows_socket(k) && check_iterator(k))
		return -EINVAL;
	if (p->returns >= MUE_RETURNS)
		return refuse(k, "unknown return value %u", p->returns);
	if (p->returns && !p->load_only && !mue_phase_test_run(p))
		return refuse(k, "an event would act on what is returned: expected load_only");
	for (k->op = k->c->ops + p->first; k->op < k->c->ops + p->first + p->count; k->op++) {
		int err = check_op(k);

		if (err)
			return err;
		tails += k->op->reach == MUE_REACH_TAIL_CALL;
	}
	k->op = NULL;
	if (tails > 1)
		return refuse(k, "%u tail calls; expected at most 1", tails);
	return 0;
}

int mue_case_check(const struct mue_case *c, char *msg, size_t msg_size)
{
	struct check k = {.c = c, .msg = msg, .size = msg_size};
	uint32_t next = 0;
	int err = check_name(&k);

	if (!err)
		err = check_maps(&k);
	if (!err)
		err = check_socks(&k);
	if (!err)
		err = check_edits(&k);
	if (err)
		return err;
	if (c->n_phases > MUE_PHASES_MAX || c->n_ops > MUE_OPS_MAX)
		return refuse(&k, "%u phases, %u ops; expected at most %d and %d", c->n_phases, c->n_ops,
			      MUE_PHASES_MAX, MUE_OPS_MAX);
	for (k.phase = c->phases; k.phase < c->phases + c->n_phases; k.phase++) {
		err = check_phase(&k, next);
		if (err)
			return err;
		next += k.phase->count;
	}
	k.phase = NULL;
	if (next != c->n_ops)
		return refuse(&k, "%u ops belong to no phase", c->n_ops - next);
	return 0;
}
