/* The stage, seen from outside: opening it, asking it, closing it. */
#include "runners/kernel/triggers/stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runners/kernel/triggers/stage_inside.h"

/* An answer takes less, also of a machine that is busy. */
#define ANSWER_TIMEOUT_S 10
#define CLOSE_TIMEOUT_MS 2000
/* Names that are tried for the cgroup. */
#define CGROUPS_MAX 100

const char *const mue_shot_step_names[MUE_SHOT_STEPS] = {"preparing", "attaching", "firing"};

struct mue_stage {
	struct mue_stage_home home;
	int line;
	pid_t pid;
};

/* The hierarchy of cgroup2 as a directory, mounted nowhere. */
static int open_hierarchy(void)
{
	int fs = fsopen("cgroup2", FSOPEN_CLOEXEC), root;

	if (fs < 0)
		return -errno;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) {
		root = -errno;
	} else {
		root = fsmount(fs, FSMOUNT_CLOEXEC, 0);
		root = root < 0 ? -errno : root;
	}
	close(fs);
	return root;
}

/* Opens a cgroup that nobody else has open in this way: a directory, or -errno. */
static int claim(int root, const char *name)
{
	int fd = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Removes cgroups of stages that were killed together with their owners. */
static void sweep(int root)
{
	int listing = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = listing < 0 ? NULL : fdopendir(listing);
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		int fd = strncmp(e->d_name, "mue.", 4) ? -1 : claim(root, e->d_name);

		if (fd < 0)
			continue;
		unlinkat(root, e->d_name, AT_REMOVEDIR);
		close(fd);
	}
	if (dir)
		closedir(dir);
}

/* Between making and claiming it, a sweep of others may have taken it away. */
static int make_cgroup(struct mue_stage_home *home)
{
	int err = -EEXIST;

	for (unsigned n = 0; n < CGROUPS_MAX; n++) {
		struct stat at;

		snprintf(home->name, sizeof(home->name), "mue.%d.%u", getpid(), n);
		if (mkdirat(home->root, home->name, 0755)) {
			if (errno != EEXIST)
				return -errno;
			continue;
		}
		home->cgroup = err = claim(home->root, home->name);
		if (err >= 0 && !fstatat(home->root, home->name, &at, 0))
			return 0;
		if (err >= 0)
			close(home->cgroup);
		home->cgroup = -1;
	}
	return err < 0 ? err : -EEXIST;
}

static int receive(struct mue_stage *s, void *answer, size_t size)
{
	ssize_t n;

	do {
		n = recv(s->line, answer, size, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return (size_t)n == size ? 0 : -ECONNRESET;
}

/* Starts the process. Everything that it shares with us it gets here. */
static int start(struct mue_stage *s, const struct mue_trigger *const *triggers)
{
	const struct timeval limit = {.tv_sec = ANSWER_TIMEOUT_S};
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	s->pid = fork();
	if (!s->pid)
		mue_stage_inside(&s->home, ends[1], triggers);
	close(ends[1]);
	s->line = ends[0];
	if (s->pid < 0)
		return -errno;
	setsockopt(s->line, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return 0;
}

int mue_stage_open(struct mue_stage **stage, const struct mue_trigger *const *triggers, char *msg,
		   size_t msg_size)
{
	struct mue_stage *s = malloc(sizeof(*s));
	const char *what = "memory";
	int err = -ENOMEM, hello = 0;

	if (s) {
		*s = (struct mue_stage){.home.cgroup = -1, .line = -1, .pid = -1};
		what = "cgroup2";
		s->home.root = err = open_hierarchy();
	}
	if (err >= 0) {
		sweep(s->home.root);
		what = "a cgroup of our own";
		err = make_cgroup(&s->home);
	}
	if (!err) {
		what = "a process and network of our own";
		err = start(s, triggers) ?: receive(s, &hello, sizeof(hello)) ?: hello;
	}
	if (!err) {
		*stage = s;
		return 0;
	}
	snprintf(msg, msg_size, "%s for triggers: %s", what, strerror(-err));
	mue_stage_close(s);
	return err;
}

pid_t mue_stage_pid(const struct mue_stage *s)
{
	return s->pid;
}

/* Sends a message, with descriptors, if there are any. */
static int send_with(int line, const void *p, size_t size, const int *fds, uint32_t n)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(MUE_STAGE_FDS * sizeof(int))];
	} control = {.head = {CMSG_LEN(n * sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct iovec part = {(void *)p, size};
	struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};

	if (n) {
		memcpy(CMSG_DATA(&control.head), fds, n * sizeof(int));
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
	}
	return sendmsg(line, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int mue_stage_pull(struct mue_stage *s, struct mue_shot_result *r, const struct mue_shot *shot,
		   int prog, int map)
{
	size_t size = offsetof(struct mue_shot, payload) + shot->payload_size;
	const int fds[MUE_STAGE_FDS] = {prog, map};

	return send_with(s->line, shot, size, fds, map < 0 ? 1 : 2) ?: receive(s, r, sizeof(*r));
}

int mue_stage_rest(struct mue_stage *s)
{
	struct mue_shot_result r;
	const char rest = 0;

	return send_with(s->line, &rest, sizeof(rest), NULL, 0) ?: receive(s, &r, sizeof(r));
}

/* It ends when its line does; one that does not is ended. */
static void end(pid_t pid)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (uint32_t ms = 0; ms < CLOSE_TIMEOUT_MS; ms++) {
		if (waitpid(pid, NULL, WNOHANG))
			return;
		nanosleep(&pause, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void mue_stage_close(struct mue_stage *s)
{
	if (!s)
		return;
	if (s->line >= 0)
		close(s->line);
	if (s->pid > 0)
		end(s->pid);
	if (s->home.cgroup >= 0) {
		close(s->home.cgroup);
		unlinkat(s->home.root, s->home.name, AT_REMOVEDIR);
	}
	if (s->home.root >= 0)
		close(s->home.root);
	free(s);
}
