#include "fuzz/corpus.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/observation.h"

#define PATH_ROOM 4096

struct mue_corpus {
	char *dir;
	uint32_t n, room;
	struct entry {
		uint64_t digest;
		struct mue_raw raw;
		uint32_t cost; /* of asking it, by any measure */
	} * entries;
	/* Which digests there are: open addressing, 0 is free. */
	uint64_t *known;
	uint32_t known_room;
};

struct mue_corpus *mue_corpus_open(const char *dir)
{
	struct mue_corpus *k = calloc(1, sizeof(*k));

	if (k && dir)
		k->dir = strdup(dir);
	if (!k || (dir && !k->dir)) {
		free(k);
		return NULL;
	}
	return k;
}

void mue_corpus_close(struct mue_corpus *k)
{
	for (uint32_t i = 0; k && i < k->n; i++)
		free((void *)k->entries[i].raw.data);
	if (k) {
		free(k->entries);
		free(k->known);
		free(k->dir);
	}
	free(k);
}

uint32_t mue_corpus_count(const struct mue_corpus *k)
{
	return k->n;
}

struct mue_raw mue_corpus_at(const struct mue_corpus *k, uint32_t i)
{
	return k->entries[i].raw;
}

static const struct entry *pick_one(const struct mue_corpus *k, struct mue_dice *d)
{
	enum { LATE = 64 };
	uint32_t late = k->n < LATE ? k->n : LATE;

	if (mue_dice_chance(d, 40))
		return &k->entries[k->n - 1 - mue_dice_roll(d, late)];
	return &k->entries[mue_dice_roll(d, k->n)];
}

struct mue_raw mue_corpus_pick(const struct mue_corpus *k, struct mue_dice *d)
{
	enum { TRIES = 3 };
	const struct entry *best = pick_one(k, d);

	for (unsigned i = 1; i < TRIES; i++) {
		const struct entry *e = pick_one(k, d);

		if (e->cost < best->cost)
			best = e;
	}
	return best->raw;
}

void mue_corpus_cost(struct mue_corpus *k, uint32_t i, uint32_t cost)
{
	k->entries[i].cost = cost;
}

static uint64_t *slot_of(uint64_t *known, uint32_t room, uint64_t digest)
{
	uint32_t i = digest % room;

	while (known[i] && known[i] != digest)
		i = (i + 1) % room;
	return &known[i];
}

static int more_known(struct mue_corpus *k)
{
	uint32_t room = k->known_room ? 2 * k->known_room : 1024;
	uint64_t *known = calloc(room, sizeof(*known));

	if (!known)
		return -ENOMEM;
	for (uint32_t i = 0; i < k->n; i++)
		*slot_of(known, room, k->entries[i].digest) = k->entries[i].digest;
	free(k->known);
	k->known = known;
	k->known_room = room;
	return 0;
}

/* Room for one more. 0 or -ENOMEM. */
static int grow(struct mue_corpus *k)
{
	if (k->n == k->room) {
		uint32_t room = k->room ? 2 * k->room : 256;
		struct entry *more = realloc(k->entries, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		k->entries = more;
		k->room = room;
	}
	return 2 * k->n >= k->known_room ? more_known(k) : 0;
}

static uint64_t digest_of(struct mue_raw in)
{
	return mue_digest(in.data, in.n) | 1;
}

/* Takes `data` over. 1, or 0 when it is there already, or -ENOMEM. */
static int keep(struct mue_corpus *k, uint8_t *data, size_t n)
{
	struct mue_raw in = {data, n};
	uint64_t digest = digest_of(in), *slot;
	int err = grow(k);

	slot = err ? NULL : slot_of(k->known, k->known_room, digest);
	if (!slot || *slot) {
		free(data);
		return err;
	}
	*slot = digest;
	k->entries[k->n++] = (struct entry){digest, in, 0};
	return 1;
}

int mue_corpus_add(struct mue_corpus *k, struct mue_raw in, uint32_t cost)
{
	uint8_t *data = malloc(in.n ? in.n : 1);
	int added;

	if (!data)
		return -ENOMEM;
	memcpy(data, in.data, in.n);
	added = keep(k, data, in.n);
	if (added < 0)
		return added;
	if (added)
		k->entries[k->n - 1].cost = cost;
	return added && k->dir ? mue_corpus_write(k->dir, in) : 0;
}

/* A whole file at once; what could not be written is taken away again. */
static int write_draft(const char *draft, struct mue_raw in)
{
	FILE *f = fopen(draft, "wbe");
	bool bad;
	int err;

	if (!f)
		return -errno;
	bad = fwrite(in.data, 1, in.n, f) != in.n;
	err = bad ? errno : 0;
	if (fclose(f) && !bad)
		err = errno;
	if (err)
		unlink(draft);
	return -err;
}

int mue_corpus_keep(const char *dir, const char *name, struct mue_raw in)
{
	char path[PATH_ROOM], draft[PATH_ROOM];
	int err;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (!access(path, F_OK))
		return 0;
	snprintf(draft, sizeof(draft), "%s/.%d", dir, getpid());
	err = write_draft(draft, in);
	if (err)
		return err;
	return rename(draft, path) ? -errno : 1;
}

int mue_corpus_write(const char *dir, struct mue_raw in)
{
	char name[20];
	int kept;

	snprintf(name, sizeof(name), "%016" PRIx64, digest_of(in));
	kept = mue_corpus_keep(dir, name, in);
	return kept < 0 ? kept : 0;
}

uint8_t *mue_corpus_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rbe");
	uint8_t *data = f ? malloc(MUE_INPUT_MAX + 1) : NULL;

	*n = data ? fread(data, 1, MUE_INPUT_MAX + 1, f) : 0;
	if (f)
		fclose(f);
	if (data && *n && *n <= MUE_INPUT_MAX)
		return realloc(data, *n);
	free(data);
	return NULL;
}

static int read_one(struct mue_corpus *k, const char *name)
{
	char path[PATH_ROOM];
	uint8_t *data;
	uint64_t digest;
	char end;
	size_t n;

	/* A name of ours says what the file holds: no need to look. */
	if (k->known_room && strlen(name) == 16 &&
	    sscanf(name, "%" SCNx64 "%c", &digest, &end) == 1 &&
	    *slot_of(k->known, k->known_room, digest) == digest)
		return 0;
	snprintf(path, sizeof(path), "%s/%s", k->dir, name);
	data = mue_corpus_file(path, &n);
	return data ? keep(k, data, n) : 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int no_dot(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

int mue_corpus_read(struct mue_corpus *k)
{
	struct dirent **list;
	int n = scandir(k->dir, &list, no_dot, by_name), added = 0;

	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		int one = added < 0 ? 0 : read_one(k, list[i]->d_name);

		added = one < 0 ? one : added + one;
		free(list[i]);
	}
	free(list);
	return added;
}
