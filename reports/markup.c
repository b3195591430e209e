#include "reports/markup.h"

#include <stddef.h>

/* The length of the character that stands there, or 0 when it is none (overlong forms and
 * surrogates pass). */
static size_t character(const unsigned char *p)
{
	size_t n = *p < 0x80		     ? 1
		   : *p >= 0xc2 && *p < 0xe0 ? 2
		   : *p >= 0xe0 && *p < 0xf0 ? 3
		   : *p >= 0xf0 && *p < 0xf5 ? 4
					     : 0;

	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static void put_ascii(FILE *to, char c)
{
	switch (c) {
	case '<':
		fputs("&lt;", to);
		break;
	case '>':
		fputs("&gt;", to);
		break;
	case '&':
		fputs("&amp;", to);
		break;
	case '"':
		fputs("&quot;", to);
		break;
	default:
		fputc((c >= 0 && c < ' ' && c != '\n' && c != '\t') || c == 127 ? '?' : c, to);
	}
}

void mue_markup_text(FILE *to, const char *text)
{
	while (*text) {
		size_t n = character((const unsigned char *)text);

		if (n > 1)
			fwrite(text, 1, n, to);
		else
			put_ascii(to, n ? *text : '?');
		text += n ? n : 1;
	}
}
