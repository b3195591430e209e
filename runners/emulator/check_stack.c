#include "runners/emulator/check_stack.h"

/* A range of a frame's stack: offsets from R10, so below 0. */
struct span {
	struct check_frame *f;
	int64_t low, high; /* every access through the pointer lies in [low, high) */
	bool fixed;	   /* exactly that range */
};

/* Loads and stores are aligned to their size, so that a slot is spilled and filled as a whole. */
static int aligned(struct emu_checker *k, const struct check_reg *p, int64_t off, unsigned size)
{
	uint64_t low = (uint64_t)(p->off + off);

	if (((p->n.value + low) | p->n.mask) & (size - 1))
		return check_refuse(k, -EACCES, "misaligned stack access off %lld size %u",
				    (long long)low, size);
	return 0;
}

/* Whether and where an access lies. */
static int span_of(struct emu_checker *k, struct span *s, const struct check_reg *p, int64_t off,
		   uint64_t size)
{
	struct check_func *func;

	s->f = &k->state.frames[p->frame];
	s->low = s->high = 0;
	s->fixed = emu_range_is_const(&p->n);
	if (p->n.smax >= CHECK_VAR_OFF_MAX || p->n.smin <= -CHECK_VAR_OFF_MAX)
		return check_refuse(k, -EACCES,
				    "invalid unbounded variable-offset access to stack");
	s->low = p->off + off + p->n.smin;
	s->high = p->off + off + p->n.smax + (int64_t)size;
	if (s->low < -EMU_STACK_SIZE || s->low > -1)
		return check_refuse(k, -EACCES, "invalid access to stack off=%lld",
				    (long long)s->low);
	if (s->high > 0)
		return check_refuse(k, -EINVAL, "invalid access to stack off=%lld size=%llu",
				    (long long)s->low, (unsigned long long)size);
	func = &k->funcs[s->f->func];
	if (func->depth < (uint32_t)-s->low)
		func->depth = (uint32_t)-s->low;
	return 0;
}

static struct check_slot *slot_at(struct check_frame *f, int64_t off)
{
	return &f->slots[(-off - 1) / 8];
}

static unsigned byte_at(int64_t off)
{
	return (unsigned)off & 7;
}

/* Slots in use reach down to `low`. */
static void use(struct check_frame *f, int64_t low)
{
	for (uint32_t n = (uint32_t)((-low + 7) / 8); f->n_slots < n; f->n_slots++)
		memset(f->slots[f->n_slots].byte, BYTE_INVALID, 8);
}

static bool is_spill(const struct check_slot *s)
{
	return s->byte[0] == BYTE_SPILL;
}

/* The slots of a span have mattered: states that differ in them differ. */
static void mark_loaded(struct emu_checker *k, const struct span *s)
{
	uint64_t first = (uint64_t)(-s->high) / 8, last = (uint64_t)(-s->low - 1) / 8;

	k->funcs[s->f->func].loaded |= (UINT64_MAX >> (63 - last)) & (UINT64_MAX << first);
}

/* Spilled registers that are overwritten in part become plain bytes. */
static void scrub(struct check_slot *s)
{
	for (unsigned b = 0; is_spill(s) && b < 8; b++)
		if (s->byte[b] == BYTE_SPILL && b)
			s->byte[b] = BYTE_MISC;
	if (is_spill(s))
		s->byte[0] = BYTE_MISC;
}

/* -EACCES when a byte in the span was never written, where that matters. */
static int initialised(struct emu_checker *k, const struct span *s)
{
	if (check_has(k, MUE_CHANGE_UNINIT_STACK))
		return 0;
	for (int64_t at = s->low; at < s->high; at++)
		if ((uint32_t)(-at + 7) / 8 > s->f->n_slots ||
		    slot_at(s->f, at)->byte[byte_at(at)] == BYTE_INVALID)
			return check_refuse(k, -EACCES, "invalid read from stack off %lld",
					    (long long)at);
	return 0;
}

static bool all_zero(const struct span *s)
{
	for (int64_t at = s->low; at < s->high; at++)
		if ((uint32_t)(-at + 7) / 8 > s->f->n_slots ||
		    slot_at(s->f, at)->byte[byte_at(at)] != BYTE_ZERO)
			return false;
	return true;
}

/* How many low bytes of its register a slot holds. */
static unsigned spilled_bytes(const struct check_slot *s)
{
	unsigned n = 0;

	while (n < 8 && s->byte[n] == BYTE_SPILL)
		n++;
	return n;
}

int check_stack_load(struct emu_checker *k, struct check_reg *d, const struct check_reg *p,
		     int64_t off, unsigned size, bool sign)
{
	const struct check_slot *slot;
	struct span s;
	int err = aligned(k, p, off, size);

	if (!err)
		err = span_of(k, &s, p, off, size);
	if (err)
		return err;
	mark_loaded(k, &s);
	slot = slot_at(s.f, s.low);
	if (s.fixed && (uint32_t)(-s.low + 7) / 8 <= s.f->n_slots && is_spill(slot)) {
		if (check_is_pointer(&slot->reg) && size != 8)
			return check_refuse(k, -EACCES, "invalid size of register fill");
		if (byte_at(s.low) == 0 && size <= spilled_bytes(slot)) {
			*d = slot->reg;
			emu_range_cut(&d->n, size * 8, sign);
			if (size < 8)
				d->id = 0;
			return 0;
		}
	}
	err = initialised(k, &s);
	if (!err)
		check_number(d, all_zero(&s) ? emu_range_const(0) : emu_range_bytes(size, sign));
	return err;
}

/* Whether a store of `value` is remembered as a spilled register. */
static bool spills(const struct span *s, unsigned size, const struct check_reg *value)
{
	if (size == 8)
		return true;
	return byte_at(s->low) == 0 && value->type == CHECK_SCALAR && emu_range_is_const(&value->n);
}

static void spill(struct check_slot *slot, unsigned size, const struct check_reg *value)
{
	scrub(slot);
	memset(slot->byte, BYTE_SPILL, size);
	slot->reg = *value;
	if (size < 8)
		emu_range_cut(&slot->reg.n, size * 8, false);
}

int check_stack_store(struct emu_checker *k, const struct check_reg *p, int64_t off, unsigned size,
		      const struct check_reg *value)
{
	bool zero =
		value->type == CHECK_SCALAR && emu_range_is_const(&value->n) && value->n.value == 0;
	struct span s;
	int err = aligned(k, p, off, size);

	if (!err)
		err = span_of(k, &s, p, off, size);
	if (!err && check_is_pointer(value) && s.fixed && size != 8)
		err = check_refuse(k, -EACCES, "invalid size of register spill");
	if (!err && value->type == CHECK_STACK && p->frame + 1u < k->state.n_frames)
		err = check_refuse(k, -EINVAL, "cannot spill pointers to stack into the caller's");
	if (err)
		return err;
	use(s.f, s.low);
	if (s.fixed && spills(&s, size, value)) {
		spill(slot_at(s.f, s.low), size, value);
		return 0;
	}
	for (int64_t at = s.low; at < s.high; at++) {
		struct check_slot *slot = slot_at(s.f, at);
		uint8_t *byte = &slot->byte[byte_at(at)];

		scrub(slot);
		/* Of a store somewhere in the span, bytes keep what they had if that is less. */
		if (s.fixed)
			*byte = zero ? BYTE_ZERO : BYTE_MISC;
		else if (*byte != BYTE_INVALID && !(zero && *byte == BYTE_ZERO))
			*byte = BYTE_MISC;
	}
	return 0;
}

int check_stack_atomic(struct emu_checker *k, const struct check_reg *p, int64_t off, unsigned size)
{
	struct check_reg any = {.type = CHECK_NONE};
	int err = check_stack_load(k, &any, p, off, size, false);

	check_number(&any, emu_range_any());
	return err ? err : check_stack_store(k, p, off, size, &any);
}

int check_stack_read(struct emu_checker *k, const struct check_reg *p, uint32_t size)
{
	struct span s;
	int err = span_of(k, &s, p, 0, size);

	return err ? err : initialised(k, &s);
}

bool check_stack_const(struct emu_checker *k, const struct check_reg *p, uint32_t size, uint64_t *n)
{
	const struct check_slot *slot;
	unsigned zeros = 0, byte;
	struct span s;

	if (p->type != CHECK_STACK || size > 8 || !emu_range_is_const(&p->n) ||
	    span_of(k, &s, p, 0, size) || (uint32_t)(-s.low + 7) / 8 > s.f->n_slots)
		return false;
	mark_loaded(k, &s);
	slot = slot_at(s.f, s.low);
	byte = byte_at(s.low);
	while (byte + zeros < 8 && slot->byte[byte + zeros] == BYTE_ZERO)
		zeros++;
	*n = 0;
	if (zeros >= size)
		return true;
	if (byte || spilled_bytes(slot) != size || slot->reg.type != CHECK_SCALAR ||
	    !emu_range_is_const(&slot->reg.n))
		return false;
	*n = slot->reg.n.value;
	return true;
}
