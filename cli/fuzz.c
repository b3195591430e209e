/* mue fuzz: searches for cases on which targets differ, by one of three engines. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/campaign.h"
#include "cli/command.h"
#include "fuzz/corpus.h"
#include "fuzz/mutate.h"

struct options {
	struct mue_list on;
	const char *engine, *corpus, *findings, *seeds, *targets, *modules;
	uint64_t jobs, time_s, seed;
	bool edits;
};
static const struct options defaults = {.engine = "random",
					.corpus = "corpus",
					.findings = "findings",
					.jobs = 1,
					.seed = MUE_SEED_DEFAULT};

static const struct mue_option options[] = {
	MUE_STRING(struct options, engine, "engine", "NAME", "random (default), libfuzzer or afl"),
	MUE_OPTION_ON(struct options, on),
	MUE_NUMBER(struct options, jobs, "jobs", "N", 1, MUE_JOBS_MAX, "processes that search (1)"),
	MUE_NUMBER(struct options, time_s, "time", "SECONDS", 1, INT32_MAX,
		   "stop after so long; without it, on Ctrl-C"),
	MUE_STRING(struct options, corpus, "corpus", "DIR",
		   "inputs that are worth changing are kept there, and taken\n"
		   "from there at the next start (corpus)"),
	MUE_STRING(struct options, findings, "findings", "DIR",
		   "what is found is written there (findings)"),
	MUE_STRING(struct options, seeds, "seeds", "GLOB",
		   "first put those cases of the suite into the corpus"),
	MUE_FLAG(struct options, edits, "edits",
		 "change the instructions of programs, too; without --on, a\n"
		 "user-mode Linux and the emulator are asked"),
	MUE_NUMBER(struct options, seed, "seed", "N", 0, UINT64_MAX, "where chance begins (1)"),
	MUE_STRING(struct options, targets, "targets", "DIR",
		   "where the built targets of libfuzzer and afl are; without it\n"
		   "in ../fuzz and ../afl beside this program's own directory"),
	MUE_OPTION_MODULES(struct options, modules),
	{NULL}};

static const struct mue_fuzz_engine *const engines[] = {&mue_fuzz_random, &mue_fuzz_libfuzzer,
							&mue_fuzz_afl};
enum { ENGINES = sizeof(engines) / sizeof(*engines) };

static int fail(struct mue_campaign *k, enum mue_exit code)
{
	return mue_fail(&mue_command_fuzz, code, "%s", k->msg);
}

static const struct mue_fuzz_engine *find_engine(const char *name)
{
	for (unsigned i = 0; i < ENGINES; i++)
		if (!strcmp(engines[i]->name, name))
			return engines[i];
	return NULL;
}

/* "emulator,model": the lists as one, for targets that run by themselves and for messages. */
static void join_on(struct mue_campaign *k, const struct mue_list *on)
{
	for (unsigned i = 0; i < on->n; i++)
		snprintf(k->on + strlen(k->on), sizeof(k->on) - strlen(k->on), "%s%s", i ? "," : "",
			 on->items[i]);
}

/* Whether all imitate, and none says what. */
static bool any_world(const struct mue_targets *ts)
{
	for (uint32_t i = 0; i < ts->n; i++)
		if (!ts->t[i].imitates || *ts->t[i].arg)
			return false;
	return true;
}

/* The built targets stand beside this program's own build. */
static void find_built(struct mue_campaign *k, const char *dir, const char *preset)
{
	char exe[MUE_FUZZ_PATH] = "";

	if (dir || !preset) {
		snprintf(k->built, sizeof(k->built), "%s", dir ? dir : "");
		return;
	}
	if (readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0)
		exe[0] = 0;
	snprintf(k->built, sizeof(k->built), "%.4000s/../%s", dirname(exe), preset);
}

static void absolute(char *to, size_t size, const char *path)
{
	char here[MUE_FUZZ_PATH / 2] = "";

	if (*path != '/' && getcwd(here, sizeof(here)))
		snprintf(to, size, "%s/%s", here, path);
	else
		snprintf(to, size, "%s", path);
}

/* A case of the suite, as an input in the first world. */
static bool add_seed(void *ctx, const struct mue_suite_case *s)
{
	static struct mue_input in;
	static uint8_t bytes[MUE_INPUT_MAX];
	struct mue_campaign *k = ctx;
	struct mue_raw raw = {bytes, 0};
	int err;

	mue_case_copy(&in.c, s->question);
	raw.n = mue_input_encode(&in, bytes, sizeof(bytes));
	err = mue_corpus_write(k->corpus, raw);
	if (err)
		snprintf(k->msg, sizeof(k->msg), "%s: %s", k->corpus, strerror(-err));
	return !err;
}

/* All engines begin with a program to edit. */
static void add_first_edited(struct mue_campaign *k)
{
	static struct mue_case first;
	const struct mue_suite_case s = {&first};

	mue_mutate_first_edited(&first);
	add_seed(k, &s);
}

/* Finds out about the targets. Gives -1 to go on, or the exit code. */
static int begin(struct mue_campaign *k, const struct options *o, const struct mue_fuzz_engine *e)
{
	static const struct mue_list standard = {1, {"emulator,model"}},
				     edited = {1, {"guest:uml,emulator"}};
	const struct mue_list *on = o->on.n ? &o->on : o->edits ? &edited : &standard;
	int err;

	join_on(k, on);
	if (mue_targets_parse(&k->targets, on, k->msg, sizeof(k->msg)))
		return fail(k, MUE_EXIT_USAGE);
	k->any_world = any_world(&k->targets);
	err = mue_campaign_target(k, e);
	if (err)
		return fail(k, MUE_EXIT_USAGE);
	find_built(k, o->targets, e->build);
	absolute(k->corpus, sizeof(k->corpus), o->corpus);
	absolute(k->findings, sizeof(k->findings), o->findings);
	snprintf(k->found, sizeof(k->found), "%.4000s/found", k->findings);
	if (mue_fuzz_mkdir(k, k->corpus) || mue_fuzz_mkdir(k, k->findings) ||
	    mue_fuzz_mkdir(k, k->found))
		return fail(k, MUE_EXIT_HARNESS);
	if (o->edits)
		add_first_edited(k);
	if (o->seeds) {
		const struct mue_suite_options suite = {.glob = o->seeds, .seed = k->seed};

		mue_suite_each(&suite, add_seed, k);
	}
	if (*k->msg)
		return fail(k, MUE_EXIT_HARNESS);
	if (e->prepare) {
		err = e->prepare(k);
		if (err)
			return fail(k, err == -ENOENT ? MUE_EXIT_NOTHING : MUE_EXIT_HARNESS);
	}
	err = mue_targets_survey(&k->targets, k->msg, sizeof(k->msg));
	if (err)
		return fail(k, err == -EINVAL ? MUE_EXIT_USAGE : MUE_EXIT_NOTHING);
	mue_targets_close(&k->targets);
	return -1;
}

static int fuzz(const void *opts, char *const *args, unsigned n_args)
{
	const struct options *o = opts;
	const struct mue_fuzz_engine *e = find_engine(o->engine);
	struct mue_campaign *k = calloc(1, sizeof(*k));
	int code;

	if (!k)
		return mue_fail(&mue_command_fuzz, MUE_EXIT_HARNESS, "out of memory");
	if (!e) {
		free(k);
		return mue_fail(&mue_command_fuzz, MUE_EXIT_USAGE,
				"--engine %s: expected random, libfuzzer or afl", o->engine);
	}
	k->jobs = o->jobs;
	k->time_s = o->time_s;
	k->seed = o->seed;
	k->edits = o->edits;
	mue_targets_modules(o->modules);
	code = begin(k, o, e);
	if (code < 0)
		code = mue_campaign_run(k, e);
	mue_targets_free(&k->targets);
	free(k);
	return code;
}

const struct mue_command mue_command_fuzz = {
	.name = "fuzz",
	.args = "",
	.sentence = "search for cases on which targets differ",
	.about = "Cases are changed and asked, over and over; those that show something new are "
		 "kept and\n"
		 "changed again. What is found is asked again several times, reduced, and written "
		 "to the\n"
		 "findings, once for each kind of difference. Without --on, emulator and model are "
		 "asked, as\n"
		 "kernels of many versions: this needs no privileges. The engine `random` needs "
		 "nothing else;\n"
		 "libfuzzer and afl go by the coverage of targets that are built for them\n"
		 "(docs/fuzzing.md). A campaign goes on where its corpus "
		 "ends.\n\n" MUE_TARGETS_ABOUT,
	.examples = "  mue fuzz --time 60\n"
		    "  mue fuzz --on host,emulator --jobs 2\n"
		    "  mue fuzz --engine libfuzzer --corpus c --findings f\n",
	.options = options,
	.defaults = &defaults,
	.option_size = sizeof(struct options),
	.run = fuzz,
};
