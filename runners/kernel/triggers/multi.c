/* Links of one program to many functions at once: here to one. Newer than our headers and libbpf. */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runners/kernel/triggers/probed.h"

#define LINK_CREATE 28

/* As bpf(2) takes it; the unions of the kinds of functions. */
struct multi {
	uint32_t prog, target, attach_type, flags;
	union {
		struct {
			uint32_t flags, count;
			uint64_t names, addresses, cookies;
		} kernel;
		struct {
			uint64_t path, offsets, references, cookies;
			uint32_t count, flags, pid;
		} user;
		struct {
			uint64_t ids, cookies;
			uint32_t count;
		} traced;
	};
};

/* All of it: the kernel refuses what is not zero behind the fields that it knows, padding as well. */
static void begin(struct multi *attr, const struct mue_scene *s)
{
	memset(attr, 0, sizeof(*attr));
	attr->prog = s->prog;
	attr->attach_type = s->row->attach_type;
}

static int link_multi(struct mue_scene *s, const struct multi *attr)
{
	int fd = mue_scene_keep(s, syscall(SYS_bpf, LINK_CREATE, attr, sizeof(*attr)));

	return fd < 0 ? fd : 0;
}

static int attach_kernel(struct mue_scene *s)
{
	const char *const names[] = {MUE_PROBED_KERNEL};
	struct multi attr;

	begin(&attr, s);
	attr.kernel.count = 1;
	attr.kernel.names = (uintptr_t)names;
	return link_multi(s, &attr);
}

static int attach_user(struct mue_scene *s)
{
	struct multi attr;
	uint64_t offset;
	int err = mue_probed_offset(&offset);

	if (err)
		return err;
	begin(&attr, s);
	attr.user.path = (uintptr_t)MUE_PROBED_FILE;
	attr.user.offsets = (uintptr_t)&offset;
	attr.user.count = 1;
	attr.user.pid = getpid();
	return link_multi(s, &attr);
}

static int attach_traced(struct mue_scene *s)
{
	int err = mue_scene_kernel(s), id;
	struct multi attr;

	if (err)
		return err;
	id = btf__find_by_name_kind(s->kernel, MUE_TRACED_KERNEL, BTF_KIND_FUNC);
	if (id < 0)
		return -EOPNOTSUPP;
	begin(&attr, s);
	attr.traced.ids = (uintptr_t)&id;
	attr.traced.count = 1;
	return link_multi(s, &attr);
}

static int call_probed(struct mue_scene *s)
{
	mue_probed();
	return 0;
}

const struct mue_trigger mue_trigger_kprobe_multi = {mue_scene_ready, attach_kernel,
						     mue_scene_test_run,
						     .needs = "CONFIG_FPROBE"};
const struct mue_trigger mue_trigger_uprobe_multi = {mue_scene_ready, attach_user, call_probed,
						     .needs = "CONFIG_UPROBES"};
/* What they are at is told when they are attached: when they are loaded nothing is named. */
static int name_nothing(struct mue_target *t, const struct btf *kernel)
{
	return btf__find_by_name_kind(kernel, "bpf_multi_func", BTF_KIND_FUNC) < 0 ? -EOPNOTSUPP : 0;
}

const struct mue_trigger mue_trigger_functions = {mue_scene_ready, attach_traced, mue_scene_trace,
						  .target = name_nothing};
