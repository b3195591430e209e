#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "runners/kernel/host.h"
#include "runners/kernel/socks.h"

/* What loading one phase's program needs to know. */
struct load {
	struct mue_host *h;
	struct mue_host_setup *u;
	const struct mue_case *c;
	uint32_t phase;
	struct mue_host_program *p;
	struct mue_observation *o;
};

static void init(struct mue_host_program *p)
{
	p->verdict = 0;
	p->tails = p->rodata = -1;
	for (uint32_t i = 0; i < MUE_PARTS_MAX; i++)
		p->fd[i] = -1;
	for (uint32_t i = 0; i < MUE_MAPS_MAX; i++)
		p->outer[i] = -1;
	p->io = NULL;
	p->layout = NULL;
}

uint32_t mue_host_programs_close(struct mue_host_setup *u, struct mue_closing *c)
{
	uint32_t closed = 0;

	for (struct mue_host_program *p = u->programs; p < u->programs + u->n_programs; p++) {
		for (uint32_t i = 0; i < MUE_PARTS_MAX; i++) {
			closed += p->fd[i] >= 0;
			mue_closing_add(c, p->fd[i]);
		}
		for (uint32_t i = 0; i < MUE_MAPS_MAX; i++)
			mue_closing_add(c, p->outer[i]);
		mue_closing_add(c, p->tails);
		mue_closing_add(c, p->rodata);
		mue_host_io_drop(p->io);
		free(p->layout);
	}
	u->n_programs = 0;
	return closed;
}

/* Only the steps that there are: a layout is large. */
static bool keep_layout(struct load *l)
{
	size_t size = offsetof(struct mue_layout, steps) +
		      l->c->phases[l->phase].count * sizeof(struct mue_step_layout);

	l->p->layout = malloc(size);
	if (!l->p->layout)
		return mue_host_fail(l->o, MUE_BROKEN, "out of memory");
	memcpy(l->p->layout, &l->h->layout, size);
	return true;
}

/* Whether the verdict depends on where the block ends. */
static bool wants_exact_io(const struct load *l)
{
	const struct mue_phase *p = &l->c->phases[l->phase];

	if (mue_phase_edited(l->c, l->phase))
		return true;
	for (uint32_t i = p->first; i < p->first + p->count; i++)
		if (l->c->ops[i].key_from == MUE_ORIGIN_SHORT_MAP ||
		    l->c->ops[i].value_from == MUE_ORIGIN_SHORT_MAP)
			return true;
	return false;
}

/* The session's block, grown if need be, or one of its own. */
static bool take_io(struct load *l)
{
	struct mue_host_io **io = &l->h->io;
	uint32_t need = l->p->layout->io_size, size = (*io)->size;
	int err = 0;

	if (wants_exact_io(l)) {
		l->p->io = mue_host_io_new(need, &err);
		l->u->fds++;
	} else if (size < need) {
		while (size < need)
			size *= 2;
		l->p->io = mue_host_io_new(size, &err);
		if (l->p->io) {
			mue_host_io_drop(*io);
			*io = l->p->io;
		}
	}
	if (err)
		return mue_host_broken(l->o, "creating the parameter block", err);
	if (!l->p->io)
		l->p->io = *io;
	if (l->p->io == *io)
		(*io)->users++;
	return true;
}

/* A private map of one element; *fd stays -1 and false comes back when there is none. */
static bool private_map(struct load *l, int *fd, enum bpf_map_type type, uint32_t value_size,
			const struct bpf_map_create_opts *opts)
{
	*fd = bpf_map_create(type, NULL, 4, value_size, 1, opts);
	if (*fd < 0)
		return mue_host_broken(l->o, "creating a private map", *fd);
	l->u->fds++;
	return true;
}

static bool make_outer(struct load *l, uint32_t map)
{
	int inner = l->u->maps[map].fd, err;
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = inner);
	const uint32_t zero = 0;

	if (!private_map(l, &l->p->outer[map], BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, &opts))
		return false;
	err = bpf_map_update_elem(l->p->outer[map], &zero, &inner, BPF_ANY);
	return !err || mue_host_broken(l->o, "filling an array of maps", err);
}

/* The private maps that the layout asks for. */
static bool make_maps(struct load *l)
{
	LIBBPF_OPTS(bpf_map_create_opts, rdonly, .map_flags = BPF_F_RDONLY_PROG);
	uint64_t handles = l->p->layout->handles;

	if (!take_io(l))
		return false;
	if (handles >> MUE_HANDLE_RODATA & 1 &&
	    !private_map(l, &l->p->rodata, BPF_MAP_TYPE_ARRAY, l->p->layout->io_size, &rdonly))
		return false;
	if (handles >> MUE_HANDLE_TAILS & 1 &&
	    !private_map(l, &l->p->tails, BPF_MAP_TYPE_PROG_ARRAY, 4, NULL))
		return false;
	for (uint32_t i = 0; i < l->c->n_maps; i++)
		if (handles >> (MUE_HANDLE_OUTER + i) & 1 && !make_outer(l, i))
			return false;
	if (handles >> MUE_HANDLE_SOCKS & 1 && mue_host_socks_map(l->h) < 0)
		return mue_host_broken(l->o, "creating a sockmap", mue_host_socks_map(l->h));
	if (handles >> MUE_HANDLE_RINGBUF & 1 && mue_host_ringbuf(l->h) < 0)
		return mue_host_broken(l->o, "creating a ring buffer", mue_host_ringbuf(l->h));
	return true;
}

/* -1 for what the phase does not have, which an edited program may name. */
static int fd_of(const struct mue_host *h, const struct mue_host_setup *u,
		 const struct mue_host_program *p, const struct mue_case *c, uint32_t handle)
{
	if (handle < c->n_maps)
		return u->maps[handle].fd;
	if (handle >= MUE_HANDLES || !(p->layout->handles >> handle & 1))
		return -1;
	if (handle < MUE_HANDLE_OUTER)
		return u->maps[handle - MUE_HANDLE_MAP].fd;
	if (handle < MUE_HANDLE_IO)
		return p->outer[handle - MUE_HANDLE_OUTER];
	switch (handle) {
	case MUE_HANDLE_RODATA:
		return p->rodata;
	case MUE_HANDLE_RINGBUF:
		return h->ringbuf;
	case MUE_HANDLE_TAILS:
		return p->tails;
	case MUE_HANDLE_SOCKS:
		return h->socks.map;
	default:
		return p->io->fd;
	}
}

int mue_host_program_code(struct mue_host *h, const struct mue_host_setup *u,
			  const struct mue_host_program *p, const struct mue_case *c,
			  uint32_t phase, uint32_t part)
{
	int err = mue_lower(&h->code, p->layout, c, phase, part);

	for (struct bpf_insn *i = h->code.insns; !err && i < h->code.insns + h->code.n; i++) {
		if (i->code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (i->src_reg == BPF_PSEUDO_MAP_FD || i->src_reg == BPF_PSEUDO_MAP_VALUE)
			i->imm = fd_of(h, u, p, c, i->imm);
		i++;
	}
	return err;
}

static bool load_part(struct load *l, uint32_t part)
{
	int *fd = &l->p->fd[part];

	if (mue_host_program_code(l->h, l->u, l->p, l->c, l->phase, part))
		return mue_host_fail(l->o, MUE_UNSUPPORTED, "phase %u does not fit a program",
				     l->phase);
	if (!mue_host_load(l->h, fd, &l->c->phases[l->phase], &l->h->code, l->o))
		return false;
	if (*fd < 0)
		l->p->verdict = *fd;
	else
		l->u->fds++;
	return true;
}

static bool load_program(struct load *l)
{
	uint32_t parts = mue_lower_parts(l->c, l->phase);
	const uint32_t zero = 0;
	int err;

	init(l->p);
	l->u->n_programs++;
	mue_layout_phase(&l->h->layout, l->c, l->phase);
	if (l->h->layout.io_size > MUE_IO_SIZE_MAX)
		return mue_host_fail(l->o, MUE_UNSUPPORTED, "phase %u wants too large a block",
				     l->phase);
	if (!keep_layout(l) || !make_maps(l))
		return false;
	for (uint32_t part = 0; part < parts && !l->p->verdict; part++)
		if (!load_part(l, part))
			return false;
	if (parts == 1 || l->p->verdict)
		return true;
	err = bpf_map_update_elem(l->p->tails, &zero, &l->p->fd[1], BPF_ANY);
	if (err == -EINVAL && l->c->phases[l->phase].prog_type == MUE_PROG_EXT)
		return mue_host_fail(l->o, MUE_UNSUPPORTED,
				     "this kernel has no tail calls to EXT programs");
	return !err || mue_host_broken(l->o, "filling the tail calls", err);
}

/* The program of an earlier phase of equal shape, or NULL. */
static const struct mue_host_program *same_program(const struct mue_host_setup *u,
						   const struct mue_case *c, uint32_t phase)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < phase; i++) {
		if (!c->phases[i].prog_type)
			continue;
		if (mue_phase_shape_same(c, i, phase))
			return &u->programs[u->program_of[n]];
		n++;
	}
	return NULL;
}

bool mue_host_programs_load(struct mue_host *h, struct mue_host_setup *u, const struct mue_case *c,
			    struct mue_observation *o)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->n_phases; i++) {
		struct load l = {.h = h, .u = u, .c = c, .phase = i, .o = o};
		const struct mue_host_program *same;

		if (!c->phases[i].prog_type)
			continue;
		same = same_program(u, c, i);
		l.p = &u->programs[u->n_programs];
		u->program_of[n++] = (same ? same : l.p) - u->programs;
		if (!same && !load_program(&l))
			return false;
	}
	return true;
}
