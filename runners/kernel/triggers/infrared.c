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
static int pin_thread(const char *rc, uint32_t cpu)
{
	DIR *dir = opendir("/proc");
	char path[300], name[32];
	struct dirent *e;
	cpu_set_t set;
	int err = -ESRCH, pid;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	while (dir && err == -ESRCH && (e = readdir(dir))) {
		FILE *f = NULL;

		if (sscanf(e->d_name, "%d", &pid) == 1) {
			snprintf(path, sizeof(path), "/proc/%d/comm", pid);
			f = fopen(path, "re");
		}
		if (f && fgets(name, sizeof(name), f) && !strncmp(name, rc, strlen(rc)) &&
		    name[strlen(rc)] == '\n')
			err = sched_setaffinity(pid, sizeof(set), &set) ? -errno : 0;
		if (f)
			fclose(f);
	}
	if (dir)
		closedir(dir);
	return err;
}

/* One at a time: there is one such receiver, and all of its programs hear everything. */
static int prepare(struct mue_scene *s)
{
	char rc[256], lirc[256], path[600];
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
	return flock(fd, LOCK_EX) ? -errno : pin_thread(rc, s->cpu);
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
	if (s->n_fds)
		bpf_prog_detach2(s->prog, s->fds[LIRC], BPF_LIRC_MODE2);
}

const struct mue_trigger mue_trigger_infrared = {prepare, attach, send_pulse, detach};
