/* The sockets of a case, as rows of the exported program's table. */
#include "cases/socks.h"

#include "cases/export_c.h"

static const char *family_of(unsigned kind)
{
	static const char *const names[] = {
		[MUE_SOCK_FAMILY_NONE] = "0",
		[MUE_SOCK_FAMILY_INET] = "AF_INET",
		[MUE_SOCK_FAMILY_INET6] = "AF_INET6",
		[MUE_SOCK_FAMILY_UNIX] = "AF_UNIX",
		[MUE_SOCK_FAMILY_VSOCK] = "AF_VSOCK",
		[MUE_SOCK_FAMILY_OTHER] = "AF_NETLINK",
	};

	return kind == MUE_SOCK_PACKET ? "AF_PACKET" : names[mue_sock_rows[kind].family];
}

void mue_export_put_socks(FILE *to, const struct mue_case *c)
{
	static const char *const types[] = {
		[MUE_SOCK_PROTO_OTHER] = "SOCK_RAW",	[MUE_SOCK_PROTO_TCP] = "SOCK_STREAM",
		[MUE_SOCK_PROTO_UDP] = "SOCK_DGRAM",	[MUE_SOCK_PROTO_STREAM] = "SOCK_STREAM",
		[MUE_SOCK_PROTO_DGRAM] = "SOCK_DGRAM",	[MUE_SOCK_PROTO_SEQPACKET] = "SOCK_SEQPACKET",
	};
	static const char *const states[] = {
		[MUE_SOCK_STATE_CLOSED] = "CLOSED",
		[MUE_SOCK_STATE_BOUND] = "BOUND",
		[MUE_SOCK_STATE_LISTEN] = "LISTEN",
		[MUE_SOCK_STATE_ESTABLISHED] = "ESTABLISHED",
	};

	if (!c->n_socks)
		return;
	fprintf(to, "static const struct sock socks[] = {\n");
	for (uint32_t i = 0; i < c->n_socks; i++) {
		const struct mue_sock_row *row = &mue_sock_rows[c->socks[i].kind];

		fprintf(to, "\t{%s, %s, %s, %s}, /* %u: %s */\n", family_of(c->socks[i].kind),
			types[row->proto], c->socks[i].kind == MUE_SOCK_RAW ? "IPPROTO_RAW" : "0",
			states[row->state], i + 1, row->name);
	}
	fprintf(to, "};\n\n");
}
