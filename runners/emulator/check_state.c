/*
 * States: kept for branches not yet followed, remembered at places where paths meet, and compared.
 *
 * A path that comes to a place in a state that an earlier one there covers need not be
 * followed again. If the earlier one is still being followed and nothing has changed since, the
 * program loops for ever.
 */
#include <stddef.h>
#include <stdlib.h>

#include "runners/emulator/check.h"

/* A remembered state; the state itself follows, packed. */
struct point {
	int32_t next;	/* at the same place, or -1 */
	int32_t parent; /* the point that its path came from, or -1 */
	uint32_t open;	/* paths from here that are still to be followed */
	uint32_t misses;
};

struct pending {
	uint32_t at, taken;
	int32_t last_point;
	uint32_t size; /* of the packed state in front of this */
};

/* Room for n more bytes, or NULL. */
static void *grow(struct check_bytes *b, size_t n)
{
	void *at;

	if (b->used + n > b->room) {
		size_t room = (b->used + n) * 2 + 16384;
		uint8_t *more = realloc(b->at, room);

		if (!more)
			return NULL;
		b->at = more;
		b->room = room;
	}
	at = b->at + b->used;
	b->used += n;
	return at;
}

static size_t frame_size(const struct check_frame *f)
{
	return offsetof(struct check_frame, slots) + f->n_slots * sizeof(f->slots[0]);
}

static const size_t head_size = offsetof(struct check_state, frames);

static size_t packed_size(const struct check_state *s)
{
	size_t n = head_size;

	for (uint32_t i = 0; i < s->n_frames; i++)
		n += frame_size(&s->frames[i]);
	return n;
}

static void pack(uint8_t *to, const struct check_state *s)
{
	memcpy(to, s, head_size);
	to += head_size;
	for (uint32_t i = 0; i < s->n_frames; i++) {
		memcpy(to, &s->frames[i], frame_size(&s->frames[i]));
		to += frame_size(&s->frames[i]);
	}
}

static void unpack(struct check_state *s, const uint8_t *from)
{
	memcpy(s, from, head_size);
	from += head_size;
	for (uint32_t i = 0; i < s->n_frames; i++) {
		size_t size = frame_size((const struct check_frame *)from);

		memcpy(&s->frames[i], from, size);
		from += size;
	}
}

static struct point *point_at(struct emu_checker *k, int32_t at)
{
	return (struct point *)(k->points.at + at);
}

int check_push(struct emu_checker *k, uint32_t at, bool taken)
{
	size_t size = packed_size(&k->state);
	struct pending *p;
	uint8_t *to;

	if (k->n_pending == CHECK_PENDING_MAX)
		return check_refuse(k, -E2BIG, "the sequence of jumps is too complex");
	to = grow(&k->pending, size + sizeof(*p));
	if (!to)
		return check_refuse(k, -ENOMEM, "out of memory");
	pack(to, &k->state);
	p = (struct pending *)(to + size);
	*p = (struct pending){at, taken, k->last_point, (uint32_t)size};
	k->n_pending++;
	if (k->last_point >= 0)
		point_at(k, k->last_point)->open++;
	return 0;
}

bool check_pop(struct emu_checker *k, bool *taken)
{
	const struct pending *p;

	if (!k->n_pending)
		return false;
	k->n_pending--;
	k->pending.used -= sizeof(*p);
	p = (const struct pending *)(k->pending.at + k->pending.used);
	k->pending.used -= p->size;
	unpack(&k->state, k->pending.at + k->pending.used);
	k->at = p->at;
	k->last_point = p->last_point;
	*taken = p->taken;
	return true;
}

void check_path_end(struct emu_checker *k)
{
	for (int32_t at = k->last_point; at >= 0; at = point_at(k, at)->parent)
		if (--point_at(k, at)->open)
			break;
}

void check_each(struct emu_checker *k, void (*fn)(struct check_reg *r, void *ctx), void *ctx)
{
	for (uint32_t i = 0; i < k->state.n_frames; i++) {
		struct check_frame *f = &k->state.frames[i];

		for (unsigned reg = 0; reg < BPF_REG_10; reg++)
			fn(&f->regs[reg], ctx);
		for (uint32_t slot = 0; slot < f->n_slots; slot++)
			if (f->slots[slot].byte[0] == BYTE_SPILL)
				fn(&f->slots[slot].reg, ctx);
	}
}

#define IDS_MAX 24

/* A comparison of two states, and which ids of the one are which of the other. */
struct compare {
	struct emu_checker *k;
	bool exact;
	uint32_t n_ids;
	struct {
		uint32_t old, new;
	} ids[IDS_MAX];
};

static bool same_id(struct compare *c, uint32_t old, uint32_t new)
{
	if (!old || !new)
		return old == new;
	for (uint32_t i = 0; i < c->n_ids; i++)
		if (c->ids[i].old == old || c->ids[i].new == new)
			return c->ids[i].old == old && c->ids[i].new == new;
	if (c->n_ids == IDS_MAX)
		return false;
	c->ids[c->n_ids].old = old;
	c->ids[c->n_ids++].new = new;
	return true;
}

static bool covers_number(struct compare *c, const struct check_reg *old,
			  const struct check_reg *new)
{
	if (c->exact)
		return !memcmp(&old->n, &new->n, sizeof(old->n));
	/* What the old path learnt of copies must hold for the new one's. */
	return emu_range_in(&old->n, &new->n) && (!old->id || same_id(c, old->id, new->id));
}

/* Whether all that holds for `old` holds for `new`. */
static bool covers_reg(struct compare *c, const struct check_reg *old, const struct check_reg *new)
{
	if (old->type == CHECK_NONE)
		return !c->exact || new->type == CHECK_NONE;
	if (old->type != new->type || old->or_null != new->or_null)
		return false;
	if (old->type == CHECK_SCALAR)
		return covers_number(c, old, new);
	if (old->object != new->object || old->frame != new->frame || old->off != new->off ||
	    !same_id(c, old->id, new->id) || !same_id(c, old->ref, new->ref))
		return false;
	if (old->type == CHECK_PACKET ? old->size > new->size : old->size != new->size)
		return false;
	if (c->exact)
		return !memcmp(&old->n, &new->n, sizeof(old->n));
	return emu_range_in(&old->n, &new->n);
}

static bool zero_byte(const struct check_slot *s, unsigned byte)
{
	return s->byte[byte] == BYTE_ZERO ||
	       (s->byte[byte] == BYTE_SPILL && s->reg.type == CHECK_SCALAR &&
		emu_range_is_const(&s->reg.n) && s->reg.n.value == 0);
}

static bool covers_byte(struct compare *c, const struct check_slot *old,
			const struct check_slot *new, unsigned byte)
{
	uint8_t a = old->byte[byte], b = new->byte[byte];

	if (c->exact && a != b)
		return false;
	switch (a) {
	case BYTE_INVALID:
		return true;
	case BYTE_MISC:
		return b != BYTE_INVALID || check_has(c->k, MUE_CHANGE_UNINIT_STACK);
	case BYTE_ZERO:
		return zero_byte(new, byte);
	default:
		return b == BYTE_SPILL;
	}
}

/* `matters`: whether something has asked for what is in the slot; else it only counts what was written. */
static bool covers_slot(struct compare *c, const struct check_slot *old,
			const struct check_slot *new, bool matters)
{
	bool spill = old->byte[0] == BYTE_SPILL;
	struct check_slot written;

	if (!matters && !c->exact && (!spill || old->reg.type == CHECK_SCALAR)) {
		for (unsigned byte = 0; byte < 8; byte++)
			written.byte[byte] = old->byte[byte] == BYTE_INVALID ? BYTE_INVALID : BYTE_MISC;
		old = &written;
	}
	for (unsigned byte = 0; byte < 8; byte++)
		if (!covers_byte(c, old, new, byte))
			return false;
	return old->byte[0] != BYTE_SPILL || covers_reg(c, &old->reg, &new->reg);
}

static bool covers_frame(struct compare *c, const struct check_frame *old,
			 const struct check_frame *new, uint16_t live)
{
	static const struct check_slot none;
	uint64_t loaded = c->k->funcs[old->func].loaded;
	uint32_t n = old->n_slots > new->n_slots ? old->n_slots : new->n_slots;

	if (old->callsite != new->callsite || old->func != new->func ||
	    old->callback != new->callback)
		return false;
	/* Another round of a callback is no loop of its own. */
	if (c->exact && old->rounds != new->rounds)
		return false;
	for (unsigned reg = 0; reg < BPF_REG_10; reg++)
		if (live >> reg & 1 && !covers_reg(c, &old->regs[reg], &new->regs[reg]))
			return false;
	for (uint32_t i = 0; i < n; i++)
		if (!covers_slot(c, i < old->n_slots ? &old->slots[i] : &none,
				 i < new->n_slots ? &new->slots[i] : &none, loaded >> i & 1))
			return false;
	return true;
}

/* The registers of frame `i` that are still to be read; R0 to R5 end with a call. */
static uint16_t live_in(const struct emu_checker *k, uint32_t i)
{
	if (i + 1 == k->state.n_frames)
		return k->marks[k->at].live;
	return k->marks[k->state.frames[i + 1].callsite + 1].live & 0x3c0;
}

static bool covers(struct emu_checker *k, const uint8_t *packed, bool exact)
{
	const struct check_state *old = (const struct check_state *)packed;
	struct compare c;

	c.k = k;
	c.exact = exact;
	c.n_ids = 0;
	if (old->n_frames != k->state.n_frames || old->n_refs != k->state.n_refs)
		return false;
	for (uint32_t i = 0; i < old->n_refs; i++)
		if (!same_id(&c, old->refs[i], k->state.refs[i]))
			return false;
	packed += head_size;
	for (uint32_t i = 0; i < k->state.n_frames; i++) {
		const struct check_frame *f = (const struct check_frame *)packed;

		if (!covers_frame(&c, f, &k->state.frames[i], live_in(k, i)))
			return false;
		packed += frame_size(f);
	}
	return true;
}

static int remember(struct emu_checker *k)
{
	struct check_insn *mark = &k->marks[k->at];
	size_t size = packed_size(&k->state);
	struct point *p = grow(&k->points, sizeof(*p) + size);

	if (!p)
		return check_refuse(k, -ENOMEM, "out of memory");
	*p = (struct point){mark->point, k->last_point, 1, 0};
	pack((uint8_t *)(p + 1), &k->state);
	mark->point = k->last_point = (int32_t)((uint8_t *)p - k->points.at);
	k->since = k->jumps = 0;
	return 0;
}

static bool may_goto_here(const struct emu_checker *k)
{
	return k->insns[k->at].code == (BPF_JMP | EMU_JCOND);
}

int check_visit(struct emu_checker *k)
{
	int32_t *link = &k->marks[k->at].point;

	while (*link >= 0) {
		struct point *p = point_at(k, *link);
		bool open = p->open, exact = open && !may_goto_here(k);

		if (covers(k, (const uint8_t *)(p + 1), exact)) {
			if (exact)
				return check_refuse(k, -EINVAL, "infinite loop detected");
			return CHECK_PATH_ENDS;
		}
		if (++p->misses > CHECK_MISSES_MAX)
			*link = p->next;
		else
			link = &p->next;
	}
	if (k->since < 8 || k->jumps < 2 || k->points.used > CHECK_POINTS_SIZE)
		return 0;
	return remember(k);
}
