/* How long this kernel, with its JIT, takes for a program: what `mue bench` holds the emulator's
 * against. */
#ifndef MUE_RUNNERS_KERNEL_TIMING_H
#define MUE_RUNNERS_KERNEL_TIMING_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

/* A map that the program uses: a BPF_LD_IMM64 with BPF_PSEUDO_MAP_FD names it, whatever its imm. */
struct mue_timing_map {
	uint32_t type, key_size, value_size, max_entries, flags;
};

/*
 * Loads n instructions as a socket filter and test-runs them `rounds` times. `map` may be NULL.
 * Gives 0 and the mean nanoseconds of a run, or -errno and one line in msg.
 */
int mue_kernel_time(double *ns, const struct bpf_insn *insns, size_t n,
		    const struct mue_timing_map *map, uint32_t rounds, char *msg, size_t msg_size);

#endif
