/*
 * guest:WHAT[+nojit][+harden][+smp=N][+mem=MB]: a kernel in QEMU or user-mode Linux.
 *
 * A guest that crashes, hangs or logs a splat has answered that case with it; a new one is
 * booted for the next.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runners/guest/vm.h"
#include "runners/runner.h"

#define CASE_TIMEOUT_S 10 /* under software emulation the slowest case takes well under 1 s */

struct guest {
	struct mue_session base;
	struct mue_vm_options options;
	struct mue_vm vm;
	struct mue_world world;
	uint32_t asked; /* questions put to the running guest */
	char boot_msg[MUE_WHY_MAX];
};

/* Takes one "+option" off the end of `what`; false when its last word is none. */
static bool take_option(char *what, struct mue_vm_options *o)
{
	char *plus = strrchr(what, '+');
	unsigned n;

	if (!plus)
		return false;
	if (!strcmp(plus, "+nojit"))
		o->nojit = true;
	else if (!strcmp(plus, "+harden"))
		o->harden = true;
	else if (sscanf(plus, "+smp=%u", &n) == 1 && n >= 1 && n <= MUE_CPUS_MAX)
		o->smp = n;
	else if (sscanf(plus, "+mem=%u", &n) == 1 && n >= 64)
		o->memory_mb = n;
	else
		return false;
	*plus = 0;
	return true;
}

static int parse_target(struct mue_vm_options *o, const char *arg, char *msg, size_t msg_size)
{
	char what[MUE_PATH_MAX];
	int kind;

	*o = (struct mue_vm_options){.smp = MUE_GUEST_SMP, .memory_mb = MUE_GUEST_MEMORY_MB};
	if (!*arg || strlen(arg) >= sizeof(what)) {
		snprintf(msg, msg_size, "guest: expected guest:SERIES or guest:PATH");
		return -EINVAL;
	}
	strcpy(what, arg);
	while (take_option(what, o))
		;
	kind = mue_kernel_find(&o->kernel, what, getenv("MUE_MODULES"), msg, msg_size);
	if (kind == 0)
		kind = mue_image_kind(o->kernel.kernel, msg, msg_size);
	if (kind < 0)
		return kind;
	o->image = kind;
	if (o->image == MUE_IMAGE_UML)
		o->smp = 1;
	return 0;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * UINT64_C(1000) + t.tv_nsec / 1000000;
}

/* Waits for the answer; false and the reason when none will come. */
static bool await(struct guest *g, const struct mue_slot *slot, char *why, size_t size)
{
	uint64_t begin = now_ms(), deadline = begin + CASE_TIMEOUT_S * 1000;

	for (unsigned spins = 0;;) {
		if (atomic_load_explicit(&slot->answered, memory_order_acquire) == g->asked)
			return true;
		if (++spins % 64)
			continue;
		/* The guest needs the CPU more than we do. */
		usleep(spins < 6400 ? 20 : 200);
		if (spins % 6400)
			continue;
		if (!mue_vm_alive(&g->vm, why, size))
			return false;
		if (now_ms() > deadline) {
			snprintf(why, size, "gave no answer in %d s", CASE_TIMEOUT_S);
			return false;
		}
	}
}

static void broken(struct mue_observation *o, const struct mue_case *c, struct guest *g, const char *why)
{
	char line[100];

	mue_vm_console(&g->vm, line, sizeof(line));
	mue_observation_init(o, c);
	o->status = MUE_BROKEN;
	snprintf(o->why, sizeof(o->why), "guest %.120s%s%s", why, *line ? "; console: " : "", line);
}

static void guest_ask(struct mue_session *s, const struct mue_case *c, struct mue_observation *o)
{
	struct guest *g = (struct guest *)s;
	char why[128];
	struct mue_slot *slot;

	if (!g->vm.pid) {
		g->asked = 0;
		if (mue_vm_boot(&g->vm, &g->options, g->boot_msg, sizeof(g->boot_msg))) {
			mue_observation_init(o, c);
			o->status = MUE_BROKEN;
			snprintf(o->why, sizeof(o->why), "%s", g->boot_msg);
			return;
		}
	}
	slot = &g->vm.channel->slots[++g->asked % MUE_SLOTS];
	mue_case_copy(&slot->question, c);
	atomic_store_explicit(&slot->asked, g->asked, memory_order_release);
	if (!await(g, slot, why, sizeof(why))) {
		broken(o, c, g, why);
		mue_vm_stop(&g->vm);
		return;
	}
	mue_observation_copy(o, &slot->answer);
	if (slot->splat)
		mue_vm_stop(&g->vm);
}

static void guest_world(struct mue_session *s, struct mue_world *w)
{
	*w = ((struct guest *)s)->world;
}

static void guest_close(struct mue_session *s)
{
	struct guest *g = (struct guest *)s;

	mue_vm_stop(&g->vm);
	free(g);
}

static int guest_open(struct mue_session **s, const char *arg, const struct mue_world *world, char *msg,
		      size_t msg_size)
{
	struct guest *g = calloc(1, sizeof(*g));
	int err;

	if (!g) {
		snprintf(msg, msg_size, "guest: out of memory");
		return -ENOMEM;
	}
	err = parse_target(&g->options, arg, msg, msg_size);
	if (!err)
		err = mue_vm_boot(&g->vm, &g->options, msg, msg_size);
	if (err) {
		free(g);
		return err;
	}
	g->world = g->vm.channel->world;
	g->base = (struct mue_session){&mue_runner_guest, guest_ask, guest_world, guest_close};
	*s = &g->base;
	return 0;
}

const struct mue_runner mue_runner_guest = {
	.name = "guest",
	.help = "a kernel in QEMU or user-mode Linux: guest:SERIES or guest:PATH, then +nojit, +harden, +smp=N",
	.open = guest_open,
};
