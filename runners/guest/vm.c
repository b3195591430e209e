#include "runners/guest/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runners/guest/initramfs.h"
#include "runners/guest/log.h"

#define ARGS_MAX 48
#define ARG_SIZE 512

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

static void qemu_command(struct command *c, const struct mue_vm *vm, const struct mue_vm_options *o)
{
	static const char *const fixed[] = {
		"qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
		"-serial", "stdio", "-device", "ivshmem-plain,memdev=channel", NULL,
	};
	bool kvm = access("/dev/kvm", R_OK | W_OK) == 0;

	args(c, fixed);
	arg(c, "-machine");
	arg(c, "q35,accel=%s", kvm ? "kvm" : "tcg");
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
	arg(c, "%s", o->kernel.kernel);
	arg(c, "-initrd");
	arg(c, "/proc/self/fd/%d", vm->initramfs_fd);
	arg(c, "-append");
	/* What a test of maps does not need is left out of the boot; panics end it. */
	arg(c,
	    "console=ttyS0 loglevel=4 panic=-1 oops=panic nokaslr mitigations=off tsc=reliable "
	    "no_timer_check cryptomgr.notests random.trust_cpu=on -- %s %s",
	    o->nojit ? "nojit" : "", o->harden ? "harden" : "");
}

static void uml_command(struct command *c, const struct mue_vm *vm, const struct mue_vm_options *o)
{
	arg(c, "%s", o->kernel.kernel);
	arg(c, "mem=%uM", o->memory_mb);
	arg(c, "initrd=/proc/self/fd/%d", vm->initramfs_fd);
	arg(c, "iomem=mmapper,/proc/self/fd/%d", vm->channel_fd);
	arg(c, "root=/dev/ram0");
	arg(c, "con=null");
	arg(c, "con0=null,fd:1");
	arg(c, "loglevel=4");
	arg(c, "panic=-1");
	arg(c, "--");
	if (o->nojit)
		arg(c, "nojit");
	if (o->harden)
		arg(c, "harden");
}

static void run_child(struct mue_vm *vm, struct command *c, pid_t parent)
{
	int null = open("/dev/null", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it died before the line above */
		_exit(1);
	setpgid(0, 0); /* the terminal's Ctrl-C is for us alone */
	dup2(null, 0);
	dup2(vm->console_fd, 1);
	dup2(vm->console_fd, 2);
	execvp(c->argv[0], c->argv);
	dprintf(2, "%s: %s\n", c->argv[0], strerror(errno));
	_exit(127);
}

static int open_channel(struct mue_vm *vm, char *msg, size_t msg_size)
{
	vm->channel_fd = memfd_create("mue-channel", 0);
	vm->console_fd = memfd_create("mue-console", 0);
	if (vm->channel_fd < 0 || vm->console_fd < 0 ||
	    ftruncate(vm->channel_fd, mue_channel_size())) {
		snprintf(msg, msg_size, "guest channel: %s", strerror(errno));
		return -errno;
	}
	vm->channel = mmap(NULL, mue_channel_size(), PROT_READ | PROT_WRITE, MAP_SHARED,
			   vm->channel_fd, 0);
	if (vm->channel == MAP_FAILED) {
		vm->channel = NULL;
		snprintf(msg, msg_size, "guest channel: %s", strerror(errno));
		return -errno;
	}
	vm->channel->magic = MUE_CHANNEL_MAGIC;
	vm->channel->layout = sizeof(struct mue_channel);
	return 0;
}

static void fail_boot(struct mue_vm *vm, const char *how, char *msg, size_t msg_size)
{
	char line[200];

	mue_vm_console(vm, line, sizeof(line));
	snprintf(msg, msg_size, "guest %s; its console's last word: %s", how,
		 *line ? line : "nothing at all");
}

static int wait_until_ready(struct mue_vm *vm, char *msg, size_t msg_size)
{
	struct timespec begin, now;
	char why[128];

	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (;;) {
		uint32_t state = atomic_load(&vm->channel->state);

		if (state == MUE_AGENT_READY)
			return 0;
		if (state == MUE_AGENT_FAILED) {
			snprintf(msg, msg_size, "guest agent: %.200s", vm->channel->message);
			return -EIO;
		}
		if (!mue_vm_alive(vm, why, sizeof(why))) {
			fail_boot(vm, why, msg, msg_size);
			return -EIO;
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - begin.tv_sec > MUE_BOOT_TIMEOUT_S) {
			snprintf(why, sizeof(why), "did not come up in %d s", MUE_BOOT_TIMEOUT_S);
			fail_boot(vm, why, msg, msg_size);
			return -ETIMEDOUT;
		}
		usleep(2000);
	}
}

int mue_vm_boot(struct mue_vm *vm, const struct mue_vm_options *o, char *msg, size_t msg_size)
{
	struct command *c;
	pid_t parent = getpid();
	int err;

	*vm = (struct mue_vm){.channel_fd = -1, .initramfs_fd = -1, .console_fd = -1};
	err = open_channel(vm, msg, msg_size);
	if (!err) {
		vm->initramfs_fd = mue_initramfs(o->kernel.modules, msg, msg_size);
		err = vm->initramfs_fd < 0 ? vm->initramfs_fd : 0;
	}
	c = calloc(1, sizeof(*c));
	if (!err && c) {
		if (o->image == MUE_IMAGE_UML)
			uml_command(c, vm, o);
		else
			qemu_command(c, vm, o);
		vm->pid = fork();
		if (vm->pid == 0)
			run_child(vm, c, parent);
		err = wait_until_ready(vm, msg, msg_size);
	}
	free(c);
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
	if (WIFSIGNALED(status))
		snprintf(why, size, "was killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(why, size, "ended with status %d", WEXITSTATUS(status));
	return false;
}

void mue_vm_console(const struct mue_vm *vm, char *line, size_t size)
{
	FILE *f = vm->console_fd < 0 ? NULL : fdopen(dup(vm->console_fd), "r");
	char *text = NULL;
	size_t room = 0;

	line[0] = 0;
	if (!f)
		return;
	rewind(f);
	while (getline(&text, &room, f) > 0) {
		text[strcspn(text, "\r\n")] = 0;
		if (*text)
			snprintf(line, size, "%s", text);
		if (mue_log_splat(text))
			break;
	}
	free(text);
	fclose(f);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void mue_vm_stop(struct mue_vm *vm)
{
	if (vm->pid > 0) {
		kill(-vm->pid, SIGKILL); /* user-mode Linux has children of its own */
		kill(vm->pid, SIGKILL);
		waitpid(vm->pid, NULL, 0);
	}
	vm->pid = 0;
	if (vm->channel)
		munmap(vm->channel, mue_channel_size());
	vm->channel = NULL;
	close_fd(&vm->channel_fd);
	close_fd(&vm->initramfs_fd);
	close_fd(&vm->console_fd);
}
