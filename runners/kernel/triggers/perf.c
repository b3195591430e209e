/* Events of perf: probes of our own functions and the kernel's, a tracepoint, page faults. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runners/kernel/triggers/probed.h"

/* The event, always the first descriptor that is kept. */
enum { EVENT };

static int open_event(struct mue_scene *s, struct perf_event_attr *attr)
{
	int fd;

	attr->size = sizeof(*attr);
	attr->sample_period = 1;
	fd = syscall(SYS_perf_event_open, attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	fd = mue_scene_keep(s, fd);
	return fd < 0 ? fd : 0;
}

static int attach(struct mue_scene *s)
{
	return ioctl(s->fds[EVENT], PERF_EVENT_IOC_SET_BPF, s->prog) ? -errno : 0;
}

/* A number in a file below a directory; `format` is as for scanf. -errno where there is none. */
static int read_number(int directory, const char *path, const char *format)
{
	int fd = openat(directory, path, O_RDONLY | O_CLOEXEC), n;
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");

	if (!f)
		return -errno;
	if (fscanf(f, format, &n) != 1)
		n = -EINVAL;
	fclose(f);
	return n;
}

/* Probes. Kinds of events that a kernel has not are missing there: it says ENOENT. */

static int open_probe(struct mue_scene *s, const char *kind, bool at_return, uint64_t what,
		      uint64_t where)
{
	struct perf_event_attr attr = {.config1 = what, .config2 = where};
	char path[64];
	int type;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", kind);
	type = read_number(AT_FDCWD, path, "%d");
	if (type < 0)
		return type == -ENOENT ? -ENODEV : type;
	attr.type = type;
	/* Which bit says so is told in format/retprobe: it has always been the first. */
	attr.config = at_return;
	return open_event(s, &attr);
}

static int open_user_probe(struct mue_scene *s, bool at_return)
{
	uint64_t offset;
	int err = mue_probed_offset(&offset);

	return err ? err
		   : open_probe(s, "uprobe", at_return, (uintptr_t)MUE_PROBED_FILE, offset);
}

static int open_uprobe(struct mue_scene *s)
{
	return open_user_probe(s, false);
}

static int open_uretprobe(struct mue_scene *s)
{
	return open_user_probe(s, true);
}

static int call_probed(struct mue_scene *s)
{
	mue_probed();
	return 0;
}

#define UPROBES "probes of user space (CONFIG_UPROBE_EVENTS)"
#define KPROBES "probes of the kernel (CONFIG_KPROBE_EVENTS)"

const struct mue_trigger mue_trigger_uprobe = {open_uprobe, attach, call_probed, .needs = UPROBES};
const struct mue_trigger mue_trigger_uretprobe = {open_uretprobe, attach, call_probed,
						  .needs = UPROBES};

static int open_kprobe(struct mue_scene *s)
{
	return open_probe(s, "kprobe", false, (uintptr_t)MUE_PROBED_KERNEL, 0);
}

static int open_kretprobe(struct mue_scene *s)
{
	return open_probe(s, "kprobe", true, (uintptr_t)MUE_PROBED_KERNEL, 0);
}

const struct mue_trigger mue_trigger_kprobe = {open_kprobe, attach, mue_scene_test_run,
					       .needs = KPROBES};
const struct mue_trigger mue_trigger_kretprobe = {open_kretprobe, attach, mue_scene_test_run,
						  .needs = KPROBES};

/* The directory of events, mounted nowhere. */
static int open_tracefs(void)
{
	int fs = fsopen("tracefs", FSOPEN_CLOEXEC), root;

	if (fs < 0)
		return -errno;
	root = fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) ? -1 : fsmount(fs, FSMOUNT_CLOEXEC, 0);
	root = root < 0 ? -errno : root;
	close(fs);
	return root;
}

/* One that is passed in test runs only, so that programs of others do not meet it. */
static int open_tracepoint(struct mue_scene *s)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT};
	int root = open_tracefs(), id;

	if (root < 0)
		return root;
	id = read_number(root, "events/bpf_test_run/bpf_test_finish/id", "%d");
	close(root);
	if (id < 0)
		return id == -ENOENT ? -ENODEV : id;
	attr.config = id;
	return open_event(s, &attr);
}

const struct mue_trigger mue_trigger_tracepoint = {open_tracepoint, attach, mue_scene_test_run,
						   .needs = "tracepoints (CONFIG_TRACING, tracefs)"};

static int open_page_faults(struct mue_scene *s)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_PAGE_FAULTS,
		.disabled = 1,
		.exclude_kernel = 1,
	};

	return open_event(s, &attr);
}

/*
 * Two fresh pages: the first brings in whatever the code between the switches needs, so that the second
 * is the only fault while the event is on.
 */
static int touch_page(struct mue_scene *s)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	volatile char *fresh = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err = 0;

	if (fresh == MAP_FAILED)
		return -errno;
	madvise((void *)fresh, 2 * page, MADV_NOHUGEPAGE);
	for (unsigned i = 0; i < 2 && !err; i++) {
		const int on = i ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE;

		err = ioctl(s->fds[EVENT], on, 0);
		fresh[i * page] = 1;
		err = ioctl(s->fds[EVENT], PERF_EVENT_IOC_DISABLE, 0) ?: err;
	}
	err = err ? -errno : 0;
	munmap((void *)fresh, 2 * page);
	return err;
}

static int link_event(struct mue_scene *s)
{
	return mue_scene_link(s, s->fds[EVENT]);
}

const struct mue_trigger mue_trigger_page_fault = {open_page_faults, attach, touch_page};
const struct mue_trigger mue_trigger_page_fault_link = {open_page_faults, link_event, touch_page};
