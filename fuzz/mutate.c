#include "fuzz/mutate.h"

#include <linux/bpf.h>

#include "cases/lower.h"
#include "fuzz/codec.h"
#include "fuzz/mutation.h"

static const struct mutation_row {
	mutation_fn *make;
	uint8_t weight;
	bool crosses, edits, steady;
} rows[] = {
#define MUE_MUTATION(name, weight) {mutate_##name, weight, false, false, false},
#define MUE_CROSSING(name, weight) {mutate_##name, weight, true, false, false},
#define MUE_EDITING(name, weight) {mutate_##name, weight, false, true, false},
#define MUE_STEADY(name, weight) {mutate_##name, weight, false, false, true},
#include "fuzz/mutations.def"
};
enum { ROWS = sizeof(rows) / sizeof(*rows), TRIES = 8 };

/* Of which rows one is picked. */
enum choice { ANY, CROSSING, STEADY };

/* Without an other none that needs one, without edits none that changes them. */
static bool is_apt(const struct mutation *m, enum choice choice, const struct mutation_row *row)
{
	switch (choice) {
	case CROSSING:
		return row->crosses;
	case STEADY:
		return row->steady;
	default:
		return (m->other || !row->crosses) && (m->c->n_edits || !row->edits);
	}
}

static mutation_fn *pick(const struct mutation *m, enum choice choice)
{
	uint8_t weights[ROWS];

	for (unsigned i = 0; i < ROWS; i++)
		weights[i] = is_apt(m, choice, &rows[i]) ? rows[i].weight : 0;
	return rows[mue_dice_pick(m->d, weights, ROWS)].make;
}

static void change_once(const struct mutation *m, enum choice choice)
{
	for (unsigned i = 0; i < TRIES; i++)
		if (pick(m, choice)(m))
			return;
}

static void change(struct mue_case *c, const struct mue_case *other, uint64_t seed,
		   enum choice choice)
{
	struct mue_dice d = {.state = seed};
	struct mutation m = {.c = c, .other = other, .d = &d};

	do {
		change_once(&m, choice);
		choice = choice == CROSSING ? ANY : choice;
	} while (mue_dice_chance(&d, 60));
	mue_case_mend(c);
	if (choice != STEADY && mutate_lighten(&m)) /* which what is steady cannot change */
		mue_case_mend(c);
}

void mue_mutate_first(struct mue_case *c)
{
	mue_case_init(c, "first");
	mue_case_add_map(c, "m0", MUE_MAP_HASH, 4, 8, 2, 0);
}

void mue_mutate_edit(struct mue_case *c)
{
	c->edits[0] = (struct mue_edit){.insert = 1, .code = BPF_JMP | BPF_JA};
	c->n_edits = 1;
}

void mue_mutate_first_edited(struct mue_case *c)
{
	static const uint8_t kinds[] = {MUE_OP_UPDATE, MUE_OP_LOOKUP, MUE_OP_UPDATE, MUE_OP_DELETE};

	mue_mutate_first(c);
	mue_case_add_phase(c, MUE_PROG_SCHED_CLS);
	for (unsigned i = 0; i < sizeof(kinds); i++) {
		struct mue_op *op = mue_case_add_op(c, kinds[i], 0);

		op->key = mue_bytes_u32(i / 3);
		if (mue_op_has_value(kinds[i]))
			op->value = mue_bytes_u32(10 + i);
	}
	mue_mutate_edit(c);
}

void mue_mutate(struct mue_case *c, const struct mue_case *other, uint64_t seed)
{
	change(c, other, seed, ANY);
}

void mue_splice(struct mue_case *c, const struct mue_case *other, uint64_t seed)
{
	change(c, other, seed, CROSSING);
}

bool mue_mutate_steady(struct mue_case *c, uint64_t seed)
{
	static __thread struct mue_case was; /* too large for stacks */

	mue_case_copy(&was, c);
	for (uint64_t i = 0; i < TRIES; i++) {
		change(c, NULL, seed + i * UINT64_C(0x9e3779b97f4a7c15), STEADY);
		if (mue_shape_same(&was, c))
			return true;
		mue_case_copy(c, &was);
	}
	return false;
}
