/* What makes a loaded program run: BPF_PROG_TEST_RUN, or a trigger pulled in the stage. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <bpf/bpf.h>

#include "runners/kernel/host.h"

/* What a program that has no phase left to wait for gets to be invoked and to end. */
#define DONE_TIMEOUT_MS 2000
/* Waiting for it: looking so often, then sleeping. */
#define DONE_SPINS 50
#define DONE_PAUSE_NS 50000

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * UINT64_C(1000) + t.tv_nsec / 1000000;
}

static int fill(struct mue_host *h, const struct mue_host_program *p, const struct mue_case *c,
		uint32_t phase)
{
	const uint32_t zero = 0;

	mue_io_fill(p->io->mem, p->layout, c, phase);
	mue_io_fill_socks(p->io->mem, p->layout, c, phase, h->socks.tuples);
	if (p->layout->handles >> MUE_HANDLE_RINGBUF & 1)
		mue_host_ringbuf_reset(h);
	return p->rodata < 0 ? 0 : bpf_map_update_elem(p->rodata, &zero, p->io->mem, BPF_ANY);
}

/* One that cannot be is no fault of the case. */
struct mue_stage *mue_host_stage(struct mue_host *h, struct mue_observation *o)
{
	if (!h->stage && !h->no_stage[0])
		mue_stage_open(&h->stage, h->triggers, h->no_stage, sizeof(h->no_stage));
	if (!h->stage)
		mue_host_fail(o, MUE_UNSUPPORTED, "%s", h->no_stage);
	return h->stage;
}

static void stage_drop(struct mue_host *h)
{
	mue_stage_close(h->stage);
	h->stage = NULL;
}

/* Waits for the end of the invocation that counts; without one, for as long as it may take to come.
 */
static void wait_done(const struct mue_io_head *head)
{
	const volatile uint32_t *done = &head->done;
	const struct timespec pause = {.tv_nsec = DONE_PAUSE_NS};
	const uint64_t end = now_ms() + DONE_TIMEOUT_MS;

	for (unsigned i = 0; !*done && now_ms() < end; i++)
		if (i >= DONE_SPINS)
			nanosleep(&pause, NULL);
	atomic_thread_fence(memory_order_acquire);
}

/* What an errno of a trigger says: that this kernel has not what it takes, or that something is
 * wrong. */
static bool is_missing(int err)
{
	return err == -EOPNOTSUPP || err == -ENODEV || err == -EAFNOSUPPORT ||
	       err == -EPROTONOSUPPORT || err == -ENOSYS || err == -ENOPROTOOPT;
}

/*
 * Why this event does not take a program that loads, or NULL. Which programs may sleep is decided
 * when they are loaded; at which events, when they are attached. 6.18.44 attaches no writable
 * program with a tail call here; 6.18.15 and 7.3.4 do.
 */
static const char *not_taken(const struct mue_case *c, uint32_t phase, const struct mue_trigger_row *row)
{
	const struct mue_phase *p = &c->phases[phase];

	if (p->sleepable && !(row->flags & MUE_TRIGGER_F_SLEEP))
		return "lets no program sleep";
	if (p->prog_type == MUE_PROG_RAW_TRACEPOINT_WRITABLE && mue_lower_parts(c, phase) > 1)
		return "takes no writable program with a tail call";
	return NULL;
}

static bool pulled(struct mue_host *h, const struct mue_case *c, uint32_t phase,
		   const struct mue_trigger_row *row, const struct mue_shot_result *r,
		   struct mue_observation *o)
{
	const char *needs = mue_host_trigger(h, row)->needs;
	const bool missing = r->step < MUE_SHOT_FIRE && is_missing(r->err);

	if (!r->err)
		return true;
	if (r->step < MUE_SHOT_FIRE && r->err == -EINVAL && not_taken(c, phase, row))
		return mue_host_fail(o, MUE_UNSUPPORTED, "the trigger %s %s", row->how,
				     not_taken(c, phase, row));
	return mue_host_fail(o, missing ? MUE_UNSUPPORTED : MUE_BROKEN, "%s the trigger %s%s%s: %s",
			     mue_shot_step_names[r->step], row->how,
			     missing && needs ? ", which needs " : "",
			     missing && needs ? needs : "", strerror(-r->err));
}

static bool pull_trigger(struct mue_host *h, const struct mue_host_program *p,
			 const struct mue_case *c, uint32_t phase, struct mue_observation *o)
{
	const struct mue_trigger_row *row = mue_phase_trigger(&c->phases[phase]);
	struct mue_stage *stage = mue_host_stage(h, o);
	struct mue_io_head *head = p->io->mem;
	struct mue_shot_result r;
	int err;

	if (!stage)
		return false;
	if (row->flags & MUE_TRIGGER_F_OTHERS)
		head->pid = mue_stage_pid(stage);
	h->shot.row = row - mue_trigger_rows;
	h->shot.cpu = c->phases[phase].cpu;
	h->shot.payload_size = p->layout->packet_payload;
	if (h->shot.payload_size)
		mue_packet_fill(h->shot.payload, p->layout, c, phase);
	err = mue_stage_pull(stage, &r, &h->shot, p->fd[0],
			     p->layout->handles >> MUE_HANDLE_SOCKS & 1 ? h->socks.map : -1);
	if (!err && !r.err)
		wait_done(head);
	if (!err)
		err = mue_stage_rest(stage);
	if (err) {
		stage_drop(h);
		return mue_host_broken(o, "the stage of triggers", err);
	}
	if (row->flags & MUE_TRIGGER_F_MANY && head->invoked)
		head->invoked = 1;
	return pulled(h, c, phase, row, &r, o);
}

bool mue_host_pull(struct mue_host *h, const struct mue_host_program *p, const struct mue_case *c,
		   uint32_t phase, struct mue_observation *o)
{
	struct mue_phase_result *r = &o->phases[phase];
	int err = fill(h, p, c, phase);

	if (err)
		return mue_host_broken(o, "filling a private map", err);
	if (mue_phase_test_run(&c->phases[phase])) {
		r->run = mue_host_test_run(h, p, c, phase, &r->retval);
		if (mue_host_suffered(r->run))
			return mue_host_broken(o, "BPF_PROG_TEST_RUN", r->run);
	} else if (!pull_trigger(h, p, c, phase, o)) {
		return false;
	}
	if (r->run)
		return true;
	mue_io_read(o, p->io->mem, p->layout, c, phase);
	/* An edited program need not count. */
	return r->invoked || mue_phase_edited(c, phase) ||
	       mue_host_fail(o, MUE_BROKEN, "phase %u: the program was not invoked", phase);
}
