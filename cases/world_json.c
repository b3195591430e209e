#include "cases/world_json.h"

#include <errno.h>
#include <stdio.h>

void mue_version_text(char *to, size_t size, uint32_t version)
{
	unsigned major = version >> 16, minor = version >> 8 & 255, patch = version & 255;

	/* See mue_world_of_version: without a patch level it is the newest. */
	if (patch == UINT8_MAX)
		snprintf(to, size, "%u.%u", major, minor);
	else
		snprintf(to, size, "%u.%u.%u", major, minor, patch);
}

json_t *mue_world_to_json(const struct mue_world *w)
{
	json_t *changes = json_array(), *j;
	char version[MUE_VERSION_TEXT];

	for (unsigned i = 0; i < MUE_CHANGES; i++)
		if (mue_world_has(w, i))
			json_array_append_new(changes, json_string(mue_change_rows[i].id));
	mue_version_text(version, sizeof(version), w->version);
	j = json_pack("{s:s, s:i, s:b, s:o}", "version", version, "cpus", (int)w->cpus, "jit",
		      (int)w->jit, "changes", changes);
	if (j && w->built_cpus)
		json_object_set_new(j, "built_cpus", json_integer(w->built_cpus));
	return j;
}

static int wrong(char *msg, size_t msg_size, const char *what)
{
	snprintf(msg, msg_size, "%s", what);
	return -EINVAL;
}

static int read_changes(struct mue_world *w, const json_t *changes, char *msg, size_t msg_size)
{
	size_t i;
	json_t *id;

	if (!json_is_array(changes))
		return wrong(msg, msg_size, "changes: expected an array of ids");
	w->changes = 0;
	json_array_foreach(changes, i, id)
	{
		int change = json_is_string(id) ? mue_change_of_id(json_string_value(id)) : -1;

		if (change < 0) {
			snprintf(msg, msg_size, "changes[%zu]: expected the id of a known change",
				 i);
			return -EINVAL;
		}
		w->changes |= 1ULL << change;
	}
	return 0;
}

int mue_world_of_json(struct mue_world *w, const json_t *j, char *msg, size_t msg_size)
{
	const json_t *version = json_object_get(j, "version"), *cpus = json_object_get(j, "cpus");
	const json_t *built = json_object_get(j, "built_cpus");
	const json_t *jit = json_object_get(j, "jit"), *changes = json_object_get(j, "changes");
	json_int_t n = cpus ? json_integer_value(cpus) : 1;

	if (!json_is_string(version))
		return wrong(msg, msg_size, "version: expected a string like \"6.18.44\"");
	if (n < 1 || n > MUE_CPUS_MAX)
		return wrong(msg, msg_size, "cpus: expected a number from 1 to 64");
	if (mue_world_of_version(w, json_string_value(version), n))
		return wrong(msg, msg_size, "version: expected 5.10 or later, as in \"6.18.44\"");
	if (built && (!json_is_integer(built) || json_integer_value(built) < n ||
		      json_integer_value(built) > UINT16_MAX))
		return wrong(msg, msg_size, "built_cpus: expected a number from cpus to 65535");
	w->built_cpus = json_integer_value(built);
	if (jit && !json_is_boolean(jit))
		return wrong(msg, msg_size, "jit: expected true or false");
	w->jit = !json_is_false(jit);
	return changes ? read_changes(w, changes, msg, msg_size) : 0;
}
