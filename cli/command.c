#include "cli/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int mue_fail(const struct mue_command *command, enum mue_exit code, const char *format, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "mue %s: ", command->name);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	return code;
}

static void print_help_text(const char *text, int indent)
{
	for (const char *s = text; *s; s++) {
		putchar(*s);
		if (*s == '\n')
			printf("%*s", indent, "");
	}
	putchar('\n');
}

static void print_option(const char *name, const char *arg, const char *help)
{
	char left[64];

	snprintf(left, sizeof(left), "--%s%s%s", name, arg ? " " : "", arg ? arg : "");
	printf("  %-18s ", left);
	print_help_text(help, 21);
}

static void print_help(const struct mue_command *command)
{
	printf("usage: mue %s%s%s [OPTIONS]\n\n%s\n", command->name, *command->args ? " " : "",
	       command->args, command->sentence);
	if (command->about)
		printf("\n%s", command->about);
	printf("\noptions:\n");
	for (const struct mue_option *o = command->options; o->name; o++)
		print_option(o->name, o->arg, o->help);
	print_option("help", NULL, "this text");
	printf("\nexamples:\n%s", command->examples);
}

static const struct mue_option *find(const struct mue_command *command, const char *name, size_t n)
{
	for (const struct mue_option *o = command->options; o->name; o++)
		if (strlen(o->name) == n && !memcmp(o->name, name, n))
			return o;
	return NULL;
}

static bool parse_number(uint64_t *to, const char *text)
{
	char *end;

	errno = 0;
	*to = strtoull(text, &end, 0);
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

static int wrong_number(const struct mue_command *command, const struct mue_option *o,
			const char *text)
{
	if (o->max == UINT64_MAX)
		return mue_fail(command, MUE_EXIT_USAGE,
				"--%s '%s': expected a number from %llu on", o->name, text,
				(unsigned long long)o->min);
	return mue_fail(command, MUE_EXIT_USAGE, "--%s '%s': expected a number from %llu to %llu",
			o->name, text, (unsigned long long)o->min, (unsigned long long)o->max);
}

/* Stores one option's argument. Gives -1, or the exit code. */
static int store(const struct mue_command *command, const struct mue_option *o, void *options,
		 const char *value)
{
	void *to = (char *)options + o->at;
	struct mue_list *list = to;
	uint64_t number;

	switch (o->kind) {
	case MUE_OPTION_FLAG:
		*(bool *)to = true;
		break;
	case MUE_OPTION_STRING:
		*(const char **)to = value;
		break;
	case MUE_OPTION_LIST:
		if (list->n == MUE_LIST_MAX)
			return mue_fail(command, MUE_EXIT_USAGE,
					"--%s: expected at most %d of them", o->name, MUE_LIST_MAX);
		list->items[list->n++] = value;
		break;
	case MUE_OPTION_NUMBER:
		if (!parse_number(&number, value) || number < o->min || number > o->max)
			return wrong_number(command, o, value);
		*(uint64_t *)to = number;
		break;
	}
	return -1;
}

/* Parses the option at argv[*i], and moves *i to its last word. */
static int parse_option(const struct mue_command *command, void *options, int *i, int argc,
			char **argv)
{
	const char *name = argv[*i] + 2, *equals = strchr(name, '=');
	size_t n = equals ? (size_t)(equals - name) : strlen(name);
	const struct mue_option *o = find(command, name, n);

	if (!o || argv[*i][1] != '-')
		return mue_fail(command, MUE_EXIT_USAGE,
				"unknown option '%s'; 'mue %s --help' lists what there is",
				argv[*i], command->name);
	if (o->kind == MUE_OPTION_FLAG) {
		if (equals)
			return mue_fail(command, MUE_EXIT_USAGE, "--%s takes no argument", o->name);
		return store(command, o, options, NULL);
	}
	if (!equals && *i + 1 == argc)
		return mue_fail(command, MUE_EXIT_USAGE, "--%s: expected %s behind it", o->name,
				o->arg);
	return store(command, o, options, equals ? equals + 1 : argv[++*i]);
}

static int wrong_args(const struct mue_command *command, char **args, unsigned n_args)
{
	if (n_args > command->max_args)
		return mue_fail(command, MUE_EXIT_USAGE,
				"unexpected '%s'; expected: mue %s%s%s [OPTIONS]",
				args[command->max_args], command->name, *command->args ? " " : "",
				command->args);
	return mue_fail(command, MUE_EXIT_USAGE, "expected %s", command->args);
}

int mue_command_parse(const struct mue_command *command, void *options, char **args,
		      unsigned *n_args, int argc, char **argv)
{
	bool only_args = false;
	int code;

	*n_args = 0;
	memset(options, 0, command->option_size);
	if (command->defaults)
		memcpy(options, command->defaults, command->option_size);
	for (int i = 0; i < argc; i++) {
		const char *word = argv[i];

		if (only_args || word[0] != '-' || !word[1]) {
			args[(*n_args)++] = argv[i];
		} else if (!strcmp(word, "--")) {
			only_args = true;
		} else if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
			print_help(command);
			return MUE_EXIT_OK;
		} else {
			code = parse_option(command, options, &i, argc, argv);
			if (code >= 0)
				return code;
		}
	}
	if (*n_args < command->min_args || *n_args > command->max_args)
		return wrong_args(command, args, *n_args);
	return -1;
}
