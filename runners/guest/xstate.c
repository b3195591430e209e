#include "runners/guest/xstate.h"

#include <elf.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "cases/world.h"
#include "runners/guest/image.h"

bool mue_xstate_unwanted(const char *image)
{
	char version[128];
	unsigned major, minor;

	return !mue_image_version(image, version, sizeof(version)) &&
	       sscanf(version, "%u.%u", &major, &minor) == 2 &&
	       MUE_VERSION(major, minor) < MUE_VERSION(6, 13);
}

/* ptrace(GETREGSET or SETREGSET, .., NT_X86_XSTATE, ..) gives EIO, as on a CPU without XSAVE. */
void mue_xstate_hide(void)
{
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IS(what, or_skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, what, 0, or_skip)
	static struct sock_filter filter[] = {
		LOAD(arch),
		IS(AUDIT_ARCH_X86_64, 8),
		LOAD(nr),
		IS(SYS_ptrace, 6),
		LOAD(args[2]),
		IS(NT_X86_XSTATE, 4),
		LOAD(args[0]),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PTRACE_GETREGSET, 1, 0),
		IS(PTRACE_SETREGSET, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EIO),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		perror("seccomp");
}
