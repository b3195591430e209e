/*
 * The stage: a process of ours in which triggers are pulled, so that no other process, socket or
 * packet meets the programs under test. It lives in a cgroup and a network namespace of its own, and
 * when we end, however, it takes both away.
 */
#ifndef MUE_RUNNERS_KERNEL_TRIGGERS_STAGE_H
#define MUE_RUNNERS_KERNEL_TRIGGERS_STAGE_H

#include <sys/types.h>

#include "runners/kernel/triggers/trigger.h"

struct mue_stage;

/* One pull of a trigger. Only the used part of the payload is sent. */
struct mue_shot {
	uint32_t row; /* of mue_trigger_rows */
	uint32_t cpu;
	uint32_t payload_size;
	uint8_t payload[MUE_PACKET_MAX];
};

enum mue_shot_step { MUE_SHOT_PREPARE, MUE_SHOT_ATTACH, MUE_SHOT_FIRE, MUE_SHOT_STEPS };
extern const char *const mue_shot_step_names[MUE_SHOT_STEPS];

/* How far it came: the step that failed, and how. err 0: it fired. */
struct mue_shot_result {
	int32_t err;
	uint32_t step; /* enum mue_shot_step */
};

/*
 * Opens a stage that pulls these triggers (parallel to mue_trigger_rows). 0, or -errno and one line in msg.
 */
int mue_stage_open(struct mue_stage **s, const struct mue_trigger *const *triggers, char *msg,
		   size_t msg_size);
/* Its process id. */
pid_t mue_stage_pid(const struct mue_stage *s);
/*
 * Prepares, attaches and fires; the program stays attached until mue_stage_rest, which must follow. `map`: what
 * the event is about, for triggers that ask for one, or -1.
 * 0 and *r; or -errno when the stage itself is gone or hangs: then it is to be closed.
 */
int mue_stage_pull(struct mue_stage *s, struct mue_shot_result *r, const struct mue_shot *shot,
		   int prog, int map);
/* Detaches. 0 or -errno, as above. */
int mue_stage_rest(struct mue_stage *s);
/* NULL is fine. */
void mue_stage_close(struct mue_stage *s);

#endif
