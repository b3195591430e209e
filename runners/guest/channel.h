/*
 * The channel between a guest session and the agent inside its guest: shared memory.
 * QEMU shows the file to the guest as the memory BAR of an ivshmem device, user-mode
 * Linux as /dev/mmapper. Cases and observations have no pointers and both ends are built from one
 * source, so that they cross as they are. A round trip takes about 1 us.
 *
 * The host writes a question into slot i % MUE_SLOTS and then sets its `asked` to i (from 1 on); the
 * agent answers in order and sets `answered` to i. The channel outlives a guest: its
 * successor goes on at `next`.
 */
#ifndef MUE_GUEST_CHANNEL_H
#define MUE_GUEST_CHANNEL_H

#include <stdatomic.h>

#include "cases/case.h"
#include "cases/observation.h"
#include "cases/world.h"
#include "runners/runner.h"

#define MUE_CHANNEL_MAGIC 0x6d75652d63683033ull /* "mue-ch03" */
#define MUE_SLOTS MUE_POSTED_MAX
/* The PCI device of an ivshmem, as the agent looks for it. */
#define MUE_IVSHMEM_VENDOR "0x1af4"
#define MUE_IVSHMEM_DEVICE "0x1110"

enum mue_agent_state { MUE_AGENT_STARTING, MUE_AGENT_READY, MUE_AGENT_FAILED };

struct mue_slot {
	_Atomic uint32_t asked, answered;
	/* The kernel log had a splat (WARNING, BUG, ...) meanwhile: the agent answers no more. */
	uint32_t splat;
	struct mue_case question;
	struct mue_observation answer;
	struct mue_cover cover; /* when the channel says that the kernel has it */
};

struct mue_channel {
	uint64_t magic;
	uint64_t layout; /* sizeof(struct mue_channel): both ends must agree */
	_Atomic uint32_t state;
	uint32_t next;		   /* the first question that a new agent answers */
	struct mue_world world;	   /* by the agent, before READY */
	char message[MUE_WHY_MAX]; /* FAILED: the reason */
	char identity[MUE_IDENTITY_MAX]; /* by the agent, before READY, as is: */
	uint32_t has_cover;		 /* the kernel has KCOV */
	_Atomic uint64_t busy_ns;  /* time that agents have spent answering */
	struct mue_slot slots[MUE_SLOTS];
};

/* Size of the shared file: a power of two, as a PCI BAR must be. */
static inline uint64_t mue_channel_size(void)
{
	uint64_t size = 1 << 20;

	while (size < sizeof(struct mue_channel))
		size <<= 1;
	return size;
}

#endif
