/* The words in which families ask of maps that only user space updates (others.def). */
#ifndef MUE_CASES_FAMILIES_OTHERS_H
#define MUE_CASES_FAMILIES_OTHERS_H

#include "cases/families/ask.h"
#include "cases/families/cross.h"

struct mue_other_row {
	const char *name;
	uint32_t type, key_size, value_size, max_entries, flags, special;
	uint8_t objects[2]; /* enum mue_object */
	uint32_t number;
};
/* Points are indexes into mue_others. */
extern const struct mue_axis mue_axis_others;
extern const struct mue_other_row mue_others[];

/* Whether keys are the objects, as of storages. */
bool mue_other_has_owner(const struct mue_other_row *row);
/* Whether keys are indexes below max_entries. */
bool mue_other_is_array(const struct mue_other_row *row);

/* Adds the map, and before it, for maps of maps, those that go in. Gives it; it is the last. */
struct mue_map *mue_other_map(struct mue_case *c, const struct mue_other_row *row);

/*
 * Ops on the case's last map, for its last phase. Key `n`: that number, or the n-th
 * object; a value has the row's number and the n-th object.
 */
struct mue_op *mue_other_update(struct mue_case *c, const struct mue_other_row *row, uint32_t key,
				uint32_t value, uint64_t flags);
/* A lookup; of a Bloom filter, whether it contains the value. */
struct mue_op *mue_other_lookup(struct mue_case *c, const struct mue_other_row *row, uint32_t key,
				uint32_t value);
/* Any op with a key. */
struct mue_op *mue_other_op(struct mue_case *c, unsigned kind, const struct mue_other_row *row,
			    uint32_t key);

#endif
