/* Calls of helpers: their arguments, the maps they work on, and what they give. */
#include "runners/emulator/check.h"

enum ret {
	RET_INTEGER,
	RET_VOID,
	RET_MAP_VALUE,
	RET_RESERVED,
	RET_SOCKET, /* or NULL; held */
	RET_SOCK_COMMON,
	RET_TCP_SOCK, /* or NULL; held as long as the first argument is */
};
enum arg {
	ARG_NONE,
	ARG_MAP,
	ARG_KEY,   /* key_size bytes of the map in an earlier argument */
	ARG_VALUE, /* value_size bytes */
	ARG_ANY,   /* whatever was written */
	ARG_CTX,
	ARG_SIZE,     /* a constant */
	ARG_RESERVED, /* what ringbuf_reserve gave; it is given back */
	ARG_FUNC,
	ARG_STACK_OR_NULL,
	ARG_MEM,       /* as much of it as the SIZE behind it says */
	ARG_SOCK,      /* a socket */
	ARG_SOCK_HELD, /* one that is held; it is given back */
};
enum who { WHO_ALL, WHO_BASE, WHO_TASK, WHO_SK_LOOKUP, WHO_SK_RELEASE, WHO_TCP_SOCK };

struct helper {
	const char *name;
	uint32_t since;
	uint8_t who, ret, args[5];
};

static const struct helper helpers[] = {
#define EMU_HELPER(id, name, since, who, ret, a1, a2, a3, a4, a5) \
	[id] = {#name,                                            \
		since,                                            \
		WHO_##who,                                        \
		RET_##ret,                                        \
		{ARG_##a1, ARG_##a2, ARG_##a3, ARG_##a4, ARG_##a5}},
#include "runners/emulator/helpers.def"
#undef EMU_HELPER
};

/* Types that run for a task: those that had task helpers before they became common ones. */
static bool for_a_task(const struct emu_checker *k)
{
	switch (k->load->prog_type) {
	case MUE_PROG_SOCKET_FILTER:
	case MUE_PROG_SCHED_CLS:
	case MUE_PROG_SCHED_ACT:
	case MUE_PROG_XDP:
	case MUE_PROG_CGROUP_SKB:
	case MUE_PROG_LWT_IN:
	case MUE_PROG_LWT_OUT:
	case MUE_PROG_LWT_XMIT:
	case MUE_PROG_LWT_SEG6LOCAL:
	case MUE_PROG_SK_SKB:
	case MUE_PROG_SK_REUSEPORT:
	case MUE_PROG_SK_LOOKUP:
	case MUE_PROG_FLOW_DISSECTOR:
	case MUE_PROG_NETFILTER:
		return k->vm->world.version >= MUE_VERSION(6, 10);
	default:
		return true;
	}
}

static bool has_helper(const struct emu_checker *k, enum who who)
{
	switch (who) {
	case WHO_ALL:
		return true;
	case WHO_SK_LOOKUP:
		return check_has_sk_lookup(k);
	case WHO_SK_RELEASE:
		return check_has_sk_release(k);
	case WHO_TCP_SOCK:
		return check_has_tcp_sock(k);
	default:
		return k->load->prog_type != MUE_PROG_LIRC_MODE2 &&
		       (who != WHO_TASK || for_a_task(k));
	}
}

static const struct helper *helper_of(const struct emu_checker *k, int32_t id)
{
	const struct helper *h;

	if (id < 0 || (uint32_t)id >= sizeof(helpers) / sizeof(helpers[0]) || !helpers[id].name)
		return NULL;
	h = &helpers[id];
	return h->since <= k->vm->world.version && has_helper(k, h->who) ? h : NULL;
}

/* Whether a helper gives something of its own, not what the kernel's would. */
static bool is_imitated(int32_t id)
{
	return id == BPF_FUNC_ktime_get_ns || id == BPF_FUNC_get_prandom_u32 ||
	       id == BPF_FUNC_get_current_pid_tgid;
}

/* What the arguments of a call have told so far. */
struct args {
	const struct helper *h;
	int32_t id;
	bool has_map;
	uint8_t object;
	struct check_map map;
	uint64_t size; /* SIZE */
	uint32_t ref;  /* RESERVED, SOCK_HELD: what is given back */
	uint32_t of;   /* SOCK: what it belongs to, or 0 */
	uint32_t func; /* FUNC: its slot */
};

/* Memory that a key or value may lie in. */
static bool is_memory(const struct emu_checker *k, const struct check_reg *r)
{
	if (r->or_null)
		return false;
	switch (r->type) {
	case CHECK_STACK:
	case CHECK_PACKET:
	case CHECK_VALUE:
		return true;
	case CHECK_MEM:
		return check_has(k, MUE_CHANGE_MEM_AS_KEY_VALUE);
	case CHECK_CTX:
		return check_has(k, MUE_CHANGE_CTX_AS_KEY_VALUE) &&
		       k->load->prog_type == MUE_PROG_SYSCALL;
	default:
		return false;
	}
}

static bool is_sock(uint32_t type)
{
	return type == MUE_MAP_SOCKMAP || type == MUE_MAP_SOCKHASH;
}

static int arg_map(struct emu_checker *k, struct args *a, unsigned reg)
{
	const struct check_reg *r = &check_regs(k)[reg];

	if (r->type != CHECK_MAP || r->or_null)
		return check_refuse(k, -EACCES, "R%u is no map", reg);
	a->has_map = true;
	a->object = r->object;
	a->map = check_map_of(k, r->object);
	return 0;
}

static int arg_memory(struct emu_checker *k, struct args *a, unsigned reg, bool value)
{
	const struct check_reg *r = &check_regs(k)[reg];

	if (value && is_sock(a->map.type))
		return check_arg_sock(k, reg);
	if (!is_memory(k, r))
		return check_refuse(k, -EACCES, "R%u is no memory for a %s", reg,
				    value ? "value" : "key");
	return check_helper_reads(k, reg, value ? a->map.value_size : a->map.key_size);
}

static int arg_size(struct emu_checker *k, struct args *a, unsigned reg)
{
	const struct check_reg *r = &check_regs(k)[reg];

	if (r->type != CHECK_SCALAR || !emu_range_is_const(&r->n))
		return check_refuse(k, -EACCES, "R%u is not a known constant", reg);
	if (r->n.value > UINT32_MAX / 4)
		return check_refuse(k, -EACCES, "R%u is too large a size", reg);
	a->size = r->n.value;
	if (a->h->args[reg - 2] == ARG_MEM)
		return check_helper_reads(k, reg - 1, (uint32_t)a->size);
	return 0;
}

/* A socket; one that is to be given back must be held. */
static int arg_sock(struct emu_checker *k, struct args *a, unsigned reg, bool held)
{
	const struct check_reg *r = &check_regs(k)[reg];
	int err = check_arg_sock(k, reg);

	if (err)
		return err;
	a->of = r->ref;
	if (held)
		a->ref = r->ref;
	return held && !r->ref ? check_refuse(k, -EINVAL, "R%u is not held", reg) : 0;
}

static int arg_reserved(struct emu_checker *k, struct args *a, unsigned reg)
{
	const struct check_reg *r = &check_regs(k)[reg];

	if (r->type != CHECK_MEM || r->or_null)
		return check_refuse(k, -EACCES, "R%u is no reservation", reg);
	if (r->off || !emu_range_is_const(&r->n) || r->n.value)
		return check_refuse(k, -EINVAL, "R%u is not where the reservation begins", reg);
	a->ref = r->ref;
	return 0;
}

static int arg_func(struct emu_checker *k, struct args *a, unsigned reg)
{
	const struct check_reg *r = &check_regs(k)[reg];

	if (r->type != CHECK_FUNC)
		return check_refuse(k, -EACCES, "R%u is no function", reg);
	a->func = r->size;
	return 0;
}

static int check_arg(struct emu_checker *k, struct args *a, unsigned reg)
{
	const struct check_reg *r = &check_regs(k)[reg];
	int err = check_readable(k, reg);

	if (err)
		return err;
	switch (a->h->args[reg - 1]) {
	case ARG_MAP:
		return arg_map(k, a, reg);
	case ARG_KEY:
		return arg_memory(k, a, reg, false);
	case ARG_VALUE:
		return arg_memory(k, a, reg, true);
	case ARG_CTX:
		if (r->type != CHECK_CTX || r->off)
			return check_refuse(k, -EACCES, "R%u is not the context", reg);
		return 0;
	case ARG_MEM:
		return is_memory(k, r) ? 0 : check_refuse(k, -EACCES, "R%u is no memory", reg);
	case ARG_SOCK:
		return arg_sock(k, a, reg, false);
	case ARG_SOCK_HELD:
		return arg_sock(k, a, reg, true);
	case ARG_SIZE:
		return arg_size(k, a, reg);
	case ARG_RESERVED:
		return arg_reserved(k, a, reg);
	case ARG_FUNC:
		return arg_func(k, a, reg);
	case ARG_STACK_OR_NULL:
		if (r->type != CHECK_STACK &&
		    (r->type != CHECK_SCALAR || !emu_range_is_const(&r->n) || r->n.value))
			return check_refuse(k, -EACCES, "R%u is neither stack nor NULL", reg);
		return 0;
	default:
		return 0;
	}
}

/* Types of maps that programs look up in, though they cannot update them. */
static bool only_looked_up(uint32_t type)
{
	return type == MUE_MAP_ARRAY_OF_MAPS || type == MUE_MAP_HASH_OF_MAPS ||
	       type == MUE_MAP_DEVMAP || type == MUE_MAP_DEVMAP_HASH || type == MUE_MAP_XSKMAP;
}

static int check_map_operation(struct emu_checker *k, const struct args *a)
{
	const struct mue_map_type_row *row = mue_map_type_row(a->map.type);
	bool lookup = a->id == BPF_FUNC_map_lookup_elem;

	if (!lookup && a->map.flags & MUE_MAP_F_RDONLY_PROG)
		return check_refuse(k, -EACCES, "write into map forbidden");
	if (lookup && only_looked_up(a->map.type))
		return 0;
	if (row && row->verdict)
		return check_refuse(k, row->verdict, "cannot pass map_type %u into func %s",
				    a->map.type, a->h->name);
	if (is_sock(a->map.type) && !lookup &&
	    !(a->id == BPF_FUNC_map_delete_elem ? check_may_delete_socks(k)
						: check_may_update_socks(k)))
		return check_refuse(k, -EINVAL, "cannot pass map_type %u into func %s", a->map.type,
				    a->h->name);
	return 0;
}

/* Whether the helper and the map's type go together. */
static int check_compatible(struct emu_checker *k, const struct args *a)
{
	uint32_t wanted = 0;

	if (!a->has_map)
		return 0;
	if (a->id <= BPF_FUNC_map_delete_elem)
		return check_map_operation(k, a);
	if (a->id == BPF_FUNC_tail_call) {
		wanted = MUE_MAP_PROG_ARRAY;
		if (k->n_funcs > 1 && !k->vm->world.jit)
			return check_refuse(k, -EINVAL, "no tail calls with functions without JIT");
	}
	if (a->id == BPF_FUNC_ringbuf_reserve)
		wanted = MUE_MAP_RINGBUF;
	if (wanted && a->map.type != wanted)
		return check_refuse(k, -EINVAL, "cannot pass map_type %u into func %s", a->map.type,
				    a->h->name);
	return 0;
}

/* A call with one map at all times goes straight to that map's operation (semantics R2). */
static void note_map(struct emu_checker *k, const struct args *a)
{
	struct check_insn *mark = &k->marks[k->at];

	if (mark->call == CALL_UNSEEN) {
		mark->call = CALL_ONE_MAP;
		mark->call_object = a->object;
	} else if (mark->call_object != a->object) {
		mark->call = CALL_MANY_MAPS;
	}
	k->notes[k->at] = mark->call == CALL_ONE_MAP ? EMU_NOTE_DIRECT : EMU_NOTE_NONE;
}

/* Whether an array has an element at the constant key that R2 points to. */
static bool certainly_found(struct emu_checker *k, const struct args *a)
{
	uint64_t index;

	if (!check_has(k, MUE_CHANGE_CONST_KEY_NOT_NULL))
		return false;
	if (a->map.type != MUE_MAP_ARRAY && a->map.type != MUE_MAP_PERCPU_ARRAY)
		return false;
	return check_stack_const(k, &check_regs(k)[BPF_REG_2], a->map.key_size, &index) &&
	       index < a->map.max_entries;
}

static void give_lookup(struct emu_checker *k, const struct args *a, bool found)
{
	const struct emu_object *o = &k->vm->objects[a->object];
	struct check_reg *r = &check_regs(k)[BPF_REG_0];

	check_point(r, o->kind == EMU_OBJECT_OUTER ? CHECK_MAP : CHECK_VALUE);
	r->object = o->kind == EMU_OBJECT_OUTER ? (uint8_t)o->inner : a->object;
	r->or_null = !found;
	r->id = found ? 0 : ++k->ids;
}

static int give_reserved(struct emu_checker *k, const struct args *a)
{
	struct check_reg *r = &check_regs(k)[BPF_REG_0];

	if (k->state.n_refs == CHECK_REFS_MAX)
		return check_refuse(k, -ENOMEM, "too many reservations");
	check_point(r, CHECK_MEM);
	r->or_null = true;
	r->size = (uint32_t)a->size;
	r->id = r->ref = ++k->ids;
	k->state.refs[k->state.n_refs++] = r->ref;
	return 0;
}

/* What pointed there is a number that may be anything. */
static void forget_ref(struct check_reg *r, void *ctx)
{
	if (r->type > CHECK_SCALAR && r->ref == *(uint32_t *)ctx)
		check_number(r, emu_range_any());
}

static int release(struct emu_checker *k, uint32_t ref)
{
	for (uint32_t i = 0; i < k->state.n_refs; i++) {
		if (k->state.refs[i] != ref)
			continue;
		k->state.refs[i] = k->state.refs[--k->state.n_refs];
		check_each(k, forget_ref, &ref);
		return 0;
	}
	return check_refuse(k, -EINVAL, "release of what is not held");
}

static int give(struct emu_checker *k, const struct args *a, bool found)
{
	switch (a->h->ret) {
	case RET_MAP_VALUE:
		if (is_sock(a->map.type))
			return check_give_held_sock(k, CHECK_SOCKET);
		give_lookup(k, a, found);
		return 0;
	case RET_INTEGER:
		check_number(&check_regs(k)[BPF_REG_0], emu_range_any());
		return 0;
	case RET_RESERVED:
		return give_reserved(k, a);
	case RET_SOCKET:
		return check_give_held_sock(k, CHECK_SOCKET);
	case RET_SOCK_COMMON:
		return check_give_held_sock(k, CHECK_SOCK_COMMON);
	case RET_TCP_SOCK:
		check_give_sock(k, CHECK_TCP_SOCK, a->of);
		return 0;
	default:
		return 0;
	}
}

static int call_helper(struct emu_checker *k, const struct bpf_insn *i)
{
	struct args a = {.h = helper_of(k, i->imm), .id = i->imm};
	struct check_reg context = check_regs(k)[BPF_REG_3];
	bool found = false;
	int err = 0;

	if (!a.h)
		return check_refuse(k, -EINVAL, "program of this type cannot use helper %d",
				    i->imm);
	if (k->load->exact && is_imitated(i->imm))
		return check_refuse(k, -EOPNOTSUPP, "helper %d is only imitated", i->imm);
	for (unsigned reg = BPF_REG_1; reg <= BPF_REG_5 && !err; reg++)
		if (a.h->args[reg - 1] != ARG_NONE)
			err = check_arg(k, &a, reg);
	if (!err)
		err = check_compatible(k, &a);
	if (!err && a.ref)
		err = release(k, a.ref);
	if (err)
		return err;
	if (a.has_map && a.id <= BPF_FUNC_map_delete_elem)
		note_map(k, &a);
	if (a.h->ret == RET_MAP_VALUE)
		found = certainly_found(k, &a);
	check_clobber(k);
	if (a.id == BPF_FUNC_loop)
		return check_call_loop(k, a.func, &context);
	k->at++;
	return give(k, &a, found);
}

int check_call(struct emu_checker *k, const struct bpf_insn *i)
{
	return i->src_reg == BPF_PSEUDO_CALL ? check_call_local(k, i) : call_helper(k, i);
}
