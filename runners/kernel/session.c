#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>
#include <bpf/libbpf.h>

#include "runners/kernel/host.h"
#include "runners/kernel/socks.h"

/* Large enough for the blocks of nearly all cases. */
#define IO_SIZE_FIRST (64u << 10)
/* Rooms larger than this are not kept between cases. */
#define ROOM_KEPT (1u << 20)

bool mue_host_fail(struct mue_observation *o, enum mue_status status, const char *format, ...)
{
	va_list args;

	o->status = status;
	va_start(args, format);
	vsnprintf(o->why, sizeof(o->why), format, args);
	va_end(args);
	return false;
}

bool mue_host_broken(struct mue_observation *o, const char *what, int err)
{
	return mue_host_fail(o, MUE_BROKEN, "%s: %s", what, strerror(-err));
}

bool mue_host_suffered(int err)
{
	return err == -EMFILE || err == -ENFILE || err == -ENOMEM || err == -EAGAIN ||
	       err == -EINTR;
}

void *mue_host_room(struct mue_host_room *r, size_t size)
{
	if (size <= r->size)
		return r->p;
	free(r->p);
	r->p = malloc(size);
	r->size = r->p ? size : 0;
	return r->p;
}

static void room_trim(struct mue_host_room *r, size_t kept)
{
	if (r->size <= kept)
		return;
	free(r->p);
	*r = (struct mue_host_room){0};
}

static bool pin(struct mue_host *h, uint32_t cpu, struct mue_observation *o)
{
	cpu_set_t set;

	/* Another session of this thread may have moved us. */
	if (h->cpu == (int)cpu && sched_getcpu() == (int)cpu)
		return true;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return mue_host_broken(o, "sched_setaffinity", -errno);
	h->cpu = cpu;
	return true;
}

static bool run_program(struct mue_host *h, const struct mue_host_program *p,
			const struct mue_case *c, uint32_t phase, struct mue_observation *o)
{
	struct mue_phase_result *r = &o->phases[phase];

	r->known = 1;
	r->load = p->verdict;
	if (p->verdict || c->phases[phase].load_only)
		return true;
	if (!pin(h, c->phases[phase].cpu, o))
		return false;
	return mue_host_pull(h, p, c, phase, o);
}

static bool run_user(struct mue_host *h, const struct mue_host_setup *u, const struct mue_case *c,
		     uint32_t phase, struct mue_observation *o)
{
	const struct mue_phase *p = &c->phases[phase];

	if (!pin(h, p->cpu, o))
		return false;
	for (uint32_t i = p->first; i < p->first + p->count; i++)
		if (!mue_host_user_op(h, u, c, i, o))
			return false;
	o->phases[phase].known = 1;
	return true;
}

/* Another sockmap holds the case's sockets only where a program looks there, or an iterator goes
 * there. */
static bool wants_sockmap(const struct mue_case *c)
{
	for (uint32_t i = 0; i < c->n_ops; i++)
		if (c->ops[i].value_from == MUE_ORIGIN_SOCKMAP)
			return true;
	for (uint32_t i = 0; i < c->n_phases; i++)
		if (c->phases[i].trigger == MUE_VIA_ITER_SOCKMAP)
			return true;
	return false;
}

static bool run_phases(struct mue_host *h, const struct mue_host_setup *u, const struct mue_case *c,
		       struct mue_observation *o)
{
	uint32_t n = 0; /* program phases so far */

	if (wants_sockmap(c))
		mue_host_socks_fill(h);
	for (uint32_t i = 0; i < c->n_phases; i++) {
		if (!c->phases[i].prog_type && !run_user(h, u, c, i, o))
			return false;
		if (c->phases[i].prog_type &&
		    !run_program(h, &u->programs[u->program_of[n++]], c, i, o))
			return false;
	}
	return true;
}

/* The maps' verdicts; gives whether all are there. */
static bool observe_maps(const struct mue_host_setup *u, struct mue_observation *o)
{
	for (uint32_t i = 0; i < u->n_maps; i++)
		o->maps[i].known = 1;
	if (!u->create)
		return true;
	o->maps[u->n_maps].known = 1;
	o->maps[u->n_maps].create = u->create;
	return false;
}

static void host_ask(struct mue_session *s, const struct mue_case *c, struct mue_observation *o)
{
	struct mue_host *h = (struct mue_host *)s;
	struct mue_host_setup *u;
	bool empty, kept;

	mue_observation_init(o, c);
	if (!mue_host_can(h, c, o))
		return;
	u = mue_host_socks_open(h, c, o) ? mue_host_setup_take(h, c, o) : NULL;
	if (!u) {
		mue_host_socks_close(h);
		return;
	}
	empty = h->reuse && mue_host_maps_emptiable(h, c);
	kept = observe_maps(u, o) && run_phases(h, u, c, o) && mue_host_state(h, u, c, &empty, o);
	mue_host_socks_close(h); /* with which sockmaps are empty */
	if (kept && empty)
		mue_host_setup_keep(h, u);
	else
		mue_host_setup_free(h, u);
	mue_host_objects_close(h, false);
	room_trim(&h->keys, ROOM_KEPT);
	room_trim(&h->values, ROOM_KEPT);
}

static void host_close(struct mue_session *s)
{
	struct mue_host *h = (struct mue_host *)s;

	mue_host_setups_close(h);
	mue_host_io_drop(h->io);
	mue_host_ringbuf_close(h);
	mue_host_objects_close(h, true);
	mue_stage_close(h->stage);
	mue_host_targets_close(h);
	if (h->socks.map >= 0)
		close(h->socks.map);
	mue_grace_close(h->grace);
	if (h->cpu >= 0)
		sched_setaffinity(0, sizeof(h->home), &h->home);
	room_trim(&h->keys, 0);
	room_trim(&h->values, 0);
	room_trim(&h->position, 0);
	free(h);
}

/* Finds the CPUs and the memory that there are. */
static int look_around(struct mue_host *h)
{
	struct sysinfo info;
	struct mue_world w;
	cpu_set_t all;

	memset(&all, 0xff, sizeof(all));
	if (sysinfo(&info) || sched_getaffinity(0, sizeof(h->home), &h->home) ||
	    sched_setaffinity(0, sizeof(all), &all) ||
	    sched_getaffinity(0, sizeof(h->usable), &h->usable) ||
	    sched_setaffinity(0, sizeof(h->home), &h->home))
		return -errno;
	h->ram = (uint64_t)info.totalram * info.mem_unit;
	h->cpus = libbpf_num_possible_cpus();
	if ((int)h->cpus < 0)
		return (int)h->cpus;
	mue_host_world(&h->session, &w);
	h->version = w.version;
	h->jit = w.jit;
	return 0;
}

static int host_open(struct mue_session **s, const char *arg, const struct mue_world *world,
		     char *msg, size_t msg_size)
{
	struct mue_host *h;
	int err;

	if (arg && *arg && strcmp(arg, "noreuse")) {
		snprintf(msg, msg_size, "host:%s: expected host or host:noreuse", arg);
		return -EINVAL;
	}
	h = calloc(1, sizeof(*h));
	if (!h) {
		snprintf(msg, msg_size, "out of memory");
		return -ENOMEM;
	}
	h->session = (struct mue_session){&mue_runner_host, host_ask, mue_host_world, host_close};
	h->session.identify = mue_host_identify;
	h->reuse = !arg || !*arg;
	h->cpu = h->ringbuf = -1;
	h->no_refill = h->no_packet = h->no_inodes = -1;
	h->triggers = mue_triggers;
	for (uint32_t i = 0; i < MUE_OBJECTS; i++)
		h->objects[i] = -1;
	h->socks.home = h->socks.map = -1;
	for (uint32_t i = 0; i < MUE_PROG_TYPES; i++)
		h->trivial[i] = 1;
	err = mue_grace_open(&h->grace);
	if (err) {
		snprintf(msg, msg_size, "starting a thread: %s", strerror(-err));
		free(h);
		return err;
	}
	err = look_around(h);
	if (!err)
		h->io = mue_host_io_new(IO_SIZE_FIRST, &err);
	if (!err) {
		*s = &h->session;
		return 0;
	}
	snprintf(msg, msg_size, "this kernel does not let us create BPF maps: %s%s", strerror(-err),
		 err == -EPERM ? " (needs root, or CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN)" : "");
	host_close(&h->session);
	return err;
}

const struct mue_runner mue_runner_host = {
	.name = "host",
	.help = "this machine's kernel, through bpf(2); host:noreuse makes new maps and programs "
		"for every case",
	.open = host_open,
};
