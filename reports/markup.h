/* Text as XML and HTML take it. */
#ifndef MUE_REPORTS_MARKUP_H
#define MUE_REPORTS_MARKUP_H

#include <stdio.h>

/*
 * Prints text in which nothing is markup, also within double quotes. What is no character there
 * (controls but for tabs and line ends, bytes that are no UTF-8) becomes '?'.
 */
void mue_markup_text(FILE *to, const char *text);

#endif
