#include "oracle/model_load_return.h"

#include <errno.h>

#include "cases/attach.h"

#define ANY_ATTACH UINT32_MAX

/*
 * V13: the least and the most that may be returned. The first row that fits counts; what has none
 * may return anything.
 */
static const struct range {
	uint32_t prog, first, last; /* attach types */
	int32_t low, high;
} ranges[] = {
	{MUE_PROG_CGROUP_SKB, MUE_ATTACH_CGROUP_INET_EGRESS, MUE_ATTACH_CGROUP_INET_EGRESS, 0, 3},
	{MUE_PROG_CGROUP_SKB, 0, ANY_ATTACH, 0, 1},
	{MUE_PROG_CGROUP_SOCK, 0, ANY_ATTACH, 0, 1},
	{MUE_PROG_SOCK_OPS, 0, ANY_ATTACH, 0, 1},
	{MUE_PROG_CGROUP_DEVICE, 0, ANY_ATTACH, 0, 1},
	{MUE_PROG_CGROUP_SYSCTL, 0, ANY_ATTACH, 0, 1},
	{MUE_PROG_CGROUP_SOCKOPT, 0, ANY_ATTACH, 0, 1},
	{MUE_PROG_SK_LOOKUP, 0, ANY_ATTACH, 0, 1},
	{MUE_PROG_NETFILTER, 0, ANY_ATTACH, 0, 1},
	{MUE_PROG_CGROUP_SOCK_ADDR, MUE_ATTACH_CGROUP_INET4_BIND, MUE_ATTACH_CGROUP_INET6_BIND, 0,
	 3},
	{MUE_PROG_CGROUP_SOCK_ADDR, MUE_ATTACH_CGROUP_UDP4_RECVMSG, MUE_ATTACH_CGROUP_UDP6_RECVMSG,
	 1, 1},
	{MUE_PROG_CGROUP_SOCK_ADDR, MUE_ATTACH_CGROUP_INET4_GETPEERNAME,
	 MUE_ATTACH_CGROUP_INET6_GETSOCKNAME, 1, 1},
	{MUE_PROG_CGROUP_SOCK_ADDR, MUE_ATTACH_CGROUP_UNIX_RECVMSG,
	 MUE_ATTACH_CGROUP_UNIX_GETSOCKNAME, 1, 1},
	{MUE_PROG_CGROUP_SOCK_ADDR, 0, ANY_ATTACH, 0, 1},
	{MUE_PROG_KPROBE, MUE_ATTACH_TRACE_KPROBE_SESSION, MUE_ATTACH_TRACE_UPROBE_SESSION, 0, 1},
	{MUE_PROG_TRACING, MUE_ATTACH_TRACE_FENTRY, MUE_ATTACH_TRACE_FEXIT, 0, 0},
	{MUE_PROG_TRACING, MUE_ATTACH_TRACE_ITER, MUE_ATTACH_TRACE_ITER, 0, 1},
	{MUE_PROG_TRACING, MUE_ATTACH_TRACE_FSESSION, MUE_ATTACH_TRACE_FSESSION_MULTI, 0, 0},
	{MUE_PROG_LSM, MUE_ATTACH_LSM_MAC, MUE_ATTACH_LSM_MAC, -4095, 0},
	{MUE_PROG_LSM, MUE_ATTACH_LSM_CGROUP, MUE_ATTACH_LSM_CGROUP, 0, 1},
	{0},
};

/* What a row says in that world. */
static struct range as_of(const struct mue_world *w, struct range r)
{
	const struct range any = {.low = INT32_MIN, .high = INT32_MAX};

	if (r.first == MUE_ATTACH_CGROUP_INET4_BIND && !mue_world_has(w, MUE_CHANGE_BIND_RETURNS))
		r.high = 1;
	if (r.first == MUE_ATTACH_LSM_MAC && !mue_world_has(w, MUE_CHANGE_LSM_RETURNS))
		return any;
	return r;
}

int model_load_return(const struct mue_world *w, const struct mue_phase *p)
{
	const uint32_t attach = mue_phase_attach(p);
	const struct mue_attach_row *row = mue_attach_row(attach);
	const int32_t ret = mue_phase_ret(p);

	for (const struct range *r = ranges; r->prog; r++) {
		struct range now = as_of(w, *r);

		if (r->prog != p->prog_type || attach < r->first || attach > r->last)
			continue;
		if (p->prog_type == MUE_PROG_KPROBE && row->since > w->version)
			return 0; /* a session is none before there are any */
		if (now.low == INT32_MIN)
			return 0;
		if (p->returns == MUE_RETURN_RESULT && p->count)
			return -EINVAL;
		return ret < now.low || ret > now.high ? -EINVAL : 0;
	}
	return 0;
}
