/* What the files of the mutator share. Inside fuzz/mutate*.c only. */
#ifndef MUE_FUZZ_MUTATION_H
#define MUE_FUZZ_MUTATION_H

#include "cases/families/dice.h"
#include "fuzz/fields.h"
#include "fuzz/mutate.h"

/* A case while it is being changed; it need not pass mue_case_check in between. */
struct mutation {
	struct mue_case *c;
	const struct mue_case *other; /* NULL: none */
	struct mue_dice *d;
};
typedef bool mutation_fn(const struct mutation *m);

#define MUE_MUTATION(name, weight) mutation_fn mutate_##name;
#include "fuzz/mutations.def"

/* One of an array's. */
#define ONE_OF(d, array) ((array)[mue_dice_roll(d, sizeof(array) / sizeof(*(array)))])

/* mutate_fields.c: a value for a field of this kind, of an element on map `map` (for its limits).
 */
uint64_t mutate_number(const struct mutation *m, enum mue_field_kind kind, uint64_t now,
		       uint32_t map);

/* mutate_edits.c: the same for what edits hold. */
uint64_t mutate_edit_number(const struct mutation *m, enum mue_field_kind kind, uint64_t now);

/* mutate_bytes.c: a key on the op's map: mostly one that is near others. A value. */
void mutate_new_key(const struct mutation *m, struct mue_op *op);
void mutate_new_value(const struct mutation *m, struct mue_op *op);

/* mutate_parts.c: room for an op at `at` of a phase, zeroed but for times; NULL when there is none.
 */
struct mue_op *mutate_insert_op(struct mue_case *c, uint32_t phase, uint32_t at);
/* Takes away op `op`, which is of this phase; a phase with its ops. */
void mutate_remove_op(struct mue_case *c, uint32_t phase, uint32_t op);
void mutate_remove_phase(struct mue_case *c, uint32_t phase);

/* mutate_weight.c: makes a case (that passes) which moves many bytes one that does not, mostly; whether it did. */
bool mutate_lighten(const struct mutation *m);

#endif
