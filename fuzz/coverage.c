#include "fuzz/coverage.h"

#include <errno.h>
#include <stdlib.h>

#define ROOM_FIRST 4096 /* a power of two, as all that follow */

/* A hash table by open addressing, at most half full. */
struct mue_coverage {
	uint32_t n, room;
	struct reached {
		uint32_t place;
		uint8_t steps; /* a bit for each step of times; 0: nothing is here */
	} * slots;
};

static uint32_t mix(uint32_t place)
{
	place = (place ^ place >> 16) * 0x7feb352du;
	place = (place ^ place >> 15) * 0x846ca68bu;
	return place ^ place >> 16;
}

static uint8_t step_of(uint32_t times)
{
	static const uint32_t last[] = {1, 2, 3, 7, 15, 31, 127};
	uint8_t step = 0;

	while (step < sizeof(last) / sizeof(*last) && times > last[step])
		step++;
	return 1u << step;
}

void mue_coverage_count(uint8_t *counters, uint32_t n, const struct mue_cover *seen)
{
	for (uint32_t i = 0; i < seen->n; i++) {
		uint8_t *counter = &counters[mix(seen->hits[i].place) & (n - 1)];
		uint32_t sum = *counter + seen->hits[i].times;

		*counter = sum < *counter || sum > UINT8_MAX ? UINT8_MAX : sum;
	}
}

struct mue_coverage *mue_coverage_new(void)
{
	struct mue_coverage *k = calloc(1, sizeof(*k));

	if (k)
		k->slots = calloc(ROOM_FIRST, sizeof(*k->slots));
	if (k && !k->slots) {
		free(k);
		return NULL;
	}
	if (k)
		k->room = ROOM_FIRST;
	return k;
}

void mue_coverage_free(struct mue_coverage *k)
{
	if (k)
		free(k->slots);
	free(k);
}

/* Where the place stands, or would. */
static struct reached *slot_of(const struct mue_coverage *k, uint32_t place)
{
	uint32_t at = mix(place) & (k->room - 1);

	while (k->slots[at].steps && k->slots[at].place != place)
		at = (at + 1) & (k->room - 1);
	return &k->slots[at];
}

static int grow(struct mue_coverage *k)
{
	struct mue_coverage larger = {k->n, 2 * k->room, calloc(2 * k->room, sizeof(*k->slots))};

	if (!larger.slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < k->room; i++)
		if (k->slots[i].steps)
			*slot_of(&larger, k->slots[i].place) = k->slots[i];
	free(k->slots);
	*k = larger;
	return 0;
}

int mue_coverage_add(struct mue_coverage *k, const struct mue_cover *seen)
{
	int new = 0;

	for (uint32_t i = 0; i < seen->n; i++) {
		uint8_t step = step_of(seen->hits[i].times);
		struct reached *slot = slot_of(k, seen->hits[i].place);

		if (!slot->steps && 2 * (k->n + 1) > k->room) {
			if (grow(k))
				return -ENOMEM;
			slot = slot_of(k, seen->hits[i].place);
		}
		k->n += !slot->steps;
		new += !(slot->steps & step);
		slot->place = seen->hits[i].place;
		slot->steps |= step;
	}
	return new;
}

uint32_t mue_coverage_places(const struct mue_coverage *k)
{
	return k->n;
}

bool mue_coverage_has(const struct mue_coverage *k, uint32_t place)
{
	return slot_of(k, place)->steps;
}
