#include "runners/kernel/timing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

static int failed(char *msg, size_t msg_size, const char *what)
{
	int err = errno;

	snprintf(msg, msg_size, "%s: %s", what, strerror(err));
	return -err;
}

static int test_run(double *ns, int prog, uint32_t rounds, char *msg, size_t msg_size)
{
	char packet[64] = {0};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = rounds);

	if (bpf_prog_test_run_opts(prog, &opts))
		return failed(msg, msg_size, "BPF_PROG_TEST_RUN");
	*ns = opts.duration; /* already the mean */
	return 0;
}

static int load_and_run(double *ns, const struct bpf_insn *insns, size_t n, uint32_t rounds,
			char *msg, size_t msg_size)
{
	int prog = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "mue_timing", "GPL", insns, n, NULL);
	int err;

	if (prog < 0)
		return failed(msg, msg_size, "BPF_PROG_LOAD");
	err = test_run(ns, prog, rounds, msg, msg_size);
	close(prog);
	return err;
}

int mue_kernel_time(double *ns, const struct bpf_insn *insns, size_t n,
		    const struct mue_timing_map *map, uint32_t rounds, char *msg, size_t msg_size)
{
	struct bpf_insn *own = malloc(n * sizeof(*own));
	int fd = -1, err;

	if (!own)
		return failed(msg, msg_size, "memory");
	if (map) {
		LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = map->flags);

		fd = bpf_map_create(map->type, "mue_timing", map->key_size, map->value_size,
				    map->max_entries, &opts);
		if (fd < 0) {
			free(own);
			return failed(msg, msg_size, "BPF_MAP_CREATE");
		}
	}
	for (size_t i = 0; i < n; i++) {
		own[i] = insns[i];
		if (own[i].code == (BPF_LD | BPF_DW | BPF_IMM) &&
		    own[i].src_reg == BPF_PSEUDO_MAP_FD)
			own[i].imm = fd;
	}
	err = load_and_run(ns, own, n, rounds, msg, msg_size);
	if (fd >= 0)
		close(fd);
	free(own);
	return err;
}
