/* What the files of the text form's parser share. */
#ifndef MUE_CASES_TEXT_PARSER_H
#define MUE_CASES_TEXT_PARSER_H

#include "cases/text.h"
#include "cases/text_rules.h"
#include "cases/words.h"

/* What the indented lines that follow belong to. */
enum mue_text_block { MUE_BLOCK_NONE, MUE_BLOCK_PHASE, MUE_BLOCK_STATE };

struct mue_text_parser {
	struct mue_case *c;
	struct mue_observation *expect;
	struct mue_condition *when;
	const char *file;
	unsigned line;
	char *msg;
	size_t msg_size;

	struct mue_word rest; /* of the line, behind `word` */
	struct mue_word word; /* the current one; empty at the end of the line */
	enum mue_text_block block;
	bool named, conditioned;

	/* Of the state block: its map, the entries, and whether its head tells count and digest. */
	struct mue_state_writer state;
	bool summed;
	uint8_t *scratch; /* grows to what the longest value needs, at most MUE_SPELT_MAX */
};

/* Fills msg with "FILE:LINE: " and the rest; gives -EINVAL. */
__attribute__((format(printf, 2, 3))) int mue_text_fail(struct mue_text_parser *p,
							const char *format, ...);
/* The same for a current word that is no word of the vocabulary, which it lists. */
int mue_text_unknown(struct mue_text_parser *p, const struct mue_words *words);

/* Cuts the next line off `text`, without its end and the space before it. */
struct mue_word mue_text_cut_line(struct mue_word *text);
/* Refuses control characters. */
int mue_text_check_characters(struct mue_text_parser *p, struct mue_word line);
bool mue_text_is_comment(struct mue_word line);
bool mue_text_is_blank(struct mue_word line);

bool mue_text_space(char c);
void mue_text_skip_space(struct mue_word *w);
/* Takes n characters of the rest as the current word. */
bool mue_text_take(struct mue_text_parser *p, size_t n);
/* Goes to the next word: false at the end of the line. */
bool mue_text_next(struct mue_text_parser *p);
/* The next word as a quote for messages, at most a few dozen characters of it. */
#define MUE_QUOTE "'%.*s'"
#define MUE_QUOTED(p) (int)((p)->word.n < 40 ? (p)->word.n : 40), (p)->word.p

/* Each takes the next word, and gives 0 or -EINVAL with a message that says what was expected. */
int mue_text_end(struct mue_text_parser *p);
int mue_text_literal(struct mue_text_parser *p, const char *literal);
int mue_text_number(struct mue_text_parser *p, const char *what, uint64_t max, uint64_t *n);
int mue_text_number32(struct mue_text_parser *p, const char *what, uint32_t *to);
int mue_text_choose(struct mue_text_parser *p, const struct mue_words *words, unsigned *i);
int mue_text_map(struct mue_text_parser *p, unsigned *map);
int mue_text_ret_word(struct mue_text_parser *p, int64_t *ret);

/* Options of a line: `seen` has a bit for each word of the vocabulary that was met before. */
int mue_text_option(struct mue_text_parser *p, const struct mue_words *words, unsigned *seen,
		    unsigned *i);

/* text_socks.c: the rest of a line that begins with "sock"; the operand of an op on a socket. */
int mue_text_sock_line(struct mue_text_parser *p);
int mue_text_sock(struct mue_text_parser *p, struct mue_op *op);

/* text_edits.c: the rest of a line that begins with "edit". */
int mue_text_edit_line(struct mue_text_parser *p);

/* text_expect.c: what stands behind "->", and state blocks. */
int mue_text_create_result(struct mue_text_parser *p, struct mue_map_result *r);
int mue_text_phase_result(struct mue_text_parser *p);
int mue_text_op_result(struct mue_text_parser *p, const struct mue_op *op);
int mue_text_state_head(struct mue_text_parser *p);
int mue_text_state_line(struct mue_text_parser *p);
int mue_text_state_end(struct mue_text_parser *p);

#endif
