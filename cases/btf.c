#include "cases/btf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* `n` bytes as an array, or -errno. */
static int add_bytes(struct btf *btf, uint32_t n)
{
	int index = btf__add_int(btf, "unsigned int", 4, 0);
	int byte = btf__add_int(btf, "unsigned char", 1, 0);

	return index < 0 ? index : byte < 0 ? byte : btf__add_array(btf, index, byte, n);
}

/* An opaque struct, by the name under which the kernel knows it, or -errno. */
static int add_opaque(struct btf *btf, const char *name, uint32_t size)
{
	int bytes = add_bytes(btf, size), id, err;

	if (bytes < 0)
		return bytes;
	id = btf__add_struct(btf, name, size);
	err = btf__add_field(btf, "opaque", bytes, 0, 0);
	return err ? err : id;
}

/* A tagged pointer to one of the kernel's types. */
static int add_kptr(struct btf *btf)
{
	int to = btf__add_struct(btf, "task_struct", 0);
	int tag = to < 0 ? to : btf__add_type_tag(btf, "kptr", to);

	return tag < 0 ? tag : btf__add_ptr(btf, tag);
}

static bool has_nodes(unsigned special)
{
	return special == MUE_SPECIAL_RB_ROOT;
}

#define NODE_SIZE 32 /* since 6.6 */

/* What hangs on a tree, of which the value says so by a tag. */
static int add_nodes(struct btf *btf, int value)
{
	int node = add_opaque(btf, "bpf_rb_node", NODE_SIZE);
	int owner = node < 0 ? node : btf__add_struct(btf, "mue_node", NODE_SIZE);
	int err = owner < 0 ? owner : btf__add_field(btf, "node", node, 0, 0);

	if (!err)
		err = btf__add_decl_tag(btf, "contains:mue_node:node", value, 0);
	return err < 0 ? err : 0;
}

#define LOCK_SIZE 4

/* The type of a special field without the lock that may stand behind it, or -errno. */
static int add_special(struct btf *btf, unsigned special)
{
	const struct mue_special_row *row = &mue_special_rows[special];

	if (special == MUE_SPECIAL_KPTR)
		return add_kptr(btf);
	return add_opaque(btf, row->type, row->size - (has_nodes(special) ? LOCK_SIZE : 0));
}

static int add_value(struct btf *btf, const struct mue_map *m)
{
	uint32_t size = mue_special_size(m->special);
	int special = 0, lock = 0, rest = 0, id, err = 0;

	if (size)
		special = add_special(btf, m->special);
	if (special >= 0 && has_nodes(m->special))
		lock = add_opaque(btf, "bpf_spin_lock", LOCK_SIZE);
	if (m->value_size > size)
		rest = add_bytes(btf, m->value_size - size);
	if (special < 0 || lock < 0 || rest < 0)
		return special < 0 ? special : lock < 0 ? lock : rest;
	id = btf__add_struct(btf, "value", m->value_size);
	if (special)
		err = btf__add_field(btf, "special", special, 0, 0);
	if (lock && !err)
		err = btf__add_field(btf, "lock", lock, (size - LOCK_SIZE) * 8, 0);
	if (rest && !err)
		err = btf__add_field(btf, "data", rest, size * 8, 0);
	if (lock && !err)
		err = add_nodes(btf, id);
	return err ? err : id;
}

static int add_key(struct btf *btf, const struct mue_map *m)
{
	int bytes, id, err;

	if (m->key_size == 4 && m->type != MUE_MAP_LPM_TRIE)
		return btf__add_int(btf, "unsigned int", 4, 0);
	bytes = add_bytes(btf, m->key_size);
	id = bytes < 0 ? bytes : btf__add_struct(btf, "key", m->key_size);
	err = id < 0 ? id : btf__add_field(btf, "data", bytes, 0, 0);
	return err ? err : id;
}

struct btf *mue_btf_map(const struct mue_map *m, uint32_t *key_type, uint32_t *value_type)
{
	struct btf *btf = btf__new_empty();
	int key, value;

	if (!btf)
		return NULL;
	key = add_key(btf, m);
	value = add_value(btf, m);
	if (key < 0 || value < 0) {
		btf__free(btf);
		errno = key < 0 ? -key : -value;
		return NULL;
	}
	*key_type = key;
	*value_type = value;
	return btf;
}

/* long f(void), or int f(struct xdp_md *); -errno. */
static int add_proto(struct btf *btf, bool of_context)
{
	int ret = of_context ? btf__add_int(btf, "int", 4, BTF_INT_SIGNED)
			     : btf__add_int(btf, "long", 8, BTF_INT_SIGNED);
	int context, pointer, proto, err = 0;

	if (ret < 0 || !of_context)
		return ret < 0 ? ret : btf__add_func_proto(btf, ret);
	context = btf__add_struct(btf, "xdp_md", sizeof(struct xdp_md));
	pointer = context < 0 ? context : btf__add_ptr(btf, context);
	proto = pointer < 0 ? pointer : btf__add_func_proto(btf, ret);
	if (proto >= 0)
		err = btf__add_func_param(btf, "context", pointer);
	return err ? err : proto;
}

/* A function, named by its number. */
static int add_func(struct btf *btf, uint32_t n, bool global)
{
	int proto = add_proto(btf, global);
	char name[16];

	snprintf(name, sizeof(name), "func%u", n);
	return proto < 0 ? proto
			 : btf__add_func(btf, name, global ? BTF_FUNC_GLOBAL : BTF_FUNC_STATIC, proto);
}

struct btf *mue_btf_funcs(const uint32_t *at, uint32_t n, uint32_t replaced,
			  struct bpf_func_info **infos)
{
	struct bpf_func_info *info = calloc(n, sizeof(*info));
	struct btf *btf = btf__new_empty();
	int id = info && btf ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < n && id >= 0; i++) {
		id = add_func(btf, i, i == replaced);
		if (id >= 0)
			info[i] = (struct bpf_func_info){.insn_off = at[i], .type_id = id};
	}
	if (id >= 0) {
		*infos = info;
		return btf;
	}
	btf__free(btf);
	free(info);
	errno = -id;
	return NULL;
}
