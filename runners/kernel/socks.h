/* The sockets of a case, as the host runner has them. */
#ifndef MUE_RUNNERS_KERNEL_SOCKS_H
#define MUE_RUNNERS_KERNEL_SOCKS_H

#include "cases/socks.h"
#include "runners/kernel/host.h"

/*
 * Makes a case's sockets and goes to the network namespace where they are, until
 * mue_host_socks_close, which must follow, also after false.
 */
bool mue_host_socks_open(struct mue_host *h, const struct mue_case *c, struct mue_observation *o);
void mue_host_socks_close(struct mue_host *h);

/* The sockmap behind MUE_HANDLE_SOCKS, or -errno. The sockets that it takes go there with _fill. */
int mue_host_socks_map(struct mue_host *h);
void mue_host_socks_fill(struct mue_host *h);

/* A value of a user-side update: a number becomes the descriptor that bpf(2) wants. */
void mue_host_socks_put(const struct mue_host *h, uint8_t *value, uint32_t size);
/* A value of a user-side lookup: a cookie becomes the number. */
void mue_host_socks_get(const struct mue_host *h, uint64_t *value);

/* Does what an op on a socket says. */
bool mue_host_socks_op(struct mue_host *h, const struct mue_case *c, const struct mue_op *op,
		       struct mue_observation *o);

/* As mue_host_walk, for SOCKMAP and SOCKHASH with values of 8 bytes. */
int mue_host_socks_walk(struct mue_host *h, const struct mue_map *m, int fd, mue_host_entry_fn *fn,
			void *ctx);

#endif
