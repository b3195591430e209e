/*
 * A guest session. A guest that crashes, hangs or logs a splat has answered that case with
 * it; another is booted, and goes on with what was posted behind that case.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runners/guest/answer.h"
#include "runners/guest/guest.h"
#include "runners/guest/log.h"
#include "runners/guest/patience.h"
#include "runners/guest/turns.h"
#include "runners/guest/vm.h"

#define CASE_TIMEOUT_MS 10000 /* under software emulation the slowest case takes well under 1 s */
#define LOOK_MS 100	      /* how often a guest is looked at that is waited for */
/* So many boots in a row may fail; then the session gives up. */
#define BOOT_FAILURES_MAX 3
/* Waiting: for the last answer so often eagerly, then ever longer. Guests need the CPU more than we do. */
#define WAIT_EAGERLY 64
#define WAIT_US_MIN 20
#define WAIT_US_MAX 2000
/* What a dying kernel still has to say. */
#define LAST_WORDS_US 100000

struct guest {
	struct mue_session base; /* first */
	struct mue_guest_options options;
	struct mue_vm vm;
	struct mue_world world;
	uint32_t posted, taken; /* numbers of questions */
	unsigned boot_failures; /* in a row */
	struct mue_cover cover; /* of the latest answer */
	char arg[MUE_PATH_MAX];
	char boot_msg[MUE_WHY_MAX];
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * UINT64_C(1000) + t.tv_nsec / 1000000;
}

/* The oldest question that is out. */
static struct mue_slot *oldest(struct guest *g)
{
	return &g->vm.channel->slots[(g->taken + 1) % MUE_SLOTS];
}

static bool begin_boot(struct guest *g)
{
	if (g->boot_failures >= BOOT_FAILURES_MAX)
		return false;
	g->vm.channel->next = g->taken + 1;
	if (!mue_vm_start(&g->vm, &g->options, g->boot_msg, sizeof(g->boot_msg)))
		return true;
	g->boot_failures++;
	return false;
}

static bool end_boot(struct guest *g)
{
	struct mue_world *seen = &g->vm.channel->world;

	if (mue_vm_ready(&g->vm, &g->options, g->boot_msg, sizeof(g->boot_msg))) {
		g->boot_failures++;
		return false;
	}
	if (seen->cpus != g->options.smp) {
		snprintf(g->boot_msg, sizeof(g->boot_msg),
			 "the kernel uses %u CPU%s of the %u it was given", seen->cpus,
			 seen->cpus == 1 ? "" : "s", g->options.smp);
		mue_vm_stop(&g->vm);
		g->boot_failures = BOOT_FAILURES_MAX;
		return false;
	}
	g->boot_failures = 0;
	return true;
}

/* Waits for the oldest answer; false and the reason when none will come. */
static bool await(struct guest *g, char *why, size_t size)
{
	const struct mue_slot *slot = oldest(g);
	uint64_t look = now_ms(), now;
	uint32_t limit = g->base.deadline_ms ? g->base.deadline_ms : CASE_TIMEOUT_MS;
	unsigned wait_us = WAIT_US_MIN, eager = g->posted - g->taken == 1 ? WAIT_EAGERLY : 0;
	struct mue_patience patience = {0}; /* begins with the first look: most cases are faster */

	for (unsigned waits = 0;;) {
		if (atomic_load_explicit(&slot->answered, memory_order_acquire) == g->taken + 1)
			return true;
		usleep(wait_us);
		if (++waits > eager && wait_us < WAIT_US_MAX)
			wait_us *= 2;
		now = now_ms();
		if (now - look < LOOK_MS)
			continue;
		look = now;
		if (!mue_vm_alive(&g->vm, why,
				  size)) /* its last answer may be there all the same */
			return atomic_load(&slot->answered) == g->taken + 1;
		if (!patience.last_ms) {
			mue_patience_begin(&patience, g->vm.pid);
		} else if (mue_patience_ms(&patience, g->vm.pid) > limit) {
			snprintf(why, size, "gave no answer in %g s", limit / 1000.0);
			return false;
		}
	}
}

/* The answer is that the guest failed: `why`, what its console says, and where the whole log is. */
static void fail(struct guest *g, const struct mue_case *c, const char *why,
		 struct mue_observation *o)
{
	char line[160], path[100], head[2 * MUE_PATH_MAX];
	bool splat;

	usleep(LAST_WORDS_US);
	splat = mue_vm_console(&g->vm, line, sizeof(line));
	snprintf(head, sizeof(head), "guest: %s (%s)\ncase: %s\nit %s\n\n", g->arg,
		 g->options.kernel.origin, c->name, why);
	mue_vm_keep_log(&g->vm, head, path, sizeof(path));
	mue_observation_init(o, c);
	/* Who kills a guest, or gives it too little, learns nothing about its kernel. */
	o->status = mue_log_shortage(line) || (g->vm.was_killed && !splat) ? MUE_BROKEN : MUE_CRASHED;
	snprintf(o->why, sizeof(o->why), "the guest %.60s%s%.60s%s%s", why,
		 *line ? "; console: " : "", line, *path ? "; log: " : "", path);
	mue_vm_stop(&g->vm);
}

static void no_guest(struct guest *g, const struct mue_case *c, struct mue_observation *o)
{
	mue_observation_init(o, c);
	o->status = MUE_BROKEN;
	snprintf(o->why, sizeof(o->why), "no new guest: %.200s", g->boot_msg);
}

static void guest_post(struct mue_session *s, const struct mue_case *c)
{
	struct guest *g = (struct guest *)s;
	struct mue_slot *slot = &g->vm.channel->slots[++g->posted % MUE_SLOTS];

	mue_case_copy(&slot->question, c);
	slot->splat = 0;
	atomic_store_explicit(&slot->asked, g->posted, memory_order_release);
}

/* None for an answer that did not come; the guest's numbers are not trusted. */
static void take_cover(struct guest *g, const struct mue_slot *slot)
{
	uint32_t n = slot->cover.n;

	g->cover.n = 0;
	g->cover.full = 0;
	if (!g->vm.pid || !g->base.cover || n > MUE_COVER_MAX)
		return;
	memcpy(g->cover.hits, slot->cover.hits, n * sizeof(*g->cover.hits));
	g->cover.n = n;
	g->cover.full = slot->cover.full;
}

static void guest_take(struct mue_session *s, struct mue_observation *o)
{
	struct guest *g = (struct guest *)s;
	struct mue_slot *slot = oldest(g);
	char why[160];

	if (!g->vm.pid && !(begin_boot(g) && end_boot(g))) {
		no_guest(g, &slot->question, o);
	} else if (!await(g, why, sizeof(why))) {
		fail(g, &slot->question, why, o);
	} else if (slot->splat) {
		snprintf(why, sizeof(why), "logged: %.140s", slot->answer.why);
		fail(g, &slot->question, why, o);
	} else if (!mue_answer_copy(o, &slot->answer, &slot->question)) {
		fail(g, &slot->question, "gave an answer that is none", o);
	}
	take_cover(g, slot);
	g->taken++;
}

static void guest_ask(struct mue_session *s, const struct mue_case *c, struct mue_observation *o)
{
	guest_post(s, c);
	guest_take(s, o);
}

static void guest_world(struct mue_session *s, struct mue_world *w)
{
	*w = ((struct guest *)s)->world;
}

/* The kernel's own words; what stands in shared memory may have no end. */
static void guest_identify(struct mue_session *s, char *to, size_t size)
{
	const struct guest *g = (const struct guest *)s;

	snprintf(to, size, "%.*s", (int)sizeof(g->vm.channel->identity) - 1, g->vm.channel->identity);
}

static const struct mue_cover *guest_cover(struct mue_session *s)
{
	return &((struct guest *)s)->cover;
}

static int guest_ready(struct mue_session *s, char *msg, size_t msg_size)
{
	struct guest *g = (struct guest *)s;

	if (!end_boot(g)) {
		snprintf(msg, msg_size, "%s", g->boot_msg);
		return -EIO;
	}
	g->world = g->vm.channel->world;
	if (g->vm.channel->has_cover)
		g->base.cover = guest_cover;
	return 0;
}

static void guest_close(struct mue_session *s)
{
	struct guest *g = (struct guest *)s;

	mue_vm_close(&g->vm);
	free(g);
}

uint64_t mue_guest_busy_ns(const struct mue_session *s)
{
	return atomic_load(&((const struct guest *)s)->vm.channel->busy_ns);
}

/* One CPU is all that user-mode Linux has, as far as its packages go. */
static int check_options(const struct mue_guest_options *o, char *msg, size_t msg_size)
{
	if (o->image != MUE_IMAGE_UML || o->smp == 1)
		return 0;
	snprintf(msg, msg_size, "+smp=%u: user-mode Linux has one CPU", o->smp);
	return -EINVAL;
}

static int guest_open(struct mue_session **s, const char *arg, const struct mue_world *world,
		      char *msg, size_t msg_size)
{
	struct guest *g = calloc(1, sizeof(*g));
	int err;

	if (!g) {
		snprintf(msg, msg_size, "out of memory");
		return -ENOMEM;
	}
	snprintf(g->arg, sizeof(g->arg), "%s", arg);
	g->base = (struct mue_session){.runner = &mue_runner_guest,
				       .ask = guest_ask,
				       .world = guest_world,
				       .ready = guest_ready,
				       .close = guest_close,
				       .post = guest_post,
				       .take = guest_take,
				       .keeps_deadline = true,
				       .identify = guest_identify};
	err = mue_guest_options_parse(&g->options, arg, msg, msg_size);
	if (!err)
		err = check_options(&g->options, msg, msg_size);
	if (err) {
		free(g);
		return err;
	}
	mue_turns_polite();
	err = mue_vm_open(&g->vm, &g->options, msg, msg_size);
	if (!err && !begin_boot(g)) {
		snprintf(msg, msg_size, "%s", g->boot_msg);
		err = -EIO;
	}
	if (err) {
		guest_close(&g->base);
		return err;
	}
	*s = &g->base;
	return 0;
}

const struct mue_runner mue_runner_guest = {
	.name = "guest",
	.help = "a kernel in QEMU or user-mode Linux: guest:SERIES or guest:PATH, then +nojit, "
		"+harden, +noreuse, +smp=N, +mem=MB",
	.open = guest_open,
};
