/* The parser of the text form: words, and the messages that name a line. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "cases/text_parser.h"

int mue_text_fail(struct mue_text_parser *p, const char *format, ...)
{
	struct mue_out out = mue_out_to(p->msg, p->msg_size);
	char text[MUE_MSG_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	mue_out_add(&out, "%s:%u: %s", p->file, p->line, text);
	return -EINVAL;
}

int mue_text_unknown(struct mue_text_parser *p, const struct mue_words *words)
{
	char list[MUE_MSG_MAX];
	struct mue_out out = mue_out_to(list, sizeof(list));

	mue_words_list(&out, words);
	if (!p->word.n)
		return mue_text_fail(p, "the line ends; expected %s: %s", words->what, list);
	return mue_text_fail(p, "unknown %s " MUE_QUOTE "; expected %s", words->what, MUE_QUOTED(p),
			     list);
}

bool mue_text_space(char c)
{
	return c == ' ' || c == '\t';
}

void mue_text_skip_space(struct mue_word *w)
{
	while (w->n && mue_text_space(*w->p)) {
		w->p++;
		w->n--;
	}
}

static bool mark(char c)
{
	return c == '=' || c == ',';
}

static bool ends_word(char c)
{
	return mue_text_space(c) || mark(c) || c == '#';
}

bool mue_text_take(struct mue_text_parser *p, size_t n)
{
	p->word = (struct mue_word){p->rest.p, n};
	p->rest.p += n;
	p->rest.n -= n;
	return n;
}

bool mue_text_next(struct mue_text_parser *p)
{
	size_t n = 0;

	mue_text_skip_space(&p->rest);
	if (p->rest.n && p->rest.p[0] == '#')
		p->rest.n = 0;
	if (p->rest.n && mark(p->rest.p[0]))
		return mue_text_take(p, 1);
	while (n < p->rest.n && !ends_word(p->rest.p[n]))
		n++;
	return mue_text_take(p, n);
}

int mue_text_end(struct mue_text_parser *p)
{
	if (mue_text_next(p))
		return mue_text_fail(p, MUE_QUOTE " is too much; expected the end of the line",
				     MUE_QUOTED(p));
	return 0;
}

int mue_text_literal(struct mue_text_parser *p, const char *literal)
{
	mue_text_next(p);
	if (!mue_word_is(p->word, literal))
		return mue_text_fail(p, MUE_QUOTE "; expected '%s'", MUE_QUOTED(p), literal);
	return 0;
}

int mue_text_number(struct mue_text_parser *p, const char *what, uint64_t max, uint64_t *n)
{
	mue_text_next(p);
	if (!mue_word_number(p->word, n) || *n > max)
		return mue_text_fail(p, "%s " MUE_QUOTE "; expected a number of 0 to %llu", what,
				     MUE_QUOTED(p), (unsigned long long)max);
	return 0;
}

int mue_text_number32(struct mue_text_parser *p, const char *what, uint32_t *to)
{
	uint64_t n;
	int err = mue_text_number(p, what, UINT32_MAX, &n);

	if (!err)
		*to = n;
	return err;
}

int mue_text_choose(struct mue_text_parser *p, const struct mue_words *words, unsigned *i)
{
	int found;

	mue_text_next(p);
	found = mue_words_find(words, p->word);
	if (found < 0)
		return mue_text_unknown(p, words);
	*i = found;
	return 0;
}

int mue_text_option(struct mue_text_parser *p, const struct mue_words *words, unsigned *seen,
		    unsigned *i)
{
	int found = mue_words_find(words, p->word);

	if (found < 0)
		return mue_text_unknown(p, words);
	if (*seen >> found & 1)
		return mue_text_fail(p, MUE_QUOTE " stands twice; expected it once", MUE_QUOTED(p));
	*seen |= 1u << found;
	*i = found;
	return 0;
}

int mue_text_map(struct mue_text_parser *p, unsigned *map)
{
	mue_text_next(p);
	for (*map = 0; *map < p->c->n_maps; ++*map)
		if (mue_word_is(p->word, p->c->maps[*map].name))
			return 0;
	return mue_text_fail(p, "no map " MUE_QUOTE "; expected the name of a map above",
			     MUE_QUOTED(p));
}

int mue_text_ret_word(struct mue_text_parser *p, int64_t *ret)
{
	mue_text_next(p);
	if (!mue_word_ret(p->word, ret))
		return mue_text_fail(p, MUE_QUOTE " is no result; expected 0, -ENAME or a number",
				     MUE_QUOTED(p));
	return 0;
}

bool mue_text_is_comment(struct mue_word line)
{
	mue_text_skip_space(&line);
	return line.n && line.p[0] == '#';
}

bool mue_text_is_blank(struct mue_word line)
{
	mue_text_skip_space(&line);
	return !line.n;
}

struct mue_word mue_text_cut_line(struct mue_word *text)
{
	const char *end = memchr(text->p, '\n', text->n);
	struct mue_word line = {text->p, end ? (size_t)(end - text->p) : text->n};

	text->p += line.n + !!end;
	text->n -= line.n + !!end;
	while (line.n && (mue_text_space(line.p[line.n - 1]) || line.p[line.n - 1] == '\r'))
		line.n--;
	return line;
}

int mue_text_check_characters(struct mue_text_parser *p, struct mue_word line)
{
	for (size_t i = 0; i < line.n; i++)
		if (iscntrl((unsigned char)line.p[i]) && line.p[i] != '\t')
			return mue_text_fail(p, "control character 0x%02x; expected text",
					     (unsigned char)line.p[i]);
	return 0;
}
