/*
 * The words in which families ask: maps, phases and ops of the usual sizes. All ops
 * are about the case's first map.
 */
#ifndef MUE_CASES_FAMILIES_ASK_H
#define MUE_CASES_FAMILIES_ASK_H

#include "cases/case.h"

enum mue_kind {
#define MUE_KIND(ID, ...) MUE_KIND_##ID,
#include "cases/families/kinds.def"
#undef MUE_KIND
	MUE_KINDS
};
struct mue_kind_row {
	const char *name;
	unsigned type;
	uint32_t flags;
	bool plain;
};
extern const struct mue_kind_row mue_kinds[MUE_KINDS];

static inline bool mue_kind_is_array(uint64_t kind)
{
	return kind == MUE_KIND_ARRAY || kind == MUE_KIND_PERCPU_ARRAY;
}

static inline bool mue_kind_is_lru(uint64_t kind)
{
	return mue_kinds[kind].type == MUE_MAP_LRU_HASH ||
	       mue_kinds[kind].type == MUE_MAP_LRU_PERCPU_HASH;
}

/* Whether loading is refused whatever else is asked (never of user space): one case of each such
 * pair is enough. */
bool mue_ask_refused(uint64_t kind, uint64_t prog);

/* A map of this kind: key 4 (8 for a trie), value 8. */
struct mue_map *mue_ask_map(struct mue_case *c, uint64_t kind, uint32_t max_entries);

/* A user phase, a program phase, on a CPU. */
void mue_ask_user(struct mue_case *c, unsigned cpu);
struct mue_phase *mue_ask_prog(struct mue_case *c, unsigned prog_type, unsigned cpu);

/* The n-th key: the number itself; in a trie the longest prefix of it. */
struct mue_bytes mue_ask_key(const struct mue_case *c, uint32_t n);
/* A trie's key: the first `len` bits of the address a.b.c.d, and the bits behind them as they are.
 */
struct mue_bytes mue_ask_prefix(uint32_t len, uint32_t address);

/* The n-th value: the number (behind the special field), and no zero bytes around it. */
struct mue_bytes mue_ask_value(const struct mue_case *c, uint32_t n);

/* Ops for the last phase, on keys by their numbers, values likewise. */
struct mue_op *mue_ask_update(struct mue_case *c, uint32_t key, uint32_t value, uint64_t flags);
struct mue_op *mue_ask_lookup(struct mue_case *c, uint32_t key);
struct mue_op *mue_ask_delete(struct mue_case *c, uint32_t key);
struct mue_op *mue_ask_reread(struct mue_case *c);
/* User-side updates of the keys first, first + 1, ..: values counted up from 0x10. Nothing for n =
 * 0. */
void mue_ask_fill(struct mue_case *c, uint32_t first, uint32_t n);

#endif
