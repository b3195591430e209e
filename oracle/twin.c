#include "oracle/twin.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cases/text.h"

const struct mue_path_row mue_path_rows[MUE_PATHS] = {
#define MUE_PATH(ID, id, scope, reason) {id, reason},
#include "oracle/paths.def"
#undef MUE_PATH
};

/* No CPU: program phases run on several. */
#define NO_CPU UINT32_MAX

struct twins {
	struct mue_twin_verdict *v;
	const struct mue_case *c;
	const struct mue_observation *helper, *syscall;
	uint32_t cpu; /* on which all program phases run */
	uint64_t excused[MUE_MAPS_MAX]; /* rows of scope MAP that hold for the map */
};

static bool per_cpu(const struct twins *k, uint32_t map)
{
	return mue_map_type_row(k->c->maps[map].type)->per_cpu;
}

static bool is_turned(const struct mue_phase *p)
{
	return p->prog_type && !p->load_only;
}

/* Notes a difference that a row excuses. */
static bool excuse(struct twins *k, uint64_t rows)
{
	k->v->paths |= rows;
	return true;
}

static bool differ(struct twins *k, const char *what, const char *a, const char *b)
{
	struct mue_difference *d = &k->v->difference;

	snprintf(d->field, sizeof(d->field), "%s", what);
	snprintf(d->a, sizeof(d->a), "%s", a);
	snprintf(d->b, sizeof(d->b), "%s", b);
	return false;
}

static bool differ_op(struct twins *k, const struct mue_phase *p, uint32_t op, const char *what,
		      int64_t a, int64_t b)
{
	char field[MUE_FIELD_MAX], ta[32], tb[32];

	snprintf(field, sizeof(field), "phase %td op %u %s", p - k->c->phases, op - p->first, what);
	mue_text_ret(ta, sizeof(ta), a);
	mue_text_ret(tb, sizeof(tb), b);
	k->v->difference.op = op;
	return differ(k, field, ta, tb);
}

static bool frozen_before(const struct mue_case *c, uint32_t map)
{
	for (uint32_t i = 0; i < c->n_ops; i++)
		if (c->ops[i].kind == MUE_OP_FREEZE && c->ops[i].map == map)
			return true;
	return false;
}

static bool program_looks_up(const struct mue_case *c, uint32_t map)
{
	for (uint32_t i = 0; i < c->n_phases; i++) {
		const struct mue_phase *p = &c->phases[i];

		for (uint32_t op = p->first; is_turned(p) && op < p->first + p->count; op++)
			if (c->ops[op].kind == MUE_OP_LOOKUP && c->ops[op].map == map)
				return true;
	}
	return false;
}

static uint64_t rows_of_map(const struct mue_case *c, uint32_t map)
{
	const struct mue_map *m = &c->maps[map];
	uint64_t rows = 0;

	if (m->flags & (MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY) || frozen_before(c, map))
		rows |= 1u << MUE_PATH_FD_ACCESS;
	if ((m->type == MUE_MAP_LRU_HASH || m->type == MUE_MAP_LRU_PERCPU_HASH) &&
	    program_looks_up(c, map))
		rows |= 1u << MUE_PATH_LRU_REFERENCE;
	return rows;
}

static bool lock_order(const struct twins *k, const struct mue_op *op, int64_t a, int64_t b)
{
	const struct mue_map *m = &k->c->maps[op->map];

	return op->kind == MUE_OP_UPDATE && op->flags & MUE_UPDATE_LOCK &&
	       (m->type == MUE_MAP_ARRAY || m->type == MUE_MAP_PERCPU_ARRAY) &&
	       m->special != MUE_SPECIAL_SPIN_LOCK && (a == -E2BIG || a == -EEXIST) && b == -EINVAL;
}

/* Flags that only the syscall may take (semantics S7): from there on the maps differ. */
static bool cpu_flags(struct twins *k, const struct mue_op *op, int64_t a, int64_t b)
{
	const uint64_t known = MUE_UPDATE_NOEXIST | MUE_UPDATE_EXIST | MUE_UPDATE_CPU | MUE_UPDATE_ALL_CPUS;
	const bool plain = op->flags <= MUE_UPDATE_EXIST;

	if (op->kind != MUE_OP_UPDATE || !per_cpu(k, op->map) || plain ||
	    (uint32_t)op->flags & ~known || a != -EINVAL || b == -EINVAL)
		return false;
	k->excused[op->map] |= 1u << MUE_PATH_CPU_FLAGS;
	return true;
}

/* The head of the program's CPU's value, of a value as `seen` has it: of one CPU or of all. */
static const uint8_t *own_value(const struct twins *k, uint32_t map, const struct mue_observation *o,
				const struct mue_blob *b, bool all_cpus, uint32_t *n)
{
	const uint8_t *head = mue_blob_head(o, b);
	uint64_t size = k->c->maps[map].value_size, at = all_cpus ? k->cpu * size : 0;
	uint32_t kept = b->len < MUE_BLOB_HEAD ? b->len : MUE_BLOB_HEAD;

	if (!head || at >= kept)
		return NULL;
	*n = kept - at < size ? kept - at : size;
	return head + at;
}

/*
 * Compares as much as both have kept, from byte `from` on; a and b are one CPU's value or all CPUs'
 * values.
 */
static bool same_own_value(const struct twins *k, uint32_t map, uint32_t from,
			   const struct mue_blob *a, bool a_all, const struct mue_blob *b,
			   bool b_all)
{
	const uint8_t *pa, *pb;
	uint32_t na, nb, n;

	if (k->cpu == NO_CPU && per_cpu(k, map))
		return true;
	pa = own_value(k, map, k->helper, a, a_all, &na);
	pb = own_value(k, map, k->syscall, b, b_all, &nb);
	if (!pa || !pb)
		return true;
	n = na < nb ? na : nb;
	return n <= from || !memcmp(pa + from, pb + from, n - from);
}

static bool same_op_value(struct twins *k, const struct mue_phase *p, uint32_t op)
{
	const struct mue_result *a = &k->helper->ops[op], *b = &k->syscall->ops[op];
	uint32_t map = k->c->ops[op].map;
	char field[MUE_FIELD_MAX], ta[MUE_TEXT_MAX], tb[MUE_TEXT_MAX];
	const uint64_t flags = k->c->ops[op].flags;
	/* User space may ask for one CPU's value (7.0). */
	const bool one = !is_turned(p) && per_cpu(k, map) && flags & MUE_UPDATE_CPU;
	bool all = per_cpu(k, map) && !one;
	/* A program's lookup leaves it out (semantics O4), also where the kernel does not know it. */
	uint32_t special = is_turned(p) ? mue_special_size(k->c->maps[map].special) : 0;

	if (!a->has_value || !b->has_value || mue_blob_same(k->helper, &a->value, k->syscall, &b->value))
		return true;
	if (one && flags >> 32 != k->cpu)
		return excuse(k, 1u << MUE_PATH_OTHER_CPUS);
	/* A program shows one CPU's value, and of long ones only the first bytes. */
	if ((all || special || a->value.len != b->value.len) &&
	    same_own_value(k, map, special, &a->value, all && !is_turned(p), &b->value, all))
		return !all || is_turned(p) || excuse(k, 1u << MUE_PATH_OTHER_CPUS);
	snprintf(field, sizeof(field), "phase %td op %u value", p - k->c->phases, op - p->first);
	mue_text_blob(ta, sizeof(ta), k->helper, &a->value);
	mue_text_blob(tb, sizeof(tb), k->syscall, &b->value);
	return differ(k, field, ta, tb);
}

static bool same_op(struct twins *k, const struct mue_phase *p, uint32_t op)
{
	const struct mue_op *question = &k->c->ops[op];
	const struct mue_result *a = &k->helper->ops[op], *b = &k->syscall->ops[op];
	int64_t ra = a->ret, rb = b->ret;

	if (!a->known && !b->known)
		return true;
	if (is_turned(p) && question->kind == MUE_OP_LOOKUP)
		ra = ra ? 0 : -ENOENT;
	else if (is_turned(p))
		ra = (int32_t)ra; /* R2: the upper half may be free */
	if (question->kind == MUE_OP_DIGEST && per_cpu(k, question->map))
		return ra == rb || excuse(k, 1u << MUE_PATH_OTHER_CPUS);
	if (ra != rb && lock_order(k, question, ra, rb))
		return excuse(k, 1u << MUE_PATH_LOCK_ORDER);
	if (ra != rb && is_turned(p) && cpu_flags(k, question, ra, rb))
		return excuse(k, 1u << MUE_PATH_CPU_FLAGS);
	if (ra != rb)
		return differ_op(k, p, op, "ret", ra, rb);
	if (question->kind == MUE_OP_UPDATE && a->failed != b->failed)
		return differ_op(k, p, op, "failed", a->failed, b->failed);
	return same_op_value(k, p, op);
}

/* Whether an array's entry that the other state does not show is zeros where it counts. */
static bool is_zero_here(const struct twins *k, uint32_t map, const struct mue_observation *o,
			 const struct mue_entry *e)
{
	uint32_t n = 0;
	const uint8_t *p = k->cpu == NO_CPU ? NULL : own_value(k, map, o, &e->value, true, &n);

	while (p && n)
		if (p[--n])
			return false;
	return true;
}

static int key_order(const struct twins *k, const struct mue_entry *a, const struct mue_entry *b)
{
	const uint8_t *pa = mue_blob_head(k->helper, &a->key);
	const uint8_t *pb = mue_blob_head(k->syscall, &b->key);
	uint32_t n = a->key.len < MUE_BLOB_HEAD ? a->key.len : MUE_BLOB_HEAD;
	int r = pa && pb ? memcmp(pa, pb, n) : 0;

	return r ? r : (a->key.digest > b->key.digest) - (a->key.digest < b->key.digest);
}

static bool differ_entry(struct twins *k, uint32_t map, const struct mue_entry *a,
			 const struct mue_entry *b)
{
	char field[MUE_FIELD_MAX], key[48], ta[MUE_TEXT_MAX] = "absent", tb[MUE_TEXT_MAX] = "absent";

	mue_text_blob(key, sizeof(key), a ? k->helper : k->syscall, a ? &a->key : &b->key);
	snprintf(field, sizeof(field), "map %s [%s]", k->c->maps[map].name, key);
	if (a)
		mue_text_blob(ta, sizeof(ta), k->helper, &a->value);
	if (b)
		mue_text_blob(tb, sizeof(tb), k->syscall, &b->value);
	k->v->difference.map = map;
	return differ(k, field, ta, tb);
}

static bool same_entry(struct twins *k, uint32_t map, const struct mue_entry *a,
		       const struct mue_entry *b)
{
	bool array = k->c->maps[map].type == MUE_MAP_PERCPU_ARRAY;

	if (a && b && mue_blob_same(k->helper, &a->value, k->syscall, &b->value))
		return true;
	if (!per_cpu(k, map))
		return differ_entry(k, map, a, b);
	if (a && b)
		return same_own_value(k, map, 0, &a->value, true, &b->value, true) ||
		       differ_entry(k, map, a, b);
	return (array && is_zero_here(k, map, a ? k->helper : k->syscall, a ? a : b)) ||
	       differ_entry(k, map, a, b);
}

static bool same_entries(struct twins *k, uint32_t map)
{
	const struct mue_map_result *ma = &k->helper->maps[map], *mb = &k->syscall->maps[map];
	const struct mue_entry *a = k->helper->entries + ma->first, *a_end = a + ma->shown;
	const struct mue_entry *b = k->syscall->entries + mb->first, *b_end = b + mb->shown;

	while (a < a_end || b < b_end) {
		int order = a == a_end ? 1 : b == b_end ? -1 : key_order(k, a, b);

		if (!same_entry(k, map, order <= 0 ? a : NULL, order >= 0 ? b : NULL))
			return false;
		a += order <= 0;
		b += order >= 0;
	}
	return true;
}

static bool same_state(struct twins *k, uint32_t map)
{
	const struct mue_map_result *a = &k->helper->maps[map], *b = &k->syscall->maps[map];
	bool all = a->shown == a->n_entries && b->shown == b->n_entries;

	if (!a->state_known || (a->n_entries == b->n_entries && a->digest == b->digest))
		return true;
	if (all && !same_entries(k, map))
		return false;
	if (per_cpu(k, map))
		return excuse(k, 1u << MUE_PATH_OTHER_CPUS);
	k->v->difference.map = map;
	return differ(k, "state", "one digest", "another");
}

/* Everything that is compared of one map, or all that is not of an excused one. */
static bool same_ops(struct twins *k)
{
	for (uint32_t i = 0; i < k->c->n_phases; i++) {
		const struct mue_phase *p = &k->c->phases[i];

		if (p->load_only)
			continue;
		for (uint32_t op = p->first; op < p->first + p->count; op++) {
			uint64_t rows = k->excused[k->c->ops[op].map];

			if (same_op(k, p, op))
				continue;
			if (!rows)
				return false;
			excuse(k, rows);
		}
	}
	return true;
}

static bool same_states(struct twins *k)
{
	for (uint32_t i = 0; i < k->c->n_maps; i++) {
		if (same_state(k, i))
			continue;
		if (!k->excused[i])
			return false;
		excuse(k, k->excused[i]);
	}
	return true;
}

static bool skip(struct twins *k, enum mue_outcome outcome, const char *why)
{
	k->v->outcome = outcome;
	snprintf(k->v->why, sizeof(k->v->why), "%s", why);
	return false;
}

/* No rule lets a kernel crash, whichever way it is asked. */
static bool crashed(struct twins *k)
{
	struct mue_difference *d = &k->v->difference;

	if (k->syscall->status != MUE_CRASHED)
		return false;
	k->v->outcome = MUE_DIVERGE;
	snprintf(d->field, sizeof(d->field), "kernel");
	snprintf(d->a, sizeof(d->a), "%.*s", MUE_TEXT_MAX - 1, k->syscall->why);
	snprintf(d->b, sizeof(d->b), "an answer");
	return true;
}

/* Both were answered, and what was to run did. */
static bool is_comparable(struct twins *k)
{
	const struct mue_observation *both[] = {k->helper, k->syscall};

	for (int i = 0; i < 2; i++)
		if (both[i]->status != MUE_ANSWERED)
			return skip(k, both[i]->status == MUE_UNSUPPORTED ? MUE_SKIP : MUE_ERROR,
				    both[i]->why);
	for (uint32_t i = 0; i < k->c->n_maps; i++)
		if (!k->helper->maps[i].known || k->helper->maps[i].create)
			return skip(k, MUE_SKIP, "a map could not be created");
	for (uint32_t i = 0; i < k->c->n_phases; i++) {
		const struct mue_phase_result *seen = &k->helper->phases[i];

		if (is_turned(&k->c->phases[i]) && (seen->load || seen->run || !seen->invoked))
			return skip(k, MUE_SKIP, "a program did not run");
	}
	return true;
}

static uint32_t common_cpu(const struct mue_case *c)
{
	uint32_t cpu = NO_CPU;

	for (uint32_t i = 0; i < c->n_phases; i++) {
		if (!is_turned(&c->phases[i]))
			continue;
		if (cpu != NO_CPU && cpu != c->phases[i].cpu)
			return NO_CPU;
		cpu = c->phases[i].cpu;
	}
	return cpu;
}

void mue_twin_judge(struct mue_twin_verdict *v, const struct mue_case *c,
		    const struct mue_observation *helper, const struct mue_observation *syscall)
{
	struct twins k = {.v = v, .c = c, .helper = helper, .syscall = syscall};

	v->outcome = MUE_AGREE;
	v->paths = 0;
	v->why[0] = 0;
	v->difference.map = v->difference.op = -1;
	if (crashed(&k) || !is_comparable(&k))
		return;
	k.cpu = common_cpu(c);
	for (uint32_t i = 0; i < c->n_maps; i++)
		k.excused[i] = rows_of_map(c, i);
	if (!same_ops(&k) || !same_states(&k))
		v->outcome = MUE_DIVERGE;
	else if (v->paths)
		v->outcome = MUE_DECLARED;
}
