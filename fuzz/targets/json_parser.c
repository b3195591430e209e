/*
 * Property: the JSON readers survive any bytes, and what they take is written so that it reads
 * back to the same. The input is {"case": .., "observation": ..}.
 */
#include <string.h>

#include "cases/json.h"
#include "cases/text.h"
#include "fuzz/targets/target.h"

/* Writes and reads the observation, and compares what is written then. */
static void check_observation(const struct mue_case *c, const json_t *j)
{
	static struct mue_observation o; /* large: see below */
	char msg[MUE_MSG_MAX];
	json_t *once, *twice;

	if (mue_observation_of_json(&o, c, j, msg, sizeof(msg))) {
		MUE_HOLDS(*msg);
		return;
	}
	once = mue_observation_to_json(c, &o);
	MUE_HOLDS(!mue_observation_of_json(&o, c, once, msg, sizeof(msg)));
	twice = mue_observation_to_json(c, &o);
	MUE_HOLDS(json_equal(once, twice));
	json_decref(once);
	json_decref(twice);
}

static void check_case(const json_t *j, const json_t *observation)
{
	/* Needed thousands of times a second: not from the heap. */
	static struct mue_case c, again;
	char msg[MUE_MSG_MAX];
	json_t *written;

	if (mue_case_of_json(&c, j, msg, sizeof(msg))) {
		MUE_HOLDS(*msg);
		return;
	}
	written = mue_case_to_json(&c);
	MUE_HOLDS(!mue_case_of_json(&again, written, msg, sizeof(msg)));
	MUE_HOLDS(mue_case_same(&c, &again));
	MUE_HOLDS(!strcmp(c.name, again.name) && !strcmp(c.note, again.note));
	json_decref(written);
	check_observation(&c, observation);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *j = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);

	if (j)
		check_case(json_object_get(j, "case"), json_object_get(j, "observation"));
	json_decref(j);
	return 0;
}
