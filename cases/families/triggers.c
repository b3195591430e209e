/* Every trigger (triggers.def) on every plain map: short histories, a full map, another CPU, packet data. */
#include <stdio.h>

#include "cases/attach.h"
#include "cases/families/ask.h"
#include "cases/families/cross.h"

enum story { STORY_FLAGS, STORY_FULL, STORY_CPUS, STORY_PACKET };

static const struct mue_point stories[] = {
	{"flags", STORY_FLAGS},
	{"full", STORY_FULL},
	{"cpus", STORY_CPUS},
	{"packet", STORY_PACKET},
	{0},
};
static const struct mue_axis axis_stories = {stories, NULL};

/* A place on the axis of triggers: the row, and whether its program is sleepable. */
#define SLEEPS (1ull << 32)

static const struct mue_trigger_row *row_of(const uint64_t *at)
{
	return &mue_trigger_rows[(uint32_t)at[0]];
}

static void ask_trigger(struct mue_case *c, const uint64_t *at, unsigned cpu)
{
	struct mue_phase *p = mue_ask_prog(c, row_of(at)->prog_type, cpu);

	p->attach_type = row_of(at)->attach_type;
	p->trigger = row_of(at)->via;
	p->sleepable = at[0] & SLEEPS ? 1 : 0;
}

/* Every flag on an absent and a present key; a deleted one; what a pointer shows afterwards. */
static void ask_flags(struct mue_case *c, const uint64_t *at)
{
	ask_trigger(c, at, 0);
	mue_ask_update(c, 1, 0x21, MUE_UPDATE_EXIST);
	mue_ask_update(c, 1, 0x22, MUE_UPDATE_NOEXIST);
	mue_ask_update(c, 1, 0x23, MUE_UPDATE_NOEXIST);
	mue_ask_lookup(c, 1);
	mue_ask_update(c, 1, 0x24, MUE_UPDATE_EXIST);
	mue_ask_reread(c);
	mue_ask_update(c, 2, 0x25, 0);
	mue_ask_update(c, 2, 0x26, 7);
	mue_ask_delete(c, 1);
	mue_ask_update(c, 1, 0x27, 0);
}

static void ask_full(struct mue_case *c, const uint64_t *at)
{
	mue_ask_user(c, 0);
	mue_ask_fill(c, 1, 4);
	ask_trigger(c, at, 0);
	mue_ask_update(c, 9, 0x31, 0);
	mue_ask_update(c, 3, 0x32, 0);
	mue_ask_lookup(c, 3);
}

/* The same program twice: each of its phases fires anew. */
static void ask_cpus(struct mue_case *c, const uint64_t *at)
{
	for (unsigned cpu = 0; cpu < 2; cpu++) {
		ask_trigger(c, at, cpu);
		mue_ask_update(c, 1, 0x40 + cpu, 0);
		mue_ask_lookup(c, 1);
	}
}

static void ask_packet(struct mue_case *c, const uint64_t *at)
{
	struct mue_op *op;

	ask_trigger(c, at, 0);
	op = mue_ask_update(c, 1, 0x51, 0);
	op->key_from = op->value_from = MUE_ORIGIN_PACKET;
	mue_ask_lookup(c, 1);
}

static void build(struct mue_case *c, const uint64_t *at)
{
	static void (*const ask[])(struct mue_case *, const uint64_t *) = {
		[STORY_FLAGS] = ask_flags,
		[STORY_FULL] = ask_full,
		[STORY_CPUS] = ask_cpus,
		[STORY_PACKET] = ask_packet,
	};

	mue_ask_map(c, at[1], 4);
	ask[at[2]](c, at);
}

static bool fits(const uint64_t *at)
{
	return at[2] != STORY_PACKET || row_of(at)->flags & MUE_TRIGGER_F_PAYLOAD;
}

#define WORD_MAX 48

/* The attach type's word, or the program type's; how, where that is not the usual; and how else. */
static void name(char *to, const struct mue_trigger_row *row, const char *more)
{
	const char *word = row->attach_type ? mue_attach_row(row->attach_type)->name
					    : mue_prog_type_row(row->prog_type)->name;

	snprintf(to, WORD_MAX, "%s%s%s%s", word, row->via ? "-" : "",
		 row->via ? mue_via_names[row->via] : "", more);
}

void mue_each_triggers(struct mue_sink *s)
{
	struct mue_point points[2 * MUE_TRIGGERS + 1] = {0}, *p = points;
	char words[2 * MUE_TRIGGERS][WORD_MAX];
	const struct mue_axis triggers = {points, NULL};
	const struct mue_crossing x = {
		.prefix = "triggers",
		.axes = {&triggers, &mue_axis_maps, &axis_stories},
		.fits = fits,
		.build = build,
	};

	for (uint32_t i = 0; i < MUE_TRIGGERS; i++) {
		const struct mue_trigger_row *row = &mue_trigger_rows[i];

		name(words[p - points], row, "");
		*p = (struct mue_point){words[p - points], i};
		p++;
		if (!(row->flags & MUE_TRIGGER_F_SLEEP))
			continue;
		name(words[p - points], row, "-sleepable");
		*p = (struct mue_point){words[p - points], i | SLEEPS};
		p++;
	}
	mue_cross(s, &x);
}
