/* What programs may return (semantics V13). */
#include "cases/attach.h"
#include "runners/emulator/check.h"

#define ERRNO_MAX 4095

struct limits {
	int64_t low, high;
};

static const struct limits any_return = {INT64_MIN, INT64_MAX};

static struct limits sock_addr_limits(const struct emu_checker *k)
{
	switch (k->load->attach_type) {
	case MUE_ATTACH_CGROUP_INET4_BIND:
	case MUE_ATTACH_CGROUP_INET6_BIND:
		return (struct limits){0, check_has(k, MUE_CHANGE_BIND_RETURNS) ? 3 : 1};
	case MUE_ATTACH_CGROUP_UDP4_RECVMSG:
	case MUE_ATTACH_CGROUP_UDP6_RECVMSG:
	case MUE_ATTACH_CGROUP_UNIX_RECVMSG:
	case MUE_ATTACH_CGROUP_INET4_GETPEERNAME:
	case MUE_ATTACH_CGROUP_INET6_GETPEERNAME:
	case MUE_ATTACH_CGROUP_UNIX_GETPEERNAME:
	case MUE_ATTACH_CGROUP_INET4_GETSOCKNAME:
	case MUE_ATTACH_CGROUP_INET6_GETSOCKNAME:
	case MUE_ATTACH_CGROUP_UNIX_GETSOCKNAME:
		return (struct limits){1, 1};
	default:
		return (struct limits){0, 1};
	}
}

/* Where the return value decides whether a probe's second half runs. */
static bool is_session(const struct emu_checker *k)
{
	const uint32_t attach = k->load->attach_type;

	return (attach == MUE_ATTACH_TRACE_KPROBE_SESSION ||
		attach == MUE_ATTACH_TRACE_UPROBE_SESSION) &&
	       mue_attach_row(attach)->since <= k->vm->world.version;
}

static struct limits tracing_limits(uint32_t attach)
{
	switch (attach) {
	case MUE_ATTACH_TRACE_RAW_TP:
	case MUE_ATTACH_MODIFY_RETURN:
		return any_return;
	case MUE_ATTACH_TRACE_ITER:
		return (struct limits){0, 1};
	default:
		return (struct limits){0, 0};
	}
}

static struct limits lsm_limits(const struct emu_checker *k)
{
	if (k->load->attach_type == MUE_ATTACH_LSM_CGROUP)
		return (struct limits){0, 1};
	return check_has(k, MUE_CHANGE_LSM_RETURNS) ? (struct limits){-ERRNO_MAX, 0} : any_return;
}

static struct limits limits_of(const struct emu_checker *k)
{
	const uint32_t attach = k->load->attach_type;

	switch (k->load->prog_type) {
	case MUE_PROG_CGROUP_SKB:
		return (struct limits){0, attach == MUE_ATTACH_CGROUP_INET_EGRESS ? 3 : 1};
	case MUE_PROG_CGROUP_SOCK:
	case MUE_PROG_CGROUP_SOCKOPT:
	case MUE_PROG_CGROUP_SYSCTL:
	case MUE_PROG_CGROUP_DEVICE:
	case MUE_PROG_SOCK_OPS:
	case MUE_PROG_SK_LOOKUP:
	case MUE_PROG_NETFILTER:
		return (struct limits){0, 1};
	case MUE_PROG_CGROUP_SOCK_ADDR:
		return sock_addr_limits(k);
	case MUE_PROG_KPROBE:
		return is_session(k) ? (struct limits){0, 1} : any_return;
	case MUE_PROG_LSM:
		return lsm_limits(k);
	case MUE_PROG_TRACING:
		return tracing_limits(attach);
	default:
		return any_return;
	}
}

static int check_limits(struct emu_checker *k, struct limits limits)
{
	const struct check_reg *r = &check_regs(k)[BPF_REG_0];
	int err = check_readable(k, BPF_REG_0);

	if (err || limits.low == INT64_MIN)
		return err;
	if (r->type != CHECK_SCALAR || r->n.smin < limits.low || r->n.smax > limits.high)
		return check_refuse(k, -EINVAL, "R0 should be in [%lld, %lld]",
				    (long long)limits.low, (long long)limits.high);
	return 0;
}

int check_return(struct emu_checker *k)
{
	return check_limits(k, limits_of(k));
}

int check_return_of_callback(struct emu_checker *k)
{
	return check_limits(k, (struct limits){0, 1});
}
