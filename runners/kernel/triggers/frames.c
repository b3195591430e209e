#include "runners/kernel/triggers/frames.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "runners/kernel/triggers/net.h"
#include "runners/kernel/triggers/netlink.h"

/* As much as XDP takes on a page; the longest event needs less. */
#define FRAME_MTU 3400
/* A protocol that nobody waits for: for local experiments. */
#define FRAME_PROTOCOL 0x88b5

/* Newer than the headers that we may be built with. The attribute of the peer is veth's number. */
#define NETKIT_MODE 5
#define NETKIT_MODE_L2 0
#define ADDR_GEN_MODE_NONE 1

static const char *const veth_names[] = {"muev0", "muev1"};
static const char *const netkit_names[] = {"muek0", "muek1"};

static void put_end(struct mue_netlink *m, const char *name)
{
	mue_netlink_put_text(m, IFLA_IFNAME, name);
	mue_netlink_put_u32(m, IFLA_MTU, FRAME_MTU);
}

static int make_pair(const char *kind, const char *const names[2])
{
	const struct ifinfomsg none = {0};
	struct mue_netlink m;
	size_t info, data, peer;

	mue_netlink_begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &none, sizeof(none));
	put_end(&m, names[MUE_FRAMES_FROM]);
	info = mue_netlink_nest(&m, IFLA_LINKINFO);
	mue_netlink_put_text(&m, IFLA_INFO_KIND, kind);
	data = mue_netlink_nest(&m, IFLA_INFO_DATA);
	if (strcmp(kind, "veth"))
		mue_netlink_put_u32(&m, NETKIT_MODE, NETKIT_MODE_L2);
	peer = mue_netlink_nest(&m, VETH_INFO_PEER);
	mue_netlink_put_fixed(&m, &none, sizeof(none));
	put_end(&m, names[MUE_FRAMES_TO]);
	mue_netlink_unnest(&m, peer);
	mue_netlink_unnest(&m, data);
	mue_netlink_unnest(&m, info);
	return mue_netlink_ask(&m);
}

/* Without addresses of its own, an interface sends nothing but what we send. */
static int quieten(uint32_t interface)
{
	const struct ifinfomsg which = {.ifi_index = interface};
	const uint8_t none = ADDR_GEN_MODE_NONE;
	struct mue_netlink m;
	size_t spec, family;
	int err;

	mue_netlink_begin(&m, RTM_SETLINK, 0, &which, sizeof(which));
	spec = mue_netlink_nest(&m, IFLA_AF_SPEC);
	family = mue_netlink_nest(&m, AF_INET6);
	mue_netlink_put(&m, IFLA_INET6_ADDR_GEN_MODE, &none, sizeof(none));
	mue_netlink_unnest(&m, family);
	mue_netlink_unnest(&m, spec);
	err = mue_netlink_ask(&m);
	return err == -EAFNOSUPPORT ? 0 : err;
}

static int bring(uint32_t interface, uint32_t up_or_not)
{
	const struct ifinfomsg which = {
		.ifi_index = interface, .ifi_flags = up_or_not, .ifi_change = IFF_UP};
	struct mue_netlink m;

	mue_netlink_begin(&m, RTM_SETLINK, 0, &which, sizeof(which));
	return mue_netlink_ask(&m);
}

static int pair(uint32_t ends[2], const char *kind, const char *const names[2])
{
	int err = 0;

	if (ends[0])
		return 0;
	if (!if_nametoindex(names[0]))
		err = make_pair(kind, names);
	/* The first end comes last: then it finds the other, and can send at once. */
	for (int i = 1; i >= 0 && !err; i--)
		err = quieten(if_nametoindex(names[i])) ?: bring(if_nametoindex(names[i]), IFF_UP);
	for (unsigned i = 0; i < 2 && !err; i++)
		ends[i] = if_nametoindex(names[i]);
	return err;
}

static int ask_interface(const char *name, unsigned long what, struct ifreq *r)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return -errno;
	strcpy(r->ifr_name, name);
	if (ioctl(fd, what, r))
		err = -errno;
	close(fd);
	return err;
}

int mue_frames_veth(struct mue_scene *s)
{
	return pair(s->veth, "veth", veth_names);
}

int mue_frames_netkit(struct mue_scene *s, unsigned sender)
{
	int err = pair(s->netkit, "netkit", netkit_names);

	return err ?: bring(s->netkit[sender], 0) ?: bring(s->netkit[sender], IFF_UP);
}

int mue_frames_socket(struct mue_scene *s)
{
	return mue_scene_socket(s, AF_PACKET, SOCK_RAW);
}

int mue_frames_send(struct mue_scene *s, int fd, uint32_t interface)
{
	const struct sockaddr_ll to = {.sll_family = AF_PACKET,
				       .sll_ifindex = interface,
				       .sll_protocol = htons(FRAME_PROTOCOL)};
	const uint16_t protocol = htons(FRAME_PROTOCOL);

	memcpy(s->event + MUE_PACKET_HEADER - sizeof(protocol), &protocol, sizeof(protocol));
	return sendto(fd, s->event, s->event_size, 0, (const struct sockaddr *)&to, sizeof(to)) < 0
		       ? -errno
		       : 0;
}

int mue_frames_send_packet(struct mue_scene *s, uint16_t protocol)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_ifindex = s->veth[MUE_FRAMES_FROM],
				 .sll_protocol = htons(protocol),
				 .sll_halen = ETH_ALEN};
	int fd = mue_scene_socket(s, AF_PACKET, SOCK_DGRAM);
	struct ifreq r;
	int err = fd < 0 ? fd : ask_interface(veth_names[MUE_FRAMES_TO], SIOCGIFHWADDR, &r);

	if (err < 0)
		return err;
	memcpy(to.sll_addr, r.ifr_hwaddr.sa_data, ETH_ALEN);
	return sendto(fd, s->event, s->event_size, 0, (const struct sockaddr *)&to, sizeof(to)) < 0
		       ? -errno
		       : 0;
}
