#include "runners/guest/places.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRACER "__sanitizer_cov_trace_pc"

struct image {
	const uint8_t *p;
	size_t size;
	const Elf64_Shdr *sections;
	uint16_t n;
};

static bool lies_within(const struct image *im, uint64_t at, uint64_t size)
{
	return at <= im->size && size <= im->size - at;
}

static bool open_image(struct image *im, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const Elf64_Ehdr *head;
	struct stat st;

	im->p = MAP_FAILED;
	if (fd >= 0 && !fstat(fd, &st) && st.st_size > (off_t)sizeof(*head)) {
		im->size = st.st_size;
		im->p = mmap(NULL, im->size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (fd >= 0)
		close(fd);
	if (im->p == MAP_FAILED)
		return false;
	head = (const void *)im->p;
	im->n = head->e_shnum;
	im->sections = (const void *)(im->p + head->e_shoff);
	if (!memcmp(head->e_ident, ELFMAG, SELFMAG) && head->e_ident[EI_CLASS] == ELFCLASS64 &&
	    !(head->e_shoff % 8) && lies_within(im, head->e_shoff, im->n * sizeof(*im->sections)))
		return true;
	munmap((void *)im->p, im->size);
	return false;
}

/* The bytes of a section, NULL where there are none. */
static const void *content(const struct image *im, uint32_t section)
{
	const Elf64_Shdr *s = &im->sections[section];

	return section < im->n && s->sh_type != SHT_NOBITS &&
			       lies_within(im, s->sh_offset, s->sh_size)
		       ? im->p + s->sh_offset
		       : NULL;
}

/* All symbols of an image; it has one table of them. */
struct symbols {
	const Elf64_Sym *rows;
	uint64_t n, names_size;
	const char *names;
};

static bool find_symbols(struct symbols *s, const struct image *im)
{
	for (uint32_t i = 0; i < im->n; i++) {
		const Elf64_Shdr *table = &im->sections[i];

		if (table->sh_type != SHT_SYMTAB || table->sh_link >= im->n)
			continue;
		s->rows = content(im, i);
		s->n = table->sh_size / sizeof(*s->rows);
		s->names = content(im, table->sh_link);
		s->names_size = im->sections[table->sh_link].sh_size;
		return s->rows && s->names;
	}
	return false;
}

/* The address of a symbol, or 0. */
static uint64_t address_of(const struct symbols *s, const char *name)
{
	size_t len = strlen(name) + 1;

	for (uint64_t i = 0; i < s->n; i++) {
		uint64_t at = s->rows[i].st_name;

		if (at < s->names_size && s->names_size - at >= len &&
		    !memcmp(s->names + at, name, len))
			return s->rows[i].st_value;
	}
	return 0;
}

static int add_place(struct mue_places *p, uint64_t at)
{
	if (!(p->n & (p->n - 1))) { /* full at each power of two */
		void *rows = realloc(p->rows, (p->n ? 2 * p->n : 1) * sizeof(*p->rows));

		if (!rows)
			return -ENOMEM;
		p->rows = rows;
	}
	p->rows[p->n++] = (struct mue_place){.at = at};
	return 0;
}

/* A function's instructions, and what its registers were last loaded with. */
struct function {
	const uint8_t *code;
	uint64_t at, size;
	struct {
		uint64_t value, where; /* where: behind the load; 0 when there was none */
	} regs[16];
};

/* Calls through registers that calls do not keep follow their load at once. */
#define SCRATCH_REACH 16
static bool is_kept(unsigned reg)
{
	return reg == 3 || reg == 5 || reg >= 12;
}

/* movabs $VALUE, %REG */
static void note_load(struct function *f, uint64_t i)
{
	unsigned reg;

	if (i + 10 > f->size || (f->code[i] & 0xfe) != 0x48 || (f->code[i + 1] & 0xf8) != 0xb8)
		return;
	reg = (f->code[i] & 1) << 3 | (f->code[i + 1] & 7);
	memcpy(&f->regs[reg].value, f->code + i + 2, sizeof(uint64_t));
	f->regs[reg].where = i + 10;
}

/* The length of a call of the tracer that stands there, else 0. */
static unsigned call_at(const struct function *f, uint64_t i, uint64_t tracer)
{
	bool wide = f->code[i] == 0x41; /* call *%r8 and on */
	unsigned reg;
	int32_t off;

	if (f->code[i] == 0xe8 && i + 5 <= f->size) {
		memcpy(&off, f->code + i + 1, sizeof(off));
		return f->at + i + 5 + off == tracer ? 5 : 0;
	}
	if (i + 2 + wide > f->size || f->code[i + wide] != 0xff ||
	    (f->code[i + wide + 1] & 0xf8) != 0xd0)
		return 0;
	reg = wide << 3 | (f->code[i + wide + 1] & 7);
	if (!f->regs[reg].where || f->regs[reg].value != tracer ||
	    (!is_kept(reg) && i - f->regs[reg].where > SCRATCH_REACH))
		return 0;
	return 2 + wide;
}

/* What is behind each call, which is what KCOV notes. */
static int find_calls(struct mue_places *p, struct function *f, uint64_t tracer)
{
	unsigned n;

	for (uint64_t i = 0; i < f->size; i += n ? n : 1) {
		note_load(f, i);
		n = call_at(f, i, tracer);
		if (n && add_place(p, f->at + i + n))
			return -ENOMEM;
	}
	return 0;
}

static int find_calls_of(struct mue_places *p, const struct image *im, const Elf64_Sym *symbol,
			 uint64_t tracer)
{
	struct function f = {.at = symbol->st_value, .size = symbol->st_size};
	const Elf64_Shdr *s = &im->sections[symbol->st_shndx];
	const uint8_t *code;

	if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_shndx >= im->n)
		return 0;
	code = content(im, symbol->st_shndx);
	if (!code || f.at < s->sh_addr || f.at - s->sh_addr > s->sh_size ||
	    f.size > s->sh_size - (f.at - s->sh_addr))
		return 0;
	f.code = code + (f.at - s->sh_addr);
	return find_calls(p, &f, tracer);
}

static int by_address(const void *a, const void *b)
{
	const struct mue_place *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* In order; functions can have several names. */
static void sort_places(struct mue_places *p)
{
	uint32_t n = 0;

	if (p->n)
		qsort(p->rows, p->n, sizeof(*p->rows), by_address);
	for (uint32_t i = 0; i < p->n; i++)
		if (!n || p->rows[i].at != p->rows[n - 1].at)
			p->rows[n++] = p->rows[i];
	p->n = n;
}

static int find_places(struct mue_places *p, const char *path, char *msg, size_t msg_size)
{
	struct symbols symbols = {0};
	struct image im;
	uint64_t tracer = 0;
	int err = 0;

	if (!open_image(&im, path)) {
		snprintf(msg, msg_size, "%s: expected an ELF image of a kernel", path);
		return -ENOEXEC;
	}
	if (find_symbols(&symbols, &im))
		tracer = address_of(&symbols, TRACER);
	for (uint64_t i = 0; i < symbols.n && tracer && !err; i++)
		err = find_calls_of(p, &im, &symbols.rows[i], tracer);
	munmap((void *)im.p, im.size);
	sort_places(p);
	if (!err && !p->n)
		err = -ENOENT;
	if (err)
		snprintf(msg, msg_size, err == -ENOENT ? "%s: has no KCOV" : "%s: out of memory",
			 path);
	return err;
}

/* Writes an address within each call to a file for addr2line to read. -1, or the file. */
static int write_addresses(const struct mue_places *p)
{
	int fd = memfd_create("places", MFD_CLOEXEC);

	for (uint32_t i = 0; fd >= 0 && i < p->n; i++)
		dprintf(fd, "0x%x\n", p->rows[i].at - 1);
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

/* Runs addr2line: gives the file that it has written, or -1. */
static int run_addr2line(const struct mue_places *p, const char *image)
{
	int from = write_addresses(p), to = memfd_create("lines", MFD_CLOEXEC), status = -1;
	pid_t pid = from >= 0 && to >= 0 ? fork() : -1;

	if (!pid) {
		dup2(from, 0);
		dup2(to, 1);
		execlp("addr2line", "addr2line", "-a", "-f", "-i", "-e", image, (char *)NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (from >= 0)
		close(from);
	if (!status)
		return to;
	if (to >= 0)
		close(to);
	return -1;
}

static char *read_all(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = size >= 0 ? malloc(size + 1) : NULL;

	if (text && pread(fd, text, size, 0) != size) {
		free(text);
		return NULL;
	}
	if (text)
		text[size] = 0;
	return text;
}

static char *next_line(char **rest)
{
	char *line = *rest, *end = strchr(line, '\n');

	*rest = end ? end + 1 : line + strlen(line);
	if (end)
		*end = 0;
	return line;
}

static bool is_source(const char *file)
{
	size_t n = strlen(file);

	return n > 2 && !strcmp(file + n - 2, ".c");
}

/*
 * For each address a line with it, then two for each function that it is in, the innermost first:
 * the name, and FILE:LINE, to which more may be added. What headers put into functions counts for
 * these.
 */
static void take_lines(struct mue_places *p)
{
	char *rest = p->text;

	for (uint32_t i = 0; i < p->n; i++) {
		struct mue_place *row = &p->rows[i];

		row->function = row->file = "";
		next_line(&rest);
		while (*rest && strncmp(rest, "0x", 2)) {
			const char *function = next_line(&rest);
			char *file = next_line(&rest), *colon = strrchr(file, ':');

			if (is_source(row->file))
				continue;
			if (colon)
				*colon = 0;
			row->function = function;
			row->file = file;
			row->line = colon ? strtoul(colon + 1, NULL, 10) : 0;
		}
	}
}

/* What all files' names begin with, up to a '/', is where the sources lie. */
static void cut_root(struct mue_places *p)
{
	size_t n = strlen(p->rows[0].file);

	for (uint32_t i = 1; i < p->n; i++) {
		size_t same = 0;

		while (same < n && p->rows[i].file[same] == p->rows[0].file[same])
			same++;
		n = same;
	}
	while (n && p->rows[0].file[n - 1] != '/')
		n--;
	for (uint32_t i = 0; i < p->n; i++)
		p->rows[i].file += n;
}

int mue_places_read(struct mue_places *p, const char *image, char *msg, size_t msg_size)
{
	int fd, err;

	memset(p, 0, sizeof(*p));
	err = find_places(p, image, msg, msg_size);
	if (err) {
		mue_places_clear(p);
		return err;
	}
	fd = run_addr2line(p, image);
	p->text = fd >= 0 ? read_all(fd) : NULL;
	if (fd >= 0)
		close(fd);
	if (!p->text) {
		snprintf(msg, msg_size, "%s: addr2line (of binutils) does not tell its lines",
			 image);
		mue_places_clear(p);
		return -EIO;
	}
	take_lines(p);
	cut_root(p);
	return 0;
}

void mue_places_clear(struct mue_places *p)
{
	free(p->rows);
	free(p->text);
	memset(p, 0, sizeof(*p));
}
