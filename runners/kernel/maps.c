#include <errno.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "cases/btf.h"
#include "runners/kernel/host.h"

#define RESTRICTED (MUE_MAP_F_RDONLY | MUE_MAP_F_WRONLY)

size_t mue_host_value_room(const struct mue_host *h, const struct mue_map *m)
{
	const struct mue_map_type_row *type = mue_map_type_row(m->type);

	if (!type || !type->per_cpu)
		return m->value_size;
	return (((size_t)m->value_size + 7) & ~(size_t)7) * h->cpus;
}

uint64_t mue_host_map_bytes(const struct mue_host *h, const struct mue_map *m)
{
	return m->max_entries * ((uint64_t)m->key_size + mue_host_value_room(h, m));
}

/* Describes the value of a map with a special field; a descriptor or -errno. */
static int load_btf(const struct mue_map *m, struct bpf_map_create_opts *opts)
{
	struct btf *btf = mue_btf_map(m, &opts->btf_key_type_id, &opts->btf_value_type_id);
	uint32_t size;
	const void *data = btf ? btf__raw_data(btf, &size) : NULL;
	int fd = data ? bpf_btf_load(data, size, NULL) : -ENOMEM;

	btf__free(btf);
	opts->btf_fd = fd;
	return fd;
}

/* The template of a map of maps; one that is named by no map is no descriptor. */
static uint32_t inner_fd(const struct mue_host_setup *u, const struct mue_map *m)
{
	if (m->inner)
		return u->maps[m->inner - 1].fd;
	return m->type == MUE_MAP_ARRAY_OF_MAPS || m->type == MUE_MAP_HASH_OF_MAPS ? UINT32_MAX : 0;
}

int mue_host_map_create(const struct mue_map *m, int inner)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = m->flags, .numa_node = m->numa_node,
		    .inner_map_fd = inner);
	int btf = m->special ? load_btf(m, &opts) : 0, fd;

	if (btf < 0)
		return -ENODATA;
	do {
		fd = bpf_map_create(m->type, NULL, m->key_size, m->value_size, m->max_entries,
				    &opts);
	} while (fd == -EAGAIN || fd == -EINTR);
	if (m->special)
		close(btf);
	return fd;
}

/*
 * Whether the special field takes what this kernel's BTF has not: tags, the kernel's own types; or
 * nodes of other sizes.
 */
static bool beyond_btf(const struct mue_host *h, const struct mue_map *m)
{
	switch (m->special) {
	case MUE_SPECIAL_KPTR:
		return h->version < mue_special_rows[m->special].since ||
		       access("/sys/kernel/btf/vmlinux", R_OK);
	case MUE_SPECIAL_RB_ROOT:
		return h->version < mue_special_rows[m->special].since;
	default:
		return false;
	}
}

/* A descriptor, or -errno: the kernel's answer. What keeps us from asking goes to *o. */
static bool create(int *fd, const struct mue_host *h, const struct mue_host_setup *u,
		   const struct mue_map *m, struct mue_observation *o)
{
	if (beyond_btf(h, m))
		return mue_host_fail(o, MUE_UNSUPPORTED, "this kernel has no BTF for a %s",
				     mue_special_rows[m->special].name);
	*fd = mue_host_map_create(m, inner_fd(u, m));
	if (*fd == -ENODATA)
		return mue_host_broken(o, "loading the BTF of a map", -errno);
	/* Out of memory is an answer: what was asked for may be too large. */
	if (mue_host_suffered(*fd) && *fd != -ENOMEM)
		return mue_host_broken(o, "creating a map", *fd);
	return true;
}

/* A second descriptor of a map, which has the restrictions of the first no more. */
static int reopen(int fd)
{
	struct bpf_map_info info = {0};
	uint32_t size = sizeof(info);
	int err = bpf_obj_get_info_by_fd(fd, &info, &size);

	return err ? err : bpf_map_get_fd_by_id(info.id);
}

static bool take(struct mue_host_setup *u, const struct mue_map *m, int fd,
		 struct mue_observation *o)
{
	struct mue_host_map *to = &u->maps[u->n_maps++];

	to->fd = to->plain_fd = fd;
	u->fds++;
	if (!(m->flags & RESTRICTED))
		return true;
	fd = reopen(fd);
	if (fd < 0)
		return mue_host_broken(o, "a second descriptor of a map", fd);
	to->plain_fd = fd;
	u->fds++;
	return true;
}

/* A type that the kernel was built without is no answer. */
static bool is_configured(const struct mue_host *h, const struct mue_map *m,
			  struct mue_observation *o)
{
	const struct mue_map_type_row *type = mue_map_type_row(m->type);
	enum mue_config config;
	const char *symbol;

	if (!type || type->since > h->version)
		return true;
	config = mue_host_map_config(m->type, &symbol);
	if (config == MUE_CONFIG_ON)
		return true;
	return mue_host_fail(o, MUE_UNSUPPORTED, "this kernel has no %s maps: CONFIG_%s is %s",
			     type->name, symbol,
			     config == MUE_CONFIG_OFF ? "not set" : "not known");
}

bool mue_host_maps_create(struct mue_host *h, struct mue_host_setup *u, const struct mue_case *c,
			  struct mue_observation *o)
{
	for (uint32_t i = 0; i < c->n_maps; i++) {
		int fd = -1;

		if (!create(&fd, h, u, &c->maps[i], o))
			return false;
		if (fd < 0) {
			u->create = fd;
			return fd != -EINVAL || is_configured(h, &c->maps[i], o);
		}
		if (!take(u, &c->maps[i], fd, o))
			return false;
	}
	return true;
}

void mue_host_maps_close(struct mue_host_setup *u, struct mue_closing *c)
{
	for (uint32_t i = 0; i < u->n_maps; i++) {
		if (u->maps[i].plain_fd != u->maps[i].fd)
			mue_closing_add(c, u->maps[i].plain_fd);
		mue_closing_add(c, u->maps[i].fd);
	}
}

static bool asks(const struct mue_case *c, unsigned kind, uint32_t map)
{
	for (uint32_t i = 0; i < c->n_ops; i++)
		if (c->ops[i].kind == kind && (map == MUE_MAPS_MAX || c->ops[i].map == map))
			return true;
	return false;
}

/*
 * Elements that are not preallocated come from caches with a history, which a program can see
 * when it reads on where an element was: those maps are made anew for cases that do.
 */
static bool emptiable(const struct mue_host *h, const struct mue_case *c, uint32_t map)
{
	const struct mue_map *m = &c->maps[map];

	if (mue_host_map_bytes(h, m) > MUE_HOST_KEPT_MAP_MAX || asks(c, MUE_OP_FREEZE, map))
		return false;
	switch (m->type) {
	case MUE_MAP_ARRAY:
	case MUE_MAP_PERCPU_ARRAY:
		return mue_state_observed(m);
	case MUE_MAP_SOCKMAP:
	case MUE_MAP_SOCKHASH: /* closing the sockets empties them */
		return true;
	case MUE_MAP_HASH:
	case MUE_MAP_PERCPU_HASH:
	case MUE_MAP_LPM_TRIE:
	case MUE_MAP_RHASH:
		return !(m->flags & MUE_MAP_F_NO_PREALLOC) || !asks(c, MUE_OP_REREAD, MUE_MAPS_MAX);
	default: /* the order of LRU lists outlives the entries */
		return false;
	}
}

bool mue_host_maps_emptiable(const struct mue_host *h, const struct mue_case *c)
{
	for (uint32_t i = 0; i < c->n_maps; i++)
		if (!emptiable(h, c, i))
			return false;
	return true;
}
