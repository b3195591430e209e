/* Infrared receivers: the loopback one, which hears what is sent by itself. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "runners/kernel/triggers/trigger.h"

#define RC_DEVICES "/sys/class/rc"

enum { LIRC };

static bool is_loopback(const char *rc)
{
	char path[512], line[128];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), RC_DEVICES "/%s/uevent", rc);
	f = fopen(path, "re");
	while (f && !found && fgets(line, sizeof(line), f))
		found = !strcmp(line, "DRV_NAME=rc-loopback\n");
	if (f)
		fclose(f);
	return found;
}

/* The first entry of a directory that begins with `word`, and, of RC_DEVICES, is the loopback. */
static bool find(char *to, size_t size, const char *directory, const char *word)
{
	DIR *dir = opendir(directory);
	struct dirent *e;
	bool found = false;

	while (dir && !found && (e = readdir(dir))) {
		found = !strncmp(e->d_name, word, strlen(word)) &&
			(strcmp(directory, RC_DEVICES) || is_loopback(e->d_name));
		snprintf(to, size, "%s", e->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* The thread that hands out what the receiver heard has the receiver's name. */
static int pin_thread(const char *rc, const cpu_set_t *set)
{
	DIR *dir = opendir("/proc");
	char path[300], name[32];
	struct dirent *e;
	int err = -ESRCH, pid;

	while (dir && err == -ESRCH && (e = readdir(dir))) {
		FILE *f = NULL;

		if (sscanf(e->d_name, "%d", &pid) == 1) {
			snprintf(path, sizeof(path), "/proc/%d/comm", pid);
			f = fopen(path, "re");
		}
		if (f && fgets(name, sizeof(name), f) && !strncmp(name, rc, strlen(rc)) &&
		    name[strlen(rc)] == '\n')
			err = sched_setaffinity(pid, sizeof(*set), set) ? -errno : 0;
		if (f)
			fclose(f);
	}
	if (dir)
		closedir(dir);
	return err;
}

/*
 * There are no links to receivers: a program whose process was killed stays. Those of ours are known by their name, and,
 * since only one of us is here at a time, left over.
 */
static void sweep(int lirc)
{
	uint32_t ids[64], n = sizeof(ids) / sizeof(*ids);

	if (bpf_prog_query(lirc, BPF_LIRC_MODE2, 0, NULL, ids, &n))
		return;
	for (uint32_t i = 0; i < n; i++) {
		struct bpf_prog_info info = {0};
		uint32_t size = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(ids[i]);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &size) && !strcmp(info.name, MUE_PROG_NAME))
			bpf_prog_detach2(fd, lirc, BPF_LIRC_MODE2);
		close(fd);
	}
}

/* One at a time: there is one such receiver, and all of its programs hear everything. */
static int prepare(struct mue_scene *s)
{
	char rc[256], lirc[256], path[600];
	cpu_set_t set;
	int fd;

	if (!find(rc, sizeof(rc), RC_DEVICES, "rc"))
		return -ENODEV;
	snprintf(path, sizeof(path), RC_DEVICES "/%s", rc);
	if (!find(lirc, sizeof(lirc), path, "lirc"))
		return -ENODEV;
	snprintf(path, sizeof(path), "/dev/%s", lirc);
	fd = mue_scene_keep(s, open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC));
	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX))
		return -errno;
	sweep(fd);
	CPU_ZERO(&set);
	CPU_SET(s->cpu, &set);
	return pin_thread(rc, &set);
}

static int attach(struct mue_scene *s)
{
	return bpf_prog_attach(s->prog, s->fds[LIRC], BPF_LIRC_MODE2, 0);
}

/* A pulse, in microseconds: heard as that and the silence behind it. */
static int send_pulse(struct mue_scene *s)
{
	const uint32_t pulse = 500;

	return write(s->fds[LIRC], &pulse, sizeof(pulse)) < 0 ? -errno : 0;
}

static void detach(struct mue_scene *s)
{
	char rc[256];
	cpu_set_t all;

	if (!s->n_fds)
		return;
	bpf_prog_detach2(s->prog, s->fds[LIRC], BPF_LIRC_MODE2);
	memset(&all, 0xff, sizeof(all));
	if (find(rc, sizeof(rc), RC_DEVICES, "rc"))
		pin_thread(rc, &all);
}

const struct mue_trigger mue_trigger_infrared = {prepare, attach, send_pulse, detach};
