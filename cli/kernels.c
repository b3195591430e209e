/* mue kernels: the kernels at hand for guest: targets, and where to get more. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"

struct options {
	const char *source;
	bool kasan, lockdep, kcov;
};

static const struct mue_option options[] = {
	MUE_STRING(struct options, source, "source", "PACKAGE",
		   "build: the package with the sources (linux-source-6.12)"),
	MUE_FLAG(struct options, kasan, "kasan", "build: with KASAN"),
	MUE_FLAG(struct options, lockdep, "lockdep", "build: with lockdep"),
	MUE_FLAG(struct options, kcov, "kcov", "build: with KCOV"),
	{NULL}};

#define WORDS_MAX 64

#ifdef MUE_HAVE_GUEST
#include "runners/guest/image.h"
#include "runners/guest/kernels.h"

static bool print_kernel(void *ctx, const struct mue_kernel *k)
{
	unsigned *n = ctx;
	char msg[MUE_PATH_MAX + 128];
	int kind = mue_image_kind(k->kernel, msg, sizeof(msg));

	printf("guest:%-16s %-17s %s\n", k->name,
	       kind == MUE_IMAGE_BZIMAGE ? "QEMU"
	       : kind == MUE_IMAGE_UML	 ? "user-mode Linux"
					 : "damaged",
	       k->origin);
	++*n;
	return true;
}

static int list(const struct options *o, char *const *words, unsigned n_words)
{
	char dir[MUE_PATH_MAX];
	unsigned n = 0;

	if (n_words)
		return mue_fail(&mue_command_kernels, MUE_EXIT_USAGE, "unexpected '%s' behind list",
				words[0]);
	mue_kernels_each(print_kernel, &n);
	mue_kernels_dir(dir, sizeof(dir));
	if (!n)
		fprintf(stderr, "mue kernels: none in %s; get some by: %s kernels fetch 6.12 uml\n",
			dir, MUE_PROGRAM);
	return MUE_EXIT_OK;
}

static int make_folders(char *path)
{
	for (char *p = path + 1;; p++) {
		char c = *p;

		if (c && c != '/')
			continue;
		*p = 0;
		if (mkdir(path, 0777) && errno != EEXIST)
			return -errno;
		*p = c;
		if (!c)
			return 0;
	}
}

/* A descriptor from which sh can read the script; standard input stays as it is. */
static int script_fd(const char *script)
{
	int fd = memfd_create("mue-script", 0);
	size_t n = strlen(script);

	if (fd >= 0 && write(fd, script, n) != (ssize_t)n) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* sh SCRIPT DIR WORDS.. Gives its exit code, which is one of ours. */
static int run_script(const char *script, const char *const *words, unsigned n_words)
{
	char dir[MUE_PATH_MAX], path[32];
	const char *argv[WORDS_MAX + 16] = {"sh", path, dir};
	int fd = script_fd(script), status = 0;
	pid_t pid;

	mue_kernels_dir(dir, sizeof(dir));
	if (fd < 0)
		return mue_fail(&mue_command_kernels, MUE_EXIT_HARNESS, "%s", strerror(errno));
	if (make_folders(dir))
		return mue_fail(&mue_command_kernels, MUE_EXIT_HARNESS, "%s: %s", dir,
				strerror(errno));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	for (unsigned i = 0; i < n_words; i++)
		argv[3 + i] = words[i];
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execvp("sh", (char *const *)argv);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	close(fd);
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : MUE_EXIT_HARNESS;
}

static int fetch(const struct options *o, char *const *words, unsigned n_words)
{
	if (!n_words)
		return mue_fail(&mue_command_kernels, MUE_EXIT_USAGE,
				"fetch: expected series, as in: fetch 6.1 6.12 uml");
	return run_script(mue_kernels_fetch_script, (const char *const *)words, n_words);
}

static int build(const struct options *o, char *const *words, unsigned n_words)
{
	const char *all[WORDS_MAX + 8];
	unsigned n = 0;

	for (; n < n_words; n++)
		all[n] = words[n];
	if (o->source) {
		all[n++] = "--source";
		all[n++] = o->source;
	}
	if (o->kasan)
		all[n++] = "--kasan";
	if (o->lockdep)
		all[n++] = "--lockdep";
	if (o->kcov)
		all[n++] = "--kcov";
	return run_script(mue_kernels_build_script, all, n);
}

static const struct {
	const char *name;
	int (*run)(const struct options *o, char *const *words, unsigned n_words);
} actions[] = {
	{"list", list},
	{"fetch", fetch},
	{"build", build},
};

static int kernels(const void *opts, char *const *args, unsigned n_args)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (!strcmp(actions[i].name, args[0]))
			return actions[i].run(opts, args + 1, n_args - 1);
	return mue_fail(&mue_command_kernels, MUE_EXIT_USAGE, "'%s': expected list, fetch or build",
			args[0]);
}

#else

static int kernels(const void *opts, char *const *args, unsigned n_args)
{
	return mue_fail(&mue_command_kernels, MUE_EXIT_HARNESS,
			"this mue was built without guests (cmake says why)");
}
#endif

const struct mue_command mue_command_kernels = {
	.name = "kernels",
	.args = "list|fetch|build [WORDS]",
	.sentence = "list, fetch or build kernels for guest: targets",
	.about =
		"fetch takes Debian's packages, of any release that this machine's mirror has: the "
		"newest\n"
		"kernel of each series named; uml is user-mode Linux, uml-6.12 that of a series. "
		"They "
		"lie in\n"
		"$XDG_CACHE_HOME/mue/kernels (or ~/.cache/mue/kernels). build makes one of a "
		"linux-source\n"
		"package. On other distributions guest:PATH takes any bzImage.\n",
	.examples = "  mue kernels fetch 5.10 6.1 6.12 uml\n"
		    "  mue kernels list\n"
		    "  mue run --on guest:6.1,guest:6.12,emulator\n",
	.min_args = 1,
	.max_args = WORDS_MAX,
	.options = options,
	.option_size = sizeof(struct options),
	.run = kernels,
};
