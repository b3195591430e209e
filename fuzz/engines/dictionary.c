/*
 * Prints the dictionary for libFuzzer and afl-fuzz (-dict=, -x): every word of the tables, for the
 * parsers; and for the byte form the numbers that mean something, as it writes them.
 */
#include <stdio.h>
#include <string.h>

#include "cases/words.h"
#include "fuzz/fields.h"

static void print_words(const struct mue_words *words)
{
	for (unsigned i = 0; i < words->n; i++)
		if (words->name(i))
			printf("\"%s\"\n", words->name(i));
}

/* Base 128, least significant digit first (fuzz/codec.h). */
static void print_number(uint64_t n)
{
	putchar('"');
	for (; n >= 0x80; n >>= 7)
		printf("\\x%02x", (unsigned)(n & 0x7f) | 0x80);
	printf("\\x%02x\"\n", (unsigned)n);
}

static void print_flags(const struct mue_flag_row *rows)
{
	for (; rows->name; rows++)
		print_number(rows->value);
}

int main(void)
{
	static const struct mue_words *const words[] = {
		&mue_words_map_type, &mue_words_prog_type, &mue_words_op,
		&mue_words_origin,   &mue_words_object,	   &mue_words_reach,
		&mue_words_via,	     &mue_words_special,   &mue_words_change,
		&mue_words_return,   &mue_words_status,	   &mue_words_update_flag,
		&mue_words_map_flag,
	};
	static const char *const heads[] = {
		"map",	     "user",	"state",       "when",	"name", "key",	  "value",
		"max",	     "flags",	"const",       "times", "cpu",	"attach", "sleepable",
		"load_only", "returns", "proprietary", " -> ",	"~00*"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		print_words(words[i]);
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		printf("\"%s\"\n", heads[i]);
	print_flags(mue_update_flag_rows);
	print_flags(mue_map_flag_rows);
	for (unsigned e = 0; e < MUE_ELEMENTS; e++)
		for (uint32_t i = 0; i < mue_elements[e].n_fields; i++) {
			/* One element with this field alone. */
			printf("\"\\x%02x", e);
			for (uint64_t mask = UINT64_C(1) << i;; mask >>= 7) {
				printf("\\x%02x",
				       (unsigned)(mask & 0x7f) | (mask >= 0x80 ? 0x80 : 0));
				if (mask < 0x80)
					break;
			}
			printf("\"\n");
		}
	return 0;
}
