#include "runners/guest/log.h"

#include <stddef.h>
#include <string.h>

/* One list for each kind of row. */
#define MUE_SPLAT(text)
#define MUE_ADVICE(text) text,
#define MUE_SHORTAGE(text)
static const char *const advice[] = {
#include "runners/guest/splats.def"
	NULL};
#undef MUE_SPLAT
#undef MUE_ADVICE

#define MUE_SPLAT(text) text,
#define MUE_ADVICE(text)
static const char *const splats[] = {
#include "runners/guest/splats.def"
	NULL};
#undef MUE_SPLAT
#undef MUE_SHORTAGE

#define MUE_SPLAT(text)
#define MUE_SHORTAGE(text) text,
static const char *const shortages[] = {
#include "runners/guest/splats.def"
	NULL};

static bool has_any(const char *line, const char *const *words)
{
	for (; *words; words++)
		if (strstr(line, *words))
			return true;
	return false;
}

bool mue_log_splat(struct mue_log *log, const char *line)
{
	bool harmless = log->advice && strstr(line, "WARNING: ");

	log->advice = has_any(line, advice);
	return !harmless && (has_any(line, splats) || mue_log_shortage(line));
}

bool mue_log_shortage(const char *line)
{
	return has_any(line, shortages);
}
