/* Attaching: the kernel's BTF, cgroups, links, what keeps them. */
#include <inttypes.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <sys/mman.h>

#ifndef SO_ATTACH_BPF
#define SO_ATTACH_BPF 50
#endif
#ifndef SO_ATTACH_REUSEPORT_EBPF
#define SO_ATTACH_REUSEPORT_EBPF 52
#endif
#define IN_FRONT 128 /* zeros in front of a packet's payload, for its headers */
#define DONE_MS 2000

/* The one that is being made; what it keeps open, in order. */
static const struct phase *now;
static int prog, kept[16], n_kept, link_map;

static int load_part(const struct phase *p, const struct part *part, int *fds);
static uint8_t *image(const struct words *w, uint32_t n, size_t size);

static int keep(int fd, const char *what)
{
	sure(fd, what);
	kept[n_kept++] = fd;
	return fd;
}

/* The kernel's BTF. */

static const struct btf_header *kernel_btf(void)
{
	static uint8_t *p;
	size_t n = 0, more = 1 << 20;
	ssize_t got = 1;
	int fd;

	if (p)
		return (struct btf_header *)p;
	fd = open("/sys/kernel/btf/vmlinux", O_RDONLY);
	sure(fd, "the kernel's BTF");
	for (; got > 0; n += got) {
		p = realloc(p, n + more);
		if (!p)
			fail("realloc");
		got = read(fd, p + n, more);
	}
	close(fd);
	return (struct btf_header *)p;
}

static const char *btf_string(uint32_t at)
{
	const struct btf_header *h = kernel_btf();

	return (const char *)h + h->hdr_len + h->str_off + at;
}

/* Words behind a type of this kind. */
static uint32_t words_behind(uint32_t info)
{
	static const uint8_t once[] = {[BTF_KIND_INT] = 1, [BTF_KIND_ARRAY] = 3, [BTF_KIND_VAR] = 1,
				       [17 /* DECL_TAG */] = 1, [19] = 0};
	static const uint8_t each[] = {[BTF_KIND_STRUCT] = 3, [BTF_KIND_UNION] = 3,
				       [BTF_KIND_ENUM] = 2,   [BTF_KIND_FUNC_PROTO] = 2,
				       [BTF_KIND_DATASEC] = 3, [19 /* ENUM64 */] = 3};
	uint32_t kind = BTF_INFO_KIND(info);

	return kind < 20 ? once[kind] + each[kind] * BTF_INFO_VLEN(info) : 0;
}

/* The number of a type by name and kind, and the type. */
static uint32_t find_type(const char *name, uint32_t kind, const struct btf_type **type)
{
	const struct btf_header *h = kernel_btf();
	const uint32_t *at = (const void *)((const char *)h + h->hdr_len + h->type_off),
		       *end = at + h->type_len / 4;

	for (uint32_t id = 1; at < end; id++) {
		const struct btf_type *t = (const void *)at;

		if (BTF_INFO_KIND(t->info) == kind && !strcmp(btf_string(t->name_off), name)) {
			*type = t;
			return id;
		}
		at += 3 + words_behind(t->info);
	}
	errno = ENOENT;
	fail(name);
	return 0;
}

/* A member of a struct: its number, and where it lies. */
static uint32_t find_member(const struct btf_type *t, const char *name, uint32_t *offset)
{
	const struct btf_member *m = (const void *)(t + 1);
	uint32_t i = 0;

	while (i < BTF_INFO_VLEN(t->info) && strcmp(btf_string(m[i].name_off), name))
		i++;
	if (i == BTF_INFO_VLEN(t->info))
		fail(name);
	*offset = (BTF_INFO_KFLAG(t->info) ? BTF_MEMBER_BIT_OFFSET(m[i].offset) : m[i].offset) / 8;
	return i;
}

/* What an extension extends: loaded once more when it is attached. */
static int load_target(const struct phase *p)
{
	static int fds[HANDLES];
	struct phase target = {.type = BPF_PROG_TYPE_XDP, .attach = BPF_XDP};
	int fd = load_part(&target, &p->target, fds);

	sure(fd, "the program that is extended");
	return fd;
}

/* Says what the program is loaded for. */
static void name_hook(const struct phase *p, union bpf_attr *attr)
{
	const struct btf_type *t;
	uint32_t offset;

	if (p->hook)
		attr->attach_btf_id = find_type(p->hook, p->hook_kind, &t);
	if (p->type == BPF_PROG_TYPE_STRUCT_OPS)
		attr->expected_attach_type = find_member(t, "init", &offset);
	if (p->type == BPF_PROG_TYPE_EXT) {
		attr->attach_prog_fd = load_target(p);
		attr->attach_btf_id = p->target.infos[1].type_id;
	}
}

/* Attaching. */

static void link_to(int target)
{
	union bpf_attr attr = {
		.link_create = {
			.prog_fd = prog, .target_fd = target, .attach_type = now->attach}};

	keep(bpf(BPF_LINK_CREATE, &attr), "attaching");
}

/* With what stands behind the first members of link_create, which may be newer than the headers. */
static void link_words(const uint32_t *words, size_t size)
{
	union bpf_attr attr = {.link_create = {.prog_fd = prog, .attach_type = now->attach}};

	memcpy((uint32_t *)&attr + 4, words, size);
	keep(bpf(BPF_LINK_CREATE, &attr), "attaching");
}

static int own_cgroups = -1;
static char own_cgroup_name[32];

static void move_to(int directory)
{
	int fd = openat(directory, "cgroup.procs", O_WRONLY);

	if (fd < 0 || write(fd, "0", 1) != 1)
		perror("cgroup.procs");
	close(fd);
}

static void leave_cgroup(void)
{
	move_to(own_cgroups);
	unlinkat(own_cgroups, own_cgroup_name, AT_REMOVEDIR);
}

/* A cgroup with nobody in it but us, gone when we end. */
static int own_cgroup(void)
{
	static int fd = -1;

	if (fd >= 0)
		return fd;
	own_cgroups = open_cgroups();
	snprintf(own_cgroup_name, sizeof(own_cgroup_name), "reproducer.%d", getpid());
	sure(mkdirat(own_cgroups, own_cgroup_name, 0755), "a cgroup");
	fd = openat(own_cgroups, own_cgroup_name, O_RDONLY | O_DIRECTORY);
	sure(fd, "a cgroup");
	move_to(fd);
	atexit(leave_cgroup);
	return fd;
}

static void to_cgroup(void)
{
	link_to(own_cgroup());
}

static void link_raw(const char *name)
{
	union bpf_attr attr = {.raw_tracepoint = {.name = ptr(name), .prog_fd = prog}};

	keep(bpf(BPF_RAW_TRACEPOINT_OPEN, &attr), "attaching");
}

static void to_hook(void)
{
	link_raw(NULL);
}

static void to_tracepoint(void)
{
	link_raw("bpf_test_finish");
}

static void nothing(void)
{
}

/* Runs a program that does nothing; or what a TRACING program can be attached to. */
static void test_run_other(void)
{
	static const struct bpf_insn insns[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K},
						{.code = BPF_JMP | BPF_EXIT}};
	static const uint8_t packet[64];
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
			       .insns = ptr(insns),
			       .insn_cnt = 2,
			       .license = ptr("GPL")};
	int fd = keep(bpf(BPF_PROG_LOAD, &attr), "a program");

	attr = (union bpf_attr){.test = {.prog_fd = fd,
					 .data_in = ptr(packet),
					 .data_size_in = sizeof(packet),
					 .repeat = 1}};
	sure(bpf(BPF_PROG_TEST_RUN, &attr), "BPF_PROG_TEST_RUN");
}

static void test_run_self(void)
{
	union bpf_attr attr = {.test = {.prog_fd = prog}};

	sure(bpf(BPF_PROG_TEST_RUN, &attr), "BPF_PROG_TEST_RUN");
}
