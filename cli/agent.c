/* mue agent: answer cases over standard input and output. What runs inside a guest. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/json.h"
#include "cases/text.h"
#include "cases/world_json.h"
#include "cli/command.h"
#include "cli/target.h"

#define PROTOCOL 1
#define MSG_MAX 1024

struct options {
	struct mue_list on;
};

static const struct options defaults = {{0}};

static const struct mue_option options[] = {
	MUE_REPEATED(struct options, on, "on", "T", "the target that answers (host)"), {NULL}};

/* Prints an object as a line, at once. */
static int say(json_t *j)
{
	char *line = j ? json_dumps(j, JSON_COMPACT) : NULL;
	int err = line && puts(line) >= 0 && !fflush(stdout) ? 0 : -EIO;

	free(line);
	json_decref(j);
	return err;
}

static int say_hello(const struct mue_world *w)
{
	json_t *hello = json_pack("{s:i}", "mue", PROTOCOL), *world = mue_world_to_json(w);

	json_object_update(hello, world);
	json_decref(world);
	return say(hello);
}

struct serving {
	struct mue_session *session;
	struct mue_case c;
	struct mue_observation o;
};

/* A line that is no case is answered too: the one who asked should learn why. */
static int answer(struct serving *s, const char *line, size_t n)
{
	char what[MUE_MSG_MAX];

	if (mue_case_of_json_text(&s->c, line, n, what, sizeof(what))) {
		mue_case_init(&s->c, "");
		mue_observation_init(&s->o, &s->c);
		s->o.status = MUE_BROKEN;
		snprintf(s->o.why, sizeof(s->o.why), "the question is no case: %.200s", what);
	} else {
		s->session->ask(s->session, &s->c, &s->o);
	}
	return say(mue_observation_to_json(&s->c, &s->o));
}

static int serve(struct mue_target *t)
{
	struct serving *s = calloc(1, sizeof(*s));
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int err = s ? 0 : -ENOMEM;

	if (s) {
		s->session = t->session;
		err = say_hello(&t->world);
	}
	while (!err && (n = getline(&line, &room, stdin)) > 0)
		err = answer(s, line, n);
	free(line);
	free(s);
	if (err)
		return mue_fail(&mue_command_agent, MUE_EXIT_HARNESS, "cannot answer: %s",
				strerror(-err));
	return MUE_EXIT_OK;
}

static int agent(const void *opts, char *const *args, unsigned n_args)
{
	static const struct mue_list host = {1, {"host"}};
	const struct options *o = opts;
	struct mue_targets ts;
	char msg[MSG_MAX];
	int err = mue_targets_parse(&ts, o->on.n ? &o->on : &host, msg, sizeof(msg)), code;

	if (!err && ts.n != 1) {
		snprintf(msg, sizeof(msg), "--on: expected one target, not %u", ts.n);
		err = -EINVAL;
	}
	if (!err)
		err = mue_targets_survey(&ts, msg, sizeof(msg));
	if (err)
		code = mue_fail(&mue_command_agent,
				err == -EINVAL ? MUE_EXIT_USAGE : MUE_EXIT_NOTHING, "%s", msg);
	else
		code = serve(&ts.t[0]);
	mue_targets_free(&ts);
	return code;
}

const struct mue_command mue_command_agent = {
	.name = "agent",
	.args = "",
	.sentence = "answer cases over standard input and output",
	.about = "The first line it prints is a hello: "
		 "{\"mue\":1,\"version\":\"6.18.44\",\"cpus\":2,\n"
		 "\"jit\":true,\"changes\":[..]}. Then, for each case as JSON on a line of "
		 "standard input,\n"
		 "it prints the observation as JSON on a line. It ends with its input. Any program "
		 "that\n"
		 "does so is a target: exec:COMMAND.\n\n" MUE_TARGETS_ABOUT,
	.examples = "  mue agent\n"
		    "  mue show hash/full/insert --json | mue agent --on emulator:6.1\n"
		    "  mue run --on host,exec:'ssh box mue agent'\n",
	.options = options,
	.defaults = &defaults,
	.option_size = sizeof(struct options),
	.run = agent,
};
