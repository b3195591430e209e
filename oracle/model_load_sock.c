/* Load verdicts of steps whose value is a socket, or whose map holds such (semantics V7, V10 to V12). */
#include "oracle/model_load_sock.h"

#include <errno.h>
#include <linux/bpf.h>

#include "cases/attach.h"
#include "cases/socks.h"

static bool looks_up(const struct mue_phase *p)
{
	switch (p->prog_type) {
	case MUE_PROG_SCHED_CLS:
	case MUE_PROG_SCHED_ACT:
	case MUE_PROG_XDP:
	case MUE_PROG_EXT: /* of an XDP program */
	case MUE_PROG_CGROUP_SKB:
	case MUE_PROG_CGROUP_SOCK_ADDR:
	case MUE_PROG_SK_SKB:
		return true;
	}
	return false;
}

static bool releases(const struct mue_phase *p)
{
	return looks_up(p) || p->prog_type == MUE_PROG_SK_LOOKUP;
}

/* Of those that look up. */
static bool sees_tcp(const struct mue_phase *p)
{
	return p->prog_type == MUE_PROG_SCHED_CLS || p->prog_type == MUE_PROG_SCHED_ACT ||
	       p->prog_type == MUE_PROG_CGROUP_SKB;
}

/* V11 */
static bool may_update(const struct mue_world *w, const struct mue_phase *p)
{
	switch (p->prog_type) {
	case MUE_PROG_SK_REUSEPORT:
	case MUE_PROG_SK_LOOKUP:
		return true;
	case MUE_PROG_TRACING:
		return mue_phase_attach(p) == BPF_TRACE_ITER;
	case MUE_PROG_SOCKET_FILTER:
	case MUE_PROG_SCHED_CLS:
	case MUE_PROG_SCHED_ACT:
	case MUE_PROG_XDP:
	case MUE_PROG_EXT:
	case MUE_PROG_FLOW_DISSECTOR:
		return !mue_world_has(w, MUE_CHANGE_SOCKMAP_FEWER_TYPES);
	}
	return false;
}

/* V10: whether the context has a socket that programs can read. */
static bool shows_sk(const struct mue_world *w, const struct mue_phase *p)
{
	if (p->prog_type == MUE_PROG_FLOW_DISSECTOR)
		return false;
	if (p->prog_type == MUE_PROG_SK_REUSEPORT)
		return w->version >= MUE_VERSION(5, 14);
	return mue_ctx_sk(p->prog_type, p->trigger) >= 0;
}

/* Where it is always one. */
static bool surely_sk(const struct mue_phase *p)
{
	switch (p->prog_type) {
	case MUE_PROG_CGROUP_SOCK_ADDR:
	case MUE_PROG_SK_MSG:
	case MUE_PROG_SK_REUSEPORT:
	case MUE_PROG_CGROUP_SOCKOPT:
		return true;
	}
	return false;
}

int model_load_source(const struct mue_world *w, const struct mue_phase *p, unsigned origin)
{
	switch (origin) {
	case MUE_ORIGIN_CTX_SK:
	case MUE_ORIGIN_CTX_SK_OR_NULL:
		return shows_sk(w, p) ? 0 : -EACCES;
	case MUE_ORIGIN_TCP_SOCK:
		return sees_tcp(p) ? 0 : -EINVAL;
	case MUE_ORIGIN_SK_LOOKUP_TCP:
	case MUE_ORIGIN_SK_LOOKUP_UDP:
	case MUE_ORIGIN_SKC_LOOKUP_TCP:
	case MUE_ORIGIN_SK_OR_NULL:
	case MUE_ORIGIN_SK_RELEASED:
		return looks_up(p) ? 0 : -EINVAL;
	}
	return 0;
}

/* A pointer to a socket that is one. */
static bool is_sound(const struct mue_phase *p, unsigned origin)
{
	if (origin == MUE_ORIGIN_CTX_SK_OR_NULL)
		return surely_sk(p);
	return mue_origin_is_sock(origin) && origin != MUE_ORIGIN_SK_OR_NULL &&
	       origin != MUE_ORIGIN_SK_RELEASED;
}

int model_load_sock_update(const struct mue_world *w, const struct mue_phase *p, unsigned origin)
{
	if (!is_sound(p, origin))
		return -EACCES;
	if (!may_update(w, p))
		return -EINVAL;
	if (origin == MUE_ORIGIN_CTX_SK || origin == MUE_ORIGIN_CTX_SK_OR_NULL)
		return 0;
	return releases(p) ? 0 : -EINVAL;
}

int model_load_sock_lookup(const struct mue_phase *p)
{
	return releases(p) ? 0 : -EINVAL;
}

int model_load_sock_delete(const struct mue_world *w, const struct mue_phase *p)
{
	if (may_update(w, p) || p->prog_type == MUE_PROG_SOCK_OPS)
		return 0;
	return mue_world_has(w, MUE_CHANGE_SOCKMAP_DELETE) ? -EINVAL : 0;
}
