/* The initramfs of a guest: the agent as /init, and the modules needed. */
#ifndef MUE_GUEST_INITRAMFS_H
#define MUE_GUEST_INITRAMFS_H

#include <stddef.h>

/*
 * Writes one (cpio, newc) to a new memfd, which the caller closes. `modules` is a folder with
 * kernel modules (*.ko, *.ko.xz, .. in any depth), or ""; `config` the kernel's configuration, which becomes
 * /boot/config, or "". Gives the fd, or -errno and one line in msg.
 */
int mue_initramfs(const char *modules, const char *config, char *msg, size_t msg_size);

#endif
