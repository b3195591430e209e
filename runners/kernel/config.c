/* The kernel's own configuration, to explain why a type is missing. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <zlib.h>

#include "runners/kernel/host.h"

#define SYMBOLS 64 /* of configs.def, and more */

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
	bool storage;
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
	f = gzopen(path, "r");
	return f ? f : gzopen("/boot/config", "r"); /* in our guests */
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

static enum mue_config read_symbol(const char *symbol)
{
	gzFile f = open_config();
	enum mue_config is;

	if (!f)
		return MUE_CONFIG_UNKNOWN;
	is = find(f, symbol);
	gzclose(f);
	return is;
}

/* Each is read once: it is asked at every program that is refused. */
static enum mue_config ask(const char *symbol)
{
	static struct {
		const char *symbol;
		enum mue_config is;
	} known[SYMBOLS];
	unsigned i = 0;

	if (!symbol)
		return MUE_CONFIG_ON; /* all that it needs is there */
	while (i < SYMBOLS && known[i].symbol && strcmp(known[i].symbol, symbol))
		i++;
	if (i == SYMBOLS)
		return read_symbol(symbol);
	if (!known[i].symbol) {
		known[i].is = read_symbol(symbol);
		known[i].symbol = symbol;
	}
	return known[i].is;
}

enum mue_config mue_host_prog_config(uint32_t prog_type, const char **symbol)
{
	*symbol = prog_symbols[prog_type];
	return ask(*symbol);
}

static bool is_missing(uint32_t type, const struct map_config *row)
{
	struct mue_map m = {
		.type = type,
		.key_size = row->key_size,
		.value_size = row->value_size,
		.max_entries = row->max_entries,
		.flags = row->storage ? MUE_MAP_F_NO_PREALLOC : 0,
		.special = row->storage ? MUE_SPECIAL_BTF : MUE_SPECIAL_NONE,
	};
	int fd = mue_host_map_create(&m, -1);

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

/* What changes how maps and programs behave, beside whether there are any. */
static const char *const behaviours[] = {
	"SMP",		  "PREEMPT",	 "PREEMPT_RT",	     "BPF_JIT", "BPF_JIT_ALWAYS_ON",
	"BPF_PRELOAD",	  "DEBUG_INFO_BTF", "CGROUPS",	     "KASAN",	"KCOV",
	"PROVE_LOCKING",  "NUMA",
};
enum { BEHAVIOURS = sizeof(behaviours) / sizeof(*behaviours) };

/* All symbols that are of interest, each once. Gives how many. */
static unsigned all_symbols(const char **symbols)
{
	unsigned n = 0;

	for (unsigned i = 0; i < BEHAVIOURS + MUE_PROG_TYPES + MUE_MAP_TYPES; i++) {
		const char *symbol = i < BEHAVIOURS ? behaviours[i] :
				     i < BEHAVIOURS + MUE_PROG_TYPES ?
						      prog_symbols[i - BEHAVIOURS] :
						      map_configs[i - BEHAVIOURS - MUE_PROG_TYPES].symbol;
		unsigned j = 0;

		while (symbol && j < n && strcmp(symbols[j], symbol))
			j++;
		if (symbol && j == n && n < SYMBOLS)
			symbols[n++] = symbol;
	}
	return n;
}

void mue_host_config_text(char *to, size_t size)
{
	const char *symbols[SYMBOLS];
	unsigned n = all_symbols(symbols), on = 0;
	bool is[SYMBOLS] = {false};
	char line[256];
	size_t at = 0;
	gzFile f = open_config();

	*to = 0;
	while (f && gzgets(f, line, sizeof(line)))
		for (unsigned i = 0; i < n; i++)
			if (!strncmp(line, "CONFIG_", 7) && strcspn(line + 7, "=") == strlen(symbols[i]) &&
			    !strncmp(line + 7, symbols[i], strlen(symbols[i])))
				on += is[i] = true;
	for (unsigned i = 0; f && on && i < n && at < size; i++)
		at += snprintf(to + at, size - at, is[i] ? "CONFIG_%s=y\n" : "# CONFIG_%s is not set\n",
			       symbols[i]);
	if (f)
		gzclose(f);
}
