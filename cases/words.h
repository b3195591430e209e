/*
 * What the text and the JSON form have in common: the words of the tables, and how
 * numbers, results, flags and bytes are spelt.
 */
#ifndef MUE_CASES_WORDS_H
#define MUE_CASES_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/bytes.h"
#include "cases/observation.h"
#include "cases/tables.h"

/* A piece of input; not NUL-terminated. */
struct mue_word {
	const char *p;
	size_t n;
};
struct mue_word mue_word_of(const char *s);
bool mue_word_is(struct mue_word w, const char *s);

/* A bounded buffer that text is appended to; `to` always ends with 0. What does not fit is lost. */
struct mue_out {
	char *to;
	size_t size, n;
};
struct mue_out mue_out_to(char *to, size_t size);
__attribute__((format(printf, 2, 3))) void mue_out_add(struct mue_out *out, const char *format,
						       ...);

/* A vocabulary: name(i) for i < n, NULL for an i that has none. */
struct mue_words {
	const char *what; /* "map type" */
	unsigned n;
	const char *(*name)(unsigned i);
};
extern const struct mue_words mue_words_map_type, mue_words_prog_type, mue_words_op,
	mue_words_origin, mue_words_object, mue_words_sock, mue_words_reach, mue_words_via,
	mue_words_return, mue_words_special, mue_words_change, mue_words_status,
	mue_words_update_flag, mue_words_map_flag;

/* The index of `w`, or -1. */
int mue_words_find(const struct mue_words *words, struct mue_word w);
/* NULL for an index without a name, also one out of range. */
const char *mue_words_name(const struct mue_words *words, unsigned i);
/* "hash, array, ..." */
void mue_words_list(struct mue_out *out, const struct mue_words *words);

/* 17 or 0x11. */
bool mue_word_number(struct mue_word w, uint64_t *n);
/* A result: "-ENOENT", "-4000", "0", "17", "0xfffffffffffffffe". */
bool mue_word_ret(struct mue_word w, int64_t *ret);
void mue_out_ret(struct mue_out *out, int64_t ret);
/* Names and numbers joined by '|'; "any" is 0. */
bool mue_word_flags(struct mue_word w, const struct mue_flag_row *rows, uint64_t *flags);
/* Joined names; one hexadecimal number when a bit has no name; "any" for 0. */
void mue_out_flags(struct mue_out *out, const struct mue_flag_row *rows, uint64_t flags);

/*
 * Bytes as they are written: HEX, or HEAD~FILL*COUNT~TAIL, where HEAD and ~TAIL may be missing.
 * No bytes at all are an empty word.
 */
struct mue_spelling {
	struct mue_word head, tail; /* hex digits */
	uint8_t fill;
	uint64_t count; /* of fill bytes between them */
	uint64_t size;	/* of all, in bytes */
};
bool mue_spelling_of(struct mue_spelling *s, struct mue_word w);
/* Writes its s->size bytes. */
void mue_spelling_resolve(const struct mue_spelling *s, uint8_t *to);
/* The canonical struct mue_bytes for s->size bytes; false when there is none. */
bool mue_spelling_bytes(const struct mue_spelling *s, struct mue_bytes *b);
/* Writes `len` bytes so that they read back; nothing for none. */
void mue_out_bytes(struct mue_out *out, const struct mue_bytes *b, size_t len);

/* The most bytes that one observed value may spell out; longer ones are held by their digest. */
#define MUE_SPELT_MAX (1u << 20)

/*
 * Observed bytes: HEX of all, or HEAD...LENGTH:DIGEST for those of which only the head is kept.
 * The second form is read back by mue_word_blob, which gives false for anything else.
 */
bool mue_word_blob(struct mue_word w, struct mue_observation *o, struct mue_blob *b);
void mue_out_blob(struct mue_out *out, const struct mue_observation *o, const struct mue_blob *b);
/* Whether the arena holds all of it, so that it is spelt in full. */
bool mue_blob_whole(const struct mue_blob *b);

#endif
