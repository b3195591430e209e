/* Lightweight tunnels: programs that a route to nowhere runs for what is sent there. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/lwtunnel.h>
#include <linux/seg6.h>
#include <linux/seg6_local.h>
#include <net/if.h>
#include <netinet/ip6.h>
#include <string.h>

#include "runners/kernel/triggers/frames.h"
#include "runners/kernel/triggers/net.h"
#include "runners/kernel/triggers/netlink.h"

/* Headers of IPv4 and UDP. */
#define UDP_HEADERS 28
#define TTL 64

/* Where a route over the loopback leads: what comes back in has kept its route. */
static const uint8_t nowhere4[] = {10, 66, 0, 1};
/* IPv6 has no routes over the loopback: this one takes what comes in at a pair of interfaces. */
static const uint8_t nowhere6[] = {0xfc, [15] = 1};
/* The sender; the segment behind it, to which there is no route. */
static const uint8_t somewhere6[] = {0xfc, [15] = 9};
static const uint8_t beyond6[] = {0xfc, [15] = 2};

/* `interface` 0: the loopback. */
static void begin_route(struct mue_netlink *m, uint16_t type, uint16_t flags, uint32_t interface)
{
	const bool ipv6 = interface;
	const struct rtmsg route = {.rtm_family = ipv6 ? AF_INET6 : AF_INET,
				    .rtm_dst_len = ipv6 ? 128 : 32,
				    .rtm_table = RT_TABLE_MAIN,
				    .rtm_protocol = RTPROT_STATIC,
				    .rtm_scope = RT_SCOPE_UNIVERSE,
				    .rtm_type = RTN_UNICAST};
	const uint32_t source = htonl(INADDR_LOOPBACK);

	mue_netlink_begin(m, type, flags, &route, sizeof(route));
	mue_netlink_put(m, RTA_DST, ipv6 ? nowhere6 : nowhere4, route.rtm_dst_len / 8);
	mue_netlink_put_u32(m, RTA_OIF, ipv6 ? interface : if_nametoindex("lo"));
	if (!ipv6)
		mue_netlink_put(m, RTA_PREFSRC, &source, sizeof(source));
}

static int delete_route(uint32_t interface)
{
	struct mue_netlink m;

	begin_route(&m, RTM_DELROUTE, 0, interface);
	return mue_netlink_ask(&m);
}

static void put_encap(struct mue_netlink *m, uint16_t encap)
{
	mue_netlink_put(m, RTA_ENCAP_TYPE, &encap, sizeof(encap));
}

static int make_udp(struct mue_scene *s)
{
	int fd = mue_scene_socket(s, AF_INET, SOCK_DGRAM);

	return fd < 0 ? fd : 0;
}

static uint16_t way_of(const struct mue_scene *s)
{
	switch (s->row->prog_type) {
	case MUE_PROG_LWT_IN:
		return LWT_BPF_IN;
	case MUE_PROG_LWT_OUT:
		return LWT_BPF_OUT;
	default:
		return LWT_BPF_XMIT;
	}
}

static int attach_bpf(struct mue_scene *s)
{
	struct mue_netlink m;
	size_t encap, way;

	begin_route(&m, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, 0);
	put_encap(&m, LWTUNNEL_ENCAP_BPF);
	encap = mue_netlink_nest(&m, RTA_ENCAP);
	way = mue_netlink_nest(&m, way_of(s));
	mue_netlink_put_u32(&m, LWT_BPF_PROG_FD, s->prog);
	mue_netlink_put_text(&m, LWT_BPF_PROG_NAME, "mue");
	mue_netlink_unnest(&m, way);
	mue_netlink_unnest(&m, encap);
	return mue_netlink_ask(&m);
}

static int send_udp(struct mue_scene *s)
{
	struct mue_address to = mue_address_any(AF_INET);

	memcpy(&to.in.sin_addr, nowhere4, sizeof(nowhere4));
	to.in.sin_port = htons(9);
	return mue_scene_send(s, s->fds[0], UDP_HEADERS, &to);
}

static void detach4(struct mue_scene *s)
{
	delete_route(0);
}

const struct mue_trigger mue_trigger_route = {make_udp, attach_bpf, send_udp, detach4};

static int attach_seg6(struct mue_scene *s)
{
	struct mue_netlink m;
	size_t encap, bpf;

	begin_route(&m, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, s->veth[MUE_FRAMES_TO]);
	put_encap(&m, LWTUNNEL_ENCAP_SEG6_LOCAL);
	encap = mue_netlink_nest(&m, RTA_ENCAP);
	mue_netlink_put_u32(&m, SEG6_LOCAL_ACTION, SEG6_LOCAL_ACTION_END_BPF);
	bpf = mue_netlink_nest(&m, SEG6_LOCAL_BPF);
	mue_netlink_put_u32(&m, SEG6_LOCAL_BPF_PROG, s->prog);
	mue_netlink_put_text(&m, SEG6_LOCAL_BPF_PROG_NAME, "mue");
	mue_netlink_unnest(&m, bpf);
	mue_netlink_unnest(&m, encap);
	return mue_netlink_ask(&m);
}

/* A packet that has come to the first of two segments; behind its headers nothing but the payload. */
static int send_segments(struct mue_scene *s)
{
	struct ip6_hdr ip = {.ip6_flow = htonl(6 << 28),
			     .ip6_plen = htons(s->event_size - sizeof(ip)),
			     .ip6_nxt = IPPROTO_ROUTING,
			     .ip6_hlim = TTL};
	struct ipv6_sr_hdr segments = {.nexthdr = IPPROTO_NONE,
				       .hdrlen = 2 * sizeof(struct in6_addr) / 8,
				       .type = 4,
				       .segments_left = 1,
				       .first_segment = 1};
	uint8_t *at = s->event;

	memcpy(&ip.ip6_src, somewhere6, sizeof(somewhere6));
	memcpy(&ip.ip6_dst, nowhere6, sizeof(nowhere6));
	memcpy(at, &ip, sizeof(ip));
	memcpy(at += sizeof(ip), &segments, sizeof(segments));
	memcpy(at += sizeof(segments), beyond6, sizeof(beyond6));
	memcpy(at += sizeof(beyond6), nowhere6, sizeof(nowhere6));
	return mue_frames_send_packet(s, ETH_P_IPV6);
}

static void detach6(struct mue_scene *s)
{
	delete_route(s->veth[MUE_FRAMES_TO]);
}

const struct mue_trigger mue_trigger_seg6local = {mue_frames_veth, attach_seg6, send_segments, detach6};
