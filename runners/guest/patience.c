#include "runners/guest/patience.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Keeper, guest, the processes of user-mode Linux; more would be none of ours. */
#define DEPTH_MAX 4

/* What threads did and want. */
struct look {
	uint64_t ran; /* clock ticks */
	bool wants;   /* one of them runs, or would */
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * UINT64_C(1000) + t.tv_nsec / 1000000;
}

static FILE *open_of(pid_t pid, int tid, const char *what)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", pid, tid, what);
	return fopen(path, "re");
}

static void add_thread(struct look *l, FILE *stat)
{
	char line[1024], state, *rest;
	uint64_t user, system;

	if (!fgets(line, sizeof(line), stat))
		return;
	rest = strrchr(line, ')'); /* behind the name */
	if (!rest ||
	    sscanf(rest + 1, " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64 " %" SCNu64,
		   &state, &user, &system) != 3)
		return;
	l->ran += user + system;
	l->wants |= state == 'R';
}

static void add_process(struct look *l, pid_t pid, unsigned depth);

static void add_children(struct look *l, FILE *children, unsigned depth)
{
	int child;

	while (fscanf(children, "%d", &child) == 1)
		add_process(l, child, depth);
}

static void add_process(struct look *l, pid_t pid, unsigned depth)
{
	char path[32];
	struct dirent *d;
	DIR *tasks;
	FILE *f;
	int tid;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	while (tasks && (d = readdir(tasks))) {
		if (sscanf(d->d_name, "%d", &tid) != 1)
			continue;
		f = open_of(pid, tid, "stat");
		if (f) {
			add_thread(l, f);
			fclose(f);
		}
		f = depth < DEPTH_MAX ? open_of(pid, tid, "children") : NULL;
		if (f) {
			add_children(l, f, depth + 1);
			fclose(f);
		}
	}
	if (tasks)
		closedir(tasks);
}

void mue_patience_begin(struct mue_patience *p, pid_t pid)
{
	struct look l = {0};

	add_process(&l, pid, 1);
	*p = (struct mue_patience){.last_ms = now_ms(), .last_ran = l.ran};
}

uint64_t mue_patience_ms(struct mue_patience *p, pid_t pid)
{
	uint64_t now = now_ms(), ran = 0;
	struct look l = {0};

	add_process(&l, pid, 1);
	if (l.ran > p->last_ran) /* a thread that has ended takes its share along */
		ran = (l.ran - p->last_ran) * 1000 / sysconf(_SC_CLK_TCK);
	p->had_ms += l.wants ? ran : now - p->last_ms;
	p->last_ms = now;
	p->last_ran = l.ran;
	return p->had_ms;
}
