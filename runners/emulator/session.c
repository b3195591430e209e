/* The emulator as a runner. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "cases/attach.h"
#include "runners/emulator/contexts.h"
#include "runners/emulator/maps/kinds.h"
#include "runners/emulator/shapes.h"
#include "runners/emulator/users.h"
#include "runners/runner.h"

struct emulator {
	struct mue_session session;
	struct emu_shapes *shapes;
	struct emu_users users;
	uint8_t ctx[EMU_CTX_MAX];
	uint8_t *packet; /* header and payload; grows */
	uint32_t packet_room;
};

static bool is_plain(uint32_t type)
{
	const struct mue_map_type_row *row = mue_map_type_row(type);

	return row && row->class == MUE_CLASS_PLAIN;
}

static bool is_per_cpu(uint32_t type)
{
	const struct mue_map_type_row *row = mue_map_type_row(type);

	return row && row->per_cpu;
}

/* Kernels have refused maps of 4 GiB less a page or so for being too large, in one way or another. */
#define NO_RULE_FROM ((UINT64_C(1) << 32) - (UINT64_C(1) << 16))

/* The first reason why `c` cannot be asked in this world, or NULL. */
static const char *cannot_map(const struct mue_world *w, const struct mue_map *m)
{
	if (m->special && !is_plain(m->type) && !mue_map_has_owners(m->type))
		return "maps of this type have no BTF here";
	if ((m->special == MUE_SPECIAL_KPTR || m->special == MUE_SPECIAL_RB_ROOT) &&
	    mue_special_rows[m->special].since > w->version)
		return "BTF of this version may not do for the special field";
	switch (m->type) {
	case MUE_MAP_CPUMAP:
		return !w->built_cpus && m->max_entries > w->cpus
			       ? "a cpumap may be too large for the kernel's configuration"
			       : NULL;
	case MUE_MAP_ARENA:
		return w->jit ? NULL : "an arena without JIT is up to the architecture";
	case MUE_MAP_HASH:
	case MUE_MAP_PERCPU_HASH:
	case MUE_MAP_LRU_HASH:
	case MUE_MAP_LRU_PERCPU_HASH:
	case MUE_MAP_SOCKHASH:
		if (w->cpus == 1 && m->max_entries > 1u << 27 && m->max_entries <= 1u << 28)
			return "so many buckets fit only where a kernel is built for one CPU";
	}
	return NULL;
}

static bool is_zero(const struct mue_bytes *bytes, const struct mue_map *m,
		    struct mue_fd_place place)
{
	uint8_t value[16] = {0};

	if (m->value_size > sizeof(value) || place.at + place.size > m->value_size)
		return true;
	mue_bytes_resolve(bytes, value, m->value_size);
	return !memcmp(value + place.at, (uint8_t[8]){0}, place.size);
}

/* Whether a number in the key or the value is a descriptor of nobody knows what. */
static bool is_blind(const struct mue_map *m, const struct mue_op *op)
{
	const struct mue_fd_place place = mue_value_fd_place(m);

	switch (m->type) {
	case MUE_MAP_PROG_ARRAY:
	case MUE_MAP_PERF_EVENT_ARRAY:
	case MUE_MAP_CGROUP_ARRAY:
	case MUE_MAP_ARRAY_OF_MAPS:
	case MUE_MAP_HASH_OF_MAPS:
	case MUE_MAP_XSKMAP:
	case MUE_MAP_REUSEPORT_SOCKARRAY:
		return op->kind == MUE_OP_UPDATE && !op->value_object;
	case MUE_MAP_DEVMAP:
	case MUE_MAP_DEVMAP_HASH:
	case MUE_MAP_CPUMAP:
		return op->kind == MUE_OP_UPDATE && !op->value_object &&
		       !is_zero(&op->value, m, place);
	case MUE_MAP_SK_STORAGE:
	case MUE_MAP_INODE_STORAGE:
	case MUE_MAP_TASK_STORAGE:
	case MUE_MAP_CGRP_STORAGE:
		return mue_op_has_key(op->kind) && !op->key_object;
	}
	return false;
}

/* Interfaces but the first, which numbers may have; repetitions count them up. */
static bool is_foreign(const struct mue_map *m, const struct mue_op *op)
{
	uint32_t value[2] = {0};

	if ((m->type != MUE_MAP_DEVMAP && m->type != MUE_MAP_DEVMAP_HASH) ||
	    op->kind != MUE_OP_UPDATE || m->value_size > sizeof(value))
		return false;
	mue_bytes_resolve(&op->value, value, m->value_size);
	return value[0] < 1000000 && value[0] + (uint64_t)op->times > 2;
}

/* Of programs: all else that they do is checked and run. */
static const char *cannot_step(const struct mue_case *c, const struct mue_op *op)
{
	if (op->kind == MUE_OP_LOOKUP && c->maps[op->map].type == MUE_MAP_XSKMAP)
		return "a program that looks for an AF_XDP socket, which is no value";
	return NULL;
}

static const char *cannot_op(const struct mue_world *w, const struct mue_case *c,
			     const struct mue_op *op)
{
	const struct mue_map *m = &c->maps[op->map];

	if (op->kind == MUE_OP_DIGEST && !is_plain(m->type))
		return "only plain maps have a digest";
	if (op->kind == MUE_OP_BATCH && !is_plain(m->type))
		return "only plain maps have batches";
	if (op->kind == MUE_OP_LOOKUP && is_per_cpu(m->type) && op->flags & MUE_UPDATE_CPU &&
	    mue_world_has(w, MUE_CHANGE_CPU_FLAGS))
		return "a lookup of one CPU's value";
	if (is_blind(m, op))
		return "a number that may be a descriptor of anything";
	if (is_foreign(m, op))
		return "an interface that there may be";
	return NULL;
}

static const char *cannot(const struct mue_world *w, const struct mue_case *c)
{
	for (uint32_t i = 0; i < c->n_maps; i++)
		if (cannot_map(w, &c->maps[i]))
			return cannot_map(w, &c->maps[i]);
	for (uint32_t i = 0; i < c->n_phases; i++) {
		const struct mue_phase *p = &c->phases[i];

		if (p->cpu >= w->cpus)
			return "a phase wants a CPU that there is not";
		if (p->prog_type == MUE_PROG_EXT && mue_lower_parts(c, i) > 1)
			return "tail calls to EXT programs";
		for (const struct mue_op *op = &c->ops[p->first]; op < &c->ops[p->first + p->count]; op++) {
			const char *why = p->prog_type ? cannot_step(c, op) : cannot_op(w, c, op);

			if (why)
				return why;
		}
	}
	return NULL;
}

/* Packet and context as test runs and other triggers make them. 0 or -ENOMEM. */
static int feed(struct emulator *e, struct emu_input *in, const struct emu_unit *u,
		const struct mue_case *c, uint32_t phase)
{
	const struct mue_phase *p = &c->phases[phase];
	bool pulled = mue_prog_type_row(p->prog_type)->packet == MUE_PACKET_SKB_L3;
	uint32_t header = pulled && mue_phase_test_run(p) ? MUE_PACKET_HEADER : 0;
	uint32_t payload = header + mue_phase_payload(p);
	uint32_t size = payload + u->layout->packet_payload;

	if (size < MUE_PACKET_MIN)
		size = MUE_PACKET_MIN;
	if (size > e->packet_room) {
		uint8_t *more = realloc(e->packet, size);

		if (!more)
			return -ENOMEM;
		e->packet = more;
		e->packet_room = size;
	}
	memset(e->packet, 0, size);
	mue_packet_fill(e->packet + payload, u->layout, c, phase);
	in->packet = e->packet + header;
	in->packet_size = size - header;
	in->ctx = e->ctx;
	in->ctx_size = emu_ctx_size(p->prog_type);
	memset(e->ctx, 0, in->ctx_size);
	return 0;
}

/* The socket in the context of what runs the phase: NULL where there is none. */
static const struct emu_sock *put_event(struct emulator *e, const struct emu_shape *shape,
					const struct mue_phase *p)
{
	struct emu_sock *k = emu_socks_event(&e->shapes->socks, p, shape->socks);
	uint64_t pointer = emu_vm_sock(shape->vm, k);
	int at = mue_ctx_sk(p->prog_type, p->trigger);

	if (at >= 0)
		memcpy(e->ctx + at, &pointer, sizeof(pointer));
	return k;
}

/* What a test run shows of R0. */
static uint32_t test_result(const struct mue_world *w, const struct mue_phase *p, uint64_t r0)
{
	if (p->prog_type == MUE_PROG_FLOW_DISSECTOR &&
	    !mue_world_has(w, MUE_CHANGE_FLOW_TEST_RESULT))
		return r0 == 0;
	return r0;
}

static void run_unit(struct emulator *e, struct emu_shape *shape, const struct emu_unit *u,
		     const struct mue_case *c, uint32_t phase, struct mue_observation *o)
{
	struct emu_input in = {.cpu = c->phases[phase].cpu};
	const struct emu_sock *event;
	uint64_t r0;
	int err;

	emu_unit_bind(shape, u);
	emu_vm_reset(shape->vm); /* every invocation finds its ring buffer empty */
	mue_io_fill(u->io->memory, u->layout, c, phase);
	mue_io_fill_socks(u->io->memory, u->layout, c, phase, e->shapes->socks.tuples);
	if (u->rodata)
		memcpy(u->rodata->memory, u->io->memory, u->layout->io_size);
	err = feed(e, &in, u, c, phase);
	if (!err) {
		event = put_event(e, shape, &c->phases[phase]);
		err = emu_vm_run(shape->vm, u->parts[0], &in, &r0);
		emu_socks_event_over(&e->shapes->socks, event);
	}
	if (err == -EOPNOTSUPP) {
		o->status = MUE_UNSUPPORTED;
		snprintf(o->why, MUE_WHY_MAX,
			 "phase %u: a call on a map whose type is not emulated", phase);
		return;
	}
	if (err) {
		o->status = MUE_BROKEN;
		snprintf(o->why, MUE_WHY_MAX, "phase %u: the program broke off with %s", phase,
			 mue_errno_name(err));
		return;
	}
	mue_io_read(o, u->io->memory, u->layout, c, phase);
	if (mue_phase_test_run(&c->phases[phase]))
		o->phases[phase].retval = test_result(&e->shapes->world, &c->phases[phase], r0);
}

/* P3: programs for maps of devices and of CPUs have no test run. */
static bool has_test_run(const struct mue_phase *p)
{
	uint32_t attach = mue_phase_attach(p);

	return p->prog_type != MUE_PROG_XDP ||
	       (attach != MUE_ATTACH_XDP_DEVMAP && attach != MUE_ATTACH_XDP_CPUMAP);
}

/* Load verdicts of all program phases come before any phase runs. */
static void tell_loads(const struct emu_shape *shape, const struct mue_case *c,
		       struct mue_observation *o)
{
	for (uint32_t phase = 0, n = 0; phase < c->n_phases; phase++) {
		if (!c->phases[phase].prog_type)
			continue;
		o->phases[phase].known = 1;
		o->phases[phase].load = shape->units[shape->unit_of[n++]].load;
	}
}

/* Another sockmap holds those of the case's sockets that it takes. */
static void open_socks(struct emu_socks *s, struct emu_shape *shape, const struct mue_case *c)
{
	emu_socks_open(s, c);
	for (uint32_t i = 0; i < c->n_maps; i++)
		if (mue_map_holds_socks(c->maps[i].type))
			emu_socks_add_map(s, shape->maps[i]);
	if (!shape->socks)
		return;
	emu_socks_add_map(s, shape->socks);
	for (uint32_t i = 0, number = 1; i < c->n_socks; i++, number++)
		shape->socks->ops->user_update(shape->socks, 0, &i, &number, 0);
}

static void run_phases(struct emulator *e, struct emu_shape *shape, const struct mue_case *c,
		       struct mue_observation *o)
{
	open_socks(&e->shapes->socks, shape, c);
	for (uint32_t phase = 0, n = 0; phase < c->n_phases; phase++) {
		const struct mue_phase *p = &c->phases[phase];
		const struct emu_unit *u;

		if (!p->prog_type) {
			emu_users_phase(&e->users, shape->maps, &e->shapes->socks, c, phase, o);
			continue;
		}
		u = &shape->units[shape->unit_of[n++]];
		if (u->load || p->load_only)
			continue;
		if (mue_phase_test_run(p) && !has_test_run(p))
			o->phases[phase].run = -EINVAL;
		else
			run_unit(e, shape, u, c, phase, o);
	}
}

/* Bytes that a kernel's map takes from the beginning, about; 0 for types with rules about it. */
static uint64_t bytes_of(const struct mue_world *w, const struct mue_map *m)
{
	const uint64_t n = m->max_entries, value = (m->value_size + UINT64_C(7)) & ~UINT64_C(7);

	switch (m->type) {
	case MUE_MAP_HASH:
	case MUE_MAP_PERCPU_HASH:
	case MUE_MAP_LRU_HASH:
	case MUE_MAP_LRU_PERCPU_HASH:
	case MUE_MAP_LPM_TRIE:
	case MUE_MAP_RHASH:
	case MUE_MAP_HASH_OF_MAPS:
	case MUE_MAP_BLOOM_FILTER:
		return 0;
	case MUE_MAP_ARRAY:
		return n * value;
	case MUE_MAP_PERCPU_ARRAY:
		return n * (8 + value * w->cpus);
	case MUE_MAP_QUEUE:
	case MUE_MAP_STACK:
		return (n + 1) * m->value_size;
	case MUE_MAP_STACK_TRACE:
		return n * (32 + value);
	case MUE_MAP_SOCKHASH:
		return n * (96 + m->key_size);
	case MUE_MAP_DEVMAP_HASH:
		return n * 16;
	}
	return n * 8;
}

/* Of a map that is right, or would be but for a token: kernels that refuse queues for their size do so before they look at one. */
static bool is_too_large_to_say(const struct mue_world *w, const struct mue_map *m, int create)
{
	const bool queue = m->type == MUE_MAP_QUEUE || m->type == MUE_MAP_STACK;

	return (!create || queue) && bytes_of(w, m) >= NO_RULE_FROM;
}

static bool tell_creations(const struct mue_world *w, const struct emu_shape *shape,
			   const struct mue_case *c, struct mue_observation *o)
{
	for (uint32_t i = 0; i < c->n_maps; i++) {
		if (is_too_large_to_say(w, &c->maps[i], shape->create[i])) {
			o->status = MUE_UNSUPPORTED;
			snprintf(o->why, MUE_WHY_MAX,
				 "whether 4 GiB are too large to begin with, or memory is short, no rule says");
			return false;
		}
		o->maps[i].known = 1;
		o->maps[i].create = shape->create[i];
		if (shape->create[i])
			return false;
	}
	return true;
}

static void emulator_ask(struct mue_session *s, const struct mue_case *c, struct mue_observation *o)
{
	struct emulator *e = (struct emulator *)s;
	const char *reason = cannot(&e->shapes->world, c);
	struct emu_shape *shape;

	mue_observation_init(o, c);
	if (reason)
		snprintf(o->why, MUE_WHY_MAX, "%s", reason);
	shape = reason ? NULL : emu_shape_of(e->shapes, c, o->why);
	if (!shape) {
		o->status = MUE_UNSUPPORTED;
		return;
	}
	if (!tell_creations(&e->shapes->world, shape, c, o))
		return;
	tell_loads(shape, c, o);
	run_phases(e, shape, c, o);
	for (uint32_t i = 0; i < c->n_maps; i++)
		emu_users_state(&e->users, shape->maps[i], c, i, o);
}

static void emulator_world(struct mue_session *s, struct mue_world *w)
{
	*w = ((struct emulator *)s)->shapes->world;
}

static void emulator_close(struct mue_session *s)
{
	struct emulator *e = (struct emulator *)s;

	emu_shapes_close(e->shapes);
	emu_users_free(&e->users);
	free(e->packet);
	free(e);
}

/* How many CPUs this machine may have: the last number of "0-3" or "0", and one. */
static uint32_t possible_cpus(void)
{
	FILE *f = fopen("/sys/devices/system/cpu/possible", "re");
	unsigned last = 0;

	if (!f)
		return 1;
	while (fscanf(f, "%*[-,]") != EOF && fscanf(f, "%u", &last) == 1)
		;
	fclose(f);
	return last < MUE_CPUS_MAX ? last + 1 : MUE_CPUS_MAX;
}

static int world_of(struct mue_world *w, const char *arg, const struct mue_world *wanted)
{
	struct utsname name;

	if (*arg)
		return mue_world_of_version(w, arg, wanted ? wanted->cpus : possible_cpus());
	if (wanted) {
		*w = *wanted;
		return 0;
	}
	return uname(&name) ? -errno : mue_world_of_version(w, name.release, possible_cpus());
}

static int emulator_open(struct mue_session **s, const char *arg, const struct mue_world *world,
			 char *msg, size_t msg_size)
{
	struct mue_world w;
	struct emulator *e;
	int err = world_of(&w, arg, world);

	if (err) {
		snprintf(msg, msg_size, "emulator: no kernel version: '%s'", arg);
		return err;
	}
	e = calloc(1, sizeof(*e));
	if (e)
		e->shapes = emu_shapes_open(&w);
	if (!e || !e->shapes) {
		free(e);
		snprintf(msg, msg_size, "emulator: out of memory");
		return -ENOMEM;
	}
	e->session = (struct mue_session){
		.runner = &mue_runner_emulator,
		.ask = emulator_ask,
		.world = emulator_world,
		.close = emulator_close,
	};
	*s = &e->session;
	return 0;
}

const struct mue_runner mue_runner_emulator = {
	.name = "emulator",
	.help = "a built-in eBPF runtime that behaves as a kernel of any version",
	.open = emulator_open,
};
