/*
 * The tables against this kernel's own enums, read from its BTF: what the kernel
 * has, a table must have; what a table says this version has, the kernel must have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <bpf/btf.h>

#include "cases/attach.h"
#include "cases/tables.h"
#include "cases/world.h"

static struct btf *kernel_btf(void)
{
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf) {
		print_message("SKIP: this kernel has no BTF (%s)\n", strerror(errno));
		skip();
	}
	return btf;
}

static uint32_t kernel_version(void)
{
	struct mue_world w;
	struct utsname u;

	uname(&u);
	return mue_world_of_version(&w, u.release, 1) ? 0 : w.version;
}

/* The value of an enumerator, anywhere in the BTF; -1 when there is none. */
static int64_t enumerator(const struct btf *btf, const char *wanted)
{
	for (uint32_t id = 1; id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (!btf_is_enum(t))
			continue;
		for (int i = 0; i < btf_vlen(t); i++)
			if (!strcmp(btf__name_by_offset(btf, btf_enum(t)[i].name_off), wanted))
				return (uint32_t)btf_enum(t)[i].val;
	}
	return -1;
}

typedef const char *id_fn(unsigned number, uint32_t *since);

static const char *map_id(unsigned number, uint32_t *since)
{
	const struct mue_map_type_row *r = mue_map_type_row(number);

	if (r)
		*since = r->since;
	return r ? r->id : NULL;
}

static const char *prog_id(unsigned number, uint32_t *since)
{
	const struct mue_prog_type_row *r = mue_prog_type_row(number);

	if (r)
		*since = r->since;
	return r ? r->id : NULL;
}

static const char *attach_id(unsigned number, uint32_t *since)
{
	const struct mue_attach_row *r = mue_attach_row(number);

	if (r)
		*since = r->since;
	return r ? r->id : NULL;
}

/* Holds an enum of the kernel and a table of ours against each other, both ways. */
static void check_enum(const char *name, const char *prefix, id_fn *id_of, unsigned rows)
{
	struct btf *btf = kernel_btf();
	int type = btf__find_by_name_kind(btf, name, BTF_KIND_ENUM);
	const struct btf_type *t = btf__type_by_id(btf, type);
	uint32_t version = kernel_version(), since = 0;
	char full[128];

	assert_true(type > 0);
	for (int i = 0; i < btf_vlen(t); i++) {
		const char *enumerator_name = btf__name_by_offset(btf, btf_enum(t)[i].name_off);
		unsigned number = btf_enum(t)[i].val;

		if (strncmp(enumerator_name, "__MAX", 5) && number != 0 && !id_of(number, &since))
			fail_msg("%s = %u has no row", enumerator_name, number);
	}
	for (unsigned n = 1; n < rows; n++) {
		const char *id = id_of(n, &since);

		if (!id || since > version)
			continue;
		snprintf(full, sizeof(full), "%s%s", prefix, id);
		if (enumerator(btf, full) != n)
			fail_msg("%s should be %u in this kernel, it is %d", full, n,
				 (int)enumerator(btf, full));
	}
	btf__free(btf);
}

static void test_map_types_are_the_kernels(void **state)
{
	check_enum("bpf_map_type", "BPF_MAP_TYPE_", map_id, MUE_MAP_TYPES);
}

static void test_prog_types_are_the_kernels(void **state)
{
	check_enum("bpf_prog_type", "BPF_PROG_TYPE_", prog_id, MUE_PROG_TYPES);
}

static void test_attach_types_are_the_kernels(void **state)
{
	check_enum("bpf_attach_type", "BPF_", attach_id, MUE_ATTACH_TYPES);
	assert_string_equal(mue_attach_row(0)->id, "CGROUP_INET_INGRESS");
}

static void test_default_attach_types_are_the_kernels(void **state)
{
	static const struct {
		unsigned prog;
		const char *attach;
	} rows[] = {
		{MUE_PROG_XDP, "BPF_XDP"},
		{MUE_PROG_CGROUP_SKB, "BPF_CGROUP_INET_INGRESS"},
		{MUE_PROG_CGROUP_SOCK, "BPF_CGROUP_INET_SOCK_CREATE"},
		{MUE_PROG_SOCK_OPS, "BPF_CGROUP_SOCK_OPS"},
		{MUE_PROG_CGROUP_DEVICE, "BPF_CGROUP_DEVICE"},
		{MUE_PROG_SK_MSG, "BPF_SK_MSG_VERDICT"},
		{MUE_PROG_CGROUP_SOCK_ADDR, "BPF_CGROUP_INET4_BIND"},
		{MUE_PROG_SK_REUSEPORT, "BPF_SK_REUSEPORT_SELECT"},
		{MUE_PROG_FLOW_DISSECTOR, "BPF_FLOW_DISSECTOR"},
		{MUE_PROG_CGROUP_SYSCTL, "BPF_CGROUP_SYSCTL"},
		{MUE_PROG_CGROUP_SOCKOPT, "BPF_CGROUP_GETSOCKOPT"},
		{MUE_PROG_TRACING, "BPF_TRACE_ITER"},
		{MUE_PROG_STRUCT_OPS, "BPF_STRUCT_OPS"},
		{MUE_PROG_LSM, "BPF_LSM_MAC"},
		{MUE_PROG_SK_LOOKUP, "BPF_SK_LOOKUP"},
		{MUE_PROG_NETFILTER, "BPF_NETFILTER"},
	};
	struct btf *btf = kernel_btf();

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (mue_prog_type_row(rows[i].prog)->since <= kernel_version() &&
		    enumerator(btf, rows[i].attach) != mue_prog_type_row(rows[i].prog)->attach)
			fail_msg("%s is %d", rows[i].attach, (int)enumerator(btf, rows[i].attach));
	btf__free(btf);
}

/* An attach type has a trigger, or there is a reason why not; and a trigger's is one of its program type. */
static void test_attach_types_have_a_trigger_or_a_reason(void **state)
{
	for (unsigned n = 0; n < MUE_ATTACH_TYPES; n++) {
		const struct mue_attach_row *a = mue_attach_row(n);
		bool used = false;

		for (const struct mue_trigger_row *t = mue_trigger_rows; t->how; t++)
			used |= t->attach_type == n && t->prog_type == a->prog_type;
		if (used == (*a->why_not != 0))
			fail_msg("%s: %s", a->id, used ? "used, and a reason why not" : "neither used nor a reason");
	}
	for (const struct mue_trigger_row *t = mue_trigger_rows; t->how; t++)
		if (t->attach_type && mue_attach_row(t->attach_type)->prog_type != t->prog_type)
			fail_msg("%s: %s is of another program type", t->how,
				 mue_attach_row(t->attach_type)->id);
}

/* A program type is run as a phase that says nothing more of it. */
static void test_every_program_type_runs(void **state)
{
	for (unsigned n = 1; n < MUE_PROG_TYPES; n++) {
		const struct mue_phase p = {.prog_type = n};

		if (!mue_phase_test_run(&p) && !mue_phase_trigger(&p))
			fail_msg("%s: neither a test run nor a trigger", mue_prog_type_row(n)->name);
	}
}

static void test_triggers_are_told_apart(void **state)
{
	for (const struct mue_trigger_row *t = mue_trigger_rows; t->how; t++) {
		struct mue_phase p = {.prog_type = t->prog_type,
				      .attach_type = t->attach_type,
				      .trigger = t->via};

		assert_ptr_equal(mue_phase_trigger(&p), t);
		assert_false(mue_phase_test_run(&p));
	}
}

/* The kernel's anonymous enums of flags, by the prefix and names that they have there. */
static void check_flags(const struct mue_flag_row *rows, const char *prefix, const char *other)
{
	struct btf *btf = kernel_btf();

	for (; rows->name; rows++) {
		char full[128];
		int64_t value;

		snprintf(full, sizeof(full), "%s%s", prefix, rows->name);
		for (char *p = full; *p; p++)
			*p = *p >= 'a' && *p <= 'z' ? *p - 32 : *p;
		value = enumerator(btf, full);
		if (value < 0 && other) {
			memmove(full + strlen(other), full + strlen(prefix), strlen(full + strlen(prefix)) + 1);
			memcpy(full, other, strlen(other));
			value = enumerator(btf, full);
		}
		if (value >= 0 && (uint64_t)value != rows->value)
			fail_msg("%s is %llu", full, (unsigned long long)value);
		if (value < 0)
			print_message("%s: not in this kernel\n", full);
	}
	btf__free(btf);
}

static void test_flags_are_the_kernels(void **state)
{
	check_flags(mue_map_flag_rows, "BPF_F_", NULL);
	check_flags(mue_update_flag_rows, "BPF_F_", "BPF_");
}

static void test_names_and_numbers_convert_both_ways(void **state)
{
	for (unsigned i = 1; i < MUE_MAP_TYPES; i++) {
		assert_int_equal(mue_map_type_of_name(mue_map_type_row(i)->name), i);
		assert_int_equal(mue_map_type_of_name(mue_map_type_row(i)->id), i);
	}
	for (unsigned i = 1; i < MUE_PROG_TYPES; i++)
		assert_int_equal(mue_prog_type_of_name(mue_prog_type_row(i)->name), i);
	assert_int_equal(mue_map_type_of_name("hash "), -1);
	for (int err = 1; err < 134; err++)
		if (mue_errno_name(err))
			assert_int_equal(mue_errno_of_name(mue_errno_name(err)), err);
	assert_string_equal(mue_errno_name(-524), "ENOTSUPP");
	assert_string_equal(mue_errno_name(95), "EOPNOTSUPP");
	assert_int_equal(mue_errno_of_name("EWHAT"), 0);
}

static void test_versions_order_and_know_backports(void **state)
{
	struct mue_world w;

	assert_int_equal(mue_world_of_version(&w, "6.18.44-fc-v769", 2), 0);
	assert_int_equal(w.version, MUE_VERSION_PATCH(6, 18, 44));
	assert_int_equal(mue_world_of_version(&w, "5.9.1", 2), -EINVAL);
	assert_int_equal(mue_world_of_version(&w, "six", 2), -EINVAL);
	assert_int_equal(mue_world_of_version(&w, "6.1x", 2), -EINVAL);
	assert_int_equal(mue_world_of_version(&w, "6.1", 2), 0);
	assert_false(mue_world_has(&w, MUE_CHANGE_RET_SIGN_EXTENDED));
	/* A change that reached a stable series is there from that release on. */
	assert_true(mue_change_expected(MUE_CHANGE_LPM_HONOURS_FLAGS, MUE_VERSION_PATCH(6, 12, 200)));
	assert_false(mue_change_expected(MUE_CHANGE_LPM_HONOURS_FLAGS, MUE_VERSION_PATCH(6, 12, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_map_types_are_the_kernels),
		cmocka_unit_test(test_prog_types_are_the_kernels),
		cmocka_unit_test(test_attach_types_are_the_kernels),
		cmocka_unit_test(test_attach_types_have_a_trigger_or_a_reason),
		cmocka_unit_test(test_every_program_type_runs),
		cmocka_unit_test(test_triggers_are_told_apart),
		cmocka_unit_test(test_default_attach_types_are_the_kernels),
		cmocka_unit_test(test_flags_are_the_kernels),
		cmocka_unit_test(test_names_and_numbers_convert_both_ways),
		cmocka_unit_test(test_versions_order_and_know_backports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
