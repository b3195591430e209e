#include "cases/families/story.h"

#include <assert.h>
#include <stdlib.h>

static const struct story {
	enum mue_story_family family;
	const char *story;
} stories[] = {
#define MUE_STORY(FAMILY, ID, name, story) {MUE_STORY_##FAMILY, story},
#include "cases/families/stories.def"
#undef MUE_STORY
};

enum {
#define MUE_STORY(FAMILY, ID, ...) FAMILY##_##ID,
#include "cases/families/stories.def"
#undef MUE_STORY
};

static const struct mue_point points[] = {
#define MUE_STORY(FAMILY, ID, name, story) {name, FAMILY##_##ID},
#include "cases/families/stories.def"
#undef MUE_STORY
	{0},
};

static bool is_history(uint64_t n)
{
	return stories[n].family == MUE_STORY_HISTORY;
}

static bool is_cpus(uint64_t n)
{
	return stories[n].family == MUE_STORY_CPUS;
}

static bool is_reread(uint64_t n)
{
	return stories[n].family == MUE_STORY_REREAD;
}

const struct mue_axis mue_axis_history = {points, is_history};
const struct mue_axis mue_axis_cpus = {points, is_cpus};
const struct mue_axis mue_axis_reread = {points, is_reread};

/* From most program types the plain kinds are enough. */
bool mue_story_fits(const uint64_t *at)
{
	return !mue_ask_refused(at[0], at[1]) &&
	       (mue_kinds[at[0]].plain || mue_axis_four_progs.has(at[1]));
}

void mue_story_build(struct mue_case *c, const uint64_t *at)
{
	mue_ask_map(c, at[0], 4);
	mue_story_tell(c, stories[at[2]].story, at[1]);
}

struct teller {
	struct mue_case *c;
	unsigned prog;
	uint32_t value; /* of the next update */
};

static void tell(struct teller *t, char word, uint32_t n)
{
	struct mue_case *c = t->c;

	switch (word) {
	case 'u':
		mue_ask_user(c, n);
		break;
	case 'p':
		mue_ask_prog(c, t->prog, n);
		break;
	case 'a':
		mue_ask_update(c, n, t->value++, 0);
		break;
	case 'n':
		mue_ask_update(c, n, t->value++, MUE_UPDATE_NOEXIST);
		break;
	case 'e':
		mue_ask_update(c, n, t->value++, MUE_UPDATE_EXIST);
		break;
	case 'l':
		mue_ask_lookup(c, n);
		break;
	case 'd':
		mue_ask_delete(c, n);
		break;
	case 'f':
		mue_ask_fill(c, 0, n);
		break;
	case 'r':
		mue_ask_reread(c);
		break;
	case 'z':
		mue_case_add_op(c, MUE_OP_FREEZE, 0);
		break;
	case 'g':
		mue_case_add_op(c, MUE_OP_DIGEST, 0);
		break;
	default:
		assert(!"a word of a story");
	}
}

void mue_story_tell(struct mue_case *c, const char *story, unsigned prog)
{
	struct teller t = {.c = c, .prog = prog, .value = 0x40};

	while (*story) {
		char word = *story++;
		char *end;

		tell(&t, word, strtoul(story, &end, 10));
		for (story = end; *story == ' '; story++)
			;
	}
}
