/* The map types that the verifier keeps from the helper, in every program type that loads. */
#include "cases/families/ask.h"
#include "cases/families/cross.h"

/* Attributes with which a map of the type can be made; where that needs more, it is refused. */
static const struct attributes {
	uint32_t type, key_size, value_size, max_entries, flags;
} rows[] = {
	{MUE_MAP_PROG_ARRAY, 4, 4, 4, 0},
	{MUE_MAP_PERF_EVENT_ARRAY, 4, 4, 4, 0},
	{MUE_MAP_STACK_TRACE, 4, 16, 4, 0},
	{MUE_MAP_CGROUP_ARRAY, 4, 4, 4, 0},
	{MUE_MAP_DEVMAP, 4, 4, 4, 0},
	{MUE_MAP_SOCKMAP, 4, 8, 4, 0},
	{MUE_MAP_CPUMAP, 4, 4, 1, 0}, /* no more than CPUs */
	{MUE_MAP_XSKMAP, 4, 4, 4, 0},
	{MUE_MAP_SOCKHASH, 4, 8, 4, 0},
	{MUE_MAP_CGROUP_STORAGE, 8, 8, 0, 0},
	{MUE_MAP_REUSEPORT_SOCKARRAY, 4, 8, 4, 0},
	{MUE_MAP_PERCPU_CGROUP_STORAGE, 8, 8, 0, 0},
	{MUE_MAP_QUEUE, 0, 4, 4, 0},
	{MUE_MAP_STACK, 0, 4, 4, 0},
	{MUE_MAP_SK_STORAGE, 4, 8, 0, MUE_MAP_F_NO_PREALLOC},
	{MUE_MAP_DEVMAP_HASH, 4, 4, 4, 0},
	{MUE_MAP_STRUCT_OPS, 4, 64, 1, 0},
	{MUE_MAP_RINGBUF, 0, 0, 4096, 0},
	{MUE_MAP_INODE_STORAGE, 4, 8, 0, MUE_MAP_F_NO_PREALLOC},
	{MUE_MAP_TASK_STORAGE, 4, 8, 0, MUE_MAP_F_NO_PREALLOC},
	{MUE_MAP_BLOOM_FILTER, 0, 4, 4, 0},
	{MUE_MAP_USER_RINGBUF, 0, 0, 4096, 0},
	{MUE_MAP_CGRP_STORAGE, 4, 8, 0, MUE_MAP_F_NO_PREALLOC},
	{MUE_MAP_ARENA, 0, 0, 4, MUE_MAP_F_MMAPABLE},
};

static const struct attributes *row_of(uint64_t type)
{
	for (const struct attributes *a = rows; a < rows + sizeof(rows) / sizeof(*rows); a++)
		if (a->type == type)
			return a;
	return NULL;
}

/* Arrays and hashes of maps have no row: they cannot be made without a file descriptor. */
static bool has_row(uint64_t type)
{
	return row_of(type);
}

static const struct mue_point type_points[] = {
#define MUE_MAP_TYPE(ID, number, name, ...) {name, number},
#include "cases/map_types.def"
#undef MUE_MAP_TYPE
	{0},
};
static const struct mue_axis types = {type_points, has_row};

static void build(struct mue_case *c, const uint64_t *at)
{
	const struct attributes *a = row_of(at[0]);

	mue_case_add_map(c, "m", a->type, a->key_size, a->value_size, a->max_entries, a->flags);
	mue_ask_prog(c, at[1], 0)->load_only = true;
	mue_ask_update(c, 0, 0x77, 0);
}

static const struct mue_crossing crossing = {
	.prefix = "refused",
	.axes = {&types, &mue_axis_progs},
	.build = build,
};

void mue_each_refused(struct mue_sink *s)
{
	mue_cross(s, &crossing);
}
