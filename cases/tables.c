#include "cases/tables.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "cases/world.h"

#define PLAIN MUE_CLASS_PLAIN
#define SOCK MUE_CLASS_SOCK
#define OTHER MUE_CLASS_OTHER

static const struct mue_map_type_row map_types[MUE_MAP_TYPES] = {
#define MUE_MAP_TYPE(ID, number, name, class, per_cpu, since, verdict)                             \
	[number] = {#ID, name, class, per_cpu, since, -(verdict)},
#include "cases/map_types.def"
#undef MUE_MAP_TYPE
};

static const struct mue_prog_type_row prog_types[MUE_PROG_TYPES] = {
#define MUE_PROG_TYPE(ID, number, name, since, attach, test_run, packet, ret, flags)               \
	[number] = {#ID, name, since, attach, MUE_TEST_RUN_##test_run, MUE_PACKET_##packet, ret, flags},
#include "cases/prog_types.def"
#undef MUE_PROG_TYPE
};

const struct mue_flag_row mue_update_flag_rows[] = {
#define MUE_UPDATE_FLAG(ID, value, name) {value, name},
#include "cases/update_flags.def"
#undef MUE_UPDATE_FLAG
	{0, NULL},
};

const struct mue_flag_row mue_map_flag_rows[] = {
#define MUE_MAP_FLAG(ID, value, name) {value, name},
#include "cases/map_flags.def"
#undef MUE_MAP_FLAG
	{0, NULL},
};

const struct mue_op_row mue_op_rows[MUE_OP_KINDS] = {
#define MUE_OP(ID, name, where) {name, MUE_WHERE_##where},
#include "cases/ops.def"
#undef MUE_OP
};

#define ORIGIN_RUN false
#define ORIGIN_DRY true
const struct mue_origin_row mue_origin_rows[MUE_ORIGINS] = {
#define MUE_ORIGIN(ID, name, verdict) {name, ORIGIN_##verdict},
#include "cases/origins.def"
#undef MUE_ORIGIN
};

const char *const mue_reach_names[MUE_REACHES] = {
#define MUE_REACH(ID, name) name,
#include "cases/reaches.def"
#undef MUE_REACH
};

const struct mue_object_row mue_object_rows[MUE_OBJECTS] = {
#define MUE_OBJECT(ID, name, kind, type, attach) {name, MUE_OBJECT_KIND_##kind, type, attach},
#include "cases/objects.def"
#undef MUE_OBJECT
};

const struct mue_map_type_row *mue_map_type_row(unsigned type)
{
	return type < MUE_MAP_TYPES && map_types[type].id ? &map_types[type] : NULL;
}

int mue_map_type_of_name(const char *name)
{
	for (int i = 0; i < MUE_MAP_TYPES; i++)
		if (map_types[i].id &&
		    (!strcmp(name, map_types[i].name) || !strcmp(name, map_types[i].id)))
			return i;
	return -1;
}

const struct mue_prog_type_row *mue_prog_type_row(unsigned type)
{
	return type < MUE_PROG_TYPES && prog_types[type].id ? &prog_types[type] : NULL;
}

int mue_prog_type_of_name(const char *name)
{
	for (int i = 0; i < MUE_PROG_TYPES; i++)
		if (prog_types[i].id &&
		    (!strcmp(name, prog_types[i].name) || !strcmp(name, prog_types[i].id)))
			return i;
	return -1;
}

/* libc does not know the kernel's internal ENOTSUPP, which bpf(2) lets through. */
#define MUE_ENOTSUPP 524

const char *mue_errno_name(int err)
{
	err = err < 0 ? -err : err;
	if (err == MUE_ENOTSUPP)
		return "ENOTSUPP";
	if (err == EOPNOTSUPP) /* glibc may prefer POSIX's name for it, ENOTSUP */
		return "EOPNOTSUPP";
	return err ? strerrorname_np(err) : NULL;
}

int mue_errno_of_name(const char *name)
{
	if (!strcmp(name, "ENOTSUPP"))
		return MUE_ENOTSUPP;
	if (!strcmp(name, "EOPNOTSUPP"))
		return EOPNOTSUPP;
	for (int err = 1; err < 200; err++) {
		const char *known = strerrorname_np(err);

		if (known && !strcmp(name, known))
			return err;
	}
	return 0;
}
