/*
 * Any program that speaks the protocol: after a hello line, for each JSON case on a line of
 * its standard input one JSON observation on a line of its standard output.
 *
 * A program that hangs, dies or talks nonsense costs the case that was asked: it is killed, and
 * started again for the next one.
 */
#include "runners/runner.h"
#include "runners/exec/child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/json.h"
#include "cases/world_json.h"

#define DEADLINE_MS 5000	/* for an answer */
#define HELLO_DEADLINE_MS 30000 /* for the hello: it may have to boot something */

struct exec_session {
	struct mue_session head;
	struct mue_child *child; /* NULL: to be started for the next case */
	struct mue_world world;
	char command[];
};

static int parse_hello(struct mue_world *w, const char *line, size_t n, char *msg, size_t size)
{
	char what[MUE_WHY_MAX / 2];
	json_t *hello = json_loadb(line, n, 0, NULL);
	int err = -EPROTO;

	if (json_integer_value(json_object_get(hello, "mue")) != 1)
		snprintf(msg, size,
			 "its first line is no hello: expected {\"mue\":1,\"version\":...}");
	else if (mue_world_of_json(w, hello, what, sizeof(what)))
		snprintf(msg, size, "hello: %s", what);
	else
		err = 0;
	json_decref(hello);
	return err;
}

/* Starts the program and reads its hello. 0, or -errno and a reason. */
static int start(struct exec_session *s, struct mue_world *w, char *msg, size_t size)
{
	const char *line;
	size_t n;
	int err;

	err = mue_child_start(&s->child, s->command, msg, size);
	if (err)
		return err;
	err = mue_child_read_line(s->child, &line, &n, HELLO_DEADLINE_MS, msg, size);
	if (!err)
		err = parse_hello(w, line, n, msg, size);
	if (err) {
		mue_child_stop(s->child);
		s->child = NULL;
	}
	return err;
}

static int restart(struct exec_session *s, char *msg, size_t size)
{
	struct mue_world again;
	int err = start(s, &again, msg, size);

	if (err || !memcmp(&again, &s->world, sizeof(again)))
		return err;
	snprintf(msg, size, "its hello names another world than before");
	mue_child_stop(s->child);
	s->child = NULL;
	return -EPROTO;
}

static int send_case(struct exec_session *s, const struct mue_case *c, char *msg, size_t size)
{
	json_t *j = mue_case_to_json(c);
	char *text = j ? json_dumps(j, JSON_COMPACT) : NULL;
	int err = -ENOMEM;

	if (text)
		err = mue_child_write_line(s->child, text, DEADLINE_MS, msg, size);
	else
		snprintf(msg, size, "out of memory");
	free(text);
	json_decref(j);
	return err;
}

static int parse_answer(struct mue_observation *o, const struct mue_case *c, const char *line,
			size_t n, char *msg, size_t size)
{
	json_error_t error;
	json_t *j = json_loadb(line, n, JSON_REJECT_DUPLICATES, &error);
	char what[MUE_WHY_MAX / 2];
	int err = -EPROTO;

	if (!j)
		snprintf(msg, size, "its answer is no JSON: %.100s at byte %d of %zu", error.text,
			 error.position, n);
	else if (mue_observation_of_json(o, c, j, what, sizeof(what)))
		snprintf(msg, size, "its answer is no observation: %s", what);
	else
		err = 0;
	json_decref(j);
	return err;
}

static int converse(struct exec_session *s, const struct mue_case *c, struct mue_observation *o,
		    char *msg, size_t size)
{
	const char *line;
	size_t n;
	int err = 0;

	if (!s->child)
		err = restart(s, msg, size);
	if (!err && !mue_child_silent(s->child)) {
		snprintf(msg, size, "it spoke without being asked");
		err = -EPROTO;
	}
	if (!err)
		err = send_case(s, c, msg, size);
	if (!err)
		err = mue_child_read_line(s->child, &line, &n, DEADLINE_MS, msg, size);
	return err ? err : parse_answer(o, c, line, n, msg, size);
}

static void exec_ask(struct mue_session *head, const struct mue_case *c, struct mue_observation *o)
{
	struct exec_session *s = (struct exec_session *)head;
	char msg[MUE_WHY_MAX];

	mue_observation_init(o, c);
	if (!converse(s, c, o, msg, sizeof(msg)))
		return;
	mue_child_stop(s->child);
	s->child = NULL;
	mue_observation_init(o, c);
	o->status = MUE_BROKEN;
	snprintf(o->why, sizeof(o->why), "%s", msg);
}

static void exec_world(struct mue_session *head, struct mue_world *w)
{
	*w = ((struct exec_session *)head)->world;
}

static void exec_close(struct mue_session *head)
{
	struct exec_session *s = (struct exec_session *)head;

	mue_child_stop(s->child);
	free(s);
}

static int exec_open(struct mue_session **to, const char *arg, const struct mue_world *world,
		     char *msg, size_t msg_size)
{
	struct exec_session *s;
	int err;

	if (!*arg) {
		snprintf(msg, msg_size, "expected a command behind 'exec:'");
		return -EINVAL;
	}
	s = calloc(1, sizeof(*s) + strlen(arg) + 1);
	if (!s) {
		snprintf(msg, msg_size, "out of memory");
		return -ENOMEM;
	}
	strcpy(s->command, arg);
	s->head = (struct mue_session){&mue_runner_exec, exec_ask, exec_world, exec_close};
	err = start(s, &s->world, msg, msg_size);
	if (err) {
		free(s);
		return err;
	}
	*to = &s->head;
	return 0;
}

const struct mue_runner mue_runner_exec = {
	.name = "exec",
	.help = "exec:COMMAND, any program that speaks the protocol of `mue agent`",
	.open = exec_open,
};
