/* What kind of kernel a file is, told by its content. */
#ifndef MUE_GUEST_IMAGE_H
#define MUE_GUEST_IMAGE_H

#include <stddef.h>

enum mue_image {
	MUE_IMAGE_BZIMAGE, /* x86 boot protocol: for QEMU */
	MUE_IMAGE_UML,	   /* an ELF executable: user-mode Linux */
};

/* The kind, or -errno and one line in msg ("PATH: expected a bzImage or ..."). */
int mue_image_kind(const char *path, char *msg, size_t msg_size);
/*
 * The version that an image says it is ("6.1.0-56-cloud-amd64"): in a bzImage's header, or in the banner of
 * user-mode Linux. 0 or -EINVAL.
 */
int mue_image_version(const char *path, char *version, size_t size);

#endif
