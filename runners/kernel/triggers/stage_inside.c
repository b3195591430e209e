#include "runners/kernel/triggers/stage_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct inside {
	const struct mue_stage_home *home;
	const struct mue_trigger *const *triggers;
	const struct mue_trigger *pulled; /* since the latest rest, or NULL */
	int line;
	int cpu; /* the one we are pinned to, or -1 */
	struct mue_shot shot;
	struct mue_scene scene;
};

/* Descriptors of the runner would keep its maps and its caller's pipes alive. */
static void close_others(const struct inside *x)
{
	int last = x->line;

	if (x->home->root > last)
		last = x->home->root;
	if (x->home->cgroup > last)
		last = x->home->cgroup;
	for (int fd = 3; fd < last; fd++)
		if (fd != x->line && fd != x->home->root && fd != x->home->cgroup)
			close(fd);
	close_range(last + 1, ~0u, 0);
}

/* Moves this process to the cgroup of a directory. */
static int move_to(int directory)
{
	int fd = openat(directory, "cgroup.procs", O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, "0", 1) != 1)
		err = -errno;
	close(fd);
	return err;
}

static int loopback_up(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCSIFFLAGS, &lo))
		err = -errno;
	close(fd);
	return err;
}

static int move_in(const struct inside *x)
{
	setsid(); /* signals of a terminal are for others */
	prctl(PR_SET_NAME, "mue-stage");
	close_others(x);
	if (unshare(CLONE_NEWNET))
		return -errno;
	return move_to(x->home->cgroup) ?: loopback_up();
}

static void move_out(const struct inside *x)
{
	close(x->home->cgroup);
	move_to(x->home->root);
	unlinkat(x->home->root, x->home->name, AT_REMOVEDIR);
}

static int pin(struct inside *x, uint32_t cpu)
{
	cpu_set_t set;

	if (x->cpu == (int)cpu)
		return 0;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return -errno;
	x->cpu = cpu;
	return 0;
}

static void set_scene(struct inside *x, const int *fds)
{
	struct mue_scene *s = &x->scene;

	s->row = &mue_trigger_rows[x->shot.row];
	s->cpu = x->shot.cpu;
	s->prog = fds[0];
	s->map = fds[1];
	s->n_fds = 0;
	s->event_size = MUE_EVENT_PAYLOAD + x->shot.payload_size;
	memset(s->event, 0, MUE_EVENT_PAYLOAD);
	memcpy(s->event + MUE_EVENT_PAYLOAD, x->shot.payload, x->shot.payload_size);
}

static struct mue_shot_result pull(struct inside *x, const int *fds)
{
	const struct mue_trigger *t = x->triggers[x->shot.row];
	int (*const steps[MUE_SHOT_STEPS])(struct mue_scene *) = {t->prepare, t->attach, t->fire};
	struct mue_shot_result r = {.err = pin(x, x->shot.cpu)};

	set_scene(x, fds);
	x->pulled = t;
	for (unsigned step = 0; step < MUE_SHOT_STEPS && !r.err; step++) {
		r.step = step;
		r.err = steps[step](&x->scene);
	}
	return r;
}

static struct mue_shot_result rest(struct inside *x)
{
	struct mue_scene *s = &x->scene;

	if (x->pulled && x->pulled->detach)
		x->pulled->detach(s);
	while (s->n_fds)
		close(s->fds[--s->n_fds]);
	if (s->prog >= 0)
		close(s->prog);
	if (s->map >= 0)
		close(s->map);
	s->prog = s->map = -1;
	x->pulled = NULL;
	return (struct mue_shot_result){0};
}

/* The next message into x->shot: its size, 0 at the end of the line. */
static ssize_t receive(struct inside *x, int fds[MUE_STAGE_FDS])
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(MUE_STAGE_FDS * sizeof(int))];
	} control;
	struct iovec part = {&x->shot, sizeof(x->shot)};
	struct msghdr msg = {.msg_iov = &part,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};
	ssize_t n;

	for (unsigned i = 0; i < MUE_STAGE_FDS; i++)
		fds[i] = -1;
	do {
		n = recvmsg(x->line, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n > 0 && CMSG_FIRSTHDR(&msg))
		memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&msg)),
		       CMSG_FIRSTHDR(&msg)->cmsg_len - CMSG_LEN(0));
	return n;
}

void mue_stage_inside(const struct mue_stage_home *home, int line,
		      const struct mue_trigger *const *triggers)
{
	struct inside x = {.home = home, .triggers = triggers, .line = line, .cpu = -1};
	struct mue_shot_result r;
	int hello = move_in(&x), fds[MUE_STAGE_FDS];

	x.scene.cgroup = home->cgroup;
	x.scene.prog = x.scene.map = -1;
	if (send(line, &hello, sizeof(hello), MSG_NOSIGNAL) > 0 && !hello)
		while (receive(&x, fds) > 0) {
			r = fds[0] >= 0 ? pull(&x, fds) : rest(&x);
			if (send(line, &r, sizeof(r), MSG_NOSIGNAL) < 0)
				break;
		}
	rest(&x);
	move_out(&x);
	_exit(0);
}
