/* Random histories over few keys: programs and user space, two CPUs, every way to call. */
#include "cases/families/dice.h"

#define PHASES_MAX 12
#define OPS_MAX 6 /* in one phase */
#define ROOM_MAX 8

struct history {
	struct mue_case *c;
	struct mue_dice *d;
	uint64_t kind;
	unsigned prog;
	uint32_t value; /* of the next update */
};

static uint64_t some_flags(struct mue_dice *d)
{
	static const uint64_t flags[] = {0, MUE_UPDATE_NOEXIST, MUE_UPDATE_EXIST,
					 3, MUE_UPDATE_LOCK,	1ull << 32};
	static const uint8_t weights[] = {50, 22, 22, 2, 2, 2};

	return flags[mue_dice_pick(d, weights, sizeof(weights))];
}

/* In a trie, prefixes of any length of one of two addresses. */
static struct mue_bytes some_key(struct history *h)
{
	uint32_t room = h->c->maps[0].max_entries;

	if (h->kind != MUE_KIND_LPM_TRIE)
		return mue_ask_key(h->c, mue_dice_roll(h->d, room + 2));
	return mue_ask_prefix(mue_dice_roll(h->d, 34),
			      0x0a010203 ^ mue_dice_roll(h->d, 2) << mue_dice_roll(h->d, 32));
}

static void add_update(struct history *h)
{
	static const uint8_t origins[] = {MUE_ORIGIN_STACK, MUE_ORIGIN_UNALIGNED,
					  MUE_ORIGIN_LITERAL, MUE_ORIGIN_MAP, MUE_ORIGIN_RODATA};
	static const uint8_t reaches[] = {MUE_REACH_MAIN, MUE_REACH_SUBPROG, MUE_REACH_CALLBACK,
					  MUE_REACH_LOOP, MUE_REACH_INNER};
	static const uint8_t weights[] = {70, 8, 8, 7, 7};
	struct mue_op *op = mue_ask_update(h->c, 0, h->value++, some_flags(h->d));

	op->key = some_key(h);
	if (!h->c->phases[h->c->n_phases - 1].prog_type)
		return;
	op->key_from = origins[mue_dice_pick(h->d, weights, sizeof(weights))];
	op->value_from = origins[mue_dice_pick(h->d, weights, sizeof(weights))];
	op->reach = reaches[mue_dice_pick(h->d, weights, sizeof(weights))];
	op->flags_const = mue_dice_chance(h->d, 20);
}

static void add_batch(struct history *h)
{
	struct mue_op *op = mue_case_add_op(h->c, MUE_OP_BATCH, 0);

	op->key = some_key(h);
	op->value = mue_ask_value(h->c, h->value++);
	op->times = 1 + mue_dice_roll(h->d, 3);
}

static void add_op(struct history *h, bool user)
{
	enum { UPDATE, LOOKUP, DELETE, BATCH, DIGEST };
	static const uint8_t weights[] = {
		[UPDATE] = 55, [LOOKUP] = 25, [DELETE] = 20, [BATCH] = 5, [DIGEST] = 10};

	switch (mue_dice_pick(h->d, weights, user ? sizeof(weights) : DELETE + 1)) {
	case UPDATE:
		add_update(h);
		break;
	case LOOKUP:
		mue_case_add_op(h->c, MUE_OP_LOOKUP, 0)->key = some_key(h);
		break;
	case DELETE:
		mue_case_add_op(h->c, MUE_OP_DELETE, 0)->key = some_key(h);
		break;
	case BATCH:
		add_batch(h);
		break;
	case DIGEST:
		mue_case_add_op(h->c, MUE_OP_DIGEST, 0);
		break;
	}
}

static unsigned some_prog(struct mue_dice *d, uint64_t kind)
{
	for (;;) {
		unsigned n = 1 + mue_dice_roll(d, MUE_PROG_TYPES - 1);

		if (mue_prog_type_row(n) && mue_axis_test_run.has(n) && !mue_ask_refused(kind, n))
			return n;
	}
}

static void build(struct mue_case *c, uint64_t kind, struct mue_dice *d)
{
	struct history h = {
		.c = c, .d = d, .kind = kind, .prog = some_prog(d, kind), .value = 0x40};
	uint32_t phases = 3 + mue_dice_roll(d, PHASES_MAX - 2);

	mue_ask_map(c, kind, 1 + mue_dice_roll(d, ROOM_MAX));
	while (c->n_phases < phases) {
		bool user = mue_dice_chance(d, 40);
		uint32_t ops = 1 + mue_dice_roll(d, OPS_MAX);

		mue_case_add_phase(c, user ? MUE_PROG_UNSPEC : h.prog)->cpu = mue_dice_roll(d, 2);
		while (ops--)
			add_op(&h, user);
	}
}

static const struct mue_drawing drawing = {
	.family = "random",
	.kinds = &mue_axis_kinds,
	.count = 60,
	.build = build,
};

void mue_each_random(struct mue_sink *s)
{
	mue_draw(s, &drawing);
}
