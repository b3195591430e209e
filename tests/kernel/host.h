/*
 * What the tests of the host runner share: two sessions, one that keeps setups and one that does
 * not, and small cases of one map "m".
 */
#ifndef MUE_TESTS_KERNEL_HOST_H
#define MUE_TESTS_KERNEL_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runners/runner.h"

static const uint8_t map_types[] = {
	MUE_MAP_ARRAY,	  MUE_MAP_PERCPU_ARRAY,	   MUE_MAP_HASH,     MUE_MAP_PERCPU_HASH,
	MUE_MAP_LRU_HASH, MUE_MAP_LRU_PERCPU_HASH, MUE_MAP_LPM_TRIE,
};
static const uint8_t prog_types[] = {
	MUE_PROG_SOCKET_FILTER,	 MUE_PROG_SCHED_CLS, MUE_PROG_SCHED_ACT,      MUE_PROG_XDP,
	MUE_PROG_CGROUP_SKB,	 MUE_PROG_LWT_IN,    MUE_PROG_LWT_OUT,	      MUE_PROG_LWT_XMIT,
	MUE_PROG_RAW_TRACEPOINT, MUE_PROG_SYSCALL,   MUE_PROG_FLOW_DISSECTOR, MUE_PROG_SK_LOOKUP,
	MUE_PROG_NETFILTER,
};
#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

/* Two sessions, and answers of each. */
struct fixture {
	struct mue_session *reusing, *fresh;
	struct mue_case c;
	struct mue_observation seen, expected;
};

static inline struct mue_session *open_host(const char *arg)
{
	struct mue_session *s;
	char msg[256];

	if (mue_runner_host.open(&s, arg, NULL, msg, sizeof(msg)))
		fail_msg("%s", msg);
	return s;
}

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->reusing = open_host("");
	f->fresh = open_host("noreuse");
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	f->reusing->close(f->reusing);
	f->fresh->close(f->fresh);
	free(f);
	return 0;
}

static inline void ask(struct fixture *f)
{
	char msg[256];

	if (mue_case_check(&f->c, msg, sizeof(msg)))
		fail_msg("%s: %s", f->c.name, msg);
	f->reusing->ask(f->reusing, &f->c, &f->seen);
}

static inline void ask_answered(struct fixture *f)
{
	ask(f);
	if (f->seen.status != MUE_ANSWERED)
		fail_msg("%s: %s", f->c.name, f->seen.why);
}

static inline struct mue_map *add_map(struct fixture *f, unsigned type)
{
	bool lpm = type == MUE_MAP_LPM_TRIE;

	mue_case_init(&f->c, "test");
	return mue_case_add_map(&f->c, "m", type, lpm ? 8 : 4, 8, 4,
				lpm ? MUE_MAP_F_NO_PREALLOC : 0);
}

static inline struct mue_op *add_op(struct fixture *f, unsigned kind, uint32_t key, uint32_t value,
				    uint64_t flags)
{
	struct mue_op *op = mue_case_add_op(&f->c, kind, 0);

	op->key = mue_bytes_u32(key);
	op->value = mue_bytes_u32(value);
	op->flags = flags;
	return op;
}

#endif
