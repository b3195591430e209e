/*
 * Random cases: each has a number, from which alone it is made, so that its name
 * says it all. The seed only chooses which numbers are asked by default.
 */
#ifndef MUE_CASES_FAMILIES_DICE_H
#define MUE_CASES_FAMILIES_DICE_H

#include "cases/families/ask.h"
#include "cases/families/cross.h"

struct mue_dice {
	uint64_t state;
};

/* 0 .. n - 1, n > 0. */
uint32_t mue_dice_roll(struct mue_dice *d, uint32_t n);
/* True in `percent` of 100. */
bool mue_dice_chance(struct mue_dice *d, uint32_t percent);
/* An index into weights[n], as often as its weight says. */
unsigned mue_dice_pick(struct mue_dice *d, const uint8_t *weights, unsigned n);

struct mue_drawing {
	const char *family;
	const struct mue_axis *kinds;
	uint32_t count; /* of each kind, for one seed */
	void (*build)(struct mue_case *c, uint64_t kind, struct mue_dice *d);
};

/* Hands over the cases FAMILY/KIND/NUMBER that the seed chooses, or the one that is named. */
void mue_draw(struct mue_sink *s, const struct mue_drawing *x);

#endif
