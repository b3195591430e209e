/* BPF_PROG_LOAD, and what a refusal says: about the program, or about this kernel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <linux/capability.h>

#include "cases/btf.h"
#include "cases/insn.h"
#include "runners/kernel/host.h"

/* What is loaded, as the program of which phase. */
struct code {
	const struct mue_phase *phase;
	const struct bpf_insn *insns;
	uint32_t n_insns;
	const uint32_t *funcs; /* where they begin */
	uint32_t n_funcs;
	bool callback, sleepable, edited;
};

#define BIT(cap) (UINT64_C(1) << (cap))
#define SEEING (BIT(CAP_PERFMON) | BIT(CAP_SYS_ADMIN))

/* The effective capabilities of this thread: those that it has, less `without`. 0 or -errno. */
static int set_caps(uint64_t without)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, data))
		return -errno;
	data[0].effective = data[0].permitted & ~(uint32_t)without;
	data[1].effective = data[1].permitted & ~(uint32_t)(without >> 32);
	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

/*
 * Describes the functions of a program that has callbacks, or extends another. *btf_fd is then to be closed. 0
 * or -errno.
 */
static int describe(const struct code *c, struct bpf_prog_load_opts *opts,
		    struct bpf_func_info **infos, int *btf_fd)
{
	const bool extends = c->phase->prog_type == MUE_PROG_EXT;
	struct btf *btf;
	const void *raw;
	uint32_t size;

	if (!c->callback && !extends)
		return 0;
	btf = mue_btf_funcs(c->funcs, c->n_funcs, extends ? 0 : MUE_BTF_NONE, infos);
	if (!btf)
		return -errno;
	raw = btf__raw_data(btf, &size);
	*btf_fd = bpf_btf_load(raw, size, NULL);
	btf__free(btf);
	opts->prog_btf_fd = *btf_fd;
	opts->func_info = *infos;
	opts->func_info_cnt = c->n_funcs;
	opts->func_info_rec_size = sizeof(**infos);
	return *btf_fd < 0 ? *btf_fd : 0;
}

/* A descriptor or the kernel's refusal into *fd; `target` may be NULL. 0, or -errno where it was not asked. */
static int load(const struct code *c, const struct mue_target *target, int *fd)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = mue_phase_attach(c->phase),
		    .prog_flags = c->sleepable ? BPF_F_SLEEPABLE : 0);
	struct bpf_func_info *infos = NULL;
	int btf_fd = -1, err;

	if (target) {
		opts.attach_btf_id = target->btf_id;
		opts.attach_prog_fd = target->prog < 0 ? 0 : target->prog;
		if (target->attach_type)
			opts.expected_attach_type = target->attach_type;
	}
	err = describe(c, &opts, &infos, &btf_fd);
	/* Who may see no addresses cannot leak them into what is observed (P6). */
	if (!err && c->edited)
		err = set_caps(SEEING);
	if (!err) {
		do {
			*fd = bpf_prog_load(c->phase->prog_type, MUE_PROG_NAME,
					    c->phase->proprietary ? "Proprietary" : "GPL", c->insns,
					    c->n_insns, &opts);
		} while (*fd == -EAGAIN || *fd == -EINTR);
	}
	if (c->edited && set_caps(0) && !err)
		err = -EPERM;
	if (btf_fd >= 0)
		close(btf_fd);
	free(infos);
	return err;
}

/*
 * This kernel's verdict on a program of that type which does nothing, loaded as its type is by default; where a
 * kernel's function must be named, as this one is, which has a say in whether the program may sleep. 0 or -errno.
 */
static int trivial(struct mue_host *h, const struct mue_phase *p, struct mue_host_target *target,
		   bool sleepable)
{
	const struct mue_prog_type_row *type = mue_prog_type_row(p->prog_type);
	const bool names = type->flags & MUE_PROG_F_BTF_ID;
	const struct mue_phase plain = {.prog_type = p->prog_type,
					.attach_type = names ? p->attach_type : 0};
	const struct bpf_insn insns[] = {MUE_MOV64_IMM(BPF_REG_0, mue_phase_ret(&plain)),
					 MUE_EXIT()};
	const uint32_t first = 0;
	const struct code code = {.phase = &plain,
				  .insns = insns,
				  .n_insns = 2,
				  .funcs = &first,
				  .n_funcs = 1,
				  .sleepable = sleepable};
	int *known = names ? &target->trivial[sleepable] : &h->trivial[p->prog_type];
	int fd = -1, err;

	if (*known <= 0)
		return *known;
	err = load(&code, target ? &target->is : NULL, &fd);
	if (!err && fd >= 0)
		close(fd);
	return *known = err ? err : fd < 0 ? fd : 0;
}

/*
 * This kernel refuses even a trivial program. By its version it should not, unless its configuration
 * says why. What names a function of the kernel may be refused to anyone, and needs a JIT.
 */
static bool no_type(struct mue_host *h, const struct mue_phase *p, int err,
		    struct mue_observation *o)
{
	const struct mue_prog_type_row *type = mue_prog_type_row(p->prog_type);
	const struct mue_attach_row *attach =
		mue_phase_attach(p) ? mue_attach_row(mue_phase_attach(p)) : NULL;
	const bool names = type->flags & MUE_PROG_F_BTF_ID;
	const char *symbol;
	enum mue_config config = mue_host_prog_config(p->prog_type, &symbol);

	if (type->since > h->version || (names && (err == -EPERM || !h->jit)))
		return mue_host_fail(o, MUE_UNSUPPORTED,
				     "this kernel refuses even a trivial %s program%s%s: %s",
				     type->name, attach ? " of " : "", attach ? attach->name : "",
				     strerror(-err));
	if (config == MUE_CONFIG_OFF)
		return mue_host_fail(o, MUE_UNSUPPORTED,
				     "this kernel has no %s programs: CONFIG_%s is not set",
				     type->name, symbol);
	if (config == MUE_CONFIG_UNKNOWN)
		return mue_host_fail(o, MUE_UNSUPPORTED,
				     "this kernel refuses even a trivial %s program (%s), and its "
				     "configuration is not known",
				     type->name, strerror(-err));
	return mue_host_fail(o, MUE_BROKEN,
			     "%s should be in %u.%u (since %u.%u), but this kernel refuses it: %s",
			     type->name, h->version >> 16, h->version >> 8 & 0xff,
			     type->since >> 16, type->since >> 8 & 0xff, strerror(-err));
}

/* Whether what is named decides if the program may sleep: then a refusal of that says nothing of the type. */
static bool hook_wakes(const struct mue_phase *p)
{
	return p->sleepable && mue_prog_type_row(p->prog_type)->flags & MUE_PROG_F_BTF_ID &&
	       mue_phase_trigger(p)->flags & MUE_TRIGGER_F_SLEEP;
}

/* A refusal is the answer only of a kernel that takes programs of this type at all. */
static bool refused(struct mue_host *h, const struct mue_phase *p, struct mue_host_target *target,
		    int err, struct mue_observation *o)
{
	const bool must_sleep = mue_prog_type_row(p->prog_type)->flags & MUE_PROG_F_SLEEPABLE;
	int nothing;

	if (mue_host_suffered(err))
		return mue_host_broken(o, "loading a program", err);
	nothing = trivial(h, p, target, must_sleep);
	if (mue_host_suffered(nothing))
		return mue_host_broken(o, "loading a trivial program", nothing);
	if (nothing)
		return no_type(h, p, nothing, o);
	if (hook_wakes(p) && trivial(h, p, target, true))
		return mue_host_fail(o, MUE_UNSUPPORTED, "this kernel does not let programs of %s sleep",
				     mue_phase_trigger(p)->how);
	return true;
}

bool mue_host_load(struct mue_host *h, int *fd, const struct mue_phase *p,
		   const struct mue_program *program, struct mue_observation *o)
{
	const struct mue_prog_type_row *type = mue_prog_type_row(p->prog_type);
	const struct code code = {.phase = p,
				  .insns = program->insns,
				  .n_insns = program->n,
				  .funcs = program->funcs,
				  .n_funcs = program->n_funcs,
				  .callback = program->has_callback,
				  .edited = program->edited,
				  .sleepable = p->sleepable || type->flags & MUE_PROG_F_SLEEPABLE};
	struct mue_host_target *target;
	int err;

	if (!mue_host_target(h, &target, p, o))
		return false;
	err = load(&code, target ? &target->is : NULL, fd);
	if (err)
		return mue_host_broken(o, "preparing to load a program", err);
	return *fd >= 0 || refused(h, p, target, *fd, o);
}
