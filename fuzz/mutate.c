#include "fuzz/mutate.h"

#include <linux/bpf.h>

#include "fuzz/codec.h"
#include "fuzz/mutation.h"

static const struct mutation_row {
	mutation_fn *make;
	uint8_t weight;
	bool crosses, edits;
} rows[] = {
#define MUE_MUTATION(name, weight) {mutate_##name, weight, false, false},
#define MUE_CROSSING(name, weight) {mutate_##name, weight, true, false},
#define MUE_EDITING(name, weight) {mutate_##name, weight, false, true},
#include "fuzz/mutations.def"
};
enum { ROWS = sizeof(rows) / sizeof(*rows), TRIES = 8 };

/* One of the rows; without an other none that needs one; `crossing`: only those. */
static mutation_fn *pick(const struct mutation *m, bool crossing)
{
	uint8_t weights[ROWS];

	for (unsigned i = 0; i < ROWS; i++) {
		bool apt = crossing ? rows[i].crosses : m->other || !rows[i].crosses;

		apt &= m->c->n_edits || !rows[i].edits;
		weights[i] = apt ? rows[i].weight : 0;
	}
	return rows[mue_dice_pick(m->d, weights, ROWS)].make;
}

static void change_once(const struct mutation *m, bool crossing)
{
	for (unsigned i = 0; i < TRIES; i++)
		if (pick(m, crossing)(m))
			return;
}

static void change(struct mue_case *c, const struct mue_case *other, uint64_t seed, bool crossing)
{
	struct mue_dice d = {.state = seed};
	struct mutation m = {.c = c, .other = other, .d = &d};

	do {
		change_once(&m, crossing);
		crossing = false;
	} while (mue_dice_chance(&d, 60));
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
	change(c, other, seed, false);
}

void mue_splice(struct mue_case *c, const struct mue_case *other, uint64_t seed)
{
	change(c, other, seed, true);
}
