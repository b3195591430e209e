/*
 * An observation: what a target answered to a case. Plain data like the case.
 * Also used for what a .case file expects, where only some parts are `known`.
 *
 * Errors are 0 or a negative errno. Results run parallel to the case: maps[i],
 * phases[i] and ops[i] answer the case's maps[i], phases[i] and ops[i].
 */
#ifndef MUE_CASES_OBSERVATION_H
#define MUE_CASES_OBSERVATION_H

#include "cases/case.h"

#define MUE_WHY_MAX 256
#define MUE_BLOB_HEAD 64
#define MUE_ENTRIES_MAX 1024
#define MUE_ARENA_MAX (256 * 1024)

enum mue_status {
	MUE_ANSWERED,	 /* also when everything was rejected */
	MUE_UNSUPPORTED, /* this target cannot be asked; `why` says the reason */
	MUE_BROKEN,	 /* the harness failed; `why` says how */
	MUE_CRASHED, /* the kernel panicked, hung, logged a splat or spoiled a map over it; `why`
			says which */
	MUE_STATUSES
};

/*
 * Observed bytes. Up to MUE_BLOB_HEAD of them are kept in the arena; longer ones
 * are held by their head, their length and their digest, and are
 * equal iff all three are.
 */
struct mue_blob {
	uint32_t len; /* true length */
	uint32_t at;  /* where min(len, MUE_BLOB_HEAD) bytes stand in the arena */
	uint64_t digest; /* mue_digest of all len bytes */
};

struct mue_result {
	uint8_t known;	/* 1: reached (in an expectation: this is pinned) */
	uint8_t has_value;
	uint32_t times;	 /* how often the op was executed */
	uint32_t failed; /* of those, how often ret was not 0 (update, delete) */
	/*
	 * update, delete: R0, or the syscall's 0/-errno, of the last repetition.
	 * batch: 0/-errno; `times` is the count the kernel wrote back.
	 * lookup in a program: 1 found, 0 not; from user space 0 or -errno.
	 * reread: 1, or 0 when there was no pointer. freeze: 0 or -errno.
	 * digest: the digest.
	 */
	int64_t ret;
	/*
	 * lookup, reread: the value. In a program of a per-CPU map: the running CPU's,
	 * and at most the first MUE_OUT_MAX bytes. From user space of a per-CPU map: the
	 * values of all possible CPUs, value_size bytes each, padding left out.
	 */
	struct mue_blob value;
};
#define MUE_OUT_MAX 256

struct mue_phase_result {
	uint8_t known;
	int32_t load;	 /* program phases: the load verdict, 0 or -errno */
	int32_t run;	 /* the trigger's: 0 or -errno */
	uint32_t invoked; /* how often the program was entered */
	uint32_t retval;  /* the program's own return value, where the trigger shows it */
};

struct mue_map_result {
	uint8_t known;
	int32_t create; /* 0 or -errno */
	/*
	 * Final contents, sorted by key (memcmp). Arrays leave out elements that
	 * are all zero. `shown` of the `n_entries` are in the pool, from `first` on.
	 */
	uint8_t state_known;
	uint32_t n_entries, first, shown;
	uint64_t digest; /* mue_state_digest over all entries */
};

struct mue_entry {
	struct mue_blob key, value; /* value as a user-side lookup gives it */
};

struct mue_observation {
	uint32_t status; /* enum mue_status */
	char why[MUE_WHY_MAX];
	uint32_t n_maps, n_phases, n_ops, n_entries, arena_used;
	struct mue_map_result maps[MUE_MAPS_MAX];
	struct mue_phase_result phases[MUE_PHASES_MAX];
	struct mue_result ops[MUE_OPS_MAX];
	struct mue_entry entries[MUE_ENTRIES_MAX];
	uint8_t arena[MUE_ARENA_MAX];
};

/*
 * Whether a map's contents are observed: not of arrays with more than
 * MUE_STATE_ELEMENTS_MAX elements (all of which always exist), and of sockmaps only with values of
 * 8 bytes: a lookup gives others to nobody.
 */
#define MUE_STATE_ELEMENTS_MAX 65536
bool mue_state_observed(const struct mue_map *m);

/* An observation of `c` in which nothing is known yet: ANSWERED, counts set. */
void mue_observation_init(struct mue_observation *o, const struct mue_case *c);
/* Copies the used parts only. */
void mue_observation_copy(struct mue_observation *to, const struct mue_observation *from);

/* 64-bit digest of bytes, the same on every machine; 0 is no special value. */
uint64_t mue_digest(const void *p, size_t n);

/* Keeps bytes; gives false when the arena is full (the blob then has no head but is comparable). */
bool mue_observe_blob(struct mue_observation *o, struct mue_blob *blob, const void *p, size_t n);
/* The head bytes of a blob (min(len, MUE_BLOB_HEAD) of them). */
const uint8_t *mue_blob_head(const struct mue_observation *o, const struct mue_blob *b);
bool mue_blob_same(const struct mue_observation *oa, const struct mue_blob *a,
		   const struct mue_observation *ob, const struct mue_blob *b);

/*
 * Recording a map's contents: begin, then every entry in any order, then end, which
 * sorts them and digests. Entries beyond MUE_ENTRIES_MAX over all maps count and digest but are
 * not shown. skip_zero leaves out entries whose value is all zero bytes.
 */
struct mue_state_writer {
	struct mue_observation *o;
	uint32_t map;
	bool skip_zero;
	uint64_t sum;
};
void mue_state_begin(struct mue_state_writer *w, struct mue_observation *o, uint32_t map, bool skip_zero);
void mue_state_entry(struct mue_state_writer *w, const void *key, size_t key_len, const void *value,
		     size_t value_len);
void mue_state_end(struct mue_state_writer *w);
/* The order-independent term of one entry: a state's digest is the sum of its entries'. */
uint64_t mue_entry_digest(const void *key, size_t key_len, const void *value, size_t value_len);

#endif
