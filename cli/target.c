#include "cli/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const struct mue_runner *runner;
	bool imitates;
} kinds[] = {
	{&mue_runner_host, false},
	{&mue_runner_emulator, true},
	{&mue_runner_model, true},
#ifdef MUE_HAVE_GUEST
	{&mue_runner_guest, false},
#endif
	{&mue_runner_exec, false},
};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

static int unknown_target(const char *name, char *msg, size_t size)
{
	if (!strncmp(name, "guest:", 6))
		snprintf(msg, size, "%s: this mue was built without guests (cmake says why)", name);
	else
		snprintf(msg, size,
			 "unknown target '%s'; expected host, emulator[:VERSION], model[:VERSION], "
			 "guest:SERIES|PATH or exec:COMMAND",
			 name);
	return -EINVAL;
}

int mue_targets_add(struct mue_targets *ts, const char *name, char *msg, size_t msg_size)
{
	size_t n = strcspn(name, ":"), k = 0;
	struct mue_target *t;

	while (k < KINDS &&
	       (strlen(kinds[k].runner->name) != n || strncmp(kinds[k].runner->name, name, n)))
		k++;
	if (k == KINDS)
		return unknown_target(name, msg, msg_size);
	if (ts->n == MUE_TARGETS_MAX) {
		snprintf(msg, msg_size, "too many targets; expected at most %d", MUE_TARGETS_MAX);
		return -EINVAL;
	}
	t = &ts->t[ts->n++];
	*t = (struct mue_target){.runner = kinds[k].runner, .imitates = kinds[k].imitates};
	t->name = strdup(name);
	t->arg = t->name + n + (name[n] == ':');
	return 0;
}

/* Adds the targets of one list. */
static int add_list(struct mue_targets *ts, const char *list, char *msg, size_t msg_size)
{
	char *name = malloc(strlen(list) + 1);
	int err = 0;

	for (const char *s = list; !err; s++) {
		size_t n = 0;

		for (; *s && *s != ','; s++) {
			if (s[0] == '\\' && s[1] == ',')
				s++;
			name[n++] = *s;
		}
		name[n] = 0;
		err = mue_targets_add(ts, name, msg, msg_size);
		if (!*s)
			break;
	}
	free(name);
	return err;
}

int mue_targets_parse(struct mue_targets *ts, const struct mue_list *lists, char *msg,
		      size_t msg_size)
{
	memset(ts, 0, sizeof(*ts));
	for (unsigned i = 0; i < lists->n; i++) {
		int err = add_list(ts, lists->items[i], msg, msg_size);

		if (err)
			return err;
	}
	return 0;
}

void mue_targets_free(struct mue_targets *ts)
{
	mue_targets_close(ts);
	for (uint32_t i = 0; i < ts->n; i++) {
		free(ts->t[i].name);
		free(ts->t[i].probed);
	}
	ts->n = 0;
}

/* It may still have to come up. */
static int begin(struct mue_target *t, char *msg, size_t msg_size)
{
	char why[MUE_WHY_MAX];
	int err;

	if (t->session)
		return 0;
	/* The world already says what an imitator's version is. */
	err = t->runner->open(&t->session, t->imitates ? "" : t->arg,
			      t->imitates ? &t->world : NULL, why, sizeof(why));
	if (err) {
		t->session = NULL;
		snprintf(msg, msg_size, "%s: %s", t->name, why);
		return err;
	}
	t->up = !t->session->ready;
	return 0;
}

static int await(struct mue_target *t, char *msg, size_t msg_size)
{
	char why[MUE_WHY_MAX];
	int err = t->up ? 0 : t->session->ready(t->session, why, sizeof(why));

	t->up = !err;
	if (err)
		snprintf(msg, msg_size, "%s: %s", t->name, why);
	return err;
}

static void ask_proof(void *ctx, const struct mue_case *c, struct mue_observation *o)
{
	struct mue_session *session = ctx;

	session->ask(session, c, o);
}

static int survey_real(struct mue_target *t, char *msg, size_t msg_size)
{
	int err = await(t, msg, msg_size);

	if (err)
		return err;
	t->session->world(t->session, &t->world);
	t->probed = calloc(1, sizeof(*t->probed));
	if (!t->probed) {
		snprintf(msg, msg_size, "out of memory");
		return -ENOMEM;
	}
	mue_probe(t->probed, &t->world, ask_proof, t->session);
	t->surveyed = true;
	return 0;
}

/* The world of an imitator's version, on as many CPUs as the one to be imitated has. */
static int versioned(struct mue_target *t, const struct mue_world *like, char *msg, size_t msg_size)
{
	if (mue_world_of_version(&t->world, t->arg, like ? like->cpus : MUE_DEFAULT_CPUS)) {
		snprintf(msg, msg_size,
			 "'%s': expected a kernel version from 5.10 on, as in %s:6.1", t->name,
			 t->runner->name);
		return -EINVAL;
	}
	t->surveyed = true;
	return 0;
}

static const struct mue_world *first_surveyed(const struct mue_targets *ts)
{
	for (uint32_t i = 0; i < ts->n; i++)
		if (ts->t[i].surveyed)
			return &ts->t[i].world;
	return NULL;
}

/* Gives their worlds to the imitators: those with a version first. */
static int survey_imitators(struct mue_targets *ts, char *msg, size_t msg_size)
{
	const struct mue_world *like = first_surveyed(ts);
	struct mue_world fallback;

	for (uint32_t i = 0; i < ts->n; i++)
		if (ts->t[i].imitates && *ts->t[i].arg && versioned(&ts->t[i], like, msg, msg_size))
			return -EINVAL;
	mue_world_of_version(&fallback, MUE_DEFAULT_VERSION, MUE_DEFAULT_CPUS);
	if (!like)
		like = first_surveyed(ts);
	if (!like)
		like = &fallback;
	for (uint32_t i = 0; i < ts->n; i++) {
		if (ts->t[i].surveyed)
			continue;
		ts->t[i].world = *like;
		ts->t[i].surveyed = true;
	}
	return 0;
}

int mue_targets_survey(struct mue_targets *ts, char *msg, size_t msg_size)
{
	int err = 0;

	for (uint32_t i = 0; i < ts->n && !err; i++)
		if (!ts->t[i].imitates)
			err = begin(&ts->t[i], msg, msg_size);
	for (uint32_t i = 0; i < ts->n && !err; i++)
		if (!ts->t[i].imitates)
			err = survey_real(&ts->t[i], msg, msg_size);
	if (!err)
		err = survey_imitators(ts, msg, msg_size);
	return err ? err : mue_targets_open(ts, msg, msg_size);
}

int mue_targets_open(struct mue_targets *ts, char *msg, size_t msg_size)
{
	int err = 0;

	for (uint32_t i = 0; i < ts->n && !err; i++)
		err = begin(&ts->t[i], msg, msg_size);
	for (uint32_t i = 0; i < ts->n && !err; i++)
		err = await(&ts->t[i], msg, msg_size);
	return err;
}

void mue_targets_close(struct mue_targets *ts)
{
	for (uint32_t i = 0; i < ts->n; i++) {
		if (ts->t[i].session)
			ts->t[i].session->close(ts->t[i].session);
		ts->t[i].session = NULL;
		ts->t[i].up = false;
	}
}

uint32_t mue_targets_guests(const struct mue_targets *ts)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < ts->n; i++)
		n += !strcmp(ts->t[i].runner->name, "guest");
	return n;
}

void mue_targets_modules(const char *dir)
{
	if (dir)
		setenv("MUE_MODULES", dir, 1);
}
