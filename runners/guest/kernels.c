#include "runners/guest/kernels.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void mue_cache_dir(char *dir, size_t size, const char *what)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (cache && *cache)
		snprintf(dir, size, "%s/mue/%s", cache, what);
	else
		snprintf(dir, size, "%s/.cache/mue/%s", home && *home ? home : "/root", what);
}

void mue_kernels_dir(char *dir, size_t size)
{
	mue_cache_dir(dir, size, "kernels");
}

static void read_origin(struct mue_kernel *k, const char *dir)
{
	char path[MUE_PATH_MAX + 32];
	FILE *f;

	k->origin[0] = 0;
	snprintf(path, sizeof(path), "%s/origin", dir);
	f = fopen(path, "re");
	if (!f)
		return;
	if (!fgets(k->origin, sizeof(k->origin), f))
		k->origin[0] = 0;
	k->origin[strcspn(k->origin, "\n")] = 0;
	fclose(f);
}

/* One of the cache; -ENOENT when it is not there. */
static int find_cached(struct mue_kernel *k, const char *name)
{
	char root[MUE_PATH_MAX - 128], dir[MUE_PATH_MAX - 32];

	if (strlen(name) >= sizeof(k->name) || strchr(name, '/'))
		return -ENOENT;
	mue_kernels_dir(root, sizeof(root));
	snprintf(dir, sizeof(dir), "%s/%s", root, name);
	snprintf(k->name, sizeof(k->name), "%s", name);
	snprintf(k->kernel, sizeof(k->kernel), "%s/kernel", dir);
	snprintf(k->modules, sizeof(k->modules), "%s/modules", dir);
	if (access(k->modules, R_OK))
		k->modules[0] = 0;
	snprintf(k->config, sizeof(k->config), "%s/config", dir);
	if (access(k->config, R_OK))
		k->config[0] = 0;
	read_origin(k, dir);
	return access(k->kernel, R_OK) ? -ENOENT : 0;
}

int mue_kernel_find(struct mue_kernel *k, const char *what, const char *modules_dir, char *msg,
		    size_t msg_size)
{
	const char *base = strrchr(what, '/');

	char built[sizeof(k->name)];

	if (!strchr(what, '/') && find_cached(k, what) == 0)
		return 0;
	/* What `build` makes, by the rest of its name: "uml-kcov". */
	snprintf(built, sizeof(built), "reference-%.50s", what);
	if (!strchr(what, '/') && find_cached(k, built) == 0)
		return 0;
	if (access(what, R_OK)) {
		if (strchr(what, '/'))
			snprintf(msg, msg_size, "%s: %s", what, strerror(errno));
		else
			snprintf(msg, msg_size,
				 "no kernel %s at hand; get it by: mue kernels fetch %s (or give "
				 "the path "
				 "of an image)",
				 what, what);
		return -ENOENT;
	}
	snprintf(k->name, sizeof(k->name), "%.63s", base ? base + 1 : what);
	snprintf(k->kernel, sizeof(k->kernel), "%s", what);
	snprintf(k->modules, sizeof(k->modules), "%s", modules_dir ? modules_dir : "");
	k->origin[0] = k->config[0] = 0;
	return 0;
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

void mue_kernels_each(bool (*fn)(void *ctx, const struct mue_kernel *k), void *ctx)
{
	char root[MUE_PATH_MAX];
	struct dirent **names;
	struct mue_kernel k;
	bool go_on = true;
	int n;

	mue_kernels_dir(root, sizeof(root));
	n = scandir(root, &names, visible, versionsort);
	for (int i = 0; i < n; i++) {
		if (go_on && find_cached(&k, names[i]->d_name) == 0)
			go_on = fn(ctx, &k);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}
