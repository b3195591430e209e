/*
 * Targets: what is asked. A target is a runner and its argument, written "host",
 * "emulator:6.1", "exec:COMMAND".
 */
#ifndef MUE_CLI_TARGET_H
#define MUE_CLI_TARGET_H

#include "cli/command.h"
#include "oracle/judge.h"
#include "oracle/probe.h"
#include "runners/runner.h"

extern const struct mue_runner mue_runner_model;

/* What an emulator or model is that has no version and nobody to imitate. */
#define MUE_DEFAULT_VERSION "6.18"
#define MUE_DEFAULT_CPUS 2

struct mue_target {
	char *name; /* as it was written */
	const struct mue_runner *runner;
	const char *arg;	     /* points into name */
	bool imitates;		     /* emulator, model: takes the world it is given */
	bool surveyed;		     /* `world` and `probed` hold */
	struct mue_world world;	     /* the one that its answers are judged by */
	struct mue_probed *probed;   /* how its changes were found; NULL for what imitates */
	struct mue_session *session; /* NULL while closed */
	bool up;		     /* the session can be asked */
};

struct mue_targets {
	uint32_t n;
	struct mue_target t[MUE_TARGETS_MAX];
};

/*
 * Reads lists of targets, separated by commas ("\," is a comma in a command). Gives 0, or -EINVAL
 * and one line in msg that says what was expected. To be freed either way.
 */
int mue_targets_parse(struct mue_targets *ts, const struct mue_list *lists, char *msg,
		      size_t msg_size);
int mue_targets_add(struct mue_targets *ts, const char *name, char *msg, size_t msg_size);
void mue_targets_free(struct mue_targets *ts);

/*
 * Finds out the world of each: real targets by probing, then those that imitate, which without a
 * version imitate the first real one (else the first with a version). Leaves them open. Gives 0, or
 * -errno (-EINVAL when it is the argument's fault) and one line in msg.
 */
int mue_targets_survey(struct mue_targets *ts, char *msg, size_t msg_size);

/* Opens a session for each that is closed, of the surveyed world. */
int mue_targets_open(struct mue_targets *ts, char *msg, size_t msg_size);
void mue_targets_close(struct mue_targets *ts);

/* Where the modules of guests' kernels are that are given by their path; NULL changes nothing. */
void mue_targets_modules(const char *dir);

/* How many of them are guests, each of which keeps a CPU busy by itself. */
uint32_t mue_targets_guests(const struct mue_targets *ts);

/* The kinds of targets, for --help. */
#define MUE_TARGETS_ABOUT                                                                        \
	"targets:\n"                                                                             \
	"  host               this kernel\n"                                                     \
	"  emulator[:VERSION] mue's own runtime, as a kernel of that version\n"                  \
	"  model[:VERSION]    the rules, said naively\n"                                         \
	"  guest:WHAT         a kernel in QEMU or user-mode Linux: WHAT is a series of\n"        \
	"                     `mue kernels`, or a path; then +nojit, +harden, +smp=N, +mem=MB\n" \
	"  exec:COMMAND       any program that speaks the protocol of `mue agent`\n"             \
	"Without a version, emulator and model imitate the first real target.\n"

#endif
