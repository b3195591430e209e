/*
 * The bytes of a key or value, without a pointer and of bounded size: a
 * fill byte, a literal head, and a literal tail. Their length is not theirs but
 * the map's: resolving them against a size gives the real bytes.
 */
#ifndef MUE_CASES_BYTES_H
#define MUE_CASES_BYTES_H

#include <stdint.h>
#include <stddef.h>

#define MUE_HEAD_MAX 24
#define MUE_TAIL_MAX 7

struct mue_bytes {
	uint8_t fill;
	uint8_t n_head, n_tail; /* at most MUE_HEAD_MAX, MUE_TAIL_MAX */
	uint8_t head[MUE_HEAD_MAX];
	uint8_t tail[MUE_TAIL_MAX]; /* the last n_tail bytes; wins over the head */
};

/* Writes the `size` bytes that `b` stands for to `to`. */
void mue_bytes_resolve(const struct mue_bytes *b, void *to, size_t size);

/*
 * Adds `n`, little-endian, to the 32-bit number (or the shorter one that fits)
 * at offset `at` of `buf`: what the n-th repetition of an op does to its key
 * (at = 4 for LPM_TRIE, behind the prefix length, else 0) and its value
 * (at = the size of the special field).
 */
void mue_bytes_count_up(void *buf, size_t size, size_t at, uint32_t n);

/*
 * The canonical form of `b` for a size: the same bytes when resolved, unused
 * parts zero, head and tail no longer than needed. Two canonical forms are equal as memory
 * iff they resolve to the same bytes.
 */
void mue_bytes_canon(struct mue_bytes *b, size_t size);

/* Head from a buffer of n bytes, the rest 0. */
struct mue_bytes mue_bytes_of(const void *p, size_t n);
/* Head from a 32-bit little-endian number, the rest 0. */
struct mue_bytes mue_bytes_u32(uint32_t n);

#endif
