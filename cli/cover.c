/* mue cover: which functions and lines of a kernel's map code cases reach. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/suite.h"
#include "cli/command.h"
#include "cli/covering.h"

#define MSG_MAX 1024

struct options {
	struct mue_list on;
	const char *cases, *out;
	uint64_t seed;
};

static const struct options defaults = {.seed = MUE_SEED_DEFAULT};

static const struct mue_option options[] = {
	MUE_OPTION_ON(struct options, on),
	MUE_STRING(struct options, cases, "cases", "GLOB",
		   "only cases whose names match; '*' matches '/' too"),
	MUE_OPTION_SEED(struct options, seed),
	MUE_STRING(struct options, out, "out", "FILE", "write there, not to standard output"),
	{NULL}};

struct covering {
	struct mue_session *session;
	struct mue_coverage *k;
	struct mue_observation seen;
	uint64_t cases, full;
	bool failed; /* out of memory */
};

static bool take(void *ctx, const struct mue_suite_case *s)
{
	struct covering *c = ctx;
	const struct mue_cover *cover;

	c->session->ask(c->session, s->question, &c->seen);
	cover = c->session->cover(c->session);
	c->cases++;
	c->full += cover->full;
	c->failed = mue_coverage_add(c->k, cover) < 0;
	if (isatty(2) && !(c->cases % 256))
		fprintf(stderr, "\rmue cover: %ju cases, %u places", (uintmax_t)c->cases,
			mue_coverage_places(c->k));
	return !c->failed;
}

static int print(const struct covering *c, const struct mue_target *t, const char *file)
{
	FILE *to = file ? fopen(file, "we") : stdout;
	char msg[MSG_MAX];
	int err;

	if (!to)
		return mue_fail(&mue_command_cover, MUE_EXIT_HARNESS, "%s: %s", file,
				strerror(errno));
	fprintf(to, "%ju cases%s\n", (uintmax_t)c->cases,
		c->full ? "; some reached more than could be told" : "");
	err = mue_covering_print(to, t, c->k, msg, sizeof(msg));
	if (file && fclose(to) && !err)
		err = mue_fail(&mue_command_cover, MUE_EXIT_HARNESS, "%s: %s", file,
			       strerror(errno));
	else if (err)
		err = mue_fail(&mue_command_cover, MUE_EXIT_HARNESS, "%s", msg);
	return err;
}

static int ask_suite(struct mue_target *t, const struct options *o)
{
	const struct mue_suite_options suite = {o->cases, o->seed};
	struct covering *c = calloc(1, sizeof(*c));
	int code = MUE_EXIT_HARNESS;

	if (c)
		c->k = mue_coverage_new();
	if (c && c->k) {
		c->session = t->session;
		mue_suite_each(&suite, take, c);
	}
	if (isatty(2))
		fputc('\n', stderr);
	if (!c || !c->k || c->failed)
		mue_fail(&mue_command_cover, code, "out of memory");
	else if (!c->cases)
		code = mue_fail(&mue_command_cover, MUE_EXIT_USAGE, "no case matches '%s'",
				o->cases);
	else
		code = print(c, t, o->out);
	if (c)
		mue_coverage_free(c->k);
	free(c);
	return code;
}

static int cover(const void *opts, char *const *args, unsigned n_args)
{
	static const struct mue_list standard = {1, {"guest:uml-kcov"}};
	const struct options *o = opts;
	struct mue_target *t;
	struct mue_targets ts;
	char msg[MSG_MAX];
	int err, code;

	err = mue_targets_parse(&ts, o->on.n ? &o->on : &standard, msg, sizeof(msg));
	if (!err)
		err = mue_targets_survey(&ts, msg, sizeof(msg));
	t = err ? NULL : mue_covering_target(&ts);
	if (err)
		code = mue_fail(&mue_command_cover,
				err == -EINVAL ? MUE_EXIT_USAGE : MUE_EXIT_NOTHING, "%s", msg);
	else if (!t)
		code = mue_fail(&mue_command_cover, MUE_EXIT_NOTHING,
				"no target tells its coverage; expected a guest with KCOV (mue "
				"kernels build "
				"uml --kcov)");
	else
		code = ask_suite(t, o);
	mue_targets_free(&ts);
	return code;
}

const struct mue_command mue_command_cover = {
	.name = "cover",
	.args = "",
	.sentence = "print which functions and lines of a kernel's map code the suite reaches",
	.about = "The kernel is a user-mode Linux with KCOV, which `mue kernels build uml --kcov` "
		 "makes.\nOnly what happens in the thread that asks is seen: not the work of "
		 "triggers in processes\nof their own, nor what the kernel does later.\n",
	.examples = "  mue cover --on guest:uml-kcov --cases 'lpm_trie/*'\n",
	.options = options,
	.defaults = &defaults,
	.option_size = sizeof(struct options),
	.run = cover,
};
