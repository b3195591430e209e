#include "runners/guest/vm.h"

#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runners/guest/initramfs.h"
#include "runners/guest/log.h"
#include "runners/guest/patience.h"
#include "runners/guest/turns.h"
#include "runners/guest/vmlinux.h"
#include "runners/guest/xstate.h"

#define ARGS_MAX 48
#define ARG_SIZE (MUE_PATH_MAX + 64)
#define POLL_US 2000
#define POLLS_A_LOOK 100 /* at what it does */

/* A command line that is being put together. */
struct command {
	char text[ARGS_MAX][ARG_SIZE];
	char *argv[ARGS_MAX + 1];
	unsigned n;
};

__attribute__((format(printf, 2, 3))) static void arg(struct command *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->text[c->n], ARG_SIZE, format, args);
	va_end(args);
	c->argv[c->n] = c->text[c->n];
	c->argv[++c->n] = NULL;
}

static void args(struct command *c, const char *const *words)
{
	for (; *words; words++)
		arg(c, "%s", *words);
}

/*
 * A /dev/kvm on a CPU without virtualization emulates too, in the host's kernel: there guests come
 * up in hours, or meet an instruction that it does not know.
 */
static bool has_kvm(void)
{
	unsigned a, b, c = 0, d;
	bool vmx = __get_cpuid(1, &a, &b, &c, &d) && c & 1u << 5;
	bool svm = __get_cpuid(0x80000001, &a, &b, &c, &d) && c & 1u << 2;

	return (vmx || svm) && !access("/dev/kvm", R_OK | W_OK);
}

static void qemu_command(struct command *c, const struct mue_vm *vm,
			 const struct mue_guest_options *o)
{
	static const char *const fixed[] = {
		"qemu-system-x86_64",
		"-nodefaults",
		"-no-user-config",
		"-display",
		"none",
		"-no-reboot",
		"-chardev",
		"file,id=console,path=/proc/self/fd/1,append=on",
		"-serial",
		"chardev:console",
		"-device",
		"ivshmem-plain,memdev=channel",
		NULL,
	};
	bool kvm = has_kvm();

	args(c, fixed);
	arg(c, "-machine");
	arg(c, "q35");
	arg(c, "-accel");
	/*
	 * CPUs that take turns: twice as fast, since little here runs at the same time; and with
	 * a thread each, emulated kernels that patch their own code now and then die of an int3.
	 */
	arg(c, kvm ? "kvm" : "tcg,thread=single");
	arg(c, "-cpu");
	arg(c, kvm ? "host" : "max");
	arg(c, "-smp");
	arg(c, "%u", o->smp);
	arg(c, "-m");
	arg(c, "%u", o->memory_mb);
	arg(c, "-object");
	arg(c, "memory-backend-file,id=channel,share=on,mem-path=/proc/self/fd/%d,size=%llu",
	    vm->channel_fd, (unsigned long long)mue_channel_size());
	arg(c, "-kernel");
	if (vm->vmlinux_fd >= 0)
		arg(c, "/proc/self/fd/%d", vm->vmlinux_fd);
	else
		arg(c, "%s", o->kernel.kernel);
	arg(c, "-initrd");
	arg(c, "/proc/self/fd/%d", vm->initramfs_fd);
	arg(c, "-append");
	/*
	 * What a test of maps does not need is left out of the boot; panics end it. Grace periods
	 * are hurried: maps in maps, local storages and sockets wait for one in each case.
	 */
	arg(c,
	    "console=ttyS0 loglevel=4 panic=-1 oops=panic nokaslr mitigations=off tsc=reliable "
	    "no_timer_check cryptomgr.notests random.trust_cpu=on rcupdate.rcu_expedited=1 lsm=bpf "
	    "-- %s %s %s",
	    o->nojit ? "nojit" : "", o->harden ? "harden" : "", o->noreuse ? "noreuse" : "");
}

static void uml_command(struct command *c, const struct mue_vm *vm,
			const struct mue_guest_options *o)
{
	arg(c, "%s", o->kernel.kernel);
	arg(c, "mem=%uM", o->memory_mb);
	if (*vm->uml_dir) {
		arg(c, "uml_dir=%s/", vm->uml_dir);
		arg(c, "umid=mue");
	}
	arg(c, "initrd=/proc/self/fd/%d", vm->initramfs_fd);
	arg(c, "iomem=mmapper,/proc/self/fd/%d", vm->channel_fd);
	arg(c, "root=/dev/ram0");
	arg(c, "con=null");
	arg(c, "con0=null,fd:1");
	arg(c, "loglevel=4");
	arg(c, "cryptomgr.notests");
	/* Each of them is announced to a program that is not there, by a process of its own. */
	arg(c, "pty.legacy_count=0");
	arg(c, "panic=-1");
	if (mue_xstate_unwanted(o->kernel.kernel))
		arg(c, "%s", MUE_XSTATE_NO_AVX);
	arg(c, "--");
	if (o->nojit)
		arg(c, "nojit");
	if (o->harden)
		arg(c, "harden");
	if (o->noreuse)
		arg(c, "noreuse");
}

/* What only this child may see of our descriptors. */
static void hand_over(int fd)
{
	fcntl(fd, F_SETFD, 0);
}

static void run_guest(struct mue_vm *vm, const struct mue_guest_options *o, struct command *c)
{
	int null = open("/dev/null", O_RDONLY), console;
	char path[40];

	/* QEMU opens it once more: so that no writer overwrites another, all append. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", vm->console_fd);
	console = open(path, O_WRONLY | O_APPEND);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	mue_turns_long();
	hand_over(vm->channel_fd);
	hand_over(vm->initramfs_fd);
	if (vm->vmlinux_fd >= 0)
		hand_over(vm->vmlinux_fd);
	dup2(null, 0);
	dup2(console, 1);
	dup2(console, 2);
	if (o->image == MUE_IMAGE_UML && mue_xstate_unwanted(o->kernel.kernel))
		mue_xstate_hide();
	execvp(c->argv[0], c->argv);
	if (errno == ENOENT && !strchr(c->argv[0], '/'))
		dprintf(2, "%s is not installed (Debian package qemu-system-x86)\n", c->argv[0]);
	else
		dprintf(2, "%s: %s\n", c->argv[0], strerror(errno));
	_exit(127);
}

/* User-mode Linux leaves its folder behind when it is killed, and needs it no longer than to boot.
 */
static void remove_uml_dir(struct mue_vm *vm)
{
	static const char *const names[] = {"/mue/pid", "/mue/mconsole", "/mue", ""};
	char path[300];

	for (size_t i = 0; *vm->uml_dir && i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s%s", vm->uml_dir, names[i]);
		remove(path);
	}
	vm->uml_dir[0] = 0;
}

/* Ends as the guest did. */
static void end_like(int status)
{
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		prctl(PR_SET_DUMPABLE, 0);
		kill(getpid(), WTERMSIG(status));
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

/* User-mode Linux makes itself a process group; QEMU stays in ours. */
static _Noreturn void end_all(struct mue_vm *vm, pid_t guest)
{
	remove_uml_dir(vm);
	kill(-guest, SIGKILL);
	kill(guest, SIGKILL);
	_exit(1);
}

/*
 * The keeper, between us and the guest: user-mode Linux has children that would outlive
 * it. When we say so, or die, however suddenly, it ends them all.
 */
static void keep(struct mue_vm *vm, const struct mue_guest_options *o, struct command *c,
		 pid_t parent)
{
	static const int heard[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGCHLD};
	sigset_t set, old;
	int sig, status;
	pid_t guest;

	setpgid(0, 0); /* the terminal's Ctrl-C is for us alone */
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(heard) / sizeof(*heard); i++)
		sigaddset(&set, heard[i]);
	sigprocmask(SIG_BLOCK, &set, &old);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent) /* it died before the line above */
		_exit(1);
	guest = fork();
	if (guest == 0) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		run_guest(vm, o, c);
	}
	while (guest > 0 && !sigwait(&set, &sig) && sig == SIGCHLD) {
		if (waitpid(guest, &status, WNOHANG) != guest)
			continue;
		kill(-guest, SIGKILL);
		end_like(status);
	}
	if (guest > 0)
		end_all(vm, guest);
	_exit(1);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int open_channel(struct mue_vm *vm, char *msg, size_t msg_size)
{
	void *p = MAP_FAILED;

	vm->channel_fd = memfd_create("mue-channel", MFD_CLOEXEC);
	if (vm->channel_fd >= 0 && !ftruncate(vm->channel_fd, mue_channel_size()))
		p = mmap(NULL, mue_channel_size(), PROT_READ | PROT_WRITE, MAP_SHARED,
			 vm->channel_fd, 0);
	if (p == MAP_FAILED) {
		snprintf(msg, msg_size, "guest channel: %s", strerror(errno));
		return -errno;
	}
	vm->channel = p;
	vm->channel->magic = MUE_CHANNEL_MAGIC;
	vm->channel->layout = sizeof(struct mue_channel);
	vm->channel->next = 1;
	return 0;
}

int mue_vm_open(struct mue_vm *vm, const struct mue_guest_options *o, char *msg, size_t msg_size)
{
	int err;

	*vm = (struct mue_vm){
		.channel_fd = -1, .initramfs_fd = -1, .console_fd = -1, .vmlinux_fd = -1};
	err = open_channel(vm, msg, msg_size);
	if (err)
		return err;
	vm->initramfs_fd = mue_initramfs(o->kernel.modules, o->kernel.config, msg, msg_size);
	return vm->initramfs_fd < 0 ? vm->initramfs_fd : 0;
}

static void fail_boot(struct mue_vm *vm, const char *how, char *msg, size_t msg_size)
{
	char line[200];

	mue_vm_console(vm, line, sizeof(line));
	snprintf(msg, msg_size, "guest %s; its console: %s", how, *line ? line : "nothing at all");
}

static int wait_until_ready(struct mue_vm *vm, unsigned boot_s, char *msg, size_t msg_size)
{
	struct mue_patience patience;
	char why[128];

	mue_patience_begin(&patience, vm->pid);
	for (unsigned polls = 0;; polls++) {
		uint32_t state = atomic_load(&vm->channel->state);

		if (state == MUE_AGENT_READY)
			return 0;
		if (state == MUE_AGENT_FAILED) {
			snprintf(msg, msg_size, "%.200s", vm->channel->message);
			return -EOPNOTSUPP;
		}
		if (!mue_vm_alive(vm, why, sizeof(why))) {
			fail_boot(vm, why, msg, msg_size);
			return -EIO;
		}
		usleep(POLL_US);
		if (polls % POLLS_A_LOOK)
			continue;
		if (mue_patience_ms(&patience, vm->pid) > boot_s * UINT64_C(1000)) {
			snprintf(why, sizeof(why), "did not come up in %u s", boot_s);
			fail_boot(vm, why, msg, msg_size);
			return -ETIMEDOUT;
		}
	}
}

static int start(struct mue_vm *vm, const struct mue_guest_options *o)
{
	struct command *c = calloc(1, sizeof(*c));
	pid_t parent = getpid();

	if (!c)
		return -ENOMEM;
	/* Emulated, unpacking the kernel takes a second, a third of the boot. */
	if (o->image == MUE_IMAGE_BZIMAGE && !has_kvm())
		vm->vmlinux_fd = mue_vmlinux(o->kernel.kernel);
	if (o->image == MUE_IMAGE_UML)
		uml_command(c, vm, o);
	else
		qemu_command(c, vm, o);
	vm->pid = fork();
	if (vm->pid == 0)
		keep(vm, o, c, parent);
	close_fd(&vm->vmlinux_fd);
	free(c);
	return vm->pid < 0 ? -errno : 0;
}

int mue_vm_start(struct mue_vm *vm, const struct mue_guest_options *o, char *msg, size_t msg_size)
{
	int err;

	mue_vm_stop(vm);
	atomic_store(&vm->channel->state, MUE_AGENT_STARTING);
	vm->console_fd = memfd_create("mue-console", MFD_CLOEXEC);
	if (o->image == MUE_IMAGE_UML) {
		const char *tmp = getenv("TMPDIR");

		snprintf(vm->uml_dir, sizeof(vm->uml_dir), "%s/mue-uml-XXXXXX",
			 tmp && *tmp ? tmp : "/tmp");
		if (!mkdtemp(vm->uml_dir))
			vm->uml_dir[0] = 0;
	}
	err = start(vm, o);
	if (err) {
		snprintf(msg, msg_size, "guest: %s", strerror(-err));
		remove_uml_dir(vm);
		mue_vm_stop(vm);
	}
	return err;
}

int mue_vm_ready(struct mue_vm *vm, const struct mue_guest_options *o, char *msg, size_t msg_size)
{
	int err = wait_until_ready(vm, o->boot_s, msg, msg_size);

	remove_uml_dir(vm);
	if (err)
		mue_vm_stop(vm);
	return err;
}

bool mue_vm_alive(struct mue_vm *vm, char *why, size_t size)
{
	int status;

	if (vm->pid <= 0) {
		snprintf(why, size, "is not running");
		return false;
	}
	if (waitpid(vm->pid, &status, WNOHANG) != vm->pid)
		return true;
	vm->pid = 0;
	vm->was_killed = WIFSIGNALED(status);
	if (vm->was_killed)
		snprintf(why, size, "was killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(why, size, "ended with status %d", WEXITSTATUS(status));
	return false;
}

/* Reads the console from its beginning. NULL when there is none. */
static FILE *read_console(const struct mue_vm *vm)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", vm->console_fd);
	return vm->console_fd < 0 ? NULL : fopen(path, "re"); /* with a position of its own */
}

bool mue_vm_console(const struct mue_vm *vm, char *line, size_t size)
{
	FILE *f = read_console(vm);
	struct mue_log log = {0};
	char *text = NULL;
	size_t room = 0;
	bool splat = false;

	line[0] = 0;
	while (f && !splat && getline(&text, &room, f) > 0) {
		text[strcspn(text, "\r\n")] = 0;
		splat = mue_log_splat(&log, text);
		if (*text)
			snprintf(line, size, "%s", text);
	}
	free(text);
	if (f)
		fclose(f);
	return splat;
}

/* Makes a folder and those above it. */
static void make_folders(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		mkdir(path, 0777);
		*p = '/';
	}
	mkdir(path, 0777);
}

void mue_vm_keep_log(const struct mue_vm *vm, const char *head, char *path, size_t size)
{
	const char *logs = getenv("MUE_LOGS");
	FILE *from = read_console(vm), *to = NULL;
	char dir[MUE_PATH_MAX], buf[4096];
	size_t n;
	int fd;

	if (logs && *logs)
		snprintf(dir, sizeof(dir), "%s", logs);
	else
		mue_cache_dir(dir, sizeof(dir), "logs");
	make_folders(dir);
	snprintf(path, size, "%s/guest-XXXXXX.log", dir);
	fd = from ? mkostemps(path, 4, O_CLOEXEC) : -1;
	if (fd >= 0)
		to = fdopen(fd, "w");
	if (to) {
		fputs(head, to);
		while ((n = fread(buf, 1, sizeof(buf), from)) > 0)
			fwrite(buf, 1, n, to);
		fclose(to);
	} else {
		path[0] = 0;
	}
	if (from)
		fclose(from);
}

void mue_vm_stop(struct mue_vm *vm)
{
	if (vm->pid > 0) {
		kill(vm->pid, SIGTERM); /* the keeper ends them all */
		waitpid(vm->pid, NULL, 0);
	}
	vm->pid = 0;
	close_fd(&vm->console_fd);
}

void mue_vm_close(struct mue_vm *vm)
{
	mue_vm_stop(vm);
	if (vm->channel)
		munmap(vm->channel, mue_channel_size());
	vm->channel = NULL;
	close_fd(&vm->channel_fd);
	close_fd(&vm->initramfs_fd);
}
