#include "cli/campaign.h"

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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/worker.h"

#define TICK_MS 200
#define STOP_MS 10000 /* a job that is asked to stop has so long */
#define DEATHS_MAX 20 /* then something is wrong with more than an input */

int mue_fuzz_mkdir(struct mue_campaign *k, const char *dir)
{
	char path[MUE_FUZZ_PATH];

	snprintf(path, sizeof(path), "%s", dir);
	for (char *p = path + 1;; p++) {
		char was = *p;

		if (was && was != '/')
			continue;
		*p = 0;
		if (mkdir(path, 0777) && errno != EEXIST) {
			snprintf(k->msg, sizeof(k->msg), "%s: %s", path, strerror(errno));
			return -errno;
		}
		*p = was;
		if (!was)
			return 0;
	}
}

int mue_campaign_target(struct mue_campaign *k, const struct mue_fuzz_engine *e)
{
	const struct mue_target *real = NULL;
	const char *version = NULL;

	for (uint32_t i = 0; i < k->targets.n; i++) {
		const struct mue_target *t = &k->targets.t[i];

		if (t->imitates && *t->arg && (!version || !strcmp(version, t->arg)))
			version = t->arg;
		else if (t->imitates && !*t->arg && !version)
			continue;
		else if (!t->imitates && !real)
			real = t;
		else if (e->build) {
			snprintf(k->msg, sizeof(k->msg),
				 "--on %s: the engine %s asks emulator and model at one version, "
				 "or one kernel and the emulator",
				 k->on, e->name);
			return -EINVAL;
		}
	}
	if (k->edits && !real && e->build) {
		snprintf(k->msg, sizeof(k->msg),
			 "--edits: the engine %s asks a kernel and the emulator", e->name);
		return -EINVAL;
	}
	k->target = k->edits ? "edited_program" : real ? "kernel_emulator" : "emulator_model";
	if (real)
		setenv("MUE_FUZZ_KERNEL", real->name, 1);
	else if (version)
		setenv("MUE_FUZZ_WORLD", version, 1);
	return 0;
}

/* Starts job `i`. 0, or -errno and one line in k->msg. */
static int start(struct mue_campaign *k, const struct mue_fuzz_engine *e, uint32_t i)
{
	int ends[2];
	sigset_t none;

	if (pipe2(ends, O_CLOEXEC)) {
		snprintf(k->msg, sizeof(k->msg), "pipe: %s", strerror(errno));
		return -errno;
	}
	if (k->pipes[i])
		close(k->pipes[i]);
	fflush(NULL);
	k->stats[i].since_ms = 0;
	k->pids[i] = fork();
	if (!k->pids[i]) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0); /* Ctrl-C is for the campaign */
		k->pipes[i] = ends[1];
		e->job(k, i);
		_exit(0);
	}
	close(ends[1]);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	k->pipes[i] = ends[0];
	if (k->pids[i] > 0)
		return 0;
	k->pids[i] = 0;
	snprintf(k->msg, sizeof(k->msg), "fork: %s", strerror(errno));
	return -errno;
}

/* A line's end is often cut off by the read; a number that is cut is put right by the next line. */
void mue_fuzz_listen(struct mue_campaign *k, uint32_t job, mue_fuzz_line_fn *line_fn)
{
	char text[65536], *line, *save;
	ssize_t n;

	while ((n = read(k->pipes[job], text, sizeof(text) - 1)) > 0) {
		text[n] = 0;
		save = NULL;
		for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
			if (line_fn)
				line_fn(&k->stats[job], line);
			if (line[strspn(line, " \t\r\033")])
				snprintf(k->stats[job].said, sizeof(k->stats[job].said), "%s",
					 line);
		}
	}
}

struct status {
	int64_t began_ms;
	uint64_t cases, skips;
	uint32_t corpus, coverage, places;
};

static void add_up(struct mue_campaign *k, const struct mue_fuzz_engine *e, struct status *s)
{
	s->cases = s->skips = 0;
	s->corpus = s->coverage = s->places = 0;
	for (uint32_t i = 0; i < k->jobs; i++) {
		if (e->look)
			e->look(k, i);
		s->cases += k->stats[i].cases;
		s->skips += k->stats[i].skips;
		if (k->stats[i].corpus > s->corpus)
			s->corpus = k->stats[i].corpus;
		if (k->stats[i].coverage > s->coverage)
			s->coverage = k->stats[i].coverage;
		if (k->stats[i].places > s->places)
			s->places = k->stats[i].places;
	}
}

static void print_status(FILE *to, const struct status *s, const struct mue_fuzz_findings *f)
{
	double seconds = (mue_now_ms() - s->began_ms) / 1000.0;

	fprintf(to, "%" PRIu64 " cases in %.0f s, %.0f/s, coverage %u, corpus %u, findings %u",
		s->cases, seconds, seconds > 0 ? s->cases / seconds : 0, s->coverage, s->corpus,
		f->n);
	if (f->n)
		fprintf(to, " (%u new)", f->fresh);
	if (s->places)
		fprintf(to, ", %u places of the kernel", s->places);
	if (s->skips)
		fprintf(to, ", %" PRIu64 " skipped", s->skips);
	if (f->unsteady)
		fprintf(to, ", %u did not hold", f->unsteady);
}

static void draw(const struct status *s, const struct mue_fuzz_findings *f)
{
	if (!isatty(2))
		return;
	fputs("\r\033[K", stderr);
	print_status(stderr, s, f);
	fflush(stderr);
}

/* A job has ended by itself. Gives whether it may be started again. */
static bool bury(struct mue_campaign *k, const struct mue_fuzz_engine *e,
		 struct mue_fuzz_findings *f, uint32_t i, int status)
{
	struct mue_fuzz_stats *s = &k->stats[i];
	char how[128];

	k->pids[i] = 0;
	k->deaths++;
	if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "a job was killed by signal %d", WTERMSIG(status));
	else
		snprintf(how, sizeof(how), "a job exited with status %d", WEXITSTATUS(status));
	if (e->look)
		e->look(k, i);
	if (s->since_ms) {
		mue_fuzz_findings_death(f, (struct mue_raw){s->input, s->n}, how);
	} else if (!s->cases || (!WIFSIGNALED(status) && WEXITSTATUS(status) == MUE_EXIT_HARNESS)) {
		f->error = -EIO;
		snprintf(k->msg, sizeof(k->msg), "%s: %s", how, s->said);
	} else {
		fprintf(stderr, "mue fuzz: %s; see %s: %s\n", how, k->findings, s->said);
		f->n++;
	}
	if (k->deaths < DEATHS_MAX)
		return !f->error;
	f->error = -EIO;
	snprintf(k->msg, sizeof(k->msg), "%s, for the %dth time", how, DEATHS_MAX);
	return false;
}

static void look_after_jobs(struct mue_campaign *k, const struct mue_fuzz_engine *e,
			    struct mue_fuzz_findings *f)
{
	for (uint32_t i = 0; i < k->jobs; i++) {
		int64_t since = k->stats[i].since_ms;
		int status;

		if (since && mue_now_ms() - since > MUE_FUZZ_HANG_S * 1000)
			kill(k->pids[i], SIGKILL);
		if (k->pids[i] && waitpid(k->pids[i], &status, WNOHANG) == k->pids[i] &&
		    bury(k, e, f, i, status))
			f->error = start(k, e, i);
	}
}

static void stop_jobs(struct mue_campaign *k, const struct mue_fuzz_engine *e)
{
	int64_t by = mue_now_ms() + STOP_MS;

	for (uint32_t i = 0; i < k->jobs; i++) {
		k->stats[i].stop = true;
		if (k->pids[i] && e->stop_signal)
			kill(k->pids[i], e->stop_signal);
	}
	for (uint32_t i = 0; i < k->jobs; i++) {
		while (k->pids[i] && !waitpid(k->pids[i], NULL, WNOHANG)) {
			if (mue_now_ms() > by)
				kill(k->pids[i], SIGKILL);
			usleep(10000);
		}
		k->pids[i] = 0;
	}
}

/* Until the time is over, a signal comes, or something goes wrong. */
static void watch(struct mue_campaign *k, const struct mue_fuzz_engine *e,
		  struct mue_fuzz_findings *f, struct status *s, int signals)
{
	struct pollfd wait = {.fd = signals, .events = POLLIN};

	while (!f->error && poll(&wait, 1, TICK_MS) <= 0) {
		add_up(k, e, s);
		mue_fuzz_findings_look(f);
		look_after_jobs(k, e, f);
		draw(s, f);
		if (k->time_s && mue_now_ms() - s->began_ms >= (int64_t)k->time_s * 1000)
			return;
	}
}

static int run(struct mue_campaign *k, const struct mue_fuzz_engine *e, int signals)
{
	struct mue_fuzz_findings f = {.k = k};
	struct status s = {.began_ms = mue_now_ms()};
	int code = MUE_EXIT_OK;

	for (uint32_t i = 0; i < k->jobs && !f.error; i++)
		f.error = start(k, e, i);
	watch(k, e, &f, &s, signals);
	stop_jobs(k, e);
	add_up(k, e, &s);
	if (e->finish)
		e->finish(k);
	if (!f.error)
		mue_fuzz_findings_look(&f);
	if (isatty(2))
		fputs("\r\033[K", stderr);
	print_status(stdout, &s, &f);
	putchar('\n');
	if (f.n)
		code = MUE_EXIT_DIVERGED;
	if (f.error)
		code = mue_fail(&mue_command_fuzz, MUE_EXIT_HARNESS, "%s", k->msg);
	else if (!s.cases)
		code = mue_fail(&mue_command_fuzz, MUE_EXIT_NOTHING, "nothing was asked");
	mue_fuzz_findings_free(&f);
	return code;
}

int mue_campaign_run(struct mue_campaign *k, const struct mue_fuzz_engine *e)
{
	size_t size = k->jobs * sizeof(*k->stats);
	sigset_t mask;
	int signals, code;

	k->stats = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (k->stats == MAP_FAILED)
		return mue_fail(&mue_command_fuzz, MUE_EXIT_HARNESS, "out of memory");
	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signals = signalfd(-1, &mask, SFD_CLOEXEC);
	setenv("MUE_FUZZ_FOUND", k->found, 1);
	code = run(k, e, signals);
	close(signals);
	munmap(k->stats, size);
	return code;
}
