#include "runners/exec/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct mue_child {
	pid_t pid;
	int fd;	   /* a stream socket: both its standard input and output */
	char *buf; /* what was read: */
	size_t used, room;
	size_t next; /* where the first line that was not handed out begins */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static int oops(char *msg, size_t msg_size, int err, const char *what)
{
	snprintf(msg, msg_size, "%s: %s", what, strerror(err));
	return -err;
}

/*
 * Whether sh(1) may become the command instead of waiting for it, so that it dies with us. Not when
 * there is more to it than a program and its arguments.
 */
static bool is_simple(const char *command)
{
	return !strpbrk(command, ";&|<>(){}`\n") && strcspn(command, "=") >= strcspn(command, " ");
}

/* In the new process: never returns. */
static void become(const char *command, int fd, pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || dup2(fd, 0) < 0 || dup2(fd, 1) < 0)
		_exit(126);
	if (is_simple(command))
		execl("/bin/sh", "sh", "-c", "eval \"exec $1\"", "sh", command, (char *)NULL);
	else
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

int mue_child_start(struct mue_child **child, const char *command, char *msg, size_t msg_size)
{
	struct mue_child *c = calloc(1, sizeof(*c));
	pid_t self = getpid();
	int fds[2];

	if (!c)
		return oops(msg, msg_size, ENOMEM, "exec");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
		free(c);
		return oops(msg, msg_size, errno, "socketpair");
	}
	c->pid = fork();
	if (!c->pid)
		become(command, fds[1], self);
	close(fds[1]);
	c->fd = fds[0];
	if (c->pid < 0) {
		int err = errno;

		close(c->fd);
		free(c);
		return oops(msg, msg_size, err, "fork");
	}
	setpgid(c->pid, c->pid); /* in both, so that it holds when either goes on */
	*child = c;
	return 0;
}

/* Says how a child that closed its end came to do so. */
static int tell_end(struct mue_child *c, char *msg, size_t msg_size)
{
	int status = 0;

	/* It may close before it ends; what matters is that it will not answer. */
	for (int i = 0; i < 100; i++) {
		siginfo_t info = {0};

		if (!waitid(P_PID, c->pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid) {
			status = info.si_code == CLD_EXITED ? -1 - info.si_status : info.si_status;
			if (status < -129) /* sh(1) tells so of its child */
				status = -status - 129;
			break;
		}
		usleep(1000);
	}
	if (status > 0)
		snprintf(msg, msg_size, "killed by signal %d (%s) before it answered", status,
			 strsignal(status));
	else if (status < 0)
		snprintf(msg, msg_size, "exited with status %d before it answered", -1 - status);
	else
		snprintf(msg, msg_size, "closed its output before it answered");
	return -EPIPE;
}

/* Waits until the socket is ready or the time is over. 0 or -errno with a reason. */
static int wait_for(struct mue_child *c, short events, int64_t end, int deadline_ms, char *msg,
		    size_t msg_size)
{
	for (;;) {
		struct pollfd p = {c->fd, events, 0};
		int64_t left = end - now_ms();
		int n = left > 0 ? poll(&p, 1, left) : 0;

		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return oops(msg, msg_size, errno, "poll");
		if (!n) {
			snprintf(msg, msg_size, "no answer in %g s", deadline_ms / 1000.0);
			return -ETIMEDOUT;
		}
	}
}

static int write_all(struct mue_child *c, const char *p, size_t n, int64_t end, int deadline_ms,
		     char *msg, size_t msg_size)
{
	while (n) {
		ssize_t done = send(c->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		int err = 0;

		if (done >= 0) {
			p += done;
			n -= done;
		} else if (errno == EAGAIN) {
			err = wait_for(c, POLLOUT, end, deadline_ms, msg, msg_size);
		} else if (errno != EINTR) {
			return tell_end(c, msg, msg_size);
		}
		if (err)
			return err;
	}
	return 0;
}

int mue_child_write_line(struct mue_child *c, const char *text, int deadline_ms, char *msg,
			 size_t msg_size)
{
	int64_t end = now_ms() + deadline_ms;
	int err = write_all(c, text, strlen(text), end, deadline_ms, msg, msg_size);

	return err ? err : write_all(c, "\n", 1, end, deadline_ms, msg, msg_size);
}

/* Hands out the next line if a whole one is there. */
static bool take_line(struct mue_child *c, const char **line, size_t *n, size_t *searched)
{
	char *from = c->buf + c->next, *end = c->buf + c->used;
	char *newline = c->buf ? memchr(from + *searched, '\n', end - from - *searched) : NULL;

	if (!newline) {
		*searched = end - from;
		return false;
	}
	*line = from;
	*n = newline - from;
	c->next = newline + 1 - c->buf;
	return true;
}

static int make_room(struct mue_child *c)
{
	size_t room;
	char *bigger;

	if (c->room - c->used >= 4096)
		return 0;
	room = c->room ? c->room * 2 : 65536;
	if (room > MUE_CHILD_LINE_MAX)
		return -E2BIG;
	bigger = realloc(c->buf, room);
	if (!bigger)
		return -ENOMEM;
	c->buf = bigger;
	c->room = room;
	return 0;
}

int mue_child_read_line(struct mue_child *c, const char **line, size_t *n, int deadline_ms,
			char *msg, size_t msg_size)
{
	int64_t end = now_ms() + deadline_ms;
	size_t searched = 0;

	if (c->next)
		memmove(c->buf, c->buf + c->next, c->used - c->next);
	c->used -= c->next;
	c->next = 0;
	while (!take_line(c, line, n, &searched)) {
		ssize_t got;
		int err = make_room(c);

		if (err)
			return oops(msg, msg_size, -err, "its answer is too long");
		err = wait_for(c, POLLIN, end, deadline_ms, msg, msg_size);
		if (err)
			return err;
		got = recv(c->fd, c->buf + c->used, c->room - c->used, MSG_DONTWAIT);
		if (got > 0)
			c->used += got;
		else if (!got || (errno != EAGAIN && errno != EINTR))
			return tell_end(c, msg, msg_size);
	}
	return 0;
}

bool mue_child_silent(struct mue_child *c)
{
	char byte;

	return c->next == c->used && recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

void mue_child_stop(struct mue_child *c)
{
	if (!c)
		return;
	kill(-c->pid, SIGKILL);
	close(c->fd);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
	free(c->buf);
	free(c);
}
