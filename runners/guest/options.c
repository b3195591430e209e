#include "runners/guest/options.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/world.h"

/* "+name" or "+name=N", N from min to max. */
static const struct option {
	const char *name;
	size_t at; /* of a bool without a number, of an unsigned with one */
	unsigned min, max;
} options[] = {
	{"nojit", offsetof(struct mue_guest_options, nojit), 0, 0},
	{"harden", offsetof(struct mue_guest_options, harden), 0, 0},
	{"noreuse", offsetof(struct mue_guest_options, noreuse), 0, 0},
	{"smp", offsetof(struct mue_guest_options, smp), 1, MUE_CPUS_MAX},
	{"mem", offsetof(struct mue_guest_options, memory_mb), MUE_GUEST_MEMORY_MIN_MB,
	 MUE_GUEST_MEMORY_MAX_MB},
	{"boot", offsetof(struct mue_guest_options, boot_s), 1, MUE_GUEST_BOOT_MAX_S},
};
#define OPTIONS (sizeof(options) / sizeof(*options))

static const struct option *find(const char *word)
{
	size_t n = strcspn(word, "=");

	for (size_t i = 0; i < OPTIONS; i++)
		if (strlen(options[i].name) == n && !strncmp(options[i].name, word, n))
			return &options[i];
	return NULL;
}

/* One word, without its '+'. */
static int take(struct mue_guest_options *o, const char *word, char *msg, size_t msg_size)
{
	const struct option *row = find(word);
	const char *equals = strchr(word, '=');
	char *end = NULL;
	unsigned long n = equals ? strtoul(equals + 1, &end, 10) : 0;

	if (row && !row->max && !equals) {
		*(bool *)((char *)o + row->at) = true;
		return 0;
	}
	if (row && row->max && equals && equals[1] >= '0' && equals[1] <= '9' && !*end &&
	    n >= row->min && n <= row->max) {
		*(unsigned *)((char *)o + row->at) = n;
		return 0;
	}
	if (row && row->max)
		snprintf(msg, msg_size, "'+%s': expected +%s=N with N from %u to %u", word,
			 row->name, row->min, row->max);
	else
		snprintf(msg, msg_size,
			 "'+%s': expected +nojit, +harden, +noreuse, +smp=N, +mem=MB or "
			 "+boot=SECONDS",
			 word);
	return -EINVAL;
}

/* Paths and package names may hold a '+': options are the words at the end that are such. */
static int take_options(struct mue_guest_options *o, char *what, char *msg, size_t msg_size)
{
	char *plus;

	while ((plus = strrchr(what, '+')) && !strchr(plus, '/') &&
	       (plus == what || plus[-1] != '/')) {
		int err = take(o, plus + 1, msg, msg_size);

		if (err && find(plus + 1))
			return err;
		if (err) {
			/* Perhaps a file is called so. */
			struct mue_kernel k;
			char ignored[8];

			return mue_kernel_find(&k, what, NULL, ignored, sizeof(ignored)) ? err : 0;
		}
		*plus = 0;
	}
	return 0;
}

/* Where a distribution keeps what belongs to a kernel of its own, such as /boot/vmlinuz-VERSION. */
static void find_parts(struct mue_kernel *k)
{
	char version[128];

	if ((*k->modules && *k->config) || mue_image_version(k->kernel, version, sizeof(version)))
		return;
	if (!*k->modules)
		snprintf(k->modules, sizeof(k->modules), "/lib/modules/%s", version);
	if (access(k->modules, R_OK))
		k->modules[0] = 0;
	if (!*k->config)
		snprintf(k->config, sizeof(k->config), "/boot/config-%s", version);
	if (access(k->config, R_OK))
		k->config[0] = 0;
}

int mue_guest_options_parse(struct mue_guest_options *o, const char *arg, char *msg,
			    size_t msg_size)
{
	char what[MUE_PATH_MAX];
	int kind;

	*o = (struct mue_guest_options){.memory_mb = MUE_GUEST_MEMORY_MB,
					.boot_s = MUE_GUEST_BOOT_S};
	if (!*arg || strlen(arg) >= sizeof(what)) {
		snprintf(msg, msg_size,
			 "expected guest:SERIES (such as 6.12 or uml) or guest:PATH of a kernel");
		return -EINVAL;
	}
	strcpy(what, arg);
	kind = take_options(o, what, msg, msg_size);
	if (!kind)
		kind = mue_kernel_find(&o->kernel, what, getenv("MUE_MODULES"), msg, msg_size);
	if (!kind)
		kind = mue_image_kind(o->kernel.kernel, msg, msg_size);
	if (kind < 0)
		return kind;
	o->image = kind;
	find_parts(&o->kernel);
	if (!o->smp)
		o->smp = o->image == MUE_IMAGE_UML ? 1 : MUE_GUEST_SMP;
	return 0;
}
