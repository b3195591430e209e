/* What the tests of the emulator's maps share: making them, calling them, naming their contents. */
#ifndef MUE_TESTS_UNIT_MAPS_H
#define MUE_TESTS_UNIT_MAPS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cases/case.h"
#include "runners/emulator/map.h"

#define ENOTSUPP 524
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static inline struct mue_world world_of(const char *version, uint32_t cpus)
{
	struct mue_world w;

	assert_int_equal(mue_world_of_version(&w, version, cpus), 0);
	return w;
}

static inline struct emu_map *make_in(const char *version, uint32_t cpus,
				      const struct emu_map_attr *attr)
{
	struct mue_world w = world_of(version, cpus);
	struct emu_map *m;

	assert_int_equal(emu_map_create(&m, &w, attr), 0);
	return m;
}

/* Keys of 4 bytes, values of 8, two CPUs, 6.18. */
static inline struct emu_map *make(uint32_t type, uint32_t max_entries, uint32_t flags)
{
	const struct emu_map_attr attr = {type, 4, 8, max_entries, flags};

	return make_in("6.18", 2, &attr);
}

/* A program's calls, on CPU 0 unless told. */
static inline long put_on(struct emu_map *m, uint32_t cpu, uint32_t key, uint64_t value,
			  uint64_t flags)
{
	return m->ops->update(m, cpu, &key, &value, flags);
}

static inline long put(struct emu_map *m, uint32_t key, uint64_t value, uint64_t flags)
{
	return put_on(m, 0, key, value, flags);
}

static inline const uint64_t *look_on(struct emu_map *m, uint32_t cpu, uint32_t key)
{
	return m->ops->lookup(m, cpu, &key);
}

static inline const uint64_t *look(struct emu_map *m, uint32_t key)
{
	return look_on(m, 0, key);
}

static inline long drop(struct emu_map *m, uint32_t key)
{
	return m->ops->delete (m, 0, &key);
}

/* The present ones of the keys 0..31, as bits, without a program's lookup. */
static inline uint64_t keys_of(struct emu_map *m)
{
	uint64_t present = 0, value[MUE_CPUS_MAX];

	for (uint32_t key = 0; key < 32; key++)
		if (!m->ops->user_lookup(m, 0, &key, value))
			present |= 1ull << key;
	return present;
}

/* How many keys next_key shows. */
static inline uint32_t count_of(struct emu_map *m)
{
	uint8_t key[1024];
	uint32_t n = 0;

	for (int err = m->ops->next_key(m, NULL, key); !err; err = m->ops->next_key(m, key, key))
		n++;
	return n;
}

#endif
