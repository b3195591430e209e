/*
 * The maps of the model: one file a kind says its rules (semantics A, H, L, T) over
 * the few things declared here. Inside the oracle only.
 */
#ifndef MUE_ORACLE_MODEL_MAP_H
#define MUE_ORACLE_MODEL_MAP_H

#include <setjmp.h>
#include <sys/queue.h>

#include "cases/case.h"
#include "cases/world.h"

/*
 * Memory for one answer: taken bit by bit, given back all at once. When a case wants more than
 * MODEL_MEMORY_MAX, the model leaves through `leave`.
 */
#define MODEL_MEMORY_MAX (UINT64_C(1) << 30)
#define MODEL_MEMORY_FIRST 16384

enum model_leave { MODEL_FULL = 1, MODEL_LOST };

struct model_memory {
	jmp_buf leave; /* with one of enum model_leave */
	struct model_chunk *chunks;
	uint64_t taken; /* bytes of all chunks */
	uint8_t *next, *end;
	uint8_t first[MODEL_MEMORY_FIRST];
};
void model_memory_begin(struct model_memory *mem);
void model_memory_end(struct model_memory *mem);
/* n bytes, 8-aligned; their content is undefined. Never NULL. */
void *model_take(struct model_memory *mem, uint64_t n);
void *model_take_zeroed(struct model_memory *mem, uint64_t n);

/* What a pointer from a lookup points to. It outlives its key's presence (semantics R5). */
struct model_elem {
	TAILQ_ENTRY(model_elem) link; /* in one of its kind's lists, if any */
	uint8_t *key;
	uint8_t *value; /* one value, or one for each possible CPU */
	uint8_t list;	/* L: which list holds it */
	bool ref;	/* L: the reference bit */
	bool lost;	/* H6: no rule says what its memory holds */
	uint16_t cpu;	/* L: whose list it is, for lists that a CPU has */
};
TAILQ_HEAD(model_list, model_elem);

struct model_map {
	const struct mue_map *def;
	const struct mue_world *world;
	struct model_memory *mem;
	const struct model_kind *kind;
	const struct model_other *other; /* of types that programs cannot update */
	uint32_t capacity;     /* max_entries after rounding */
	uint32_t copies;       /* values that an element has */
	uint32_t special_size; /* bytes at the value's beginning that are never copied */
	bool per_cpu, frozen;
	struct model_socks *socks; /* K: the case's */
	/* The present elements, sorted by key (memcmp). */
	struct model_elem **elems;
	uint32_t n, room;
	void *own; /* the kind's */
};

/* One update, by a program or by bpf(2). */
struct model_call {
	uint32_t cpu;
	bool user;
	uint64_t flags; /* of a user-side call on a per-CPU map: what S7 leaves of them */
	const uint8_t *key;
	/* With MODEL_ALL_CPUS one value after the other for all CPUs. May lie in an element. */
	const uint8_t *value;
	uint32_t target; /* per-CPU maps: the CPU whose value is written */
	/* What descriptors in key and value stand for, and the map where one is a map's (M). */
	unsigned key_object, value_object;
	const struct mue_map *value_map;
	const struct model_sock *sock; /* K: what a program passes */
};
#define MODEL_ALL_CPUS UINT32_MAX

struct model_kind {
	void (*init)(struct model_map *m);
	/* The element that the key leads to, or NULL. A program's lookup may leave a mark. */
	struct model_elem *(*lookup)(struct model_map *m, const uint8_t *key, bool user);
	long (*update)(struct model_map *m, const struct model_call *c);
	long (*delete)(struct model_map *m, uint32_t cpu, const uint8_t *key);
};
extern const struct model_kind model_array, model_hash, model_rhash, model_lru, model_lpm,
	model_sockmap;
/* Takes a socket out of a map that holds such. */
void model_sockmap_forget(struct model_map *m, uint32_t number);

/*
 * The types that only bpf(2) updates (semantics Q, M, D, G, N): 0 or -errno, MODEL_NO_RULE where none
 * says. A NULL lookup_and_delete is ENOTSUPP. Objects stand in keys and values by their numbers.
 */
struct model_other {
	void (*init)(struct model_map *m);
	long (*update)(struct model_map *m, const struct model_call *c);
	/* The value goes to `value`, which holds the op's on entry. */
	long (*lookup)(struct model_map *m, const struct model_call *c, uint8_t *value);
	long (*delete)(struct model_map *m, const struct model_call *c);
	long (*lookup_and_delete)(struct model_map *m, const struct model_call *c, uint8_t *value);
};
#define MODEL_NO_RULE 1
#define MODEL_EITHER 2 /* of a Bloom filter's lookup: 0 and -ENOENT are both right (Q4) */
#define MODEL_ENOTSUPP 524 /* the kernel's own number, not in libc */
extern const struct model_other model_queue, model_bloom, model_fd_array, model_hash_of_maps,
	model_devmap, model_devmap_hash, model_cpumap, model_xskmap, model_reuseport,
	model_storage, model_cgroup_storage, model_stack_trace, model_ringbuf, model_arena,
	model_insn_array;

/* The 32-bit number at the beginning of a key. */
uint32_t model_index(const uint8_t *key);
/* Whether the maps' kinds fit together as inner maps of one outer (M4). */
bool model_same_meta(const struct mue_world *w, const struct mue_map *a, const struct mue_map *b);

/* BPF_MAP_CREATE (semantics C): 0 or -errno. 1 where no rule says. */
int model_create_check(const struct mue_world *w, const struct mue_case *c,
		       const struct mue_map *def);
/* An empty map; m->kind is NULL for types that are not PLAIN. */
void model_map_init(struct model_map *m, struct model_memory *mem, const struct mue_world *w,
		    const struct mue_map *def);
/*
 * Whether the map's value has this special field in that world (C7). One that the kernel does not
 * know is BTF, and a tree has a spin lock, too.
 */
bool model_has_special(const struct mue_world *w, const struct mue_map *def, unsigned special);

/* The present element with exactly these key bytes, or NULL. */
struct model_elem *model_find(const struct model_map *m, const uint8_t *key);
/* An element that is in no list and not present: key and value all zero. */
struct model_elem *model_new(struct model_map *m);
/* Makes it present under the key that it holds, which must not be present. */
void model_insert(struct model_map *m, struct model_elem *e);
void model_remove(struct model_map *m, struct model_elem *e);
/* The same at a place of the caller's choice, for maps that are not sorted by key. */
void model_insert_at(struct model_map *m, uint32_t i, struct model_elem *e);
void model_remove_at(struct model_map *m, uint32_t i);

/* The value that CPU `cpu` sees. */
uint8_t *model_value(const struct model_map *m, const struct model_elem *e, uint32_t cpu);
/* Writes a call's value over a present element's (R6). */
void model_write(struct model_map *m, struct model_elem *e, const struct model_call *c);
/* Writes it to an element about to become present: one CPU's leaves zeros to the others (R7). */
void model_write_new(struct model_map *m, struct model_elem *e, const struct model_call *c);

#endif
