/*
 * The kinds that are no LRU, here and in this kernel: random calls from programs and user space,
 * up to four in one program run, with the bytes behind a pointer from an earlier lookup looked at
 * after each; then the contents are compared.
 *
 *   MUE_OPS   program runs and user calls in all (default 60,000)
 *   MUE_SEED  of the sequence (default 1)
 */
#include "tests/kernel/duel.h"

#define OPS 60000
#define RUNS_PER_MAP 500

struct config {
	const char *name;
	uint32_t type, key_size, flags;
};

static const struct config configs[] = {
	{"array", MUE_MAP_ARRAY, 4, 0},
	{"percpu_array", MUE_MAP_PERCPU_ARRAY, 4, 0},
	{"hash", MUE_MAP_HASH, 4, 0},
	{"hash, long key", MUE_MAP_HASH, 29, 0},
	{"hash, not preallocated", MUE_MAP_HASH, 8, MUE_MAP_F_NO_PREALLOC},
	{"percpu_hash", MUE_MAP_PERCPU_HASH, 4, 0},
	{"percpu_hash, not preallocated", MUE_MAP_PERCPU_HASH, 5, MUE_MAP_F_NO_PREALLOC},
	{"lru_hash", MUE_MAP_LRU_HASH, 4, 0},
	{"lru_hash, own lists", MUE_MAP_LRU_HASH, 4, MUE_MAP_F_NO_COMMON_LRU},
	{"lru_percpu_hash", MUE_MAP_LRU_PERCPU_HASH, 4, 0},
	{"lru_percpu_hash, own lists", MUE_MAP_LRU_PERCPU_HASH, 4, MUE_MAP_F_NO_COMMON_LRU},
	{"lpm_trie", MUE_MAP_LPM_TRIE, 6, MUE_MAP_F_NO_PREALLOC},
	{"lpm_trie, long key", MUE_MAP_LPM_TRIE, 4 + 19, MUE_MAP_F_NO_PREALLOC},
};

static const uint64_t flags[] = {0,    0, 0, 0, 0, 0, 1, 1,  1,		 2,	     2,
				 2,    3, 4, 5, 6, 7, 8, 16, 1ull << 31, 1ull << 32, 1ull << 32 | 1,
				 ~0ull};

/* Few distinct keys. LPM: two bits of data vary at the front, two in the middle, and two at the
 * end. */
static void random_key(uint8_t *key, const struct config *c, uint32_t keys, uint64_t *rng)
{
	uint64_t r = duel_random(rng);
	uint32_t number = (r >> 32) % keys, bits = (c->key_size - 4) * 8;

	memset(key, 0, DUEL_KEY_MAX);
	if (c->type != MUE_MAP_LPM_TRIE) {
		memcpy(key, &number, 4);
		if (c->key_size > 8 && r & 1)
			memcpy(key + c->key_size - 4, &number, 4);
		return;
	}
	key[4] = (r & 3) << 6;
	key[4 + c->key_size / 2 - 2] |= r >> 2 & 3;
	key[c->key_size - 1] |= r >> 4 & 3;
	number = r & 64 ? (r >> 8) % (bits + 2) : (r & 128 ? bits : 0) + (r >> 8) % 3;
	memcpy(key, &number, 4);
}

static void random_step(struct duel_step *s, const struct config *c, uint32_t keys, uint64_t *rng)
{
	uint64_t r = duel_random(rng), value = duel_random(rng);

	s->kind = (r & 7) < 4 ? DUEL_UPDATE : (r & 7) < 6 ? DUEL_LOOKUP : DUEL_DELETE;
	s->flags = flags[(r >> 8) % (sizeof(flags) / sizeof(*flags))];
	random_key(s->key, c, keys, rng);
	for (uint32_t i = 0; i < DUEL_VALUE_MAX; i++)
		s->value[i] = value >> i % 8 * 8;
}

static void one_run(struct duel *d, const struct config *c, uint32_t keys, uint64_t *rng)
{
	uint64_t r = duel_random(rng), values[DUEL_USER_VALUE_MAX / 8];
	struct duel_step user;
	uint32_t steps = 1 + (r >> 16) % DUEL_STEPS;

	if ((r & 3) == 0)
		duel_pin(d, (r >> 24) % d->cpus);
	if ((r & 12) == 0) {
		random_step(&user, c, keys, rng);
		for (uint32_t i = 0; i < DUEL_USER_VALUE_MAX / 8; i++)
			values[i] = duel_random(rng);
		duel_user(d, user.kind, user.key, values, user.flags);
		return;
	}
	for (uint32_t i = 0; i < steps; i++)
		random_step(&d->io[i], c, keys, rng);
	duel_run(d, steps);
}

static void agrees(void **state)
{
	const struct config *c = *state;
	uint64_t runs = duel_number("MUE_OPS", OPS) / (sizeof(configs) / sizeof(*configs));
	uint64_t seed = duel_number("MUE_SEED", 1), rng = seed;
	struct duel d;

	for (uint64_t i = 0; i < runs; i += RUNS_PER_MAP) {
		uint64_t r = duel_random(&rng);
		uint32_t entries = r & 1 ? 1 + (r >> 8) % 6 : 1 + (r >> 8) % 40;
		/* The padding of per-CPU values is not compared: it depends on the version. */
		uint32_t value_size = r >> 16 & 1 ? 8 : 1 + (r >> 20) % DUEL_VALUE_MAX;
		struct emu_map_attr a = {c->type, c->key_size, value_size, entries, c->flags};

		duel_open(&d, &a, seed);
		for (uint32_t k = 0; k < RUNS_PER_MAP; k++) {
			one_run(&d, c, entries + 2 + (r >> 40) % 9, &rng);
			duel_compare(&d);
		}
		duel_close(&d);
	}
}

int main(void)
{
	struct CMUnitTest tests[sizeof(configs) / sizeof(*configs)];

	for (size_t i = 0; i < sizeof(configs) / sizeof(*configs); i++)
		tests[i] = (struct CMUnitTest){configs[i].name, agrees, NULL, NULL,
					       (void *)&configs[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
