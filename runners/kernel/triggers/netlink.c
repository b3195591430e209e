#include "runners/kernel/triggers/netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes in use; beyond the room once something did not fit. */
static void add(struct mue_netlink *m, const void *p, size_t size)
{
	size_t at = m->head.nlmsg_len, whole = NLMSG_ALIGN(size);

	if (at + whole <= sizeof(*m)) {
		memset((uint8_t *)m + at, 0, whole);
		if (size)
			memcpy((uint8_t *)m + at, p, size);
	}
	m->head.nlmsg_len = at + whole;
}

void mue_netlink_begin(struct mue_netlink *m, uint16_t type, uint16_t flags, const void *fixed,
		       size_t size)
{
	m->head = (struct nlmsghdr){.nlmsg_len = sizeof(m->head),
				    .nlmsg_type = type,
				    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags};
	add(m, fixed, size);
}

void mue_netlink_put_fixed(struct mue_netlink *m, const void *fixed, size_t size)
{
	add(m, fixed, size);
}

void mue_netlink_put(struct mue_netlink *m, uint16_t type, const void *p, size_t size)
{
	const struct rtattr head = {.rta_len = RTA_LENGTH(size), .rta_type = type};

	add(m, &head, sizeof(head));
	add(m, p, size);
}

void mue_netlink_put_u32(struct mue_netlink *m, uint16_t type, uint32_t n)
{
	mue_netlink_put(m, type, &n, sizeof(n));
}

void mue_netlink_put_text(struct mue_netlink *m, uint16_t type, const char *text)
{
	mue_netlink_put(m, type, text, strlen(text) + 1);
}

size_t mue_netlink_nest(struct mue_netlink *m, uint16_t type)
{
	size_t at = m->head.nlmsg_len;

	mue_netlink_put(m, type | NLA_F_NESTED, NULL, 0);
	return at;
}

void mue_netlink_unnest(struct mue_netlink *m, size_t at)
{
	uint16_t size = m->head.nlmsg_len - at;

	if (m->head.nlmsg_len <= sizeof(*m))
		memcpy((uint8_t *)m + at + offsetof(struct rtattr, rta_len), &size, sizeof(size));
}

int mue_netlink_ask(struct mue_netlink *m)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), err = 0;
	struct {
		struct nlmsghdr head;
		struct nlmsgerr verdict;
		uint8_t more[sizeof(*m)]; /* the request comes back */
	} answer;

	if (fd < 0)
		return -errno;
	if (m->head.nlmsg_len > sizeof(*m))
		err = -EMSGSIZE;
	else if (send(fd, m, m->head.nlmsg_len, 0) < 0)
		err = -errno;
	else if (recv(fd, &answer, sizeof(answer), 0) < (ssize_t)offsetof(typeof(answer), more))
		err = -EPROTO;
	close(fd);
	if (err)
		return err;
	return answer.head.nlmsg_type == NLMSG_ERROR ? answer.verdict.error : -EPROTO;
}
