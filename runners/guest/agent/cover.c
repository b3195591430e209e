#include "runners/guest/agent/cover.h"

#include <fcntl.h>
#include <linux/kcov.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define KCOV_FILE "/sys/kernel/debug/kcov"
#define PCS_MAX (1u << 18) /* of one case */
#define SLOTS (2 * MUE_COVER_MAX)

struct mue_agent_cover {
	_Atomic uint64_t *area; /* how many, then the places in the order of execution */
	struct mue_cover seen;	/* here and not in the shared memory, which may be slow */
	uint16_t slots[SLOTS];	/* a hash table of seen.hits: the number of one, from 1 on */
};
_Static_assert(MUE_COVER_MAX < UINT16_MAX, "slots hold numbers of hits");

struct mue_agent_cover *mue_agent_cover_open(void)
{
	struct mue_agent_cover *k = calloc(1, sizeof(*k));
	int fd = open(KCOV_FILE, O_RDWR | O_CLOEXEC);
	void *area = MAP_FAILED;

	if (k && fd >= 0 && !ioctl(fd, KCOV_INIT_TRACE, (unsigned long)PCS_MAX))
		area = mmap(NULL, PCS_MAX * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED,
			    fd, 0);
	if (area == MAP_FAILED || ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC)) {
		if (fd >= 0)
			close(fd);
		free(k);
		return NULL;
	}
	k->area = area; /* for ever; so is fd */
	return k;
}

void mue_agent_cover_begin(struct mue_agent_cover *k)
{
	atomic_store_explicit(&k->area[0], 0, memory_order_relaxed);
}

static void count(struct mue_agent_cover *k, uint32_t place)
{
	uint32_t at = place * 0x9e3779b1u % SLOTS;

	while (k->slots[at] && k->seen.hits[k->slots[at] - 1].place != place)
		at = (at + 1) % SLOTS;
	if (!k->slots[at]) {
		if (k->seen.n == MUE_COVER_MAX) {
			k->seen.full = 1;
			return;
		}
		k->seen.hits[k->seen.n++] = (struct mue_cover_hit){place, 0};
		k->slots[at] = k->seen.n;
	}
	k->seen.hits[k->slots[at] - 1].times++;
}

void mue_agent_cover_end(struct mue_agent_cover *k, struct mue_cover *to)
{
	uint64_t n = atomic_load_explicit(&k->area[0], memory_order_relaxed);

	memset(k->slots, 0, sizeof(k->slots));
	k->seen.n = 0;
	k->seen.full = n >= PCS_MAX - 1;
	for (uint64_t i = 1; i <= n && i < PCS_MAX; i++)
		count(k, k->area[i]);
	to->n = k->seen.n;
	to->full = k->seen.full;
	memcpy(to->hits, k->seen.hits, k->seen.n * sizeof(*to->hits));
}
