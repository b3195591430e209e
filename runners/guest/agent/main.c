/*
 * The agent: what runs as init inside a guest. It answers the cases that come
 * through the channel with the kernel runner, until the guest is killed.
 *
 * Kernel command line: words behind "--" become its arguments (nojit, harden,
 * noreuse).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runners/guest/agent/cover.h"
#include "runners/guest/agent/log.h"
#include "runners/guest/agent/memory.h"
#include "runners/guest/channel.h"
#include "runners/runner.h"

/* Waiting for a question: looking at it so often, then sleeping ever longer. */
#define SPINS 200
#define EAGER_NS 200000
#define WAIT_US_MIN 50
#define WAIT_US_MAX 8000

static const struct {
	const char *what, *where, *type;
} mounts[] = {
	{"devtmpfs", "/dev", "devtmpfs"},
	{"proc", "/proc", "proc"},
	{"sysfs", "/sys", "sysfs"},
	{"tmpfs", "/tmp", "tmpfs"},
	{"cgroup2", "/sys/fs/cgroup", "cgroup2"},
	{"bpf", "/sys/fs/bpf", "bpf"},
	{"tracefs", "/sys/kernel/tracing", "tracefs"},
	{"debugfs", "/sys/kernel/debug", "debugfs"},
};

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fprintf(stderr, "mue-agent: %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* Missing file systems are no fault: what needs them will be unsupported. */
static void mount_all(void)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++) {
		mkdir(mounts[i].where, 0755);
		mount(mounts[i].what, mounts[i].where, mounts[i].type, 0, NULL);
	}
}

/* /modules/NNN-name.ko, in the order of their numbers: dependencies come first. */
static void load_modules(void)
{
	struct dirent **names;
	int n = scandir("/modules", &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char path[300];
		int fd;

		snprintf(path, sizeof(path), "/modules/%s", names[i]->d_name);
		fd = names[i]->d_name[0] == '.' ? -1 : open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
			fprintf(stderr, "mue-agent: %s: %s\n", path, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
}

static void loopback_up(void)
{
	struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (s >= 0) {
		ioctl(s, SIOCSIFFLAGS, &r);
		close(s);
	}
}

/* There is nobody to call, and trying costs: user-mode Linux makes a process for each. */
static void call_nobody(void)
{
	static const char *const files[] = {"/proc/sys/kernel/modprobe", "/sys/kernel/uevent_helper"};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (!access(files[i], W_OK))
			write_file(files[i], "\n");
}

/* Before 5.11 maps are charged against it. */
static void lift_limits(void)
{
	struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

	setrlimit(RLIMIT_MEMLOCK, &all);
}

/* A number of /proc/sys/net/core; -1 where there is none. */
static int net_core(const char *name)
{
	char path[64], text[16];
	int fd, n = -1;
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/sys/net/core/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	len = read(fd, text, sizeof(text) - 1);
	if (len > 0) {
		text[len] = 0;
		n = atoi(text);
	}
	close(fd);
	return n;
}

/* Switches the JIT off. False, with the reason, when it stays on. */
static bool no_jit(char *msg, size_t size)
{
	if (net_core("bpf_jit_enable") > 0)
		write_file("/proc/sys/net/core/bpf_jit_enable", "0");
	if (net_core("bpf_jit_enable") <= 0)
		return true;
	snprintf(msg, size, "+nojit: this kernel has no interpreter (CONFIG_BPF_JIT_ALWAYS_ON)");
	return false;
}

static bool harden_jit(char *msg, size_t size)
{
	if (net_core("bpf_jit_enable") <= 0) {
		snprintf(msg, size, "+harden: this kernel's JIT is off, or it has none");
		return false;
	}
	write_file("/proc/sys/net/core/bpf_jit_harden", "2");
	if (net_core("bpf_jit_harden") == 2)
		return true;
	snprintf(msg, size, "+harden: this kernel does not let bpf_jit_harden be 2");
	return false;
}

/* Words that are none of ours are what the kernel did not understand of its own. */
static bool apply_options(int argc, char **argv, char *msg, size_t size)
{
	bool right = true;

	for (int i = 1; i < argc && right; i++) {
		if (!strcmp(argv[i], "nojit"))
			right = no_jit(msg, size);
		else if (!strcmp(argv[i], "harden"))
			right = harden_jit(msg, size);
	}
	return right;
}

/* How the kernel runner is opened. */
static const char *host_arg(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "noreuse"))
			return argv[i];
	return "";
}

static int file_is(const char *dir, const char *name, const char *wanted)
{
	char path[400], text[16] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return !strncmp(text, wanted, strlen(wanted));
}

/* The ivshmem device's memory (BAR 2), opened; -1 where there is none. */
static int open_ivshmem(void)
{
	DIR *devices = opendir("/sys/bus/pci/devices");
	struct dirent *d;
	char path[400];
	int fd = -1;

	while (devices && fd < 0 && (d = readdir(devices))) {
		if (!file_is(d->d_name, "vendor", MUE_IVSHMEM_VENDOR) ||
		    !file_is(d->d_name, "device", MUE_IVSHMEM_DEVICE))
			continue;
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/enable", d->d_name);
		write_file(path, "1");
		/* Write-combining where the kernel offers it; plain is uncached. */
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource2_wc", d->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0) {
			*strrchr(path, '_') = 0;
			fd = open(path, O_RDWR | O_CLOEXEC);
		}
	}
	if (devices)
		closedir(devices);
	return fd;
}

static struct mue_channel *open_channel(void)
{
	int fd = open("/dev/mmapper", O_RDWR | O_CLOEXEC);
	void *p;

	if (fd < 0)
		fd = open_ivshmem();
	if (fd < 0)
		return NULL;
	p = mmap(NULL, mue_channel_size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return p == MAP_FAILED ? NULL : p;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * UINT64_C(1000000000) + t.tv_nsec;
}

static struct mue_slot *slot_of(struct mue_channel *ch, uint32_t i)
{
	return &ch->slots[i % MUE_SLOTS];
}

static bool is_asked(struct mue_channel *ch, uint32_t i)
{
	return atomic_load_explicit(&slot_of(ch, i)->asked, memory_order_acquire) == i;
}

/*
 * Waits until question i is there: first eagerly, then ever more lazily, as each look costs others the CPU.
 * *began, which tells since when the agent has been busy, is set anew by a wait.
 */
static struct mue_slot *next_question(struct mue_channel *ch, uint32_t i, uint64_t *began)
{
	uint64_t begin = 0;
	uint32_t spins = 0, wait_us = WAIT_US_MIN;

	while (!is_asked(ch, i)) {
		if (++spins % SPINS)
			continue;
		if (!begin)
			begin = now_ns();
		if (now_ns() - begin < EAGER_NS)
			continue;
		usleep(wait_us);
		if (wait_us < WAIT_US_MAX)
			wait_us *= 2;
	}
	if (spins)
		*began = now_ns();
	return slot_of(ch, i);
}

/* Clocks are dear in user-mode Linux: one look is for all questions that stood in a row. */
static void count_busy(struct mue_channel *ch, uint64_t *began)
{
	uint64_t now = now_ns();

	atomic_fetch_add(&ch->busy_ns, now - *began);
	*began = now;
}

static void ask(struct mue_session *s, const struct mue_case *question,
		struct mue_observation *seen)
{
	char msg[200];

	if (!mue_case_check(question, msg, sizeof(msg))) {
		s->ask(s, question, seen);
		return;
	}
	mue_observation_init(seen, question);
	seen->status = MUE_BROKEN;
	snprintf(seen->why, sizeof(seen->why), "case arrived damaged: %s", msg);
}

/* Gives whether the kernel is still to be trusted. */
static bool answer(struct mue_session *s, struct mue_slot *slot, int kmsg,
		   struct mue_agent_cover *cover)
{
	/* Answered here and copied: the shared memory may be slow to sort in. */
	static struct mue_case question;
	static struct mue_observation seen;
	char splat[160];

	mue_case_copy(&question, &slot->question);
	if (cover)
		mue_agent_cover_begin(cover);
	ask(s, &question, &seen);
	if (cover)
		mue_agent_cover_end(cover, &slot->cover);
	slot->splat = mue_agent_splat(kmsg, splat, sizeof(splat));
	if (slot->splat)
		snprintf(seen.why, sizeof(seen.why), "%s", splat);
	mue_observation_copy(&slot->answer, &seen);
	return !slot->splat;
}

/* For ever: init must not end, and what failed must not go on. */
static _Noreturn void rest(void)
{
	for (;;)
		pause();
}

static _Noreturn void give_up(struct mue_channel *ch, const char *msg)
{
	fprintf(stderr, "mue-agent: %s\n", msg);
	if (ch) {
		snprintf(ch->message, sizeof(ch->message), "%s", msg);
		atomic_store(&ch->state, MUE_AGENT_FAILED);
	}
	rest();
}

static _Noreturn void serve(struct mue_session *s, struct mue_channel *ch)
{
	int kmsg = mue_agent_log_open();
	struct mue_agent_cover *cover = mue_agent_cover_open();
	uint64_t began = now_ns();
	bool right = true;

	ch->has_cover = cover != NULL;

	/* From here on the console shows all: a splat's trace is worth its time. */
	write_file("/proc/sys/kernel/printk", "8");
	atomic_store(&ch->state, MUE_AGENT_READY);
	for (uint32_t i = ch->next; right; i++) {
		struct mue_slot *slot = next_question(ch, i, &began);

		right = answer(s, slot, kmsg, cover);
		if (!is_asked(ch, i + 1))
			count_busy(ch, &began);
		atomic_store_explicit(&slot->answered, i, memory_order_release);
		mue_agent_let_free();
	}
	rest();
}

int main(int argc, char **argv)
{
	struct mue_channel *ch;
	struct mue_session *s;
	char msg[256];

	if (getpid() != 1) {
		fprintf(stderr, "mue-agent: is the init of a guest; 'mue agent' is for a host\n");
		return 2;
	}
	mount_all();
	call_nobody();
	lift_limits();
	load_modules();
	loopback_up();
	ch = open_channel();
	if (!ch)
		give_up(NULL, "no channel: neither /dev/mmapper nor an ivshmem device");
	if (ch->magic != MUE_CHANNEL_MAGIC || ch->layout != sizeof(*ch))
		give_up(ch, "the channel is of another build of mue");
	if (!apply_options(argc, argv, msg, sizeof(msg)) ||
	    mue_runner_host.open(&s, host_arg(argc, argv), NULL, msg, sizeof(msg)))
		give_up(ch, msg);
	s->world(s, &ch->world);
	s->identify(s, ch->identity, sizeof(ch->identity));
	serve(s, ch);
}
