#include "runners/guest/answer.h"

#include <stddef.h>
#include <string.h>

static bool counts_right(const struct mue_observation *o, const struct mue_case *c)
{
	return o->status < MUE_STATUSES && o->n_maps == c->n_maps && o->n_phases == c->n_phases &&
	       o->n_ops == c->n_ops && o->n_entries <= MUE_ENTRIES_MAX &&
	       o->arena_used <= MUE_ARENA_MAX;
}

static bool blob_right(const struct mue_observation *o, const struct mue_blob *b)
{
	uint32_t head = b->len < MUE_BLOB_HEAD ? b->len : MUE_BLOB_HEAD;

	/* One that found no room has no head and is marked by its place. */
	return b->at <= MUE_ARENA_MAX - head || b->at == UINT32_MAX;
}

static bool parts_right(const struct mue_observation *o)
{
	for (uint32_t i = 0; i < o->n_maps; i++) {
		const struct mue_map_result *m = &o->maps[i];

		if (m->shown > o->n_entries || m->first > o->n_entries - m->shown)
			return false;
	}
	for (uint32_t i = 0; i < o->n_ops; i++)
		if (o->ops[i].has_value && !blob_right(o, &o->ops[i].value))
			return false;
	for (uint32_t i = 0; i < o->n_entries; i++)
		if (!blob_right(o, &o->entries[i].key) || !blob_right(o, &o->entries[i].value))
			return false;
	return true;
}

bool mue_answer_copy(struct mue_observation *to, const struct mue_observation *from,
		     const struct mue_case *c)
{
	/* The numbers are looked at where they cannot change any more. */
	memcpy(to, from, offsetof(struct mue_observation, maps));
	if (!counts_right(to, c))
		return false;
	memcpy(to->maps, from->maps, to->n_maps * sizeof(*to->maps));
	memcpy(to->phases, from->phases, to->n_phases * sizeof(*to->phases));
	memcpy(to->ops, from->ops, to->n_ops * sizeof(*to->ops));
	memcpy(to->entries, from->entries, to->n_entries * sizeof(*to->entries));
	memcpy(to->arena, from->arena, to->arena_used);
	to->why[MUE_WHY_MAX - 1] = 0;
	return parts_right(to);
}
