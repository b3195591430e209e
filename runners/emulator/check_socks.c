/* Sockets in programs: who has them from where, and what may be done with them. */
#include <stddef.h>

#include "cases/socks.h"
#include "runners/emulator/check.h"

bool check_has_sk_lookup(const struct emu_checker *k)
{
	switch (k->load->prog_type) {
	case MUE_PROG_SCHED_CLS:
	case MUE_PROG_SCHED_ACT:
	case MUE_PROG_XDP:
	case MUE_PROG_EXT: /* of an XDP program */
	case MUE_PROG_CGROUP_SKB:
	case MUE_PROG_CGROUP_SOCK_ADDR:
	case MUE_PROG_SK_SKB:
		return true;
	default:
		return false;
	}
}

bool check_has_sk_release(const struct emu_checker *k)
{
	return check_has_sk_lookup(k) || k->load->prog_type == MUE_PROG_SK_LOOKUP;
}

bool check_has_tcp_sock(const struct emu_checker *k)
{
	switch (k->load->prog_type) {
	case MUE_PROG_SCHED_CLS:
	case MUE_PROG_SCHED_ACT:
	case MUE_PROG_CGROUP_SKB:
	case MUE_PROG_SOCK_OPS:
	case MUE_PROG_CGROUP_SOCKOPT:
		return true;
	default:
		return false;
	}
}

/* Where no program can hold a socket's lock. */
bool check_may_update_socks(const struct emu_checker *k)
{
	switch (k->load->prog_type) {
	case MUE_PROG_SOCKET_FILTER:
	case MUE_PROG_SCHED_CLS:
	case MUE_PROG_SCHED_ACT:
	case MUE_PROG_XDP:
	case MUE_PROG_EXT:
	case MUE_PROG_FLOW_DISSECTOR:
		return !check_has(k, MUE_CHANGE_SOCKMAP_FEWER_TYPES);
	case MUE_PROG_SK_REUSEPORT:
	case MUE_PROG_SK_LOOKUP:
		return true;
	case MUE_PROG_TRACING:
		return k->load->attach_type == BPF_TRACE_ITER;
	default:
		return false;
	}
}

bool check_may_delete_socks(const struct emu_checker *k)
{
	return check_may_update_socks(k) || k->load->prog_type == MUE_PROG_SOCK_OPS ||
	       !check_has(k, MUE_CHANGE_SOCKMAP_DELETE);
}

int check_arg_sock(struct emu_checker *k, unsigned reg)
{
	const struct check_reg *r = &check_regs(k)[reg];

	if (!check_is_sock(r) || r->or_null || r->off)
		return check_refuse(k, -EACCES, "R%u is no socket", reg);
	return 0;
}

void check_give_sock(struct emu_checker *k, enum check_type type, uint32_t ref)
{
	struct check_reg *r = &check_regs(k)[BPF_REG_0];

	check_point(r, type);
	r->or_null = true;
	r->id = ++k->ids;
	r->ref = ref;
}

int check_give_held_sock(struct emu_checker *k, enum check_type type)
{
	if (k->state.n_refs == CHECK_REFS_MAX)
		return check_refuse(k, -ENOMEM, "too many sockets");
	check_give_sock(k, type, k->ids + 1);
	k->state.refs[k->state.n_refs++] = k->ids;
	return 0;
}

/* Of struct bpf_sock: what a struct sock_common does not have. */
static bool only_full(int64_t off)
{
	return off >= (int64_t)offsetof(struct bpf_sock, type) &&
	       off <= (int64_t)offsetof(struct bpf_sock, priority);
}

/* Words of it, as they are; no kind of socket can be written. */
int check_on_sock(struct emu_checker *k, const struct check_reg *p, int64_t off, uint64_t size,
		  enum emu_access access)
{
	if (access == EMU_WRITE || p->type == CHECK_TCP_SOCK || p->off || size != 4 || off % 4 ||
	    off < 0 || off + size > sizeof(struct bpf_sock) ||
	    (p->type == CHECK_SOCK_COMMON && only_full(off)))
		return check_refuse(k, -EACCES, "invalid access to a socket, off=%lld size=%llu",
				    (long long)off, (unsigned long long)size);
	return 0;
}

static const struct ctx_row {
	uint32_t prog_type;
	enum check_type type;
	bool null;
	uint32_t since;
} rows[] = {
#define EMU_CTX(...)
#define EMU_CTX_WRITE(...)
#define EMU_CTX_SK(PROG, TYPE, null, since) {MUE_PROG_##PROG, CHECK_##TYPE, null, since},
#include "runners/emulator/contexts.def"
#undef EMU_CTX
#undef EMU_CTX_WRITE
#undef EMU_CTX_SK
};

static const struct ctx_row *row_of(const struct emu_checker *k)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].prog_type == k->load->prog_type &&
		    rows[i].since <= k->vm->world.version)
			return &rows[i];
	return NULL;
}

int check_load_ctx_sock(struct emu_checker *k, struct check_reg *d, int64_t off, unsigned size)
{
	const struct ctx_row *row = row_of(k);
	int at = mue_ctx_sk(k->load->prog_type, k->load->via);

	if (at < 0 || off + size <= at || off >= at + 8)
		return CHECK_PATH_ENDS;
	if (!row || off != at || size != 8)
		return check_refuse(k, -EACCES, "invalid bpf_context access off=%lld size=%u",
				    (long long)off, size);
	check_point(d, row->type);
	d->or_null = row->null;
	d->id = row->null ? ++k->ids : 0;
	return 0;
}
