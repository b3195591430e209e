/* Frames: calls of functions and callbacks, returns, and what may be returned. */
#include "cases/attach.h"
#include "runners/emulator/check.h"

#define ERRNO_MAX 4095

void check_clobber(struct emu_checker *k)
{
	for (unsigned reg = BPF_REG_0; reg <= BPF_REG_5; reg++)
		check_regs(k)[reg].type = CHECK_NONE;
}

/* A new frame for the function at slot `start`; its arguments are the caller's to set. */
static int enter(struct emu_checker *k, uint32_t start, bool callback)
{
	struct check_frame *f = &k->state.frames[k->state.n_frames];

	if (k->state.n_frames == EMU_FRAMES_MAX)
		return check_refuse(k, -E2BIG, "the call stack of %u frames is too deep",
				    k->state.n_frames);
	k->state.n_frames++;
	for (unsigned reg = 0; reg < BPF_REG_10; reg++)
		f->regs[reg].type = CHECK_NONE;
	check_point(&f->regs[BPF_REG_10], CHECK_STACK);
	f->regs[BPF_REG_10].frame = (uint8_t)(k->state.n_frames - 1);
	f->callsite = k->at;
	f->func = (uint32_t)check_func_at(k, start);
	f->callback = callback;
	f->n_refs = k->state.n_refs;
	f->rounds = 0;
	f->n_slots = 0;
	k->at = start;
	return 0;
}

/*
 * bpf_loop: no iteration, or one; after each, none or one more. Two are enough to see what an
 * iteration does to the next.
 */
#define LOOP_ROUNDS 2

static int enter_round(struct emu_checker *k, uint32_t start, const struct check_reg *context,
		       uint32_t rounds)
{
	struct check_frame *f;
	int err = enter(k, start, true);

	if (err)
		return err;
	f = check_frame(k);
	f->context = *context;
	f->rounds = rounds;
	check_number(&f->regs[BPF_REG_1], emu_range_any());
	f->regs[BPF_REG_2] = *context;
	return 0;
}

int check_call_loop(struct emu_checker *k, uint32_t func, const struct check_reg *context)
{
	int err;

	check_number(&check_regs(k)[BPF_REG_0], emu_range_any());
	err = check_push(k, k->at + 1, false);
	return err ? err : enter_round(k, func, context, 0);
}

int check_call_local(struct emu_checker *k, const struct bpf_insn *i)
{
	struct check_frame *caller = check_frame(k);
	int err = enter(k, k->at + 1 + i->imm, false);

	if (!err)
		memcpy(&check_regs(k)[BPF_REG_1], &caller->regs[BPF_REG_1],
		       5 * sizeof(caller->regs[0]));
	return err;
}

struct limits {
	int64_t low, high;
};

static const struct limits any_return = {INT64_MIN, INT64_MAX};

static struct limits sock_addr_limits(uint32_t attach)
{
	switch (attach) {
	case BPF_CGROUP_INET4_BIND:
	case BPF_CGROUP_INET6_BIND:
		return (struct limits){0, 3};
	case BPF_CGROUP_UDP4_RECVMSG:
	case BPF_CGROUP_UDP6_RECVMSG:
	case BPF_CGROUP_INET4_GETPEERNAME:
	case BPF_CGROUP_INET6_GETPEERNAME:
	case BPF_CGROUP_INET4_GETSOCKNAME:
	case BPF_CGROUP_INET6_GETSOCKNAME:
		return (struct limits){1, 1};
	default:
		return (struct limits){0, 1};
	}
}

/* What a program of its type may return. */
static struct limits limits_of(const struct emu_load *load, uint32_t version)
{
	switch (load->prog_type) {
	case MUE_PROG_CGROUP_SKB:
		return (struct limits){0, load->attach_type == BPF_CGROUP_INET_EGRESS ? 3 : 1};
	case MUE_PROG_CGROUP_SOCK:
	case MUE_PROG_CGROUP_SOCKOPT:
	case MUE_PROG_CGROUP_SYSCTL:
	case MUE_PROG_CGROUP_DEVICE:
	case MUE_PROG_SOCK_OPS:
	case MUE_PROG_SK_LOOKUP:
	case MUE_PROG_NETFILTER:
		return (struct limits){0, 1};
	case MUE_PROG_CGROUP_SOCK_ADDR:
		return sock_addr_limits(load->attach_type);
	case MUE_PROG_KPROBE:
		return load->attach_type == MUE_ATTACH_TRACE_KPROBE_SESSION ||
				       load->attach_type == MUE_ATTACH_TRACE_UPROBE_SESSION
			       ? (struct limits){0, 1}
			       : any_return;
	case MUE_PROG_LSM:
		if (load->attach_type == MUE_ATTACH_LSM_CGROUP)
			return (struct limits){0, 1};
		return version >= MUE_VERSION(6, 12) ? (struct limits){-ERRNO_MAX, 0} : any_return;
	case MUE_PROG_TRACING:
		if (load->attach_type == BPF_TRACE_FENTRY || load->attach_type == BPF_TRACE_FEXIT ||
		    load->attach_type >= MUE_ATTACH_TRACE_FSESSION)
			return (struct limits){0, 0};
		if (load->attach_type == BPF_TRACE_ITER)
			return (struct limits){0, 1};
		return any_return;
	default:
		return any_return;
	}
}

static int check_return(struct emu_checker *k, struct limits limits)
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

/* What follows the loop, and another round first. */
static int exit_callback(struct emu_checker *k)
{
	const struct check_frame *f = check_frame(k);
	uint32_t start = k->funcs[f->func].start, rounds = f->rounds + 1;
	struct check_reg context = f->context;
	int err = check_return(k, (struct limits){0, 1});

	if (!err && k->state.n_refs > f->n_refs)
		err = check_refuse(k, -EINVAL, "unreleased reference in a callback");
	k->at = f->callsite;
	k->state.n_frames--;
	if (!err && rounds < LOOP_ROUNDS) {
		err = check_push(k, k->at + 1, false);
		return err ? err : enter_round(k, start, &context, rounds);
	}
	k->at++;
	return err;
}

int check_exit(struct emu_checker *k)
{
	struct check_reg r0 = check_regs(k)[BPF_REG_0];
	int err;

	if (check_frame(k)->callback)
		return exit_callback(k);
	if (k->state.n_frames > 1) {
		err = check_readable(k, BPF_REG_0);
		if (!err && r0.type == CHECK_STACK)
			err = check_refuse(k, -EINVAL, "cannot return stack pointer to the caller");
		k->at = check_frame(k)->callsite + 1;
		k->state.n_frames--;
		check_clobber(k);
		check_regs(k)[BPF_REG_0] = r0;
		return err;
	}
	if (k->state.n_refs)
		return check_refuse(k, -EINVAL, "unreleased reference");
	err = check_return(k, limits_of(k->load, k->vm->world.version));
	return err ? err : CHECK_PATH_ENDS;
}
