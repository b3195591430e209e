/* The kernel's own configuration, to explain why a type is missing. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <zlib.h>

#include "runners/kernel/host.h"

static const char *const prog_symbols[MUE_PROG_TYPES] = {
#define MUE_PROG_CONFIG(ID, symbol) [MUE_PROG_##ID] = symbol,
#define MUE_MAP_CONFIG(ID, ...)
#include "runners/kernel/configs.def"
#undef MUE_PROG_CONFIG
#undef MUE_MAP_CONFIG
};

static const struct map_config {
	const char *symbol;
	uint32_t key_size, value_size, max_entries;
} map_configs[MUE_MAP_TYPES] = {
#define MUE_PROG_CONFIG(ID, symbol)
#define MUE_MAP_CONFIG(ID, ...) [MUE_MAP_##ID] = {__VA_ARGS__},
#include "runners/kernel/configs.def"
#undef MUE_PROG_CONFIG
#undef MUE_MAP_CONFIG
};

/* Opens it where it is; zlib reads plain files, too. */
static gzFile open_config(void)
{
	struct utsname name;
	char path[128];
	gzFile f = gzopen("/proc/config.gz", "r");

	if (f || uname(&name))
		return f;
	snprintf(path, sizeof(path), "/boot/config-%s", name.release);
	return gzopen(path, "r");
}

static enum mue_config find(gzFile f, const char *symbol)
{
	char line[256], wanted[64];
	int n = snprintf(wanted, sizeof(wanted), "CONFIG_%s=", symbol);

	while (gzgets(f, line, sizeof(line)))
		if (!strncmp(line, wanted, n))
			return MUE_CONFIG_ON;
	return MUE_CONFIG_OFF;
}

static enum mue_config ask(const char *symbol)
{
	gzFile f = symbol ? open_config() : NULL;
	enum mue_config is = MUE_CONFIG_ON;

	if (!symbol)
		return is; /* all that it needs is there */
	if (!f)
		return MUE_CONFIG_UNKNOWN;
	is = find(f, symbol);
	gzclose(f);
	return is;
}

enum mue_config mue_host_prog_config(uint32_t prog_type, const char **symbol)
{
	*symbol = prog_symbols[prog_type];
	return ask(*symbol);
}

static bool is_missing(uint32_t type, const struct map_config *row)
{
	int fd = bpf_map_create(type, NULL, row->key_size, row->value_size, row->max_entries, NULL);

	if (fd >= 0)
		close(fd);
	return fd == -EINVAL;
}

enum mue_config mue_host_map_config(uint32_t map_type, const char **symbol)
{
	const struct map_config *row = &map_configs[map_type];

	*symbol = row->symbol;
	return row->symbol && is_missing(map_type, row) ? ask(row->symbol) : MUE_CONFIG_ON;
}
