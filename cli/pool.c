/* The pool, seen from the parent. */
#include "cli/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_MS 100	    /* how often the heartbeats are looked at */
#define PIPE_SIZE (1 << 20) /* how far workers may be ahead */
#define READ_SIZE (64 << 10)

struct member {
	pid_t pid;
	int fd; /* -1: no worker */
	char *buf;
	size_t used, room, next;
	size_t searched; /* of the bytes from next on, no line end in so many */
};

struct mue_pool {
	struct mue_pool_options opts;
	struct mue_heartbeat *hearts;
	struct member *members;
	uint64_t item;	    /* whose line is next */
	uint64_t blameless; /* the item before which a worker was last lost without being at one */
	bool ended;
	sigset_t old_mask;
	int signals; /* signalfd of SIGINT and SIGTERM */
};

static int oops(char *msg, size_t msg_size, const char *what)
{
	int err = errno;

	snprintf(msg, msg_size, "%s: %s", what, strerror(err));
	return -err;
}

/* In the new process. */
static void work(struct mue_pool *p, uint32_t number, int fd, const char *lost, pid_t parent)
{
	struct mue_worker w = {
		.heart = &p->hearts[number],
		.fd = fd,
		.number = number,
		.jobs = p->opts.jobs,
		.start = p->item,
		.lost = lost ? p->item : MUE_NO_ITEM,
	};
	uint64_t total;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	sigprocmask(SIG_SETMASK, &p->old_mask, NULL);
	snprintf(w.why, sizeof(w.why), "%s", lost ? lost : "");
	mue_worker_at(&w, MUE_NO_ITEM);
	total = p->opts.work(&w, p->opts.ctx);
	mue_worker_send(&w, total, "end", 3);
	_exit(0);
}

/* Starts worker `number` at the item that is next; `lost` says why that item is not to be tried. */
static int start(struct mue_pool *p, uint32_t number, const char *lost, char *msg, size_t msg_size)
{
	struct member *m = &p->members[number];
	pid_t self = getpid();
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return oops(msg, msg_size, "pipe");
	fcntl(fds[1], F_SETPIPE_SZ, PIPE_SIZE);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	fflush(stdout);
	m->pid = fork();
	if (!m->pid) {
		close(fds[0]);
		work(p, number, fds[1], lost, self);
	}
	close(fds[1]);
	m->fd = fds[0];
	m->used = m->next = m->searched = 0;
	if (m->pid < 0)
		return oops(msg, msg_size, "fork");
	setpgid(m->pid, m->pid); /* in both, so that it holds when either goes on */
	return 0;
}

/* Ends a worker and all it started. Gives its status. */
static int stop(struct member *m)
{
	int status = 0;

	if (m->fd < 0)
		return 0;
	kill(-m->pid, SIGKILL);
	while (waitpid(m->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(m->fd);
	m->fd = -1;
	return status;
}

static int open_parts(struct mue_pool *p, char *msg, size_t msg_size)
{
	size_t jobs = p->opts.jobs;
	sigset_t mask;

	p->hearts = mmap(NULL, jobs * sizeof(*p->hearts), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	p->members = calloc(jobs, sizeof(*p->members));
	if (p->hearts == MAP_FAILED || !p->members)
		return oops(msg, msg_size, "memory of the workers");
	for (size_t i = 0; i < jobs; i++)
		p->members[i].fd = -1;
	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, &p->old_mask);
	p->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	return p->signals < 0 ? oops(msg, msg_size, "signalfd") : 0;
}

struct mue_pool *mue_pool_open(const struct mue_pool_options *options, char *msg, size_t msg_size)
{
	struct mue_pool *p = calloc(1, sizeof(*p));
	int err;

	if (!p) {
		oops(msg, msg_size, "memory of the workers");
		return NULL;
	}
	p->opts = *options;
	p->item = options->start;
	p->blameless = MUE_NO_ITEM;
	err = open_parts(p, msg, msg_size);
	for (uint32_t i = 0; i < options->jobs && !err; i++)
		err = start(p, i, NULL, msg, msg_size);
	if (!err)
		return p;
	mue_pool_close(p);
	return NULL;
}

/* Hands out the next whole line of a worker's. */
static bool take_line(struct member *m, char **line, size_t *n)
{
	char *from, *newline;

	if (!m->buf)
		return false;
	from = m->buf + m->next;
	newline = memchr(from + m->searched, '\n', m->used - m->next - m->searched);
	if (!newline) {
		m->searched = m->used - m->next;
		return false;
	}
	*newline = 0;
	*line = from;
	*n = newline - from;
	m->next = newline + 1 - m->buf;
	m->searched = 0;
	return true;
}

static bool make_room(struct member *m)
{
	size_t room = m->room ? m->room : READ_SIZE;
	char *bigger;

	if (m->next) {
		memmove(m->buf, m->buf + m->next, m->used - m->next);
		m->used -= m->next;
		m->next = 0;
	}
	while (room - m->used < READ_SIZE)
		room *= 2;
	if (room == m->room)
		return true;
	bigger = room <= MUE_LINE_MAX ? realloc(m->buf, room) : NULL;
	if (!bigger)
		return false;
	m->buf = bigger;
	m->room = room;
	return true;
}

/* Reads what is there. Gives 1 when there was something, 0 at the end, or -errno. */
static int read_some(struct member *m)
{
	ssize_t n;

	if (!make_room(m))
		return -ENOMEM;
	n = read(m->fd, m->buf + m->used, m->room - m->used);
	if (n < 0)
		return -errno;
	m->used += n;
	return n > 0;
}

/* Understands one line of the next item's owner. As mue_pool_next. */
static int take(struct mue_pool *p, char *text, size_t size, const char **line, size_t *n,
		char *msg, size_t msg_size)
{
	char *rest;
	uint64_t item = strtoull(text, &rest, 10);

	if (*text == '!') {
		snprintf(msg, msg_size, "%s", text + 1);
		return -EIO;
	}
	if (*rest != ' ' || item != p->item) {
		snprintf(msg, msg_size, "a worker spoke of item %" PRIu64 "; expected %" PRIu64,
			 item, p->item);
		return -EPROTO;
	}
	if (!strcmp(rest, " end")) {
		p->ended = true;
		return 0;
	}
	*line = rest + 1;
	*n = size - (rest + 1 - text);
	p->item++;
	return 1;
}

/* The worker that owns the next item is no more, or was hung: goes on behind that item. */
static int replace(struct mue_pool *p, uint32_t number, const char *hung, char *msg,
		   size_t msg_size)
{
	uint64_t at = atomic_load(&p->hearts[number].item);
	int status = stop(&p->members[number]);
	char why[128];

	if (hung)
		snprintf(why, sizeof(why), "%s", hung);
	else if (WIFSIGNALED(status))
		snprintf(why, sizeof(why), "the worker was killed by signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(why, sizeof(why), "the worker exited with status %d", WEXITSTATUS(status));
	if (at == p->item)
		return start(p, number, why, msg, msg_size);
	/* Not at a case, so none is to blame: once, that may be chance (somebody killed it). */
	if (p->blameless == p->item) {
		snprintf(msg, msg_size, "before case number %" PRIu64 ": %s", p->item, why);
		return -EIO;
	}
	p->blameless = p->item;
	return start(p, number, NULL, msg, msg_size);
}

static bool is_dead(const struct member *m)
{
	siginfo_t info = {0};

	return !waitid(P_PID, m->pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid;
}

/* Nothing came from the worker: is it alive, and was its last sign of life not long ago? */
static int examine(struct mue_pool *p, uint32_t number, char *msg, size_t msg_size)
{
	int64_t since = atomic_load(&p->hearts[number].since_ms);
	char hung[64];

	/* Children of a dead worker may hold its pipe open: then it has no end. */
	if (is_dead(&p->members[number])) {
		if (read_some(&p->members[number]) > 0)
			return 0;
		return replace(p, number, NULL, msg, msg_size);
	}
	if (!since || mue_now_ms() - since < p->opts.deadline_ms)
		return 0;
	snprintf(hung, sizeof(hung), "no answer in %g s", p->opts.deadline_ms / 1000.0);
	return replace(p, number, hung, msg, msg_size);
}

/* Waits for something from the worker. 0, -EINTR, or -errno. */
static int wait_for(struct mue_pool *p, uint32_t number, int timeout_ms, char *msg, size_t msg_size)
{
	struct member *m = &p->members[number];
	struct pollfd fds[] = {{m->fd, POLLIN, 0}, {p->signals, POLLIN, 0}};
	int n = poll(fds, 2, timeout_ms), err;

	if (n < 0 && errno != EINTR)
		return oops(msg, msg_size, "poll");
	if (n > 0 && fds[1].revents)
		return -EINTR;
	if (n <= 0 || !fds[0].revents)
		return examine(p, number, msg, msg_size);
	err = read_some(m);
	if (!err)
		return replace(p, number, NULL, msg, msg_size);
	if (err == -ENOMEM)
		snprintf(msg, msg_size, "no memory for a line of more than %zu bytes", m->used);
	return err > 0 || err == -EAGAIN ? 0 : err;
}

int mue_pool_next(struct mue_pool *p, const char **line, size_t *n, int timeout_ms, char *msg,
		  size_t msg_size)
{
	int64_t end = mue_now_ms() + timeout_ms;
	uint32_t number = mue_item_owner(p->item, p->opts.jobs);
	char *text;
	size_t size;

	if (p->ended)
		return 0;
	while (!take_line(&p->members[number], &text, &size)) {
		int64_t left = end - mue_now_ms();
		int err;

		if (left <= 0)
			return -EAGAIN;
		err = wait_for(p, number, left < TICK_MS ? left : TICK_MS, msg, msg_size);
		if (err)
			return err;
	}
	return take(p, text, size, line, n, msg, msg_size);
}

/* At the end workers close their sessions in peace, if they are quick. */
static void let_end(struct mue_pool *p)
{
	int64_t end = mue_now_ms() + MUE_WORKER_END_MS;

	for (uint32_t i = 0; i < p->opts.jobs; i++)
		while (p->members[i].fd >= 0 && !is_dead(&p->members[i]) && mue_now_ms() < end)
			usleep(1000);
}

void mue_pool_close(struct mue_pool *p)
{
	if (!p)
		return;
	if (p->ended)
		let_end(p);
	for (uint32_t i = 0; p->members && i < p->opts.jobs; i++) {
		stop(&p->members[i]);
		free(p->members[i].buf);
	}
	free(p->members);
	if (p->hearts && p->hearts != MAP_FAILED)
		munmap(p->hearts, p->opts.jobs * sizeof(*p->hearts));
	if (p->signals > 0) {
		close(p->signals);
		sigprocmask(SIG_SETMASK, &p->old_mask, NULL);
	}
	free(p);
}
