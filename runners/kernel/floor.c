#include "runners/kernel/floor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "runners/kernel/host.h"

#define CALLS_MAX 4096
#define REFERENCES_MAX 16384
#define BLOCKS_MAX 16384

/* Commands beside those of bpf(2). */
enum { CLOSE = -1, PIN = -2 };

struct call {
	int cmd;
	int made;	       /* the descriptor it gave when the calls were prepared, or -1 */
	uint32_t first, count; /* the references to it */
	union bpf_attr attr;   /* CLOSE: map_fd; PIN: map_fd is the CPU */
};

/* A place that holds the descriptor which a call makes. */
struct reference {
	uint32_t *at;
	uint32_t call;
};

struct mue_floor {
	struct mue_session *session;
	struct mue_host *h;
	const struct mue_case *c;
	const struct mue_host_setup *u;
	bool full;
	uint32_t n_calls, n_references, n_blocks;
	struct call calls[CALLS_MAX];
	struct reference references[REFERENCES_MAX];
	void *blocks[BLOCKS_MAX];
};

/* Memory that lives as long as the floor; zeroed. */
static void *block(struct mue_floor *f, size_t size)
{
	void *p = f->n_blocks < BLOCKS_MAX ? calloc(1, size ? size : 1) : NULL;

	if (p)
		f->blocks[f->n_blocks++] = p;
	else
		f->full = true;
	return p;
}

static uint64_t address(const void *p)
{
	return (uintptr_t)p;
}

/* A new call; when there is no room it is one that is never made. */
static union bpf_attr *add(struct mue_floor *f, int cmd, int made)
{
	struct call *k = &f->calls[f->n_calls];

	if (f->n_calls == CALLS_MAX - 1)
		f->full = true;
	else
		f->n_calls++;
	memset(k, 0, sizeof(*k));
	k->cmd = cmd;
	k->made = made;
	return &k->attr;
}

/* Notes that *at holds a descriptor; one that no call made (the session's) stays as it is. */
static void refer(struct mue_floor *f, uint32_t *at)
{
	for (uint32_t i = f->n_calls; i--;) {
		if (f->calls[i].made != (int)*at)
			continue;
		if (f->n_references == REFERENCES_MAX)
			f->full = true;
		else
			f->references[f->n_references++] = (struct reference){at, i};
		return;
	}
}

static void add_create(struct mue_floor *f, int fd, uint32_t type, uint32_t key_size,
		       uint32_t value_size, uint32_t max_entries, uint32_t flags,
		       uint32_t numa_node)
{
	union bpf_attr *a = add(f, BPF_MAP_CREATE, fd);

	a->map_type = type;
	a->key_size = key_size;
	a->value_size = value_size;
	a->max_entries = max_entries;
	a->map_flags = flags;
	a->numa_node = numa_node;
}

/* A call on one element of a map. */
static void add_element(struct mue_floor *f, int cmd, int fd, const void *key, const void *value,
			uint64_t flags)
{
	union bpf_attr *a = add(f, cmd, -1);

	a->map_fd = fd;
	a->key = address(key);
	a->value = address(value);
	a->flags = flags;
	refer(f, &a->map_fd);
}

static void add_descriptor(struct mue_floor *f, int fd, int value)
{
	uint32_t *to = block(f, 4);

	if (!to)
		return;
	*to = value;
	add_element(f, BPF_MAP_UPDATE_ELEM, fd, block(f, 4), to, BPF_ANY);
	refer(f, to);
}

static void add_private_maps(struct mue_floor *f, const struct mue_host_program *p)
{
	if (p->rodata >= 0)
		add_create(f, p->rodata, BPF_MAP_TYPE_ARRAY, 4, p->layout->io_size, 1,
			   BPF_F_RDONLY_PROG, 0);
	if (p->tails >= 0)
		add_create(f, p->tails, BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0, 0);
	for (uint32_t i = 0; i < f->c->n_maps; i++) {
		union bpf_attr *a;

		if (p->outer[i] < 0)
			continue;
		add_create(f, p->outer[i], BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 1, 0, 0);
		a = &f->calls[f->n_calls - 1].attr;
		a->inner_map_fd = f->u->maps[i].fd;
		refer(f, &a->inner_map_fd);
		add_descriptor(f, p->outer[i], f->u->maps[i].fd);
	}
}

static void add_load(struct mue_floor *f, const struct mue_host_program *p, uint32_t phase,
		     uint32_t part)
{
	const struct mue_phase *of = &f->c->phases[phase];
	const struct mue_prog_type_row *type = mue_prog_type_row(of->prog_type);
	union bpf_attr *a = add(f, BPF_PROG_LOAD, p->fd[part]);
	const struct mue_program *code = &f->h->code;
	struct bpf_insn *insns;

	if (mue_host_program_code(f->h, f->u, p, f->c, phase, part) || code->has_callback)
		f->full = true;
	insns = block(f, code->n * sizeof(*insns));
	if (!insns)
		return;
	memcpy(insns, code->insns, code->n * sizeof(*insns));
	for (uint32_t i = 0; i < code->n; i++)
		if (insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) &&
		    (insns[i].src_reg == BPF_PSEUDO_MAP_FD ||
		     insns[i].src_reg == BPF_PSEUDO_MAP_VALUE))
			refer(f, (uint32_t *)&insns[i].imm);
	a->prog_type = of->prog_type;
	a->insns = address(insns);
	a->insn_cnt = code->n;
	a->license = address(of->proprietary ? "Proprietary" : "GPL");
	a->expected_attach_type = of->attach_type ? of->attach_type : type->attach;
	if (of->sleepable || type->flags & MUE_PROG_F_SLEEPABLE)
		a->prog_flags = BPF_F_SLEEPABLE;
}

static void add_program(struct mue_floor *f, const struct mue_host_program *p, uint32_t phase)
{
	uint32_t parts = mue_lower_parts(f->c, phase);

	if (p->io != f->h->io)
		f->full = true;
	add_private_maps(f, p);
	for (uint32_t part = 0; part < parts && (!part || p->fd[0] >= 0); part++)
		add_load(f, p, phase, part);
	if (parts == 2 && p->fd[1] >= 0)
		add_descriptor(f, p->tails, p->fd[1]);
}

static const void *copy(struct mue_floor *f, const void *p, size_t n)
{
	void *to = p ? block(f, n) : NULL;

	return to ? memcpy(to, p, n) : NULL;
}

static void add_run(struct mue_floor *f, const struct mue_host_program *p, uint32_t phase)
{
	struct mue_host_input in;
	union bpf_attr *a;

	if (p->verdict || f->c->phases[phase].load_only)
		return;
	mue_io_fill(p->io->mem, p->layout, f->c, phase);
	if (p->rodata >= 0)
		add_element(f, BPF_MAP_UPDATE_ELEM, p->rodata, block(f, 4),
			    copy(f, p->io->mem, p->layout->io_size), BPF_ANY);
	mue_host_test_run_input(f->h, p, f->c, phase, &in);
	a = add(f, BPF_PROG_TEST_RUN, -1);
	a->test.prog_fd = p->fd[0];
	a->test.data_in = address(copy(f, in.data, in.data_size));
	a->test.data_size_in = in.data_size;
	a->test.ctx_in = address(in.ctx);
	a->test.ctx_size_in = in.ctx_size;
	a->test.repeat = in.repeat;
	refer(f, &a->test.prog_fd);
}

static void add_batch(struct mue_floor *f, int cmd, int fd, void *keys, void *values, uint32_t n,
		      void *position)
{
	union bpf_attr *a = add(f, cmd, -1);

	a->batch.map_fd = fd;
	a->batch.keys = address(keys);
	a->batch.values = address(values);
	a->batch.count = n;
	a->batch.out_batch = address(position);
	refer(f, &a->batch.map_fd);
}

static void add_dump(struct mue_floor *f, uint32_t map)
{
	const struct mue_map *m = &f->c->maps[map];
	size_t n = (size_t)m->max_entries + 1;

	if (!mue_state_observed(m))
		return;
	add_batch(f, BPF_MAP_LOOKUP_BATCH, f->u->maps[map].fd, block(f, n * m->key_size),
		  block(f, n * mue_host_value_room(f->h, m)), n, block(f, m->key_size + 8));
}

static void add_user_op(struct mue_floor *f, const struct mue_op *op)
{
	static const int cmds[MUE_OP_KINDS] = {
		[MUE_OP_UPDATE] = BPF_MAP_UPDATE_ELEM, [MUE_OP_DELETE] = BPF_MAP_DELETE_ELEM,
		[MUE_OP_LOOKUP] = BPF_MAP_LOOKUP_ELEM, [MUE_OP_BATCH] = BPF_MAP_UPDATE_BATCH,
		[MUE_OP_FREEZE] = BPF_MAP_FREEZE,
	};
	const struct mue_map *m = &f->c->maps[op->map];
	size_t room = mue_host_value_room(f->h, m);
	uint8_t *keys = block(f, (size_t)op->times * m->key_size),
		*values = block(f, op->times * room);
	int fd = f->u->maps[op->map].fd;

	if (op->kind == MUE_OP_DIGEST) {
		add_dump(f, op->map);
		return;
	}
	for (uint32_t i = 0; i < op->times && keys && values; i++) {
		mue_host_put_key(m, op, keys + (size_t)i * m->key_size, i);
		mue_host_put_value(f->h, m, op, values + i * room, i);
		if (op->kind != MUE_OP_BATCH)
			add_element(f, cmds[op->kind], fd, keys + (size_t)i * m->key_size,
				    values + i * room, op->flags);
	}
	if (op->kind == MUE_OP_BATCH) {
		add_batch(f, BPF_MAP_UPDATE_BATCH, fd, keys, values, op->times, NULL);
		f->calls[f->n_calls - 1].attr.batch.elem_flags = op->flags;
	}
}

static void add_pin(struct mue_floor *f, uint32_t cpu, int *at)
{
	if (*at == (int)cpu)
		return;
	add(f, PIN, -1)->map_fd = cpu;
	*at = cpu;
}

static void add_phases(struct mue_floor *f, bool several_cpus)
{
	uint32_t n = 0;
	int at = -1;

	for (uint32_t i = 0; i < f->c->n_phases; i++) {
		const struct mue_phase *p = &f->c->phases[i];

		if (several_cpus)
			add_pin(f, p->cpu, &at);
		if (p->prog_type)
			add_run(f, &f->u->programs[f->u->program_of[n++]], i);
		for (uint32_t op = p->first; !p->prog_type && op < p->first + p->count; op++)
			add_user_op(f, &f->c->ops[op]);
	}
}

/* Where all phases run on one CPU, the loop is pinned to it once, before it begins. */
static bool pin_once(const struct mue_floor *f)
{
	cpu_set_t set;

	for (uint32_t i = 1; i < f->c->n_phases; i++)
		if (f->c->phases[i].cpu != f->c->phases[0].cpu)
			return false;
	CPU_ZERO(&set);
	CPU_SET(f->c->n_phases ? f->c->phases[0].cpu : 0, &set);
	return !sched_setaffinity(0, sizeof(set), &set);
}

static void add_programs(struct mue_floor *f)
{
	uint32_t n = 0, done = 0;

	for (uint32_t i = 0; i < f->c->n_phases; i++) {
		if (!f->c->phases[i].prog_type || f->u->program_of[n++] < done)
			continue;
		add_program(f, &f->u->programs[done++], i);
	}
}

static void add_closes(struct mue_floor *f)
{
	for (uint32_t i = f->n_calls; i--;) {
		union bpf_attr *a;

		if (f->calls[i].made < 0)
			continue;
		a = add(f, CLOSE, -1);
		a->map_fd = f->calls[i].made;
		refer(f, &a->map_fd);
	}
}

static int by_call(const void *a, const void *b)
{
	const struct reference *x = a, *y = b;

	return (x->call > y->call) - (x->call < y->call);
}

/* Each call gets the references to it, side by side. */
static void sort_references(struct mue_floor *f)
{
	qsort(f->references, f->n_references, sizeof(*f->references), by_call);
	for (uint32_t i = f->n_references; i--;) {
		struct call *k = &f->calls[f->references[i].call];

		k->first = i;
		k->count++;
	}
}

static bool simple_maps(const struct mue_case *c)
{
	for (uint32_t i = 0; i < c->n_maps; i++) {
		const struct mue_map_type_row *type = mue_map_type_row(c->maps[i].type);

		if (!type || type->class != MUE_CLASS_PLAIN || c->maps[i].special ||
		    c->maps[i].flags & (MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY) ||
		    c->maps[i].max_entries > MUE_STATE_ELEMENTS_MAX)
			return false;
	}
	return true;
}

/* A trigger is more than a call of bpf(2). */
static bool only_test_runs(const struct mue_case *c)
{
	for (uint32_t i = 0; i < c->n_phases; i++)
		if (c->phases[i].prog_type && !c->phases[i].load_only &&
		    !mue_phase_test_run(&c->phases[i]))
			return false;
	return true;
}

static void prepare(struct mue_floor *f)
{
	bool once = pin_once(f);

	for (uint32_t i = 0; i < f->c->n_maps; i++) {
		const struct mue_map *m = &f->c->maps[i];

		add_create(f, f->u->maps[i].fd, m->type, m->key_size, m->value_size, m->max_entries,
			   m->flags, m->numa_node);
	}
	add_programs(f);
	add_phases(f, !once);
	for (uint32_t i = 0; i < f->c->n_maps; i++)
		add_dump(f, i);
	add_closes(f);
	sort_references(f);
}

/* Makes the case's maps and programs once, to see what the calls are. */
static int look(struct mue_floor *f, struct mue_observation *o, char *msg, size_t msg_size)
{
	struct mue_host_setup *u;

	mue_observation_init(o, f->c);
	u = mue_host_can(f->h, f->c, o) ? mue_host_setup_take(f->h, f->c, o) : NULL;
	if (!u) {
		snprintf(msg, msg_size, "%s", o->why);
		return -EIO;
	}
	f->u = u;
	f->full = u->create || !simple_maps(f->c) || !only_test_runs(f->c);
	if (!f->full)
		prepare(f);
	mue_host_setup_free(f->h, u);
	f->u = NULL;
	if (!f->full)
		return 0;
	snprintf(msg, msg_size, "there is no floor for this case");
	return -ENOTSUP;
}

int mue_floor_open(struct mue_floor **to, const struct mue_case *c, char *msg, size_t msg_size)
{
	struct mue_floor *f = calloc(1, sizeof(*f));
	struct mue_observation *o = malloc(sizeof(*o));
	int err = -ENOMEM;

	snprintf(msg, msg_size, "out of memory");
	if (f && o) {
		f->c = c;
		err = mue_runner_host.open(&f->session, "noreuse", NULL, msg, msg_size);
		f->h = (struct mue_host *)f->session;
		if (!err)
			err = look(f, o, msg, msg_size);
	}
	free(o);
	if (err)
		mue_floor_close(f);
	else
		*to = f;
	return err;
}

static int pin(uint32_t cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static int make(struct mue_floor *f, const struct call *k)
{
	union bpf_attr attr = k->attr; /* the kernel writes into it */
	int fd;

	if (k->cmd == CLOSE)
		return close(attr.map_fd);
	if (k->cmd == PIN)
		return pin(attr.map_fd);
	fd = syscall(__NR_bpf, k->cmd, &attr, sizeof(attr));
	for (uint32_t i = k->first; i < k->first + k->count; i++)
		*f->references[i].at = fd;
	return k->made >= 0 ? fd : 0;
}

int mue_floor_run(struct mue_floor *f, uint32_t rounds, double *ns)
{
	struct timespec from, to;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (uint32_t i = 0; i < rounds && !err; i++)
		for (uint32_t k = 0; k < f->n_calls; k++)
			if (make(f, &f->calls[k]) < 0 && !err)
				err = -errno;
	clock_gettime(CLOCK_MONOTONIC, &to);
	*ns = ((to.tv_sec - from.tv_sec) * 1e9 + (to.tv_nsec - from.tv_nsec)) / rounds;
	return err;
}

uint32_t mue_floor_calls(const struct mue_floor *f)
{
	return f->n_calls;
}

void mue_floor_close(struct mue_floor *f)
{
	if (!f)
		return;
	for (uint32_t i = 0; i < f->n_blocks; i++)
		free(f->blocks[i]);
	if (f->session)
		f->session->close(f->session);
	free(f);
}
