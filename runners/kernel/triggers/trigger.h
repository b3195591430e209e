/*
 * Triggers: the events that make loaded programs run where BPF_PROG_TEST_RUN does not. One file a family
 * defines the mue_trigger_<how> that rows of cases/triggers.def name.
 *
 * They are pulled in the stage (stage.h), a process with a cgroup and a network namespace of its own, on the
 * phase's CPU. Functions give 0 or -errno.
 */
#ifndef MUE_RUNNERS_KERNEL_TRIGGERS_TRIGGER_H
#define MUE_RUNNERS_KERNEL_TRIGGERS_TRIGGER_H

#include <stdbool.h>
#include <stdint.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "cases/attach.h"
#include "cases/lower.h"

#define MUE_SCENE_FDS 12
/* The longest real packet: what stands in front of the payload, and the payload. */
#define MUE_EVENT_MAX (MUE_EVENT_PAYLOAD + MUE_PACKET_MAX)
/* How long an event may wait for something that must come. */
#define MUE_EVENT_TIMEOUT_MS 2000

/* What a trigger works with. */
struct mue_scene {
	const struct mue_trigger_row *row;
	uint32_t cpu;
	int cgroup; /* the stage's, a directory */
	int prog;   /* what is to run */
	int map;    /* what it is about, or -1 */
	/*
	 * Descriptors that are in use until the pull is over: in the order of mue_scene_keep, closed in reverse.
	 * Closing them is what detaches.
	 */
	uint32_t n_fds;
	int fds[MUE_SCENE_FDS];
	/*
	 * MUE_EVENT_PAYLOAD zeros, and the payload. A trigger writes headers to the front and sends from
	 * where the program shall see its data begin.
	 */
	uint32_t event_size;
	uint8_t event[MUE_EVENT_MAX];
	/* What is made once (frames.h): both ends of pairs of interfaces; 0: not yet. */
	uint32_t veth[2], netkit[2];
	struct btf *kernel; /* NULL: not yet (mue_scene_kernel) */
};

/* By which programs of ours are known, should one be left somewhere. */
#define MUE_PROG_NAME "mue"

/* What a program is loaded with; see bpf(2), BPF_PROG_LOAD. */
struct mue_target {
	uint32_t attach_type; /* expected_attach_type; 0: the phase's */
	uint32_t btf_id;
	int prog; /* which it extends; -1: none. Owned by whom it is given to */
};

struct mue_trigger {
	/* Makes what the event needs, so that attaching and firing are all that is left. */
	int (*prepare)(struct mue_scene *s);
	int (*attach)(struct mue_scene *s);
	/* Makes the event. The program may still be running when this returns. */
	int (*fire)(struct mue_scene *s);
	/* What closing the descriptors does not do; NULL: nothing. */
	void (*detach)(struct mue_scene *s);
	/*
	 * Finds, in the runner, what the program names when it is loaded where that is more than a name of
	 * cases/hooks.def. NULL: nothing.
	 */
	int (*target)(struct mue_target *t, const struct btf *kernel);
	/* What a kernel may lack for it, for people; NULL: nothing in particular. */
	const char *needs;
};

/* The functions of every row of mue_trigger_rows, parallel to it. */
extern const struct mue_trigger *const mue_triggers[];

/* Keeps a descriptor to the end of the pull and gives it; of a failed call (-1) it gives -errno. */
int mue_scene_keep(struct mue_scene *s, int fd);

/* Does nothing, for triggers that need no preparation. */
int mue_scene_ready(struct mue_scene *s);
/* BPF_LINK_CREATE of the program at a cgroup, interface or network namespace, kept. */
int mue_scene_link(struct mue_scene *s, int target);
/* The same at the stage's cgroup. */
int mue_scene_link_cgroup(struct mue_scene *s);

/* BPF_RAW_TRACEPOINT_OPEN of the program: at a tracepoint, or (NULL) at what it was loaded for. Kept. */
int mue_scene_link_tracepoint(struct mue_scene *s, const char *name);
/* Runs a program of ours on a packet (BPF_PROG_TEST_RUN), so that a hook inside is passed. */
int mue_scene_test_run(struct mue_scene *s);
/* BPF_PROG_TEST_RUN of the program, of type TRACING: it calls what is there for them to trace. */
int mue_scene_trace(struct mue_scene *s);
/* The kernel's BTF. 0 or -errno. */
int mue_scene_kernel(struct mue_scene *s);

#endif
