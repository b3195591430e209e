#include "cases/families/states.h"

static bool is_hash(uint64_t kind)
{
	return !mue_kind_is_array(kind);
}

static bool is_trie(uint64_t kind)
{
	return kind == MUE_KIND_LPM_TRIE;
}

#define STATES(S)                                                  \
	S(FIRST, "first", mue_kind_is_array, 2, 0, 0, 1)           \
	S(LAST, "last", mue_kind_is_array, 2, 3, 0, 0)             \
	S(AT_END, "at-end", mue_kind_is_array, 2, 4, 0, 1)         \
	S(HIGHEST, "highest", mue_kind_is_array, 2, ~0u, 0, 0)     \
	S(EMPTY, "empty", is_hash, 0, 9, 0, 0)                     \
	S(ABSENT, "absent", is_hash, 2, 9, 0, 1)                   \
	S(PRESENT, "present", is_hash, 2, 1, 0, 1)                 \
	S(FULL_ABSENT, "full-absent", is_hash, 4, 9, 0, 1)         \
	S(FULL_PRESENT, "full-present", is_hash, 4, 3, 0, 1)       \
	S(FULL_OLDEST, "full-oldest", mue_kind_is_lru, 4, 0, 0, 1) \
	S(COVERED, "covered", is_trie, 2, 1, 31, 1)                \
	S(TOO_LONG, "too-long", is_trie, 2, 1, 33, 1)

enum {
#define S(ID, ...) STATE_##ID,
	STATES(S)
#undef S
};

const struct mue_key_state mue_key_states[] = {
#define S(ID, ...) {__VA_ARGS__},
	STATES(S)
#undef S
};

static const struct mue_point points[] = {
#define S(ID, name, ...) {name, STATE_##ID},
	STATES(S)
#undef S
	{0},
};

const struct mue_axis mue_axis_states = {points, NULL};

bool mue_state_fits(uint64_t kind, uint64_t state)
{
	return mue_key_states[state].of(kind);
}

void mue_state_setup(struct mue_case *c, uint64_t state)
{
	if (!mue_key_states[state].filled)
		return;
	mue_ask_user(c, 0);
	mue_ask_fill(c, 0, mue_key_states[state].filled);
}

void mue_state_aim(const struct mue_case *c, struct mue_op *op, uint64_t state)
{
	const struct mue_key_state *s = &mue_key_states[state];

	if (s->prefix)
		op->key = mue_ask_prefix(s->prefix, __builtin_bswap32(s->key));
	else
		op->key = mue_ask_key(c, s->key);
}
