/*
 * The JSON form of a world:
 * {"version":"6.18.44","cpus":2,"built_cpus":8192,"jit":true,"changes":["id"..]}.
 */
#ifndef MUE_CASES_WORLD_JSON_H
#define MUE_CASES_WORLD_JSON_H

#include <jansson.h>

#include "cases/world.h"

/* Room for mue_version_text. */
#define MUE_VERSION_TEXT 24
/* "6.18.44", or "6.18" for the newest release of that series; mue_world_of_version reads both. */
void mue_version_text(char *to, size_t size, uint32_t version);

/* A new reference, or NULL when memory is out. */
json_t *mue_world_to_json(const struct mue_world *w);

/*
 * Reads the world's members of an object, which may hold others besides. "version" must be there;
 * where they are not, "cpus" is 1, "built_cpus" not known (it is not written then), "jit" is true,
 * and "changes" is what the table expects.
 * Gives 0, or -EINVAL and one line in msg that names the member and what was expected.
 */
int mue_world_of_json(struct mue_world *w, const json_t *j, char *msg, size_t msg_size);

#endif
