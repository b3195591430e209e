/*
 * The JSON forms of cases and observations (docs/case.schema.json,
 * docs/observation.schema.json): the agent and exec protocols, results files.
 */
#ifndef MUE_CASES_JSON_H
#define MUE_CASES_JSON_H

#include <jansson.h>

#include "cases/case.h"
#include "cases/observation.h"

/* A new reference, or NULL when memory is out. */
json_t *mue_case_to_json(const struct mue_case *c);
json_t *mue_observation_to_json(const struct mue_case *c, const struct mue_observation *o);

/* 0, or -EINVAL and one line in msg that names the member and what was expected. */
int mue_case_of_json(struct mue_case *c, const json_t *j, char *msg, size_t msg_size);
int mue_observation_of_json(struct mue_observation *o, const struct mue_case *c, const json_t *j,
			    char *msg, size_t msg_size);

/* The same from one line of text. */
int mue_case_of_json_text(struct mue_case *c, const char *text, size_t n, char *msg,
			  size_t msg_size);

#endif
