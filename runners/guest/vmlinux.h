/* The kernel within a bzImage, unpacked here instead of by emulated instructions. */
#ifndef MUE_GUEST_VMLINUX_H
#define MUE_GUEST_VMLINUX_H

/*
 * A memfd with the ELF file that a bzImage holds, which the caller closes; -1 where it cannot be
 * unpacked, or where QEMU could not enter it (it needs the PVH note of CONFIG_PVH): then the image
 * itself is to be booted.
 */
int mue_vmlinux(const char *bzimage);

#endif
