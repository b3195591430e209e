#include "cli/question.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/json.h"
#include "cases/text.h"
#include "fuzz/input.h"

/* What is in front of the name of a file of a fuzzing corpus. */
#define INPUT "input:"

static bool take(void *ctx, const struct mue_suite_case *s)
{
	struct mue_question *q = ctx;

	mue_case_copy(&q->c, s->question);
	q->pinned = s->expect != NULL;
	q->when = s->when;
	if (s->expect)
		mue_observation_copy(&q->expect, s->expect);
	return false;
}

static int of_suite(struct mue_question *q, const char *name, char *msg, size_t msg_size)
{
	if (mue_suite_find(name, take, q))
		return 0;
	if (!access(name, R_OK))
		snprintf(msg, msg_size,
			 "'%s': expected a file to end in .case or .json, or " INPUT
			 " before an input of a fuzz target",
			 name);
	else
		snprintf(msg, msg_size,
			 "no case '%s'; expected a name that 'mue list' prints, a .case or .json "
			 "file, " INPUT "FILE, or -",
			 name);
	return -EINVAL;
}

/* Reads all of a file. Gives 0, or -errno and one line. */
static int read_file(char **text, size_t *n, const char *name, char *msg, size_t msg_size)
{
	FILE *f = strcmp(name, "-") ? fopen(name, "re") : stdin;
	int err = 0;

	if (!f) {
		snprintf(msg, msg_size, "%s: %s", name, strerror(errno));
		return -EINVAL;
	}
	*text = malloc(MUE_FILE_MAX + 1);
	*n = *text ? fread(*text, 1, MUE_FILE_MAX + 1, f) : 0;
	if (!*text || ferror(f)) {
		snprintf(msg, msg_size, "%s: %s", name, strerror(errno));
		err = -EINVAL;
	} else if (*n > MUE_FILE_MAX) {
		snprintf(msg, msg_size, "%s: longer than %u bytes; expected a case", name,
			 MUE_FILE_MAX);
		err = -EINVAL;
	} else {
		(*text)[*n] = 0;
	}
	if (f != stdin)
		fclose(f);
	return err;
}

static int of_json(struct mue_question *q, const char *text, size_t n, const char *file, char *msg,
		   size_t msg_size)
{
	char what[MUE_MSG_MAX / 2];
	json_error_t error;
	json_t *j = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
	int err = -EINVAL;

	if (!j)
		snprintf(msg, msg_size, "%s:%d: %s; expected a case as JSON", file,
			 error.line > 0 ? error.line : 1, error.text);
	else if (mue_case_of_json(&q->c, j, what, sizeof(what)))
		snprintf(msg, msg_size, "%s:1: %s", file, what);
	else
		err = 0;
	json_decref(j);
	return err;
}

static bool ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

static int of_file(struct mue_question *q, const char *name, char *msg, size_t msg_size)
{
	const char *file = strcmp(name, "-") ? name : "<stdin>";
	char *text = NULL;
	size_t n = 0;
	int err = read_file(&text, &n, name, msg, msg_size);

	if (!err && (ends_in(name, ".json") || text[strspn(text, " \t\r\n")] == '{')) {
		err = of_json(q, text, n, file, msg, msg_size);
	} else if (!err) {
		err = mue_text_parse(&q->c, &q->expect, &q->when, text, n, file, msg, msg_size);
		q->pinned = true;
	}
	free(text);
	return err;
}

/* Any bytes are a case. */
static int of_input(struct mue_question *q, const char *name, char *msg, size_t msg_size)
{
	struct mue_input *in = malloc(sizeof(*in));
	char *bytes = NULL;
	size_t n = 0;
	int err = -ENOMEM;

	if (in)
		err = read_file(&bytes, &n, name, msg, msg_size);
	else
		snprintf(msg, msg_size, "out of memory");
	if (!err) {
		mue_input_decode_edited(in, (uint8_t *)bytes, n);
		mue_case_copy(&q->c, &in->c);
	}
	free(bytes);
	free(in);
	return err;
}

struct mue_question *mue_question_load(const char *arg, char *msg, size_t msg_size)
{
	struct mue_question *q = calloc(1, sizeof(*q));
	bool file = !strcmp(arg, "-") || ends_in(arg, ".case") || ends_in(arg, ".json");
	int err;

	if (!q) {
		snprintf(msg, msg_size, "out of memory");
		return NULL;
	}
	if (!strncmp(arg, INPUT, strlen(INPUT)))
		err = of_input(q, arg + strlen(INPUT), msg, msg_size);
	else
		err = file ? of_file(q, arg, msg, msg_size) : of_suite(q, arg, msg, msg_size);
	if (!err)
		return q;
	free(q);
	return NULL;
}

int mue_question_put(const struct mue_command *command, const char *arg, const struct mue_list *on,
		     const char *modules, mue_question_fn *fn, const void *opts)
{
	static const struct mue_list standard = {1, {"host,emulator"}};
	struct mue_question *q;
	struct mue_targets ts;
	char msg[MUE_MSG_MAX];
	int err, code;

	q = mue_question_load(arg, msg, sizeof(msg));
	if (!q)
		return mue_fail(command, MUE_EXIT_USAGE, "%s", msg);
	mue_targets_modules(modules);
	err = mue_targets_parse(&ts, on->n ? on : &standard, msg, sizeof(msg));
	if (!err)
		err = mue_targets_survey(&ts, msg, sizeof(msg));
	if (err)
		code = mue_fail(command, err == -EINVAL ? MUE_EXIT_USAGE : MUE_EXIT_NOTHING, "%s",
				msg);
	else
		code = fn(opts, &ts, q);
	mue_targets_free(&ts);
	free(q);
	return code;
}
