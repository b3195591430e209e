/*
 * A runner answers cases. An open one is a session.
 *
 * A runner cannot fail: what goes wrong is part of the observation (BROKEN, with the
 * reason), and a target that cannot be asked says so (UNSUPPORTED, with the reason).
 */
#ifndef MUE_RUNNERS_RUNNER_H
#define MUE_RUNNERS_RUNNER_H

#include "cases/case.h"
#include "cases/observation.h"
#include "cases/world.h"

struct mue_session;

/*
 * What of a kernel's code an answer has executed: places (the lower 32 bits of addresses in its text), each with how often. In
 * no order.
 */
#define MUE_COVER_MAX 4096
struct mue_cover {
	uint32_t n;
	uint32_t full; /* there were more, or more often */
	struct mue_cover_hit {
		uint32_t place, times;
	} hits[MUE_COVER_MAX];
};

#define MUE_IDENTITY_MAX 1536

struct mue_runner {
	const char *name; /* "host", "emulator", ... */
	const char *help; /* one line */
	/*
	 * Opens a session on `arg` (what stands behind ':' in a target, or ""). `world` is the one
	 * to imitate for runners that can choose (emulator), and NULL when nobody minds. Gives 0, or -errno and one line in msg.
	 */
	int (*open)(struct mue_session **s, const char *arg, const struct mue_world *world,
		    char *msg, size_t msg_size);
};

/* What an implementation puts first in its own session. */
struct mue_session {
	const struct mue_runner *runner;
	/* Answers one case. It has passed mue_case_check. Every field of *o is set. */
	void (*ask)(struct mue_session *s, const struct mue_case *c, struct mue_observation *o);
	/* The target's identity: version, CPUs, jit; changes by the table (not yet probed). */
	void (*world)(struct mue_session *s, struct mue_world *w);
	/* Frees it and everything it made. */
	void (*close)(struct mue_session *s);
	/*
	 * Optional: waits until the target is up, so that several can come up at the same time. Then it is
	 * called once, before anything but close. 0, or -errno and one line in msg.
	 */
	int (*ready)(struct mue_session *s, char *msg, size_t msg_size);
	/*
	 * Optional, both or neither: post asks a case ahead (it is copied), take waits for the answer to
	 * the oldest one that is out, at most MUE_POSTED_MAX. While any is out, ask is not called.
	 */
	void (*post)(struct mue_session *s, const struct mue_case *c);
	void (*take)(struct mue_session *s, struct mue_observation *o);
	/*
	 * Optional: lines that tell this target from others like it: the kernel's release and build, and what
	 * is known of its configuration. The world says the rest.
	 */
	void (*identify)(struct mue_session *s, char *to, size_t size);
	/* Optional: the coverage of the latest answer, which stays until the next. NULL where the kernel has none. */
	const struct mue_cover *(*cover)(struct mue_session *s);
	/* Optional, set by who opened it: how long one answer may take (0: the runner's own limit). */
	uint32_t deadline_ms;
	/* Set by an implementation that sees to it itself, and may know why to wait for longer. */
	bool keeps_deadline;
};
#define MUE_POSTED_MAX 256

/* Opens a session and waits until it is up. As `open`, and as `ready`. */
static inline int mue_session_start(const struct mue_runner *runner, struct mue_session **s, const char *arg,
				    char *msg, size_t msg_size)
{
	int err = runner->open(s, arg, NULL, msg, msg_size);

	return !err && (*s)->ready ? (*s)->ready(*s, msg, msg_size) : err;
}

extern const struct mue_runner mue_runner_host;
extern const struct mue_runner mue_runner_emulator;
extern const struct mue_runner mue_runner_exec;
extern const struct mue_runner mue_runner_guest;

#endif
