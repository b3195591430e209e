/*
 * A tail call without JIT: cc -Wall -o it tail-call-interpreter-stack.c && sudo ./it
 *
 * With net.core.bpf_jit_enable=0. The first program uses no stack, the second one stores a word at
 * fp-80 and copies it from there to a map. Prints that word: 0x1122334455667788 is right.
 */
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INSN(op, d, s, o, i) ((struct bpf_insn){.code = (op), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)})
#define LD_MAP(d, fd) INSN(0x18, d, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)
#define WORD 0x1122334455667788ULL

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

static int map(uint32_t type, uint32_t value_size)
{
	union bpf_attr a = {.map_type = type, .key_size = 4, .value_size = value_size, .max_entries = 1};

	return bpf(BPF_MAP_CREATE, &a);
}

static int load(const struct bpf_insn *insns, uint32_t n)
{
	union bpf_attr a = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insns = (uintptr_t)insns,
			    .insn_cnt = n, .license = (uintptr_t)"GPL"};

	return bpf(BPF_PROG_LOAD, &a);
}

int main(void)
{
	int values = map(BPF_MAP_TYPE_ARRAY, 8), tails = map(BPF_MAP_TYPE_PROG_ARRAY, 4);
	const struct bpf_insn first[] = {
		LD_MAP(2, tails),
		INSN(0xb7, 3, 0, 0, 0), /* r3 = 0 */
		INSN(0x85, 0, 0, 0, BPF_FUNC_tail_call),
		INSN(0xb7, 0, 0, 0, 0),
		INSN(0x95, 0, 0, 0, 0),
	};
	const struct bpf_insn second[] = {
		INSN(0x18, 1, 0, 0, (int)WORD), INSN(0, 0, 0, 0, WORD >> 32),
		INSN(0x7b, 10, 1, -80, 0),	/* *(u64 *)(fp - 80) = r1 */
		INSN(0x62, 10, 0, -72, 0),	/* *(u32 *)(fp - 72) = 0 */
		LD_MAP(1, values),
		INSN(0xbf, 2, 10, 0, 0), INSN(0x07, 2, 0, 0, -72), /* key */
		INSN(0xbf, 3, 10, 0, 0), INSN(0x07, 3, 0, 0, -80), /* value */
		INSN(0xb7, 4, 0, 0, 0),
		INSN(0x85, 0, 0, 0, BPF_FUNC_map_update_elem),
		INSN(0xb7, 0, 0, 0, 0),
		INSN(0x95, 0, 0, 0, 0),
	};
	int from = load(first, sizeof(first) / sizeof(*first));
	int to = load(second, sizeof(second) / sizeof(*second));
	uint32_t key = 0, fd = to;
	uint64_t value = 0;
	char packet[64] = {0};
	union bpf_attr set = {.map_fd = tails, .key = (uintptr_t)&key, .value = (uintptr_t)&fd};
	union bpf_attr get = {.map_fd = values, .key = (uintptr_t)&key, .value = (uintptr_t)&value};
	union bpf_attr run = {.test = {.prog_fd = from, .data_in = (uintptr_t)packet,
				       .data_size_in = sizeof(packet)}};

	if (from < 0 || to < 0 || bpf(BPF_MAP_UPDATE_ELEM, &set) || bpf(BPF_PROG_TEST_RUN, &run) ||
	    bpf(BPF_MAP_LOOKUP_ELEM, &get)) {
		perror("bpf");
		return 2;
	}
	printf("stored %#llx, the map has %#llx\n", WORD, (unsigned long long)value);
	return value != WORD;
}
