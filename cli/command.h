/*
 * A command of `mue`: what it is called, what it takes, and what it does. Parsing
 * and --help both come from the rows here.
 */
#ifndef MUE_CLI_COMMAND_H
#define MUE_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The exit codes. 125 makes `git bisect run` skip. */
enum mue_exit {
	MUE_EXIT_OK = 0,       /* nothing undeclared */
	MUE_EXIT_DIVERGED = 1, /* a divergence; of `compare`, a regression */
	MUE_EXIT_USAGE = 2,
	MUE_EXIT_HARNESS = 3,	/* the harness failed, or was interrupted */
	MUE_EXIT_NOTHING = 125, /* nothing could be asked */
};

enum mue_option_kind {
	MUE_OPTION_FLAG,   /* bool, takes no argument */
	MUE_OPTION_STRING, /* const char *; the last one wins */
	MUE_OPTION_LIST,   /* struct mue_list: may be repeated */
	MUE_OPTION_NUMBER, /* uint64_t in [min, max] */
};

#define MUE_LIST_MAX 16
struct mue_list {
	unsigned n;
	const char *items[MUE_LIST_MAX];
};

struct mue_option {
	const char *name; /* without the dashes */
	const char *arg;  /* how --help calls the argument; NULL for a flag */
	const char *help; /* a phrase; '\n' breaks the line */
	enum mue_option_kind kind;
	size_t at; /* offset in the command's struct of options */
	uint64_t min, max;
};
#define MUE_FLAG(type, field, name, help)                                \
	{                                                                \
		name, NULL, help, MUE_OPTION_FLAG, offsetof(type, field) \
	}
#define MUE_STRING(type, field, name, arg, help)                          \
	{                                                                 \
		name, arg, help, MUE_OPTION_STRING, offsetof(type, field) \
	}
#define MUE_REPEATED(type, field, name, arg, help)                      \
	{                                                               \
		name, arg, help, MUE_OPTION_LIST, offsetof(type, field) \
	}
#define MUE_NUMBER(type, field, name, arg, min, max, help)                          \
	{                                                                           \
		name, arg, help, MUE_OPTION_NUMBER, offsetof(type, field), min, max \
	}

/* Options that several commands take, so that they mean and say the same. */
#define MUE_OPTION_ON(type, field) \
	MUE_REPEATED(type, field, "on", "T,T..", "the targets to ask (may be repeated)")
#define MUE_OPTION_SEED(type, field) \
	MUE_NUMBER(type, field, "seed", "N", 0, UINT64_MAX, "seed of the random families (1)")
#define MUE_SEED_DEFAULT 1
#define MUE_OPTION_MODULES(type, field)           \
	MUE_STRING(type, field, "modules", "DIR", \
		   "the modules of kernels that are given by their path (guest:PATH)")

struct mue_command {
	const char *name;
	const char *args;     /* "CASE", as the usage line says it; "" for none */
	const char *sentence; /* what it does, for `mue --help` */
	const char *about;    /* more, for its own --help; ends with '\n' */
	const char *examples; /* whole lines, "  mue run ..." */
	unsigned min_args, max_args;
	const struct mue_option *options; /* ends with a row whose name is NULL */
	const void *defaults; /* what `options` holds at first, option_size bytes; NULL: zero */
	size_t option_size;   /* at most MUE_OPTIONS_SIZE_MAX */
	/* Does it. `options` is the filled struct. Gives the exit code. */
	int (*run)(const void *options, char *const *args, unsigned n_args);
};
#define MUE_OPTIONS_SIZE_MAX 1024

#define MUE_COMMAND(name) extern const struct mue_command mue_command_##name;
#include "cli/commands.def"
#undef MUE_COMMAND

/*
 * Parses argv (behind the command's name) into `options` and `args`. Gives -1 to go on,
 * or the exit code when --help was asked for (and printed) or something was wrong
 * (and one line on standard error said what, and what was expected).
 */
int mue_command_parse(const struct mue_command *command, void *options, char **args,
		      unsigned *n_args, int argc, char **argv);

/* Prints "mue COMMAND: ..." as one line on standard error. Gives `code`. */
int mue_fail(const struct mue_command *command, enum mue_exit code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The program as the person called it, for hints: "./mue". */
#define MUE_PROGRAM "./mue"

#endif
