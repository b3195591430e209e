#include "reports/record.h"

/* Any good mixing will do, so long as it never changes: digests are kept in files. */
static void mix(uint64_t *h, uint64_t n)
{
	*h = (*h ^ n) * 0x9e3779b97f4a7c15ULL;
	*h ^= *h >> 29;
}

static void mix_result(uint64_t *h, const struct mue_result *r)
{
	mix(h, r->known | r->has_value << 1);
	if (!r->known)
		return;
	mix(h, r->ret);
	mix(h, (uint64_t)r->times << 32 | r->failed);
	if (r->has_value) {
		mix(h, r->value.len);
		mix(h, r->value.digest);
	}
}

uint64_t mue_observation_digest(const struct mue_observation *o)
{
	uint64_t h = o->status;

	if (o->status != MUE_ANSWERED)
		return h;
	for (uint32_t i = 0; i < o->n_maps; i++) {
		const struct mue_map_result *m = &o->maps[i];

		mix(&h, m->known | m->state_known << 1);
		mix(&h, m->known ? m->create : 0);
		mix(&h, m->state_known ? m->n_entries : 0);
		mix(&h, m->state_known ? m->digest : 0);
	}
	for (uint32_t i = 0; i < o->n_phases; i++) {
		const struct mue_phase_result *p = &o->phases[i];

		mix(&h, p->known);
		mix(&h, p->known ? (uint64_t)(uint32_t)p->load << 32 | (uint32_t)p->run : 0);
		mix(&h, p->known ? (uint64_t)p->invoked << 32 | p->retval : 0);
	}
	for (uint32_t i = 0; i < o->n_ops; i++)
		mix_result(&h, &o->ops[i]);
	return h;
}
