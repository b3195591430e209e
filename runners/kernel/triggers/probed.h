/* What probes are put on. */
#ifndef MUE_RUNNERS_KERNEL_TRIGGERS_PROBED_H
#define MUE_RUNNERS_KERNEL_TRIGGERS_PROBED_H

#include "runners/kernel/triggers/trigger.h"

/* A function of ours that does nothing. */
void mue_probed(void);
/* The file that it is in, and where there. 0 or -errno. */
#define MUE_PROBED_FILE "/proc/self/exe"
int mue_probed_offset(uint64_t *offset);

/* The kernel's function that mue_scene_test_run passes. */
#define MUE_PROBED_KERNEL "bpf_prog_test_run_skb"
/* The kernel's function that mue_scene_trace passes. */
#define MUE_TRACED_KERNEL "bpf_fentry_test1"

#endif
