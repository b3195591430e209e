/* The tables (*.def) as enums and rows. One row there is one thing here. */
#ifndef MUE_CASES_TABLES_H
#define MUE_CASES_TABLES_H

#include <stdbool.h>
#include <stdint.h>

/* A kernel version as one number that orders. `patch` is the stable release. */
#define MUE_VERSION(major, minor) (((major) << 16) | ((minor) << 8))
#define MUE_VERSION_PATCH(major, minor, patch) (MUE_VERSION(major, minor) | (patch))

enum mue_map_type {
	MUE_MAP_UNSPEC = 0,
#define MUE_MAP_TYPE(ID, number, ...) MUE_MAP_##ID = number,
#include "cases/map_types.def"
#undef MUE_MAP_TYPE
	MUE_MAP_TYPES /* one more than the last */
};

enum mue_map_class { MUE_CLASS_PLAIN, MUE_CLASS_SOCK, MUE_CLASS_OTHER };

struct mue_map_type_row {
	const char *id, *name;
	enum mue_map_class class;
	bool per_cpu;
	uint32_t since;
	int verdict; /* 0 or -errno */
};

/* The row of a map type, or NULL for a number without one. */
const struct mue_map_type_row *mue_map_type_row(unsigned type);
/* The number of a map type's name (or uapi ID), or -1. */
int mue_map_type_of_name(const char *name);

enum mue_prog_type {
	MUE_PROG_UNSPEC = 0,
#define MUE_PROG_TYPE(ID, number, ...) MUE_PROG_##ID = number,
#include "cases/prog_types.def"
#undef MUE_PROG_TYPE
	MUE_PROG_TYPES
};

enum mue_test_run {
	MUE_TEST_RUN_NONE,
	MUE_TEST_RUN_SKB,
	MUE_TEST_RUN_XDP,
	MUE_TEST_RUN_FLOW,
	MUE_TEST_RUN_SK_LOOKUP,
	MUE_TEST_RUN_RAW_TP,
	MUE_TEST_RUN_SYSCALL,
	MUE_TEST_RUN_NETFILTER,
};
enum mue_packet { MUE_PACKET_NONE, MUE_PACKET_SKB_L2, MUE_PACKET_SKB_L3, MUE_PACKET_XDP };

#define MUE_PROG_F_TRACING 1u
#define MUE_PROG_F_SLEEPABLE 2u
#define MUE_PROG_F_GPL 4u
#define MUE_PROG_F_BTF_ID 8u

struct mue_prog_type_row {
	const char *id, *name;
	uint32_t since;
	uint32_t attach;
	enum mue_test_run test_run;
	enum mue_packet packet;
	int32_t ret;
	uint32_t flags; /* MUE_PROG_F_* bits above */
};

const struct mue_prog_type_row *mue_prog_type_row(unsigned type);
int mue_prog_type_of_name(const char *name);

enum mue_update_flag {
#define MUE_UPDATE_FLAG(ID, value, name) MUE_UPDATE_##ID = value,
#include "cases/update_flags.def"
#undef MUE_UPDATE_FLAG
};
enum mue_map_flag {
#define MUE_MAP_FLAG(ID, value, name) MUE_MAP_F_##ID = value,
#include "cases/map_flags.def"
#undef MUE_MAP_FLAG
};

/* What a case's sockets are (cases/socks.h has the rows). */
enum mue_sock_kind {
#define MUE_SOCK(ID, ...) MUE_SOCK_##ID,
#include "cases/socks.def"
#undef MUE_SOCK
	MUE_SOCKS
};

struct mue_flag_row {
	uint64_t value;
	const char *name;
};
/* Both end with a row whose name is NULL. */
extern const struct mue_flag_row mue_update_flag_rows[];
extern const struct mue_flag_row mue_map_flag_rows[];

enum mue_op_kind {
#define MUE_OP(ID, name, where) MUE_OP_##ID,
#include "cases/ops.def"
#undef MUE_OP
	MUE_OP_KINDS
};
enum mue_where { MUE_WHERE_PROG = 1, MUE_WHERE_USER = 2, MUE_WHERE_BOTH = 3 };
struct mue_op_row {
	const char *name;
	enum mue_where where;
};
extern const struct mue_op_row mue_op_rows[MUE_OP_KINDS];

enum mue_origin {
#define MUE_ORIGIN(ID, name, verdict) MUE_ORIGIN_##ID,
#include "cases/origins.def"
#undef MUE_ORIGIN
	MUE_ORIGINS
};
struct mue_origin_row {
	const char *name;
	bool dry; /* only the load verdict is observed */
};
extern const struct mue_origin_row mue_origin_rows[MUE_ORIGINS];

enum mue_reach {
#define MUE_REACH(ID, name) MUE_REACH_##ID,
#include "cases/reaches.def"
#undef MUE_REACH
	MUE_REACHES
};
extern const char *const mue_reach_names[MUE_REACHES];

enum mue_object {
#define MUE_OBJECT(ID, ...) MUE_OBJECT_##ID,
#include "cases/objects.def"
#undef MUE_OBJECT
	MUE_OBJECTS
};
enum mue_object_kind {
	MUE_OBJECT_KIND_NONE,
	MUE_OBJECT_KIND_MAP,
	MUE_OBJECT_KIND_FD,
	MUE_OBJECT_KIND_PROG
};
struct mue_object_row {
	const char *name;
	enum mue_object_kind kind;
	uint32_t prog_type, attach_type;
};
extern const struct mue_object_row mue_object_rows[MUE_OBJECTS];

/*
 * "ENOENT" for 2 or -2, also for numbers that libc does not know (ENOTSUPP,
 * 524); NULL for a number without a name.
 */
const char *mue_errno_name(int err);
/* The positive number of "ENOENT", or 0. */
int mue_errno_of_name(const char *name);

#endif
