/*
 * One map twice, in this kernel and in the emulator, and the same calls on both. A program
 * makes up to DUEL_STEPS calls in one run, as a parameter block says, and looks after each at
 * the bytes behind the pointer that its latest lookup gave.
 */
#ifndef MUE_TESTS_KERNEL_DUEL_H
#define MUE_TESTS_KERNEL_DUEL_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "runners/emulator/map.h"

#define DUEL_STEPS 4
#define DUEL_KEY_MAX 32
#define DUEL_VALUE_MAX 32
#define DUEL_USER_VALUE_MAX (DUEL_VALUE_MAX * MUE_CPUS_MAX)

enum duel_kind { DUEL_NOTHING, DUEL_UPDATE, DUEL_LOOKUP, DUEL_DELETE, DUEL_KINDS };

struct duel_step {
	uint64_t kind, flags, ret;
	uint8_t key[DUEL_KEY_MAX], value[DUEL_VALUE_MAX];
	uint8_t seen[DUEL_VALUE_MAX]; /* behind the pointer, when there is one */
};

struct duel {
	struct emu_map *emu;
	int map, prog;
	int io_map;
	struct duel_step *io; /* DUEL_STEPS of them, shared with the program */
	uint32_t cpus, cpu;
	uint64_t seed;		/* for messages */
	uint8_t *keys, *values; /* room for all the kernel's entries */
};

/* splitmix64 */
static inline uint64_t duel_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static inline uint64_t duel_number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static inline void duel_pin(struct duel *d, uint32_t cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
	d->cpu = cpu;
}

struct duel_code {
	struct bpf_insn insns[2048];
	uint32_t n;
};

static inline void duel_emit(struct duel_code *c, uint8_t code, uint8_t dst, uint8_t src,
			     int16_t off, int32_t imm)
{
	assert_true(c->n < sizeof(c->insns) / sizeof(*c->insns));
	c->insns[c->n++] = (struct bpf_insn){code, dst, src, off, imm};
}

static inline void duel_emit_fd(struct duel_code *c, uint8_t dst, uint8_t pseudo, int fd)
{
	duel_emit(c, BPF_LD | BPF_IMM | BPF_DW, dst, pseudo, 0, fd);
	duel_emit(c, 0, 0, 0, 0, 0);
}

/* r1 = map, r2 = the step's key */
static inline void duel_emit_args(struct duel_code *c, int map, int32_t at)
{
	duel_emit_fd(c, BPF_REG_1, BPF_PSEUDO_MAP_FD, map);
	duel_emit(c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_6, 0, 0);
	duel_emit(c, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0,
		  at + offsetof(struct duel_step, key));
}

static inline void duel_emit_step(struct duel_code *c, int map, uint32_t value_size, int32_t at)
{
	const int32_t update = offsetof(struct duel_step, value);
	uint32_t jumps[2], n_jumps = 0, i, skip, to_lookup, to_delete;

	duel_emit(c, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_6,
		  at + offsetof(struct duel_step, kind), 0);
	skip = c->n;
	duel_emit(c, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_1, 0, 0, DUEL_NOTHING);
	to_lookup = c->n;
	duel_emit(c, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_1, 0, 0, DUEL_LOOKUP);
	to_delete = c->n;
	duel_emit(c, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_1, 0, 0, DUEL_DELETE);

	duel_emit_args(c, map, at);
	duel_emit(c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_6, 0, 0);
	duel_emit(c, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_3, 0, 0, at + update);
	duel_emit(c, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_4, BPF_REG_6,
		  at + offsetof(struct duel_step, flags), 0);
	duel_emit(c, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_update_elem);
	jumps[n_jumps++] = c->n;
	duel_emit(c, BPF_JMP | BPF_JA, 0, 0, 0, 0);

	c->insns[to_delete].off = c->n - to_delete - 1;
	duel_emit_args(c, map, at);
	duel_emit(c, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_delete_elem);
	jumps[n_jumps++] = c->n;
	duel_emit(c, BPF_JMP | BPF_JA, 0, 0, 0, 0);

	c->insns[to_lookup].off = c->n - to_lookup - 1;
	duel_emit_args(c, map, at);
	duel_emit(c, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	duel_emit(c, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_7, BPF_REG_0, 0, 0);
	duel_emit(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	duel_emit(c, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_7, 0, 1, 0);
	duel_emit(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 1);

	for (i = 0; i < n_jumps; i++)
		c->insns[jumps[i]].off = c->n - jumps[i] - 1;
	duel_emit(c, BPF_STX | BPF_MEM | BPF_DW, BPF_REG_6, BPF_REG_0,
		  at + offsetof(struct duel_step, ret), 0);
	duel_emit(c, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_7, 0, 2 * value_size, 0);
	for (i = 0; i < value_size; i++) {
		duel_emit(c, BPF_LDX | BPF_MEM | BPF_B, BPF_REG_1, BPF_REG_7, i, 0);
		duel_emit(c, BPF_STX | BPF_MEM | BPF_B, BPF_REG_6, BPF_REG_1,
			  at + offsetof(struct duel_step, seen) + i, 0);
	}
	c->insns[skip].off = c->n - skip - 1;
}

static inline int duel_load(const struct duel *d, uint32_t value_size)
{
	struct duel_code *c = calloc(1, sizeof(*c));
	char log[4096] = "";
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = log, .log_size = sizeof(log),
		    .log_level = 1);
	int fd;

	assert_non_null(c);
	duel_emit_fd(c, BPF_REG_6, BPF_PSEUDO_MAP_VALUE, d->io_map);
	duel_emit(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_7, 0, 0, 0);
	for (uint32_t i = 0; i < DUEL_STEPS; i++)
		duel_emit_step(c, d->map, value_size, i * sizeof(struct duel_step));
	duel_emit(c, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	duel_emit(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	opts.log_level = 0;
	fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "duel", "GPL", c->insns, c->n, &opts);
	free(c);
	if (fd < 0)
		fail_msg("program does not load: %s", strerror(-fd));
	return fd;
}

static inline void duel_open(struct duel *d, const struct emu_map_attr *a, uint64_t seed)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = a->flags);
	LIBBPF_OPTS(bpf_map_create_opts, shared, .map_flags = BPF_F_MMAPABLE);
	struct mue_world w;
	struct utsname u;

	uname(&u);
	*d = (struct duel){.cpus = libbpf_num_possible_cpus(), .seed = seed};
	assert_int_equal(mue_world_of_version(&w, u.release, d->cpus), 0);
	assert_int_equal(emu_map_create(&d->emu, &w, a), 0);
	duel_pin(d, 0);
	d->map = bpf_map_create(a->type, "duel", a->key_size, a->value_size, a->max_entries, &opts);
	assert_true(d->map >= 0);
	d->io_map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "duel_io", 4,
				   DUEL_STEPS * sizeof(struct duel_step), 1, &shared);
	assert_true(d->io_map >= 0);
	d->io = mmap(NULL, DUEL_STEPS * sizeof(struct duel_step), PROT_READ | PROT_WRITE,
		     MAP_SHARED, d->io_map, 0);
	assert_ptr_not_equal(d->io, MAP_FAILED);
	d->prog = duel_load(d, a->value_size);
	d->keys = calloc(a->max_entries + d->cpus, a->key_size);
	d->values = calloc(a->max_entries + d->cpus, emu_user_value_size(d->emu));
	assert_true(d->keys && d->values);
}

static inline void duel_close(struct duel *d)
{
	free(d->keys);
	free(d->values);
	munmap(d->io, DUEL_STEPS * sizeof(struct duel_step));
	close(d->prog);
	close(d->io_map);
	close(d->map);
	emu_map_free(d->emu);
}

#define duel_same(d, what, kernel, emulator)                                                   \
	do {                                                                                   \
		int64_t k_ = (kernel), e_ = (emulator);                                        \
		if (k_ != e_)                                                                  \
			fail_msg("%s: kernel %lld, emulator %lld (MUE_SEED=%llu)", what,       \
				 (long long)k_, (long long)e_, (unsigned long long)(d)->seed); \
	} while (0)

/* Runs the n steps that stand in d->io, in one program, on both. */
static inline void duel_run(struct duel *d, uint32_t n)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct emu_map *m = d->emu;
	uint8_t *behind = NULL;

	for (uint32_t i = 0; i < DUEL_STEPS; i++)
		if (i >= n)
			d->io[i].kind = DUEL_NOTHING;
	assert_int_equal(bpf_prog_test_run_opts(d->prog, &opts), 0);
	for (uint32_t i = 0; i < n; i++) {
		struct duel_step *s = &d->io[i];

		switch (s->kind) {
		case DUEL_UPDATE:
			duel_same(d, "update", s->ret,
				  m->ops->update(m, d->cpu, s->key, s->value, s->flags));
			break;
		case DUEL_DELETE:
			duel_same(d, "delete", s->ret, m->ops->delete (m, d->cpu, s->key));
			break;
		case DUEL_LOOKUP:
			behind = m->ops->lookup(m, d->cpu, s->key);
			duel_same(d, "lookup", s->ret, behind != NULL);
		}
		if (behind)
			duel_same(d, "bytes behind the pointer",
				  memcmp(s->seen, behind, m->attr.value_size), 0);
	}
}

/* Whether two values as bpf(2) gives them differ, but for the padding of per-CPU ones. */
static inline bool duel_differ(const struct duel *d, const uint8_t *a, const uint8_t *b)
{
	const struct emu_map *m = d->emu;

	for (uint64_t at = 0; at < emu_user_value_size(m); at += m->stride)
		if (memcmp(a + at, b + at, m->attr.value_size))
			return true;
	return false;
}

/* One call from user space, on both. `value`: as for bpf(2), all CPUs' for per-CPU maps. */
static inline void duel_user(struct duel *d, uint32_t kind, const void *key, const void *value,
			     uint64_t flags)
{
	uint8_t a[DUEL_USER_VALUE_MAX] = {0}, b[DUEL_USER_VALUE_MAX] = {0};

	switch (kind) {
	case DUEL_UPDATE:
		duel_same(d, "user update", bpf_map_update_elem(d->map, key, value, flags),
			  emu_user_update(d->emu, d->cpu, key, value, flags));
		break;
	case DUEL_DELETE:
		duel_same(d, "user delete", bpf_map_delete_elem(d->map, key),
			  emu_user_delete(d->emu, d->cpu, key));
		break;
	case DUEL_LOOKUP:
		duel_same(d, "user lookup", bpf_map_lookup_elem_flags(d->map, key, a, flags),
			  emu_user_lookup(d->emu, d->cpu, key, b, flags));
		duel_same(d, "user lookup's value", duel_differ(d, a, b), 0);
	}
}

/* That every entry of the kernel is in the emulator, and no other. */
static inline void duel_compare(struct duel *d)
{
	struct emu_map *m = d->emu;
	uint32_t count = m->attr.max_entries + d->cpus, n = 0;
	uint64_t size = emu_user_value_size(m);
	uint8_t value[DUEL_USER_VALUE_MAX], key[DUEL_KEY_MAX];
	uint64_t batch;
	int err = bpf_map_lookup_batch(d->map, NULL, &batch, d->keys, d->values, &count, NULL);

	if (err && err != -ENOENT)
		fail_msg("batch lookup: %s", strerror(-err));
	for (err = m->ops->next_key(m, NULL, key); !err; err = m->ops->next_key(m, key, key))
		n++;
	duel_same(d, "number of entries", count, n);
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *k = d->keys + i * m->attr.key_size;

		duel_same(d, "lookup of a present key", 0,
			  m->ops->user_lookup(m, d->cpu, k, value));
		duel_same(d, "an entry's value", duel_differ(d, d->values + i * size, value), 0);
	}
}

#endif
