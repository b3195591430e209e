#include "cases/world.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

const struct mue_change_row mue_change_rows[MUE_CHANGES] = {
#define MUE_CHANGE(ID, id, since, stable, commit, sentence, proof)                                 \
	{id, since, stable, commit, sentence, proof},
#include "cases/changes.def"
#undef MUE_CHANGE
};

_Static_assert(MUE_CHANGES <= 64, "mue_world.changes has a bit for each change");

int mue_change_of_id(const char *id)
{
	for (int i = 0; i < MUE_CHANGES; i++)
		if (!strcmp(id, mue_change_rows[i].id))
			return i;
	return -1;
}

/*
 * Reads "major.minor[.patch]"; without a patch level, *patch is UINT8_MAX, which
 * stands for the newest stable release. Gives how many characters it is, or 0.
 */
static int scan_version(const char *s, unsigned *major, unsigned *minor, unsigned *patch)
{
	int n = 0, longer = 0;

	if (sscanf(s, "%3u.%3u%n", major, minor, &n) != 2)
		return 0;
	if (sscanf(s + n, ".%5u%n", patch, &longer) == 1)
		n += longer;
	else
		*patch = UINT8_MAX;
	if (*patch > UINT8_MAX) /* as KERNEL_VERSION() clamps it */
		*patch = UINT8_MAX;
	return *major <= UINT8_MAX && *minor <= UINT8_MAX ? n : 0;
}

/* Whether one of the releases in `stable` is of version's series and not newer. */
static bool in_stable(const char *stable, uint32_t version)
{
	unsigned major, minor, patch;

	for (const char *s = stable; *s; s += strspn(s, " ")) {
		int n = scan_version(s, &major, &minor, &patch);

		if (!n)
			return false;
		if (MUE_VERSION(major, minor) == (version & ~0xffu) && patch <= (version & 0xff))
			return true;
		s += n;
	}
	return false;
}

bool mue_change_expected(enum mue_change c, uint32_t version)
{
	const struct mue_change_row *row = &mue_change_rows[c];

	return version >= row->since || in_stable(row->stable, version);
}

int mue_world_of_version(struct mue_world *w, const char *version, uint32_t cpus)
{
	unsigned major, minor, patch;
	int n = scan_version(version, &major, &minor, &patch);

	if (!n || (version[n] && !strchr("-+~_.", version[n])))
		return -EINVAL;
	if (MUE_VERSION(major, minor) < MUE_VERSION(5, 10))
		return -EINVAL;
	memset(w, 0, sizeof(*w));
	w->version = MUE_VERSION_PATCH(major, minor, patch);
	w->cpus = cpus;
	w->jit = true;
	for (unsigned c = 0; c < MUE_CHANGES; c++)
		if (mue_change_expected(c, w->version))
			w->changes |= UINT64_C(1) << c;
	return 0;
}
