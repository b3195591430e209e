/* mue: do two implementations of bpf_map_update_elem behave the same? */
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct mue_command *const commands[] = {
#define MUE_COMMAND(name) &mue_command_##name,
#include "cli/commands.def"
#undef MUE_COMMAND
	NULL};

static void print_usage(FILE *to)
{
	fprintf(to,
		"usage: mue COMMAND [ARGUMENTS] [OPTIONS]\n\n"
		"Do two implementations of the eBPF helper bpf_map_update_elem behave the same?\n\n"
		"commands ('mue COMMAND --help' says more):\n");
	for (const struct mue_command *const *c = commands; *c; c++)
		fprintf(to, "  %-9s %s\n", (*c)->name, (*c)->sentence);
	fprintf(to,
		"\nexit codes: 0 nothing undeclared, 1 divergence, 2 usage, 3 the harness failed,\n"
		"125 nothing could be asked\n");
}

static const struct mue_command *find(const char *name)
{
	for (const struct mue_command *const *c = commands; *c; c++)
		if (!strcmp((*c)->name, name))
			return *c;
	return NULL;
}

static int unknown(const char *name)
{
	fprintf(stderr, "mue: unknown command '%s'; expected one of:", name);
	for (const struct mue_command *const *c = commands; *c; c++)
		fprintf(stderr, " %s", (*c)->name);
	fputc('\n', stderr);
	return MUE_EXIT_USAGE;
}

static int run(const struct mue_command *command, int argc, char **argv)
{
	_Alignas(max_align_t) char options[MUE_OPTIONS_SIZE_MAX];
	char **args = calloc(argc + 1, sizeof(*args));
	unsigned n_args;
	int code;

	if (!args)
		return mue_fail(command, MUE_EXIT_HARNESS, "out of memory");
	code = mue_command_parse(command, options, args, &n_args, argc, argv);
	if (code < 0)
		code = command->run(options, args, n_args);
	free(args);
	return code;
}

/* What could not be printed was not said: a full disk is a failure. */
static int finish(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	fprintf(stderr, "mue: cannot write to standard output: %s\n", strerror(errno));
	return MUE_EXIT_HARNESS;
}

int main(int argc, char **argv)
{
	const struct mue_command *command;

	if (argc < 2) {
		print_usage(stderr);
		return MUE_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_usage(stdout);
		return finish(MUE_EXIT_OK);
	}
	if (!strcmp(argv[1], "--version")) {
		puts("mue " MUE_VERSION_STRING);
		return finish(MUE_EXIT_OK);
	}
	command = find(argv[1]);
	return finish(command ? run(command, argc - 2, argv + 2) : unknown(argv[1]));
}
