/*
 * Which elements an LRU map gives up is the same here and in this kernel: contents are
 * compared after every one of many random calls, from programs and user space, on all CPUs.
 *
 *   MUE_OPS   calls in all (default 200,000)
 *   MUE_SEED  of the sequence (default 1)
 */
#include "tests/kernel/duel.h"

#define OPS 200000
#define ENTRIES_MAX 700

struct config {
	const char *name;
	uint32_t type, flags;
};

static const struct config configs[] = {
	{"lru_hash", MUE_MAP_LRU_HASH, 0},
	{"lru_hash, own lists", MUE_MAP_LRU_HASH, MUE_MAP_F_NO_COMMON_LRU},
	{"lru_percpu_hash", MUE_MAP_LRU_PERCPU_HASH, 0},
	{"lru_percpu_hash, own lists", MUE_MAP_LRU_PERCPU_HASH, MUE_MAP_F_NO_COMMON_LRU},
};

static const uint32_t edges[] = {1, 2, 3, 4, 5, 7, 8, 9, 16, 127, 128, 129, 256, 257, 511, 512};

/* Small maps mostly, whose every list is empty now and then; edges; and any size. */
static uint32_t random_entries(uint64_t *rng)
{
	uint64_t r = duel_random(rng);

	switch (r % 8) {
	case 0:
		return edges[(r >> 8) % (sizeof(edges) / sizeof(*edges))];
	case 1:
		return 1 + (r >> 8) % ENTRIES_MAX;
	case 2:
	case 3:
		return 1 + (r >> 8) % 200;
	default:
		return 1 + (r >> 8) % 24;
	}
}

static uint64_t random_flags(uint64_t r)
{
	static const uint8_t flags[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4};

	return flags[r % 16];
}

/* One call on one side. Updates prevail; their value tells them apart. */
static void one_op(struct duel *d, uint64_t *rng, uint32_t keys, uint64_t serial)
{
	uint64_t r = duel_random(rng), values[MUE_CPUS_MAX];
	uint32_t key = (r >> 32) % keys, pick = r >> 8 & 15;
	uint32_t kind = pick < 10 ? DUEL_UPDATE : pick < 14 ? DUEL_LOOKUP : DUEL_DELETE;
	uint64_t flags = kind == DUEL_UPDATE ? random_flags(r >> 16) : 0;
	struct duel_step *s = &d->io[0];

	if ((r & 7) == 0)
		duel_pin(d, (r >> 24) % d->cpus);
	if ((r & 0x30) == 0) {
		for (uint32_t i = 0; i < d->cpus; i++)
			values[i] = serial << 8 | i;
		duel_user(d, kind, &key, values, flags);
		return;
	}
	s->kind = kind;
	s->flags = flags;
	memcpy(s->key, &key, sizeof(key));
	memcpy(s->value, &serial, sizeof(serial));
	duel_run(d, 1);
}

/* A map of random size, fewer or more keys than it holds, and at most n calls: enough to go round.
 */
static uint64_t one_map(const struct config *c, uint64_t seed, uint64_t *rng, uint64_t n)
{
	static const uint8_t percent[] = {60, 110, 150, 250};
	const struct emu_map_attr a = {c->type, 4, 8, random_entries(rng), c->flags};
	uint32_t keys = 1 + a.max_entries * percent[duel_random(rng) % 4] / 100;
	struct duel d;

	if (n > 400 + 6 * a.max_entries)
		n = 400 + 6 * a.max_entries;
	duel_open(&d, &a, seed);
	for (uint64_t i = 0; i < n; i++) {
		one_op(&d, rng, keys, i + 1);
		duel_compare(&d);
	}
	duel_close(&d);
	return n;
}

static void agrees(void **state)
{
	uint64_t ops = duel_number("MUE_OPS", OPS) / (sizeof(configs) / sizeof(*configs));
	uint64_t seed = duel_number("MUE_SEED", 1), rng = seed;

	while (ops)
		ops -= one_map(*state, seed, &rng, ops);
}

int main(void)
{
	struct CMUnitTest tests[sizeof(configs) / sizeof(*configs)];

	for (size_t i = 0; i < sizeof(configs) / sizeof(*configs); i++)
		tests[i] = (struct CMUnitTest){configs[i].name, agrees, NULL, NULL,
					       (void *)&configs[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
