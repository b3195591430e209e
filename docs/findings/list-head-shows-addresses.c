/*
 * A lookup of a value with a bpf_list_head: cc -Wall -o it list-head-shows-addresses.c && sudo ./it
 *
 * Makes an array of one element, a bpf_spin_lock and a bpf_list_head, reads it by bpf(2), and prints what the list head
 * shows: zeros are right. It does so without CAP_PERFMON, and without CAP_SYS_ADMIN.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/capability.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAMES "\0int\0val\0bpf_spin_lock\0bpf_list_head\0bpf_list_node\0node\0n\0value\0lock\0head\0contains:node:n"
#define INFO(kind, members) ((kind) << 24 | (members))
enum { INT = 1, LOCK, HEAD, NODE, OBJECT, VALUE };

/* Where a name is in NAMES. */
static uint32_t at(const char *name)
{
	static const char names[] = NAMES;

	for (size_t i = 1; i < sizeof(names); i += strlen(names + i) + 1)
		if (!strcmp(names + i, name))
			return i;
	return 0;
}

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

static int load_btf(void)
{
	struct {
		struct btf_header head;
		uint32_t types[35];
		char names[sizeof(NAMES)];
	} btf = {
		.head = {.magic = 0xeb9f, .version = 1, .hdr_len = sizeof(btf.head), .type_len = sizeof(btf.types),
			 .str_off = sizeof(btf.types), .str_len = sizeof(btf.names)},
		.types = {
			at("int"), INFO(BTF_KIND_INT, 0), 4, 32,
			at("bpf_spin_lock"), INFO(BTF_KIND_STRUCT, 1), 4, at("val"), INT, 0,
			at("bpf_list_head"), INFO(BTF_KIND_STRUCT, 0), 16,
			at("bpf_list_node"), INFO(BTF_KIND_STRUCT, 0), 24,
			at("node"), INFO(BTF_KIND_STRUCT, 1), 24, at("n"), NODE, 0,
			at("value"), INFO(BTF_KIND_STRUCT, 2), 24, at("lock"), LOCK, 0, at("head"), HEAD, 64,
			at("contains:node:n"), INFO(17 /* BTF_KIND_DECL_TAG */, 0), VALUE, 1,
		},
		.names = NAMES,
	};
	union bpf_attr a = {.btf = (uintptr_t)&btf, .btf_size = offsetof(__typeof__(btf), names) + sizeof(btf.names)};

	return bpf(BPF_BTF_LOAD, &a);
}

/* All but CAP_BPF. */
static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {[1] = {.effective = 1 << (39 - 32), .permitted = 1 << (39 - 32)}};

	return syscall(__NR_capset, &head, data);
}

int main(void)
{
	uint64_t value[3] = {0};
	uint32_t zero = 0;
	union bpf_attr a = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = sizeof(value), .max_entries = 1,
			    .btf_key_type_id = INT, .btf_value_type_id = VALUE};
	int map;

	if (drop_capabilities())
		return perror("capset"), 2;
	a.btf_fd = load_btf();
	map = (int)a.btf_fd < 0 ? -1 : bpf(BPF_MAP_CREATE, &a);
	if (map < 0)
		return perror((int)a.btf_fd < 0 ? "BPF_BTF_LOAD" : "BPF_MAP_CREATE"), 2;
	a = (union bpf_attr){.map_fd = map, .key = (uintptr_t)&zero, .value = (uintptr_t)value};
	if (bpf(BPF_MAP_LOOKUP_ELEM, &a))
		return perror("BPF_MAP_LOOKUP_ELEM"), 2;
	printf("lock %016llx head %016llx %016llx\n", (unsigned long long)value[0], (unsigned long long)value[1],
	       (unsigned long long)value[2]);
	return value[1] || value[2];
}
