#include "runners/guest/initramfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The static agent, linked into this binary (cmake/guest.cmake). */
extern const uint8_t mue_agent_begin[], mue_agent_end[];

#define MODULES_MAX 64
#define MODULE_NAME_MAX 64
#define MODULE_SIZE_MAX (64u << 20)

struct writer {
	struct archive *to;
	const char *modules;
	char packed[MODULES_MAX][MODULE_NAME_MAX];
	uint32_t n_packed, n_put;
	char *msg;
	size_t msg_size;
};

static int refuse(struct writer *w, const char *what)
{
	snprintf(w->msg, w->msg_size, "initramfs: %s: %s", what, archive_error_string(w->to));
	return -EIO;
}

static int put(struct writer *w, const char *name, mode_t mode, const void *data, size_t size)
{
	struct archive_entry *e = archive_entry_new();
	int err = 0;

	archive_entry_set_pathname(e, name);
	archive_entry_set_mode(e, mode);
	archive_entry_set_size(e, size);
	if (S_ISCHR(mode))
		archive_entry_set_rdev(e, 5 << 8 | 1); /* 5:1, /dev/console */
	if (archive_write_header(w->to, e) != ARCHIVE_OK ||
	    (size && archive_write_data(w->to, data, size) != (la_ssize_t)size))
		err = refuse(w, name);
	archive_entry_free(e);
	return err;
}

/* A whole file, decompressed by whatever it needs; NULL when it cannot be read. */
static void *read_unpacked(const char *path, size_t *size)
{
	struct archive *from = archive_read_new();
	struct archive_entry *e;
	char *data = NULL;
	la_ssize_t n;

	*size = 0;
	archive_read_support_filter_all(from);
	archive_read_support_format_raw(from);
	if (archive_read_open_filename(from, path, 65536) == ARCHIVE_OK &&
	    archive_read_next_header(from, &e) == ARCHIVE_OK)
		data = malloc(MODULE_SIZE_MAX);
	while (data && (n = archive_read_data(from, data + *size, MODULE_SIZE_MAX - *size)) > 0)
		*size += n;
	archive_read_free(from);
	return data;
}

/* The file of a module below `dir`, whatever its compression; '-' and '_' are one. */
static bool find_module(const char *dir, const char *name, char *path, size_t size)
{
	char *const roots[] = {(char *)dir, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOSTAT, NULL);
	bool found = false;
	FTSENT *f;

	while (tree && !found && (f = fts_read(tree))) {
		size_t len = strlen(name), i = 0;

		while (i < len &&
		       (f->fts_name[i] == name[i] || (f->fts_name[i] == '-' && name[i] == '_')))
			i++;
		found = i == len && !strncmp(f->fts_name + len, ".ko", 3);
		if (found)
			snprintf(path, size, "%s", f->fts_path);
	}
	if (tree)
		fts_close(tree);
	return found;
}

/* The comma-separated names that its .modinfo says it depends on. */
static void dependencies(const char *data, size_t size, char *names, size_t names_size)
{
	static const char field[] = "\0depends=";
	const char *at = memmem(data, size, field, sizeof(field) - 1);

	snprintf(names, names_size, "%s", at ? at + sizeof(field) - 1 : "");
}

static bool is_packed(const struct writer *w, const char *name)
{
	for (uint32_t i = 0; i < w->n_packed; i++)
		if (!strcmp(w->packed[i], name))
			return true;
	return false;
}

/* A module behind those that it depends on. A module that is not there is built in, or not to be
 * had. */
static int put_module(struct writer *w, const char *name)
{
	char path[4096], names[1024], *rest = names, *dep;
	size_t size;
	void *data;
	int err = 0;

	if (is_packed(w, name) || w->n_packed == MODULES_MAX ||
	    !find_module(w->modules, name, path, sizeof(path)))
		return 0;
	snprintf(w->packed[w->n_packed++], MODULE_NAME_MAX, "%s", name);
	data = read_unpacked(path, &size);
	if (!data) {
		snprintf(w->msg, w->msg_size, "initramfs: %s: cannot be read", path);
		return -EIO;
	}
	dependencies(data, size, names, sizeof(names));
	while (!err && (dep = strsep(&rest, ",")))
		err = *dep ? put_module(w, dep) : 0;
	snprintf(path, sizeof(path), "modules/%03u-%s.ko", w->n_put++, name);
	if (!err)
		err = put(w, path, S_IFREG | 0644, data, size);
	free(data);
	return err;
}

static int put_modules(struct writer *w)
{
	static const char *const wanted[] = {
#define MUE_MODULE(name) name,
#include "runners/guest/modules.def"
#undef MUE_MODULE
	};
	int err = 0;

	for (size_t i = 0; !err && *w->modules && i < sizeof(wanted) / sizeof(*wanted); i++)
		err = put_module(w, wanted[i]);
	return err;
}

static int put_config(struct writer *w, const char *path)
{
	size_t size;
	void *data = read_unpacked(path, &size);
	int err = put(w, "boot", S_IFDIR | 0755, NULL, 0);

	if (!err && data)
		err = put(w, "boot/config", S_IFREG | 0644, data, size);
	free(data);
	return err;
}

static int put_all(struct writer *w, const char *config)
{
	int err = put(w, "dev", S_IFDIR | 0755, NULL, 0);

	if (!err)
		err = put(w, "dev/console", S_IFCHR | 0600, NULL, 0);
	if (!err)
		err = put(w, "modules", S_IFDIR | 0755, NULL, 0);
	if (!err)
		err = put(w, "init", S_IFREG | 0755, mue_agent_begin,
			  mue_agent_end - mue_agent_begin);
	if (!err && *config)
		err = put_config(w, config);
	return err ? err : put_modules(w);
}

int mue_initramfs(const char *modules, const char *config, char *msg, size_t msg_size)
{
	struct writer w = {.modules = modules, .msg = msg, .msg_size = msg_size};
	int fd = memfd_create("mue-initramfs", MFD_CLOEXEC), err;

	if (fd < 0) {
		snprintf(msg, msg_size, "initramfs: %s", strerror(errno));
		return -errno;
	}
	w.to = archive_write_new();
	archive_write_set_format_cpio_newc(w.to);
	archive_write_open_fd(w.to, fd);
	err = put_all(&w, config);
	if (!err && archive_write_close(w.to) != ARCHIVE_OK)
		err = refuse(&w, "end");
	archive_write_free(w.to);
	if (err)
		close(fd);
	return err ? err : fd;
}
