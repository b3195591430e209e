/* Programs as functions of a kernel's struct: of a congestion control of TCP, which a socket of ours takes. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cases/insn.h"
#include "runners/kernel/triggers/net.h"

#define OPS "tcp_congestion_ops"
#define VALUE "bpf_struct_ops_" OPS
#define MAP_F_LINK (1u << 13) /* newer than our headers */
#define VALUE_MAX 1024

/* What is kept first, in prepare. */
enum { MAP };

/* The member of a struct by its name: its index and offset in bytes, or false. */
static bool find_member(const struct btf *btf, const struct btf_type *t, const char *name,
			uint32_t *index, uint32_t *offset)
{
	const struct btf_member *m = btf_members(t);

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		if (strcmp(btf__name_by_offset(btf, m[i].name_off), name))
			continue;
		*index = i;
		*offset = btf_member_bit_offset(t, i) / 8;
		return true;
	}
	return false;
}

static int find_struct(const struct btf *btf, const char *name, const struct btf_type **t)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

	if (id < 0)
		return -EOPNOTSUPP;
	*t = btf__type_by_id(btf, id);
	return id;
}

/* The function that is called once, when a socket takes the control. */
static int find_init(struct mue_target *t, const struct btf *kernel)
{
	const struct btf_type *ops;
	uint32_t offset;
	int id = find_struct(kernel, OPS, &ops);

	if (id < 0)
		return id;
	t->btf_id = id;
	return find_member(kernel, ops, "init", &t->attach_type, &offset) ? 0 : -EOPNOTSUPP;
}

/* A value of the map on its way. */
struct value {
	const struct btf_type *ops;
	uint32_t begin; /* of the struct of functions within it */
	uint32_t size;
	uint8_t bytes[VALUE_MAX];
};

static int place(struct value *v, const struct btf *kernel, const char *member, const void *p,
		 size_t size)
{
	uint32_t index, offset;

	if (!find_member(kernel, v->ops, member, &index, &offset) ||
	    v->begin + offset + size > v->size)
		return -EOPNOTSUPP;
	memcpy(v->bytes + v->begin + offset, p, size);
	return 0;
}

/* What a control must have besides: a function that gives a number. */
static int place_plain(struct mue_scene *s, struct value *v, const char *member)
{
	const struct bpf_insn insns[] = {MUE_MOV64_IMM(BPF_REG_0, 10), MUE_EXIT()};
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	uint32_t offset, index;
	uint64_t fd;
	int err;

	if (!find_member(s->kernel, v->ops, member, &index, &offset))
		return -EOPNOTSUPP;
	opts.expected_attach_type = index;
	opts.attach_btf_id = btf__find_by_name_kind(s->kernel, OPS, BTF_KIND_STRUCT);
	err = bpf_prog_load(BPF_PROG_TYPE_STRUCT_OPS, NULL, "GPL", insns, 2, &opts);
	if (err < 0)
		return err;
	err = mue_scene_keep(s, err);
	fd = err;
	return err < 0 ? err : place(v, s->kernel, member, &fd, sizeof(fd));
}

static void name_of(char *name, size_t size)
{
	snprintf(name, size, "mue%d", getpid());
}

static int fill(struct mue_scene *s, struct value *v)
{
	static const char *const plain[] = {"ssthresh", "undo_cwnd", "cong_avoid"};
	const uint64_t fd = s->prog;
	char name[16] = "";
	int err;

	name_of(name, sizeof(name));
	err = place(v, s->kernel, "name", name, sizeof(name))
		      ?: place(v, s->kernel, "init", &fd, sizeof(fd));
	for (unsigned i = 0; i < sizeof(plain) / sizeof(*plain) && !err; i++)
		err = place_plain(s, v, plain[i]);
	return err;
}

/* BTF of ours that says nothing: such maps must have some, too. A descriptor or -errno. */
static int load_btf(void)
{
	struct btf *btf = btf__new_empty();
	int id = btf ? btf__add_int(btf, "int", 4, 0) : -errno, fd;
	const void *raw;
	uint32_t size;

	if (id < 0) {
		btf__free(btf);
		return id;
	}
	raw = btf__raw_data(btf, &size);
	fd = bpf_btf_load(raw, size, NULL);
	btf__free(btf);
	return fd;
}

/* An empty map, and where things lie in its value. */
static int make_map(struct mue_scene *s, struct value *v)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = MAP_F_LINK);
	const struct btf_type *t;
	uint32_t index;
	int id = find_struct(s->kernel, VALUE, &t), err;

	if (id < 0)
		return id;
	if (t->size > VALUE_MAX || !find_member(s->kernel, t, "data", &index, &v->begin))
		return -EOPNOTSUPP;
	v->size = t->size;
	opts.btf_vmlinux_value_type_id = id;
	err = find_struct(s->kernel, OPS, &v->ops);
	if (err < 0)
		return err;
	err = load_btf();
	if (err < 0)
		return err;
	opts.btf_fd = err;
	err = bpf_map_create(BPF_MAP_TYPE_STRUCT_OPS, NULL, 4, v->size, 1, &opts);
	close(opts.btf_fd);
	if (err < 0)
		return err;
	err = mue_scene_keep(s, err);
	return err < 0 ? err : 0;
}

static int prepare(struct mue_scene *s)
{
	struct value v = {0};
	const uint32_t zero = 0;

	return mue_scene_kernel(s) ?: make_map(s, &v) ?: fill(s, &v)
	       ?: bpf_map_update_elem(s->fds[MAP], &zero, v.bytes, BPF_ANY);
}

/* Registers the control for as long as the link is there. */
static int attach(struct mue_scene *s)
{
	int fd = bpf_link_create(s->fds[MAP], 0, s->row->attach_type, NULL);

	if (fd < 0)
		return fd;
	fd = mue_scene_keep(s, fd);
	return fd < 0 ? fd : 0;
}

static int take_control(struct mue_scene *s)
{
	char name[16];
	int ends[2];
	int err = mue_scene_tcp(s, AF_INET, ends);

	if (err)
		return err;
	name_of(name, sizeof(name));
	return setsockopt(ends[0], IPPROTO_TCP, TCP_CONGESTION, name, strlen(name)) ? -errno : 0;
}

const struct mue_trigger mue_trigger_congestion = {prepare, attach, take_control,
						   .target = find_init,
						   .needs = "BTF of " OPS " (CONFIG_BPF_JIT)"};
