#include "reports/record.h"

#include <stdio.h>
#include <string.h>

/* Appends a word to a command, in single quotes where a shell would take it apart. */
static void add_word(char *to, size_t size, const char *word)
{
	size_t n = strlen(to);
	bool plain = *word && !word[strspn(word, "abcdefghijklmnopqrstuvwxyz"
						 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:=+@%")];

	if (plain) {
		snprintf(to + n, size - n, " %s", word);
		return;
	}
	n += snprintf(to + n, size - n, " '");
	for (; *word && n + 6 < size; word++)
		n += snprintf(to + n, size - n, *word == '\'' ? "'\\''" : "%c", *word);
	snprintf(to + n, size - n, "'");
}

void mue_repeat_command(char *to, size_t size, const struct mue_run *run, const char *name)
{
	char targets[1024];
	size_t n = 0;

	targets[0] = 0;
	for (uint32_t i = 0; i < run->n_targets; i++) {
		if (i && n + 2 < sizeof(targets))
			targets[n++] = ',';
		for (const char *s = run->targets[i]; *s && n + 3 < sizeof(targets); s++) {
			if (*s == ',')
				targets[n++] = '\\';
			targets[n++] = *s;
		}
		targets[n] = 0;
	}
	snprintf(to, size, "./mue exec");
	add_word(to, size, name);
	n = strlen(to);
	snprintf(to + n, size - n, " --on");
	add_word(to, size, targets);
}
