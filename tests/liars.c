/*
 * Liars: the emulator behind the protocol, lying in one way. usage: liar LIE GLOB. It lies on the
 * cases whose names match, and is honest otherwise. A harness that misses one is broken.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/json.h"
#include "cases/world_json.h"
#include "runners/runner.h"

struct liar {
	struct mue_case c;
	struct mue_observation truth, told;
};

static void wrong_errno(struct liar *l)
{
	for (uint32_t i = 0; i < l->told.n_ops; i++)
		if (l->told.ops[i].known && l->told.ops[i].ret < 0)
			l->told.ops[i].ret = -EPERM;
}

/* How a state is told: one entry after the other, `change` says how often and may alter it. */
typedef int change_fn(uint32_t n, uint8_t *key, uint8_t *value);

static void retell_map(struct liar *l, uint32_t map, change_fn *change)
{
	const struct mue_map_result *m = &l->truth.maps[map];
	struct mue_state_writer w;

	mue_state_begin(&w, &l->told, map, false);
	for (uint32_t i = 0; i < m->shown; i++) {
		const struct mue_entry *e = &l->truth.entries[m->first + i];
		uint8_t key[MUE_BLOB_HEAD], value[MUE_BLOB_HEAD];
		uint32_t klen = e->key.len, vlen = e->value.len;

		/* What is longer than its head cannot be told again. */
		if (klen > sizeof(key) || vlen > sizeof(value))
			abort();
		memcpy(key, mue_blob_head(&l->truth, &e->key), klen);
		memcpy(value, mue_blob_head(&l->truth, &e->value), vlen);
		for (int times = change(i, key, value); times; times--) {
			mue_state_entry(&w, key, klen, value, vlen);
			key[0] ^= 0x80;
		}
	}
	mue_state_end(&w);
}

static void retell(struct liar *l, change_fn *change)
{
	l->told.n_entries = 0;
	for (uint32_t map = 0; map < l->truth.n_maps; map++)
		if (l->truth.maps[map].state_known)
			retell_map(l, map, change);
}

static int lose_first(uint32_t n, uint8_t *key, uint8_t *value)
{
	return n ? 1 : 0;
}

static int double_first(uint32_t n, uint8_t *key, uint8_t *value)
{
	return n ? 1 : 2;
}

static int alter_first(uint32_t n, uint8_t *key, uint8_t *value)
{
	value[0] ^= n ? 0 : 1;
	return 1;
}

static void lost_entry(struct liar *l)
{
	retell(l, lose_first);
}

static void extra_entry(struct liar *l)
{
	retell(l, double_first);
}

static void stale_value(struct liar *l)
{
	retell(l, alter_first);
}

static void honest(struct liar *l)
{
}

static void hang(struct liar *l)
{
	for (;;)
		pause();
}

static void crash(struct liar *l)
{
	abort();
}

static void leave(struct liar *l)
{
	exit(7);
}

/* How a line is said, given its text. */
static void say_whole(const char *line)
{
	puts(line);
}

static void say_half(const char *line)
{
	printf("%.*s\n", (int)strlen(line) / 2, line);
}

static void say_nothing(const char *line)
{
	puts("{}");
}

static void say_garbage(const char *line)
{
	puts("\x01\xff not JSON at all \"");
}

static void say_twice(const char *line)
{
	puts(line);
	puts(line);
}

static const struct lie {
	const char *name;
	void (*tell)(struct liar *l); /* makes l->told, a copy of l->truth, a lie */
	void (*say)(const char *line);
} lies[] = {
	{"honest", honest, say_whole},
	{"wrong-errno", wrong_errno, say_whole},
	{"lost-entry", lost_entry, say_whole},
	{"extra-entry", extra_entry, say_whole},
	{"stale-value", stale_value, say_whole},
	{"hang", hang, say_whole},
	{"crash", crash, say_whole},
	{"leave", leave, say_whole},
	{"short-answer", honest, say_half},
	{"empty-answer", honest, say_nothing},
	{"garbage", honest, say_garbage},
	{"twice", honest, say_twice},
};

static const struct lie *find(const char *name)
{
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++)
		if (!strcmp(lies[i].name, name))
			return &lies[i];
	return NULL;
}

static void say(json_t *j, void (*how)(const char *line))
{
	char *line = json_dumps(j, JSON_COMPACT);

	how(line);
	fflush(stdout);
	free(line);
	json_decref(j);
}

static void say_hello(struct mue_session *s)
{
	json_t *hello = json_pack("{s:i}", "mue", 1), *world;
	struct mue_world w;

	s->world(s, &w);
	world = mue_world_to_json(&w);
	json_object_update(hello, world);
	json_decref(world);
	say(hello, say_whole);
}

static void answer(struct liar *l, struct mue_session *s, const struct lie *lie, const char *glob)
{
	bool lying = !fnmatch(glob, l->c.name, 0);

	s->ask(s, &l->c, &l->truth);
	mue_observation_copy(&l->told, &l->truth);
	if (lying)
		lie->tell(l);
	say(mue_observation_to_json(&l->c, &l->told), lying ? lie->say : say_whole);
}

int main(int argc, char **argv)
{
	const struct lie *lie = argc == 3 ? find(argv[1]) : NULL;
	struct liar *l = calloc(1, sizeof(*l));
	struct mue_session *s;
	char msg[512], *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (!lie || !l || mue_runner_emulator.open(&s, "", NULL, msg, sizeof(msg)))
		return 2;
	say_hello(s);
	while ((n = getline(&line, &room, stdin)) > 0) {
		if (mue_case_of_json_text(&l->c, line, n, msg, sizeof(msg)))
			return 2;
		answer(l, s, lie, argv[2]);
	}
	s->close(s);
	free(line);
	free(l);
	return 0;
}
