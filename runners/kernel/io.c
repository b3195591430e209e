#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "runners/kernel/host.h"

struct mue_host_io *mue_host_io_new(uint32_t size, int *err)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	struct mue_host_io *io = calloc(1, sizeof(*io));

	if (!io) {
		*err = -ENOMEM;
		return NULL;
	}
	*io = (struct mue_host_io){.users = 1, .size = size};
	io->fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, 4, size, 1, &opts);
	if (io->fd < 0) {
		*err = io->fd;
		free(io);
		return NULL;
	}
	io->mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, io->fd, 0);
	if (io->mem == MAP_FAILED) {
		*err = -errno;
		close(io->fd);
		free(io);
		return NULL;
	}
	return io;
}

void mue_host_io_drop(struct mue_host_io *io)
{
	if (!io || --io->users)
		return;
	munmap(io->mem, io->size);
	close(io->fd);
	free(io);
}
