/*
 * Findings: what the engines have found is asked again, several times, reduced and written. A process of its own does
 * that: what breaks an emulator or a session breaks that process alone, and is then kept whole.
 */
#include "cli/fuzzing.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases/text.h"
#include "cli/reducing.h"
#include "fuzz/corpus.h"

/* So often it must show the same before it counts. */
#define TIMES 5
/* So long may asking it again and reducing it take. */
#define LOOK_MS (5 * 60 * 1000)

/* What is said between the two processes: a file of `found`; what came of it. */
struct word {
	char name[256];
};
struct came {
	uint32_t n, fresh, unsteady;
	int error;
	char msg[MUE_FUZZ_PATH];
};

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs(isatty(2) ? "\r\033[K" : "", stderr);
	vfprintf(stderr, format, args);
	va_end(args);
}

static void failed(struct mue_fuzz_findings *f, int err, const char *what)
{
	f->error = err;
	snprintf(f->k->msg, sizeof(f->k->msg), "%s: %s", what, strerror(-err));
}

static int write_case(const char *path, const struct mue_case *c)
{
	FILE *to = fopen(path, "we");
	bool bad;

	if (!to)
		return -errno;
	mue_text_print(to, c, NULL, NULL);
	bad = ferror(to);
	return fclose(to) || bad ? -EIO : 0;
}

/* What cannot be reduced, because asking it breaks something, is kept as it is: DIR/NAME.case. */
static void keep_whole(struct mue_fuzz_findings *f, const struct mue_case *c, const char *name,
		       const char *why)
{
	char path[2 * MUE_FUZZ_PATH];
	bool known;
	int err;

	snprintf(path, sizeof(path), "%s/%s.case", f->k->findings, name);
	known = !access(path, F_OK);
	err = write_case(path, c);
	if (err) {
		failed(f, err, path);
		return;
	}
	f->n++;
	f->fresh += !known;
	tell("mue fuzz: %s: %s\n", path, why);
}

/* What did not show again is no finding, but may tell of a race: the latest of each kind is kept. */
static void keep_unsteady(struct mue_fuzz_findings *f, const struct mue_case *c, const char *name)
{
	char path[2 * MUE_FUZZ_PATH];
	int err;

	snprintf(path, sizeof(path), "%s/unsteady-%s.case", f->k->findings, name);
	err = write_case(path, c);
	if (err) {
		failed(f, err, path);
		return;
	}
	f->unsteady++;
	tell("mue fuzz: %s: did not hold when asked again\n", path);
}

/* A divergence, which holds: reduces and writes it. */
static void keep_reduced(struct mue_fuzz_findings *f, struct mue_reducing *r, struct mue_case *c)
{
	char path[2 * MUE_FUZZ_PATH];
	int err;

	if (!mue_reducing_reduce(r, c)) {
		f->unsteady++;
		tell("mue fuzz: does not always answer the same, not kept: %s\n", r->kind);
		return;
	}
	err = mue_reducing_write(r, c, f->k->findings, path, sizeof(path));
	if (err && err != -EEXIST) {
		failed(f, err, path);
		return;
	}
	f->n++;
	f->fresh += !err;
	tell("mue fuzz: %s%s: %s\n", path, err ? " (again)" : "", r->kind);
}

/* Asks the input again, several times. False when it does not hold and can be forgotten. */
static bool confirm(struct mue_fuzz_findings *f, struct mue_input *in, const char *name)
{
	struct mue_reducing r;
	struct mue_asking *a;

	if (!f->worlds)
		f->worlds = mue_fuzz_worlds_new(f->k, false);
	a = f->worlds ? mue_fuzz_asking(f->worlds, in->world, f->k->msg, sizeof(f->k->msg)) : NULL;
	if (!a) {
		f->error = -ENOMEM;
		return true;
	}
	if (mue_reducing_begin(&r, a, &in->c) && mue_reducing_holds(&r, &in->c, TIMES)) {
		keep_reduced(f, &r, &in->c);
		return true;
	}
	if (a->verdict.outcome == MUE_ERROR) {
		keep_whole(f, &in->c, name, a->verdict.why);
		return true;
	}
	keep_unsteady(f, &in->c, name);
	return false;
}

/* Reads an input of `found`. NULL when it is not there any more. */
static struct mue_input *input_of(const struct mue_fuzz_findings *f, const char *path, const char *name)
{
	struct mue_input *in = malloc(sizeof(*in));
	size_t n;
	uint8_t *data = mue_corpus_file(path, &n);

	if (in && data) {
		mue_fuzz_decode(f->k, in, (struct mue_raw){data, n});
		snprintf(in->c.name, sizeof(in->c.name), "fuzz/%.100s", name);
		free(data);
		return in;
	}
	free(data);
	free(in);
	return NULL;
}

static void look_at(struct mue_fuzz_findings *f, const char *name)
{
	char path[2 * MUE_FUZZ_PATH];
	struct mue_input *in;

	snprintf(path, sizeof(path), "%s/%s", f->k->found, name);
	in = input_of(f, path, name);
	if (in && !confirm(f, in, name))
		unlink(path);
	free(in);
}

/* The process that looks, until nobody asks any more. */
static _Noreturn void look_for_ever(struct mue_fuzz_findings *f, int fd)
{
	struct word w;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0); /* Ctrl-C is for the campaign */
	while (recv(fd, &w, sizeof(w), 0) == sizeof(w)) {
		struct came c;

		f->n = f->fresh = f->unsteady = 0;
		look_at(f, w.name);
		c = (struct came){f->n, f->fresh, f->unsteady, f->error};
		snprintf(c.msg, sizeof(c.msg), "%.*s", (int)sizeof(c.msg) - 1, f->k->msg);
		if (send(fd, &c, sizeof(c), MSG_NOSIGNAL) != sizeof(c))
			break;
	}
	mue_fuzz_worlds_free(f->worlds);
	_exit(0);
}

static bool start_looker(struct mue_fuzz_findings *f)
{
	int ends[2];

	if (f->looker)
		return true;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
		failed(f, -errno, "socketpair");
		return false;
	}
	fflush(NULL);
	f->looker = fork();
	if (!f->looker) {
		close(ends[0]);
		look_for_ever(f, ends[1]);
	}
	close(ends[1]);
	f->talk = ends[0];
	if (f->looker > 0)
		return true;
	f->looker = 0;
	failed(f, -errno, "fork");
	close(f->talk);
	return false;
}

static void end_looker(struct mue_fuzz_findings *f)
{
	if (!f->looker)
		return;
	close(f->talk);
	waitpid(f->looker, NULL, 0);
	f->looker = 0;
}

/* It hangs, or has died: says which. */
static void lose_looker(struct mue_fuzz_findings *f, bool hangs, char *how, size_t size)
{
	int status = 0;

	kill(f->looker, SIGKILL); /* changes nothing of one that has died */
	waitpid(f->looker, &status, 0);
	if (hangs)
		snprintf(how, size, "asking it again and reducing it did not end in %d s", LOOK_MS / 1000);
	else
		snprintf(how, size, "asking it again or reducing it killed a process of ours (signal %d)",
			 WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	close(f->talk);
	f->looker = 0;
}

/* Whether an answer has come: 1, 0 when it takes too long, or -1. A campaign that is stopped and goes on waits on. */
static int await_answer(const struct mue_fuzz_findings *f)
{
	struct pollfd wait = {.fd = f->talk, .events = POLLIN};
	int ready;

	do
		ready = poll(&wait, 1, LOOK_MS);
	while (ready < 0 && errno == EINTR);
	return ready;
}

/* Has an input looked at. */
static void have_looked_at(struct mue_fuzz_findings *f, const char *name)
{
	struct word w = {{0}};
	char path[2 * MUE_FUZZ_PATH], how[128], whole[300];
	struct mue_input *in;
	int ready = -1;
	struct came c;

	if (!start_looker(f))
		return;
	snprintf(w.name, sizeof(w.name), "%s", name);
	if (send(f->talk, &w, sizeof(w), MSG_NOSIGNAL) == sizeof(w) &&
	    (ready = await_answer(f)) == 1 && recv(f->talk, &c, sizeof(c), 0) == sizeof(c)) {
		f->n += c.n;
		f->fresh += c.fresh;
		f->unsteady += c.unsteady;
		f->error = c.error;
		if (c.error)
			memcpy(f->k->msg, c.msg, sizeof(c.msg));
		return;
	}
	lose_looker(f, ready == 0, how, sizeof(how));
	snprintf(path, sizeof(path), "%s/%s", f->k->found, name);
	in = input_of(f, path, name);
	snprintf(whole, sizeof(whole), "death-%.200s", name);
	if (in)
		keep_whole(f, &in->c, whole, how);
	free(in);
}

/* Which of the directory's files were looked at stands in a list of their names, each behind a '/'.
 */
static bool was_seen(struct mue_fuzz_findings *f, const char *name)
{
	char key[300];
	size_t n, had = f->seen ? strlen(f->seen) : 0;
	char *more;

	snprintf(key, sizeof(key), "/%s/", name);
	if (f->seen && strstr(f->seen, key))
		return true;
	n = strlen(key);
	more = realloc(f->seen, had + n + 1);
	if (!more)
		return true;
	memcpy(more + had, key, n + 1);
	f->seen = more;
	return false;
}

bool mue_fuzz_findings_look(struct mue_fuzz_findings *f)
{
	DIR *dir = opendir(f->k->found);
	struct dirent *e;
	bool any = false;

	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] == '.' || f->error || was_seen(f, e->d_name))
			continue;
		any = true;
		have_looked_at(f, e->d_name);
	}
	if (dir)
		closedir(dir);
	return any;
}

void mue_fuzz_findings_death(struct mue_fuzz_findings *f, struct mue_raw data, const char *how)
{
	struct mue_input *in = malloc(sizeof(*in));
	char name[64];

	if (!in)
		return;
	mue_fuzz_decode(f->k, in, data);
	snprintf(name, sizeof(name), "death-%016llx",
		 (unsigned long long)mue_digest(data.data, data.n));
	snprintf(in->c.name, sizeof(in->c.name), "fuzz/%s", name);
	keep_whole(f, &in->c, name, how);
	free(in);
}

void mue_fuzz_findings_free(struct mue_fuzz_findings *f)
{
	end_looker(f);
	free(f->seen);
}
