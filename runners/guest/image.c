#include "runners/guest/image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Documentation/arch/x86/boot.rst: offsets in the real-mode header. */
#define BOOT_FLAG_AT 0x1fe
#define BOOT_MAGIC_AT 0x202
#define BOOT_VERSION_AT 0x20e
#define BOOT_VERSION_BASE 0x200
#define HEADER_SIZE 0x8000

static ssize_t read_head(const char *path, uint8_t *head, char *msg, size_t msg_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, head, HEADER_SIZE, 0);
	int err = errno;

	if (fd >= 0)
		close(fd);
	if (n >= 0)
		return n;
	snprintf(msg, msg_size, "%s: %s", path, strerror(err));
	return -err;
}

static int is_bzimage(const uint8_t *head, ssize_t n)
{
	return n > BOOT_VERSION_AT + 2 && head[BOOT_FLAG_AT] == 0x55 &&
	       head[BOOT_FLAG_AT + 1] == 0xaa && !memcmp(head + BOOT_MAGIC_AT, "HdrS", 4);
}

static int is_executable(const uint8_t *head, ssize_t n)
{
	Elf64_Ehdr e;

	if (n < (ssize_t)sizeof(e))
		return 0;
	memcpy(&e, head, sizeof(e));
	return !memcmp(e.e_ident, ELFMAG, SELFMAG) && e.e_ident[EI_CLASS] == ELFCLASS64 &&
	       e.e_machine == EM_X86_64 && (e.e_type == ET_EXEC || e.e_type == ET_DYN);
}

int mue_image_kind(const char *path, char *msg, size_t msg_size)
{
	uint8_t head[HEADER_SIZE];
	ssize_t n = read_head(path, head, msg, msg_size);

	if (n < 0)
		return n;
	if (is_bzimage(head, n))
		return MUE_IMAGE_BZIMAGE;
	if (is_executable(head, n))
		return MUE_IMAGE_UML;
	snprintf(msg, msg_size,
		 "%s: is no kernel; expected a bzImage (x86-64) or a user-mode Linux executable",
		 path);
	return -ENOEXEC;
}

/* The first word of `text`, of which there are `room` bytes. */
static int take_word(const char *text, size_t room, char *word, size_t size)
{
	size_t len = 0;

	while (len < room && text[len] != ' ' && text[len])
		len++;
	if (!len || len == room || len >= size)
		return -EINVAL;
	memcpy(word, text, len);
	word[len] = 0;
	return 0;
}

static int bzimage_version(const uint8_t *head, ssize_t n, char *version, size_t size)
{
	uint16_t at;

	memcpy(&at, head + BOOT_VERSION_AT, 2);
	if (at + BOOT_VERSION_BASE >= n)
		return -EINVAL;
	return take_word((const char *)head + at + BOOT_VERSION_BASE, n - at - BOOT_VERSION_BASE,
			 version, size);
}

static int uml_version(const char *path, char *version, size_t size)
{
	static const char banner[] = "Linux version ";
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = -EINVAL;
	off_t n = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	char *image = n > 0 ? mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
	const char *at;

	if (fd >= 0)
		close(fd);
	if (image == MAP_FAILED)
		return -EINVAL;
	at = memmem(image, n, banner, strlen(banner));
	if (at)
		err = take_word(at + strlen(banner), image + n - at - strlen(banner), version,
				size);
	munmap(image, n);
	return err;
}

int mue_image_version(const char *path, char *version, size_t size)
{
	uint8_t head[HEADER_SIZE];
	char msg[64];
	ssize_t n = read_head(path, head, msg, sizeof(msg));

	if (n >= 0 && is_bzimage(head, n))
		return bzimage_version(head, n, version, size);
	return n < 0 ? -EINVAL : uml_version(path, version, size);
}
