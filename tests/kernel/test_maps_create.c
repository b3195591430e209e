/*
 * BPF_MAP_CREATE here and in this kernel: every type that the helper writes, with sizes, capacities
 * and flags at and around their limits, gives the same errno. Maps that would take much
 * memory are left out, unless they should be refused anyway.
 */
#include "tests/kernel/duel.h"

#include <sys/syscall.h>

#include "cases/btf.h"

#define MEMORY_MAX (32ull << 20)

static const uint32_t types[] = {
	MUE_MAP_HASH,	  MUE_MAP_ARRAY,	   MUE_MAP_PERCPU_HASH, MUE_MAP_PERCPU_ARRAY,
	MUE_MAP_LRU_HASH, MUE_MAP_LRU_PERCPU_HASH, MUE_MAP_LPM_TRIE,
};
static const uint32_t key_sizes[] = {
	0, 1, 4, 5, 260, 261, 4194254, 4194255, 1u << 31,
};
static const uint32_t value_sizes[] = {
	0,	 1,	  4,	   7,	    8,	     9,	       32760,	  32761,    32768,
	32769,	 4194007, 4194008, 4194009, 4194024, 4194025,  4194047,	  4194048,  4194049,
	4194250, 4194251, 4194252, 4194255, 4194256, 1u << 30, INT32_MAX, 1u << 31, UINT32_MAX,
};
static const uint32_t entries[] = {
	0, 1, 3, 1u << 27, (1u << 27) + 1, 1u << 28, 1u << 31, (1u << 31) + 1, UINT32_MAX,
};
static const uint32_t nodes[] = {0, 1, 63, 4096, UINT32_MAX};

/* What the kernel would allocate, roughly. */
static uint64_t memory_of(const struct emu_map_attr *a, uint32_t cpus)
{
	bool array = a->type == MUE_MAP_ARRAY || a->type == MUE_MAP_PERCPU_ARRAY;
	bool percpu = a->type == MUE_MAP_PERCPU_ARRAY || a->type == MUE_MAP_PERCPU_HASH ||
		      a->type == MUE_MAP_LRU_PERCPU_HASH;
	uint64_t element = (a->value_size + 8ull) * (percpu ? cpus : 1) + (array ? 0 : a->key_size);

	if (a->type == MUE_MAP_LPM_TRIE)
		return 0;
	if (a->flags & MUE_MAP_F_NO_PREALLOC)
		return a->max_entries * 16ull;
	return (a->max_entries + (array ? 0 : cpus)) * (element + (array ? 0 : 64));
}

static int kernel_create(const struct emu_map_attr *a, const struct btf *btf, uint32_t key_type,
			 uint32_t value_type)
{
	union bpf_attr attr = {
		.map_type = a->type,
		.key_size = a->key_size,
		.value_size = a->value_size,
		.max_entries = a->max_entries,
		.map_flags = a->flags,
		.numa_node = a->numa_node,
		.btf_fd = btf ? btf__fd(btf) : 0,
		.btf_key_type_id = key_type,
		.btf_value_type_id = value_type,
	};
	int fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static struct mue_world this_world(void)
{
	struct mue_world w;
	struct utsname u;

	uname(&u);
	assert_int_equal(mue_world_of_version(&w, u.release, libbpf_num_possible_cpus()), 0);
	return w;
}

static int emulator_create(const struct mue_world *w, const struct emu_map_attr *a)
{
	struct emu_map *m = NULL;
	int err = emu_map_create(&m, w, a);

	emu_map_free(m);
	return err;
}

static void expect_same(const struct emu_map_attr *a, int kernel, int emulator)
{
	if (kernel != emulator)
		fail_msg("type %u key %u value %u max %u flags %#x node %u special %u: kernel %d, "
			 "emulator %d",
			 a->type, a->key_size, a->value_size, a->max_entries, a->flags,
			 a->numa_node, a->special, kernel, emulator);
}

static void compare(const struct mue_world *w, const struct emu_map_attr *a)
{
	int emulator = emulator_create(w, a);
	bool refused = emulator && emulator != -ENOMEM;

	if (refused || memory_of(a, w->cpus) <= MEMORY_MAX)
		expect_same(a, kernel_create(a, NULL, 0, 0), emulator);
}

#define foreach(i, array) for (size_t i = 0; i < sizeof(array) / sizeof(*(array)); i++)

static void test_sizes(void **state)
{
	const struct mue_world w = this_world();
	static const uint32_t flags[] = {0, MUE_MAP_F_NO_PREALLOC, MUE_MAP_F_NO_COMMON_LRU};

	foreach (t, types)
		foreach (k, key_sizes)
			foreach (v, value_sizes)
				foreach (e, entries)
					foreach (f, flags)
						compare(&w, &(struct emu_map_attr){
								    types[t], key_sizes[k],
								    value_sizes[v], entries[e],
								    flags[f]});
}

/* All pairs of flags, also with what makes a type refuse for another reason. */
static void test_flags(void **state)
{
	const struct mue_world w = this_world();
	static const uint32_t values[] = {8, 32769, 4194304};

	foreach (t, types) {
		uint32_t need = types[t] == MUE_MAP_LPM_TRIE ? MUE_MAP_F_NO_PREALLOC : 0;
		uint32_t key = types[t] == MUE_MAP_LPM_TRIE ? 8 : 4;

		for (uint32_t i = 0; i < 32; i++)
			for (uint32_t j = 0; j < 32; j++)
				foreach (v, values)
					compare(&w,
						&(struct emu_map_attr){types[t], key, values[v], 2,
								       need | 1u << i | 1u << j});
	}
}

static void test_numa_nodes(void **state)
{
	const struct mue_world w = this_world();
	static const uint32_t flags[] = {0, MUE_MAP_F_NUMA_NODE,
					 MUE_MAP_F_NUMA_NODE | MUE_MAP_F_NO_COMMON_LRU,
					 MUE_MAP_F_NUMA_NODE | MUE_MAP_F_NO_PREALLOC};

	foreach (t, types)
		foreach (n, nodes)
			foreach (f, flags)
				compare(&w, &(struct emu_map_attr){
						    types[t], types[t] == MUE_MAP_LPM_TRIE ? 8 : 4,
						    8, 2, flags[f], nodes[n]});
}

static void test_special_fields(void **state)
{
	const struct mue_world w = this_world();

	foreach (t, types) {
		for (uint32_t special = 1; special < MUE_SPECIALS; special++) {
			bool lpm = types[t] == MUE_MAP_LPM_TRIE;
			struct mue_map m = {"m", types[t], lpm ? 8 : 4, 24, 2, 0, 0, special};
			uint32_t key_type, value_type;
			struct btf *btf = mue_btf_map(&m, &key_type, &value_type);

			assert_non_null(btf);
			assert_int_equal(btf__load_into_kernel(btf), 0);
			for (uint32_t i = 0; i < 32; i++) {
				struct emu_map_attr a = {types[t], m.key_size, 24,     2,
							 1u << i,  0,	       special};

				a.flags |= lpm ? MUE_MAP_F_NO_PREALLOC : 0;
				expect_same(&a, kernel_create(&a, btf, key_type, value_type),
					    emulator_create(&w, &a));
			}
			btf__free(btf);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_numa_nodes),
		cmocka_unit_test(test_special_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
