#include "runners/guest/vmlinux.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Documentation/arch/x86/boot.rst */
#define SETUP_SECTORS_AT 0x1f1
#define PAYLOAD_OFFSET_AT 0x248
#define PAYLOAD_LENGTH_AT 0x24c
#define HEADER_SIZE 0x250
#define SECTOR 512

#define XEN_ELFNOTE_PHYS32_ENTRY 18

/* A file in memory. */
struct view {
	const uint8_t *data;
	size_t size;
};

static bool map(struct view *v, int fd)
{
	struct stat st;
	void *p = MAP_FAILED;

	if (fd >= 0 && !fstat(fd, &st) && st.st_size > 0)
		p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return false;
	*v = (struct view){p, st.st_size};
	return true;
}

static bool payload(const struct view *image, struct view *v)
{
	uint32_t offset, length;
	uint64_t at;

	if (image->size < HEADER_SIZE)
		return false;
	memcpy(&offset, image->data + PAYLOAD_OFFSET_AT, 4);
	memcpy(&length, image->data + PAYLOAD_LENGTH_AT, 4);
	at = (image->data[SETUP_SECTORS_AT] + 1) * SECTOR + (uint64_t)offset;
	if (!length || at + length > image->size)
		return false;
	*v = (struct view){image->data + at, length};
	return true;
}

/* Behind what was packed stands its size, which some formats take for damage: that comes last. */
static int unpack(const struct view *packed)
{
	int fd = memfd_create("mue-vmlinux", MFD_CLOEXEC);
	struct archive *from = archive_read_new();
	struct archive_entry *e;
	static char buf[1 << 20];
	la_ssize_t n;

	archive_read_support_filter_all(from);
	archive_read_support_format_raw(from);
	if (archive_read_open_memory(from, packed->data, packed->size) == ARCHIVE_OK &&
	    archive_read_next_header(from, &e) == ARCHIVE_OK)
		while ((n = archive_read_data(from, buf, sizeof(buf))) > 0 &&
		       write(fd, buf, n) == n)
			;
	archive_read_free(from);
	return fd;
}

static bool has_entry(const uint8_t *notes, size_t size)
{
	Elf64_Nhdr h;

	for (size_t at = 0; at + sizeof(h) + 4 <= size;) {
		memcpy(&h, notes + at, sizeof(h));
		if (h.n_type == XEN_ELFNOTE_PHYS32_ENTRY && h.n_namesz == 4 &&
		    !memcmp(notes + at + sizeof(h), "Xen", 4))
			return true;
		at += sizeof(h) + ((h.n_namesz + 3ull) & ~3ull) + ((h.n_descsz + 3ull) & ~3ull);
	}
	return false;
}

/* Whole, and QEMU finds a way in. */
static bool is_enterable(const struct view *v)
{
	const Elf64_Ehdr *e = (const Elf64_Ehdr *)v->data;
	const Elf64_Phdr *p;
	bool entry = false;

	if (v->size < sizeof(*e) || memcmp(e->e_ident, ELFMAG, SELFMAG) ||
	    e->e_ident[EI_CLASS] != ELFCLASS64 || e->e_phoff > v->size || e->e_phoff % 8 ||
	    e->e_phnum > (v->size - e->e_phoff) / sizeof(*p))
		return false;
	p = (const Elf64_Phdr *)(v->data + e->e_phoff);
	for (unsigned i = 0; i < e->e_phnum; i++) {
		if (p[i].p_offset > v->size || p[i].p_filesz > v->size - p[i].p_offset)
			return false;
		if (p[i].p_type == PT_NOTE)
			entry |= has_entry(v->data + p[i].p_offset, p[i].p_filesz);
	}
	return entry;
}

int mue_vmlinux(const char *bzimage)
{
	int image_fd = open(bzimage, O_RDONLY | O_CLOEXEC), fd = -1;
	struct view image, packed, whole;
	bool right;

	if (map(&image, image_fd)) {
		if (payload(&image, &packed))
			fd = unpack(&packed);
		munmap((void *)image.data, image.size);
	}
	if (image_fd >= 0)
		close(image_fd);
	if (fd < 0)
		return -1;
	right = map(&whole, fd);
	if (right) {
		right = is_enterable(&whole);
		munmap((void *)whole.data, whole.size);
	}
	if (right)
		return fd;
	close(fd);
	return -1;
}
