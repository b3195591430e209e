#include "runners/guest/log.h"

#include <stddef.h>
#include <string.h>

static const char *const splats[] = {
#define MUE_SPLAT(text) text,
#include "runners/guest/splats.def"
#undef MUE_SPLAT
};

const char *mue_log_splat(const char *text)
{
	for (size_t i = 0; i < sizeof(splats) / sizeof(*splats); i++)
		if (strstr(text, splats[i]))
			return splats[i];
	return NULL;
}
