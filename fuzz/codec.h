/*
 * Cases as bytes, for fuzzers. Decoding is total: any bytes are a case that passes mue_case_check.
 * Encoding is canonical: two cases have the same bytes iff they are the same as questions
 * (mue_case_same), and decoding them gives that question back, under names of its own.
 *
 * The form: elements, one after the other (maps, and phases followed by their ops). Each is
 *   tag      1 byte; modulo the number of kinds it is an enum mue_element
 *   present  a number whose bit i says that field i (fields.def) follows; others are at their standard
 *   fields   numbers; bytes as n_head | n_tail << 5, fill, head, tail
 *
 * Numbers are base 128, least significant digit first, with the top bit set on all digits but the
 * last. What is missing at the end is zero; an op before any phase begins a user phase; what finds
 * no room in its pool is passed over.
 */
#ifndef MUE_FUZZ_CODEC_H
#define MUE_FUZZ_CODEC_H

#include "cases/case.h"

/* No case is longer: all pools full, all fields as long as can be. */
#define MUE_ENCODED_MAX 65536

/* Gives the number of bytes, or 0 when they are more than `size`. */
size_t mue_case_encode(const struct mue_case *c, uint8_t *to, size_t size);
void mue_case_decode(struct mue_case *c, const uint8_t *data, size_t n);
/* Gives keys and values the form in which decoding finds them. */
void mue_case_canon(struct mue_case *c);

/*
 * Makes any content of the pools pass mue_case_check, in place: from the front, each element that
 * does not pass has fields set to their standards, one if that suffices, else all from the last on
 * until it does; and if it never does, it is dropped. A case that passes stays as it is.
 */
void mue_case_mend(struct mue_case *c);

#endif
