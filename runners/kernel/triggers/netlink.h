/* Requests to rtnetlink, of the size that triggers need. */
#ifndef MUE_RUNNERS_KERNEL_TRIGGERS_NETLINK_H
#define MUE_RUNNERS_KERNEL_TRIGGERS_NETLINK_H

#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

struct mue_netlink {
	struct nlmsghdr head;
	uint8_t room[1024]; /* what stands behind the head: a fixed part, then attributes */
};

/* Begins a request of a type, with the fixed part of that type. `flags` are NLM_F_* besides REQUEST and ACK. */
void mue_netlink_begin(struct mue_netlink *m, uint16_t type, uint16_t flags, const void *fixed,
		       size_t size);
/* The fixed part of something inside. */
void mue_netlink_put_fixed(struct mue_netlink *m, const void *fixed, size_t size);
/* Adds an attribute. What does not fit makes mue_netlink_ask fail. */
void mue_netlink_put(struct mue_netlink *m, uint16_t type, const void *p, size_t size);
void mue_netlink_put_u32(struct mue_netlink *m, uint16_t type, uint32_t n);
void mue_netlink_put_text(struct mue_netlink *m, uint16_t type, const char *text);
/* An attribute made of attributes: what comes up to the end with the same `at` is inside. */
size_t mue_netlink_nest(struct mue_netlink *m, uint16_t type);
void mue_netlink_unnest(struct mue_netlink *m, size_t at);
/* Sends it and waits for the kernel's verdict: 0 or -errno. */
int mue_netlink_ask(struct mue_netlink *m);

#endif
