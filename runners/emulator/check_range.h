/*
 * What the checker knows of a number: bits that are known (tristate numbers), and bounds of it
 * as unsigned and as signed.
 */
#ifndef MUE_EMULATOR_CHECK_RANGE_H
#define MUE_EMULATOR_CHECK_RANGE_H

#include <stdbool.h>
#include <stdint.h>

struct emu_range {
	uint64_t value, mask; /* mask bits are unknown, value has the others */
	uint64_t umin, umax;
	int64_t smin, smax;
};

struct emu_range emu_range_const(uint64_t n);
struct emu_range emu_range_any(void);
/* Any number of that many bytes, zero- or sign-extended. */
struct emu_range emu_range_bytes(unsigned bytes, bool sign);

static inline bool emu_range_is_const(const struct emu_range *r)
{
	return !r->mask;
}

/* Whether every number of `inner` is one of `outer`. */
bool emu_range_in(const struct emu_range *outer, const struct emu_range *inner);

/* d = d op s; `op` is BPF_ADD and so on, `off` as in the instruction. */
void emu_range_alu(struct emu_range *d, const struct emu_range *s, uint8_t op, int16_t off,
		   bool wide);
/* d = d with only the low `bits` bits kept, zero- or sign-extended. */
void emu_range_cut(struct emu_range *d, unsigned bits, bool sign);

/* Whether a jump is taken: 1, 0, or -1 where that is not known. */
int emu_range_taken(const struct emu_range *d, const struct emu_range *s, uint8_t op, bool wide);
/*
 * Narrows d and s (which may be the same) by the outcome of a jump. Gives false when no
 * number fits: that way is never taken.
 */
bool emu_range_narrow(struct emu_range *d, struct emu_range *s, uint8_t op, bool taken, bool wide);

#endif
