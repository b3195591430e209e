/* Registers of the host's CPU that an old user-mode Linux had better not know. */
#ifndef MUE_GUEST_XSTATE_H
#define MUE_GUEST_XSTATE_H

#include <stdbool.h>

/*
 * Before 6.13 user-mode Linux has 2696 bytes for the registers of a process (XSAVE's, up to AVX-512
 * and PKRU), and hands that many to the host, which takes all of its CPU's (AMX: 11 KB) or none:
 * init would die at its first instruction. And where there is room, each change to a process costs
 * the host a vmalloc, and the guest half its speed. Whether this image is one of those.
 */
bool mue_xstate_unwanted(const char *image);

/*
 * Then, before the image is executed: this process and its children are told that there is no
 * XSAVE. It goes by FXSAVE's registers, and so loses the upper halves of AVX's at every page fault.
 */
void mue_xstate_hide(void);

/* Therefore init's environment: a libc that uses none of them. */
#define MUE_XSTATE_NO_AVX \
	"GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-AVX_Fast_Unaligned_Load"

#endif
