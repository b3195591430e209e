#include "runners/emulator/check_range.h"

#include <linux/bpf.h>

#include "runners/emulator/insns.h"

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

struct emu_range emu_range_const(uint64_t n)
{
	return (struct emu_range){n, 0, n, n, (int64_t)n, (int64_t)n};
}

struct emu_range emu_range_any(void)
{
	return (struct emu_range){0, UINT64_MAX, 0, UINT64_MAX, INT64_MIN, INT64_MAX};
}

/* All bounds from what the bits say. */
static void bounds_of_bits(struct emu_range *r)
{
	uint64_t sign = r->mask & (1ull << 63);

	r->umin = r->value;
	r->umax = r->value | r->mask;
	r->smin = (int64_t)(r->value | sign);
	r->smax = (int64_t)(r->value | (r->mask & INT64_MAX));
}

/* What bits and bounds say of each other. Gives false when they contradict. */
static bool sync(struct emu_range *r)
{
	struct emu_range bits = *r;
	uint64_t differ;

	bounds_of_bits(&bits);
	r->umin = MAX(r->umin, bits.umin);
	r->umax = MIN(r->umax, bits.umax);
	r->smin = MAX(r->smin, bits.smin);
	r->smax = MIN(r->smax, bits.smax);
	/* Where the sign does not change, both orders are one. */
	if ((int64_t)r->umin <= (int64_t)r->umax) {
		r->smin = MAX(r->smin, (int64_t)r->umin);
		r->smax = MIN(r->smax, (int64_t)r->umax);
	}
	if ((uint64_t)r->smin <= (uint64_t)r->smax) {
		r->umin = MAX(r->umin, (uint64_t)r->smin);
		r->umax = MIN(r->umax, (uint64_t)r->smax);
	}
	if (r->umin > r->umax || r->smin > r->smax)
		return false;
	/* The bits above the highest that umin and umax differ in are known. */
	differ = r->umin ^ r->umax;
	differ = differ ? UINT64_MAX >> __builtin_clzll(differ) : 0;
	r->value |= r->umin & ~differ;
	r->mask &= differ;
	r->value &= ~r->mask;
	return true;
}

void emu_range_cut(struct emu_range *d, unsigned bits, bool sign)
{
	uint64_t keep = bits == 64 ? UINT64_MAX : (1ull << bits) - 1, top = 1ull << (bits - 1);
	bool fits = d->umax <= (sign ? keep >> 1 : keep) ||
		    (sign && d->smin >= -(int64_t)top && d->smax < (int64_t)top);

	if (bits == 64 || fits)
		return;
	d->value &= keep;
	d->mask &= keep;
	if (sign && d->mask & top)
		d->mask |= ~keep;
	else if (sign && d->value & top)
		d->value |= ~keep;
	bounds_of_bits(d);
}

struct emu_range emu_range_bytes(unsigned bytes, bool sign)
{
	struct emu_range r = emu_range_any();

	emu_range_cut(&r, bytes * 8, sign);
	return r;
}

bool emu_range_in(const struct emu_range *outer, const struct emu_range *inner)
{
	return outer->umin <= inner->umin && outer->umax >= inner->umax &&
	       outer->smin <= inner->smin && outer->smax >= inner->smax &&
	       !(inner->mask & ~outer->mask) && (inner->value & ~outer->mask) == outer->value;
}

static void add(struct emu_range *d, const struct emu_range *s)
{
	struct emu_range r = emu_range_any();
	uint64_t low = d->value + s->value, high = low + d->mask + s->mask;
	uint64_t unknown = (low ^ high) | d->mask | s->mask;

	r.value = low & ~unknown;
	r.mask = unknown;
	if (__builtin_add_overflow(d->umin, s->umin, &r.umin) ||
	    __builtin_add_overflow(d->umax, s->umax, &r.umax)) {
		r.umin = 0;
		r.umax = UINT64_MAX;
	}
	if (__builtin_add_overflow(d->smin, s->smin, &r.smin) ||
	    __builtin_add_overflow(d->smax, s->smax, &r.smax)) {
		r.smin = INT64_MIN;
		r.smax = INT64_MAX;
	}
	*d = r;
}

static void sub(struct emu_range *d, const struct emu_range *s)
{
	struct emu_range r = emu_range_any();
	uint64_t n = d->value - s->value, high = n + d->mask, low = n - s->mask;
	uint64_t unknown = (low ^ high) | d->mask | s->mask;

	r.value = n & ~unknown;
	r.mask = unknown;
	if (d->umin >= s->umax) {
		r.umin = d->umin - s->umax;
		r.umax = d->umax - s->umin;
	}
	if (__builtin_sub_overflow(d->smin, s->smax, &r.smin) ||
	    __builtin_sub_overflow(d->smax, s->smin, &r.smax)) {
		r.smin = INT64_MIN;
		r.smax = INT64_MAX;
	}
	*d = r;
}

static void mul(struct emu_range *d, const struct emu_range *s)
{
	struct emu_range r = emu_range_any();

	if (d->umax <= UINT32_MAX && s->umax <= UINT32_MAX) {
		r.umin = d->umin * s->umin;
		r.umax = d->umax * s->umax;
	}
	*d = r;
}

/* and, or, xor: bits say all, but that and does not grow and or does not shrink. */
static void bitwise(struct emu_range *d, const struct emu_range *s, uint8_t op)
{
	uint64_t a = d->value | d->mask, b = s->value | s->mask, unknown = d->mask | s->mask;
	uint64_t and_max = MIN(d->umax, s->umax), or_min = MAX(d->umin, s->umin);
	struct emu_range r;

	if (op == BPF_AND) {
		r.value = d->value & s->value;
		r.mask = (a & b) & ~r.value;
	} else if (op == BPF_OR) {
		r.value = d->value | s->value;
		r.mask = unknown & ~r.value;
	} else {
		r.value = (d->value ^ s->value) & ~unknown;
		r.mask = unknown;
	}
	bounds_of_bits(&r);
	if (op == BPF_AND)
		r.umax = MIN(r.umax, and_max);
	else if (op == BPF_OR)
		r.umin = MAX(r.umin, or_min);
	*d = r;
}

static void shift(struct emu_range *d, unsigned n, uint8_t op)
{
	if (op == BPF_LSH) {
		bool fits = d->umax <= UINT64_MAX >> n;
		uint64_t umin = d->umin << n, umax = d->umax << n;

		d->value <<= n;
		d->mask <<= n;
		bounds_of_bits(d);
		if (fits) {
			d->umin = MAX(d->umin, umin);
			d->umax = MIN(d->umax, umax);
		}
	} else if (op == BPF_RSH) {
		uint64_t umin = d->umin >> n, umax = d->umax >> n;

		d->value >>= n;
		d->mask >>= n;
		bounds_of_bits(d);
		d->umin = MAX(d->umin, umin);
		d->umax = MIN(d->umax, umax);
	} else {
		int64_t smin = d->smin >> n, smax = d->smax >> n;

		d->value = (uint64_t)((int64_t)d->value >> n);
		d->mask = (uint64_t)((int64_t)d->mask >> n);
		d->value &= ~d->mask;
		bounds_of_bits(d);
		d->smin = MAX(d->smin, smin);
		d->smax = MIN(d->smax, smax);
	}
}

static uint64_t fold(uint64_t d, uint64_t s, uint8_t op, int16_t off, bool wide)
{
	switch (op | (off == 1) << 8) {
#define EMU_ALU(ID, code, off, ...)      \
	case (code) | ((off) == 1) << 8: \
		return wide ? emu_alu_##ID##64(d, s) : emu_alu_##ID##32((uint32_t)d, (uint32_t)s);
#include "runners/emulator/insns.def"
	default:
		return 0;
	}
}

void emu_range_alu(struct emu_range *d, const struct emu_range *s, uint8_t op, int16_t off,
		   bool wide)
{
	unsigned bits = wide ? 64 : 32;
	struct emu_range b = *s;

	if (emu_range_is_const(d) && emu_range_is_const(s)) {
		*d = emu_range_const(fold(d->value, s->value, op, off, wide));
		return;
	}
	emu_range_cut(&b, bits, false);
	emu_range_cut(d, bits, op == BPF_ARSH && !wide);
	if (op == BPF_ADD)
		add(d, &b);
	else if (op == BPF_SUB)
		sub(d, &b);
	else if (op == BPF_MUL)
		mul(d, &b);
	else if (op == BPF_AND || op == BPF_OR || op == BPF_XOR)
		bitwise(d, &b, op);
	else if ((op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH) && emu_range_is_const(&b))
		shift(d, b.value & (bits - 1), op);
	else
		*d = emu_range_any();
	sync(d);
	emu_range_cut(d, bits, false);
}

/* The jump that is taken where `op` is not. */
static uint8_t opposite(uint8_t op)
{
	switch (op) {
	case BPF_JEQ:
		return BPF_JNE;
	case BPF_JNE:
		return BPF_JEQ;
	case BPF_JGT:
		return BPF_JLE;
	case BPF_JLE:
		return BPF_JGT;
	case BPF_JGE:
		return BPF_JLT;
	case BPF_JLT:
		return BPF_JGE;
	case BPF_JSGT:
		return BPF_JSLE;
	case BPF_JSLE:
		return BPF_JSGT;
	case BPF_JSGE:
		return BPF_JSLT;
	default:
		return BPF_JSGE;
	}
}

/* Whether d op s holds for all numbers. */
static bool always(const struct emu_range *d, const struct emu_range *s, uint8_t op)
{
	switch (op) {
	case BPF_JEQ:
		return emu_range_is_const(d) && emu_range_is_const(s) && d->value == s->value;
	case BPF_JNE:
		return d->umin > s->umax || d->umax < s->umin || d->smin > s->smax ||
		       d->smax < s->smin || ((d->value ^ s->value) & ~(d->mask | s->mask));
	case BPF_JGT:
		return d->umin > s->umax;
	case BPF_JGE:
		return d->umin >= s->umax;
	case BPF_JLT:
		return d->umax < s->umin;
	case BPF_JLE:
		return d->umax <= s->umin;
	case BPF_JSGT:
		return d->smin > s->smax;
	case BPF_JSGE:
		return d->smin >= s->smax;
	case BPF_JSLT:
		return d->smax < s->smin;
	case BPF_JSLE:
		return d->smax <= s->smin;
	default: /* BPF_JSET */
		return (d->value & s->value) != 0;
	}
}

/* The operands as a jump on 32 bits sees them. */
static void cut_for(struct emu_range *r, uint8_t op)
{
	emu_range_cut(r, 32, op == BPF_JSGT || op == BPF_JSGE || op == BPF_JSLT || op == BPF_JSLE);
}

int emu_range_taken(const struct emu_range *d, const struct emu_range *s, uint8_t op, bool wide)
{
	struct emu_range a = *d, b = *s;

	if (!wide) {
		cut_for(&a, op);
		cut_for(&b, op);
	}
	if (always(&a, &b, op))
		return 1;
	if (op == BPF_JSET)
		return (a.value | a.mask) & (b.value | b.mask) ? -1 : 0;
	return always(&a, &b, opposite(op)) ? 0 : -1;
}

static bool narrow_equal(struct emu_range *d, struct emu_range *s)
{
	uint64_t mask = d->mask & s->mask, value = d->value | s->value;

	if ((d->value ^ s->value) & ~(d->mask | s->mask))
		return false;
	d->value = value & ~mask;
	d->mask = mask;
	d->umin = MAX(d->umin, s->umin);
	d->umax = MIN(d->umax, s->umax);
	d->smin = MAX(d->smin, s->smin);
	d->smax = MIN(d->smax, s->smax);
	*s = *d;
	return true;
}

/* A constant at the end of the other's bounds is not that number. */
static void narrow_unequal(struct emu_range *d, const struct emu_range *s)
{
	if (!emu_range_is_const(s))
		return;
	d->umin += d->umin == s->value && d->umin < d->umax;
	d->umax -= d->umax == s->value && d->umin < d->umax;
	d->smin += d->smin == (int64_t)s->value && d->smin < d->smax;
	d->smax -= d->smax == (int64_t)s->value && d->smin < d->smax;
}

/* d < s, or d <= s. Gives false when that cannot be. */
static bool narrow_less(struct emu_range *d, struct emu_range *s, bool strict)
{
	if (strict && (s->umax == 0 || d->umin == UINT64_MAX))
		return false;
	d->umax = MIN(d->umax, s->umax - strict);
	s->umin = MAX(s->umin, d->umin + strict);
	return true;
}

static bool narrow_signed_less(struct emu_range *d, struct emu_range *s, bool strict)
{
	if (strict && (s->smax == INT64_MIN || d->smin == INT64_MAX))
		return false;
	d->smax = MIN(d->smax, s->smax - strict);
	s->smin = MAX(s->smin, d->smin + strict);
	return true;
}

static void narrow_set(struct emu_range *d, const struct emu_range *s, bool taken)
{
	if (!emu_range_is_const(s))
		return;
	if (taken && !(s->value & (s->value - 1)))
		d->value |= s->value;
	else if (!taken)
		d->value &= ~s->value;
	if (!taken || !(s->value & (s->value - 1)))
		d->mask &= ~s->value;
}

static bool narrow(struct emu_range *d, struct emu_range *s, uint8_t op)
{
	switch (op) {
	case BPF_JEQ:
		return narrow_equal(d, s);
	case BPF_JNE:
		narrow_unequal(d, s);
		narrow_unequal(s, d);
		return true;
	case BPF_JLT:
	case BPF_JLE:
		return narrow_less(d, s, op == BPF_JLT);
	case BPF_JGT:
	case BPF_JGE:
		return narrow_less(s, d, op == BPF_JGT);
	case BPF_JSLT:
	case BPF_JSLE:
		return narrow_signed_less(d, s, op == BPF_JSLT);
	default:
		return narrow_signed_less(s, d, op == BPF_JSGT);
	}
}

bool emu_range_narrow(struct emu_range *d, struct emu_range *s, uint8_t op, bool taken, bool wide)
{
	/* Half a number says something about the whole only where the other half is known zero. */
	if (!wide && (d->umax > INT32_MAX || s->umax > INT32_MAX)) {
		bool is_signed =
			op == BPF_JSGT || op == BPF_JSGE || op == BPF_JSLT || op == BPF_JSLE;

		if (is_signed || d->umax > UINT32_MAX || s->umax > UINT32_MAX)
			return true;
	}
	if (op == BPF_JSET)
		narrow_set(d, s, taken);
	else if (!narrow(d, s, taken ? op : opposite(op)))
		return false;
	return sync(d) && sync(s);
}
