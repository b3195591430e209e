/*
 * A child process with which lines are exchanged over its standard input and
 * output, each with a deadline. Its standard error is ours.
 */
#ifndef MUE_RUNNERS_EXEC_CHILD_H
#define MUE_RUNNERS_EXEC_CHILD_H

#include <stdbool.h>
#include <stddef.h>

/* The longest line that is taken. */
#define MUE_CHILD_LINE_MAX (64u << 20)

struct mue_child;

/*
 * Runs `command` by sh(1) in a process group of its own; it is killed when we die.
 * All that can fail gives 0, or -errno and one line in msg that says what happened to
 * the child: "killed by signal 11 (Segmentation fault)", "no answer in 5 s".
 */
int mue_child_start(struct mue_child **child, const char *command, char *msg, size_t msg_size);

/* Writes `text` and a line end. */
int mue_child_write_line(struct mue_child *child, const char *text, int deadline_ms, char *msg,
			 size_t msg_size);

/* Reads a line; *line has n bytes without the line end, and lives until the next call. */
int mue_child_read_line(struct mue_child *child, const char **line, size_t *n, int deadline_ms,
			char *msg, size_t msg_size);

/* Whether it has said nothing beyond the lines that were read. */
bool mue_child_silent(struct mue_child *child);

/* Kills its process group, waits for it, and frees. NULL is fine. */
void mue_child_stop(struct mue_child *child);

#endif
