#include "oracle/model_load.h"

#include <errno.h>
#include <linux/bpf.h>

#include "cases/attach.h"
#include "cases/socks.h"
#include "oracle/model_load_return.h"
#include "oracle/model_load_sock.h"
#include "oracle/model_map.h"

/* Newer than the headers that we may be built with. */
#define NETFILTER_ATTACH 45
#define LSM_CGROUP 43
#define UNIX_CONNECT 49
#define UNIX_GETSOCKNAME 53
#define FENTRY_MULTI 59
#define FSESSION_MULTI 61

/*
 * P1: the expected attach types that program types insist on; a type without a row here takes
 * any. Rows with first..last stand for a range.
 */
static const struct attach_row {
	uint32_t prog, first, last, since;
} attach_rows[] = {
	{MUE_PROG_CGROUP_SKB, BPF_CGROUP_INET_INGRESS, BPF_CGROUP_INET_EGRESS, 0},
	{MUE_PROG_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, BPF_CGROUP_INET_SOCK_CREATE, 0},
	{MUE_PROG_CGROUP_SOCK, BPF_CGROUP_INET4_POST_BIND, BPF_CGROUP_INET6_POST_BIND, 0},
	{MUE_PROG_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_RELEASE, BPF_CGROUP_INET_SOCK_RELEASE, 0},
	{MUE_PROG_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND, BPF_CGROUP_INET6_CONNECT, 0},
	{MUE_PROG_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_SENDMSG, BPF_CGROUP_UDP6_SENDMSG, 0},
	{MUE_PROG_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_RECVMSG, BPF_CGROUP_UDP6_RECVMSG, 0},
	{MUE_PROG_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_GETPEERNAME, BPF_CGROUP_INET6_GETSOCKNAME, 0},
	{MUE_PROG_CGROUP_SOCK_ADDR, UNIX_CONNECT, UNIX_GETSOCKNAME, MUE_VERSION(6, 7)},
	{MUE_PROG_CGROUP_SOCKOPT, BPF_CGROUP_GETSOCKOPT, BPF_CGROUP_SETSOCKOPT, 0},
	{MUE_PROG_SK_LOOKUP, BPF_SK_LOOKUP, BPF_SK_LOOKUP, 0},
	{MUE_PROG_SK_REUSEPORT, BPF_SK_REUSEPORT_SELECT, BPF_SK_REUSEPORT_SELECT_OR_MIGRATE, 0},
	{MUE_PROG_NETFILTER, NETFILTER_ATTACH, NETFILTER_ATTACH, 0},
	{MUE_PROG_TRACING, BPF_TRACE_RAW_TP, BPF_MODIFY_RETURN, 0},
	{MUE_PROG_TRACING, BPF_TRACE_ITER, BPF_TRACE_ITER, 0},
	{MUE_PROG_TRACING, MUE_ATTACH_TRACE_FSESSION, MUE_ATTACH_TRACE_FSESSION, MUE_VERSION(7, 0)},
	{MUE_PROG_TRACING, FENTRY_MULTI, FSESSION_MULTI, MUE_VERSION(7, 2)},
	{MUE_PROG_LSM, BPF_TRACE_RAW_TP, BPF_TRACE_ITER, 0},
	{MUE_PROG_LSM, LSM_CGROUP, LSM_CGROUP, MUE_VERSION(6, 0)},
	{MUE_PROG_LSM, MUE_ATTACH_TRACE_FSESSION, MUE_ATTACH_TRACE_FSESSION, MUE_VERSION(7, 0)},
	{MUE_PROG_SYSCALL, 0, 0, 0},
	{MUE_PROG_EXT, 0, 0, 0},
};

static uint32_t attach_of(const struct mue_phase *p)
{
	return p->attach_type ? p->attach_type : mue_prog_type_row(p->prog_type)->attach;
}

static bool attach_fits(const struct mue_world *w, const struct mue_phase *p)
{
	uint32_t attach = attach_of(p);
	bool insists = false;

	if (p->prog_type == MUE_PROG_SK_REUSEPORT && !mue_world_has(w, MUE_CHANGE_SK_REUSEPORT_ATTACH))
		return true;
	for (size_t i = 0; i < sizeof(attach_rows) / sizeof(*attach_rows); i++) {
		const struct attach_row *row = &attach_rows[i];

		if (row->prog != p->prog_type)
			continue;
		insists = true;
		if (attach >= row->first && attach <= row->last && w->version >= row->since)
			return true;
	}
	return !insists && !(attach >= FENTRY_MULTI && attach <= FSESSION_MULTI &&
			     mue_world_has(w, MUE_CHANGE_MULTI_ATTACH_TRACING));
}

static bool is_sleepable(const struct mue_phase *p)
{
	return p->sleepable || mue_prog_type_row(p->prog_type)->flags & MUE_PROG_F_SLEEPABLE;
}

/* P4 */
static bool may_sleep(const struct mue_world *w, const struct mue_phase *p)
{
	const bool tracepoints = mue_world_has(w, MUE_CHANGE_SLEEPABLE_TRACEPOINT);
	uint32_t attach = attach_of(p);

	switch (p->prog_type) {
	case MUE_PROG_SYSCALL:
		return true;
	case MUE_PROG_TRACING:
		return attach == BPF_TRACE_FENTRY || attach == BPF_TRACE_FEXIT ||
		       attach == BPF_MODIFY_RETURN || attach == BPF_TRACE_ITER ||
		       attach >= MUE_ATTACH_TRACE_FSESSION;
	case MUE_PROG_LSM:
		return attach == BPF_LSM_MAC;
	case MUE_PROG_TRACEPOINT:
	case MUE_PROG_RAW_TRACEPOINT:
		return tracepoints;
	case MUE_PROG_KPROBE:
		return w->version >= MUE_VERSION(6, 0);
	case MUE_PROG_STRUCT_OPS:
		return w->version >= MUE_VERSION(6, 4);
	}
	return false;
}

static bool is_hash(const struct mue_map *m)
{
	return m->type == MUE_MAP_HASH || m->type == MUE_MAP_PERCPU_HASH;
}

/* Whether the program names a ring buffer, to have a key or value from it. */
static bool from_ringbuf(const struct mue_op *op)
{
	return op->key_from == MUE_ORIGIN_RINGBUF || op->value_from == MUE_ORIGIN_RINGBUF;
}

/* V6 */
static bool sleepable_takes(const struct mue_world *w, const struct mue_map *m)
{
	switch (m->type) {
	case MUE_MAP_ARRAY:
	case MUE_MAP_HASH:
	case MUE_MAP_LRU_HASH:
	case MUE_MAP_RHASH:
		return true;
	case MUE_MAP_PERCPU_ARRAY:
	case MUE_MAP_PERCPU_HASH:
	case MUE_MAP_LRU_PERCPU_HASH:
	case MUE_MAP_ARRAY_OF_MAPS:
	case MUE_MAP_HASH_OF_MAPS:
		return mue_world_has(w, MUE_CHANGE_SLEEPABLE_PER_CPU);
	case MUE_MAP_SK_STORAGE:
	case MUE_MAP_INODE_STORAGE:
	case MUE_MAP_TASK_STORAGE:
	case MUE_MAP_CGRP_STORAGE:
		return mue_world_has(w, MUE_CHANGE_SLEEPABLE_STORAGE);
	case MUE_MAP_PROG_ARRAY:
		return mue_world_has(w, MUE_CHANGE_SLEEPABLE_TAIL_CALL);
	case MUE_MAP_LPM_TRIE:
		return mue_world_has(w, MUE_CHANGE_SLEEPABLE_LPM);
	case MUE_MAP_RINGBUF:
	case MUE_MAP_USER_RINGBUF:
		return mue_world_has(w, MUE_CHANGE_SLEEPABLE_RINGBUF);
	case MUE_MAP_QUEUE:
	case MUE_MAP_STACK:
		return mue_world_has(w, MUE_CHANGE_SLEEPABLE_QUEUE);
	}
	return false;
}

/* V5 */
static bool is_tracing(const struct mue_world *w, const struct mue_phase *p)
{
	if (p->prog_type == MUE_PROG_RAW_TRACEPOINT_WRITABLE)
		return mue_world_has(w, MUE_CHANGE_RAW_TP_WRITABLE_TRACING);
	return mue_prog_type_row(p->prog_type)->flags & MUE_PROG_F_TRACING;
}

/* V5, V6: hashes that allocate when they are updated. */
static bool preallocation_fits(const struct mue_world *w, const struct mue_phase *p,
			       const struct mue_map *m)
{
	if (!is_hash(m) || !(m->flags & MUE_MAP_F_NO_PREALLOC))
		return true;
	if (p->prog_type == MUE_PROG_PERF_EVENT && !mue_world_has(w, MUE_CHANGE_PERF_EVENT_NO_PREALLOC))
		return false;
	return !is_sleepable(p) || mue_world_has(w, MUE_CHANGE_SLEEPABLE_NO_PREALLOC);
}

/* V5, V6: what a program refuses of a map as soon as it names it. */
static bool map_fits(const struct mue_world *w, const struct mue_phase *p, const struct mue_map *m)
{
	const bool tracing = is_tracing(w, p);
	const bool lock = model_has_special(w, m, MUE_SPECIAL_SPIN_LOCK);
	const bool resilient = model_has_special(w, m, MUE_SPECIAL_RES_SPIN_LOCK);
	const bool later = model_has_special(w, m, MUE_SPECIAL_TIMER) ||
			   model_has_special(w, m, MUE_SPECIAL_WQ);

	if (lock && (tracing || p->prog_type == MUE_PROG_SOCKET_FILTER))
		return false;
	if (resilient && (p->prog_type == MUE_PROG_SOCKET_FILTER ||
			  (tracing && !mue_world_has(w, MUE_CHANGE_TRACING_RES_SPIN_LOCK))))
		return false;
	if (lock && is_sleepable(p) && w->version >= MUE_VERSION(5, 11) &&
	    !mue_world_has(w, MUE_CHANGE_SLEEPABLE_SPIN_LOCK))
		return false;
	if (m->type == MUE_MAP_ARENA || m->type == MUE_MAP_STRUCT_OPS)
		return false; /* an arena needs an address first */
	if (later && tracing && !mue_world_has(w, MUE_CHANGE_TRACING_TIMER))
		return false;
	return preallocation_fits(w, p, m) && (!is_sleepable(p) || sleepable_takes(w, m));
}

/* The same for the map of maps around an inner map, which itself is asked for its preallocation only. */
static bool outer_fits(const struct mue_world *w, const struct mue_phase *p,
		       const struct mue_map *inner)
{
	return preallocation_fits(w, p, inner) &&
	       (!is_sleepable(p) || mue_world_has(w, MUE_CHANGE_SLEEPABLE_PER_CPU));
}

/* V2, V3: `size` bytes as key or value argument. */
static int check_origin(const struct mue_world *w, const struct mue_phase *p, unsigned origin,
			uint32_t size)
{
	if (!size)
		return -EACCES;
	switch (origin) {
	case MUE_ORIGIN_SHORT_STACK:
		return size > 1 ? -EINVAL : -EACCES; /* runs past the frame, or begins there */
	case MUE_ORIGIN_SHORT_MAP:
	case MUE_ORIGIN_SHORT_PACKET:
	case MUE_ORIGIN_OR_NULL:
	case MUE_ORIGIN_NULL:
	case MUE_ORIGIN_SCALAR:
		return -EACCES;
	case MUE_ORIGIN_OR_NULL_CONST:
		return mue_world_has(w, MUE_CHANGE_CONST_KEY_NOT_NULL) ? 0 : -EACCES;
	case MUE_ORIGIN_UNINIT:
		return mue_world_has(w, MUE_CHANGE_UNINIT_STACK) ? 0 : -EACCES;
	case MUE_ORIGIN_RINGBUF:
		return mue_world_has(w, MUE_CHANGE_MEM_AS_KEY_VALUE) ? 0 : -EACCES;
	case MUE_ORIGIN_CTX:
		return p->prog_type == MUE_PROG_SYSCALL && size <= UINT16_MAX &&
				       mue_world_has(w, MUE_CHANGE_CTX_AS_KEY_VALUE)
			       ? 0
			       : -EACCES;
	}
	return 0;
}

/* V1, in the order of the checks. */
static int check_update(const struct mue_world *w, const struct mue_phase *p,
			const struct mue_op *op, const struct mue_map *m)
{
	const struct mue_map_type_row *row = mue_map_type_row(m->type);
	int err;

	err = model_load_source(w, p, op->value_from);
	if (err)
		return err;
	if (op->reach == MUE_REACH_CALLBACK && w->version < MUE_VERSION(5, 17))
		return -EINVAL;
	err = check_origin(w, p, op->key_from, m->key_size);
	if (err)
		return err;
	if (row->class == MUE_CLASS_SOCK)
		return model_load_sock_update(w, p, op->value_from);
	if (mue_origin_is_sock(op->value_from))
		return -EACCES;
	err = check_origin(w, p, op->value_from, m->value_size);
	if (err)
		return err;
	if (m->flags & MUE_MAP_F_RDONLY_PROG)
		return -EACCES;
	return row->verdict;
}

static int check_lookup(const struct mue_world *w, const struct mue_phase *p,
			const struct mue_op *op, const struct mue_map *m)
{
	int err = check_origin(w, p, op->key_from, m->key_size);

	if (err)
		return err;
	if (mue_map_holds_socks(m->type))
		return model_load_sock_lookup(p);
	if (m->flags & MUE_MAP_F_WRONLY_PROG && m->value_size > mue_special_size(m->special))
		return -EACCES; /* the value is read, but for a special field */
	return 0;
}

static int check_delete(const struct mue_world *w, const struct mue_phase *p,
			const struct mue_op *op, const struct mue_map *m)
{
	int err = check_origin(w, p, op->key_from, m->key_size);

	if (err)
		return err;
	if (mue_map_holds_socks(m->type))
		return model_load_sock_delete(w, p);
	return m->flags & MUE_MAP_F_RDONLY_PROG ? -EACCES : 0;
}

static int check_step(const struct mue_world *w, const struct mue_phase *p, const struct mue_op *op,
		      const struct mue_map *m)
{
	switch (op->kind) {
	case MUE_OP_UPDATE:
		return check_update(w, p, op, m);
	case MUE_OP_LOOKUP:
		return check_lookup(w, p, op, m);
	case MUE_OP_DELETE:
		return check_delete(w, p, op, m);
	}
	return 0;
}

/* What the rules do not reach: of programs. */
static const char *program_beyond(const struct mue_world *w, const struct mue_phase *p)
{
	if (p->sleepable && p->prog_type == MUE_PROG_LSM && attach_of(p) == LSM_CGROUP)
		return "no rule for sleepable LSM programs of cgroups: later stable releases refuse them";
	if (p->sleepable && p->prog_type == MUE_PROG_TRACING && attach_of(p) == BPF_TRACE_RAW_TP &&
	    w->version < MUE_VERSION(6, 12))
		return "no rule for sleepable TRACING programs of raw_tp before 6.12";
	if (p->prog_type == MUE_PROG_TRACING && (attach_of(p) == BPF_LSM_MAC || attach_of(p) == LSM_CGROUP))
		return "no rule for TRACING programs of attach types of LSM";
	if (p->prog_type == MUE_PROG_LSM && attach_of(p) != BPF_LSM_MAC && attach_of(p) != LSM_CGROUP &&
	    attach_fits(w, p))
		return "no rule for LSM programs of attach types of TRACING";
	return NULL;
}

/* Of their steps. */
static const char *beyond(const struct mue_world *w, const struct mue_case *c, const struct mue_phase *p,
			  const struct mue_op *op)
{
	const struct mue_map_type_row *row = mue_map_type_row(c->maps[op->map].type);

	if (op->kind == MUE_OP_REREAD)
		return NULL;
	if (op->kind != MUE_OP_UPDATE && row->class == MUE_CLASS_OTHER)
		return "no rule for steps but update on this map type";
	if (p->prog_type == MUE_PROG_LIRC_MODE2 && (op->reach == MUE_REACH_CALLBACK || from_ringbuf(op)))
		return "no rule for LIRC programs with other helpers";
	if (p->prog_type == MUE_PROG_EXT && op->reach == MUE_REACH_TAIL_CALL)
		return "no rule for tail calls to EXT programs, which younger kernels refuse at several places";
	return NULL;
}

/* P1, P4: what is refused of a program before its instructions are looked at. */
static bool program_fits(const struct mue_world *w, const struct mue_phase *p)
{
	const struct mue_prog_type_row *row = mue_prog_type_row(p->prog_type);

	if (p->proprietary && row->flags & MUE_PROG_F_GPL)
		return false;
	return row->since <= w->version && attach_fits(w, p) &&
	       (!is_sleepable(p) || may_sleep(w, p));
}

/* Steps that are one program: a phase, or what stands before or behind its tail call. */
struct part {
	const struct mue_world *w;
	const struct mue_case *c;
	const struct mue_phase *p;
	const struct mue_op *first, *end;
	bool jumps; /* it ends with the tail call */
};

/* V5, V6: every map that the part names, before the verifier walks. */
static bool maps_fit(const struct part *t)
{
	if (t->jumps && is_sleepable(t->p) && !mue_world_has(t->w, MUE_CHANGE_SLEEPABLE_TAIL_CALL))
		return false;
	for (const struct mue_op *op = t->first; op < t->end; op++) {
		const struct mue_map *m = &t->c->maps[op->map];

		if (op->kind == MUE_OP_REREAD)
			continue;
		if (op->reach == MUE_REACH_INNER ? !outer_fits(t->w, t->p, m) : !map_fits(t->w, t->p, m))
			return false;
		if (op->reach == MUE_REACH_SHARED && !map_fits(t->w, t->p, &t->c->maps[op->map2]))
			return false;
		if (op->value_from == MUE_ORIGIN_SOCKMAP && is_sleepable(t->p))
			return false;
		if (from_ringbuf(op) && is_sleepable(t->p) &&
		    !mue_world_has(t->w, MUE_CHANGE_SLEEPABLE_RINGBUF))
			return false;
	}
	return true;
}

static bool has_reach(const struct part *t, unsigned reach)
{
	for (const struct mue_op *op = t->first; op < t->end; op++)
		if (op->kind == MUE_OP_UPDATE && op->reach == reach)
			return true;
	return false;
}

/* V9: the interpreter has no tail calls in programs with functions. */
static int check_tail_call(const struct part *t)
{
	bool functions = has_reach(t, MUE_REACH_SUBPROG) || has_reach(t, MUE_REACH_CALLBACK);

	return t->jumps && functions && !t->w->jit ? -EINVAL : 0;
}

static bool calls_later(const struct part *t, const struct mue_op *op)
{
	return op->kind == MUE_OP_UPDATE && op->reach == MUE_REACH_CALLBACK &&
	       mue_world_has(t->w, MUE_CHANGE_CALLBACKS_LAST);
}

/*
 * V8: the walk of the verifier, which ends at the first error. At a shared call it goes on
 * with the second map to the program's end, and comes back for the first one later, and with the
 * change so at a callback; the latest such call first.
 */
static int walk(const struct part *t)
{
	int err = 0;

	for (const struct mue_op *op = t->first; op < t->end && !err; op++) {
		bool shared = op->reach == MUE_REACH_SHARED;

		if (!calls_later(t, op))
			err = check_step(t->w, t->p, op, &t->c->maps[shared ? op->map2 : op->map]);
	}
	if (!err)
		err = check_tail_call(t);
	if (!err)
		err = model_load_return(t->w, t->p);
	for (const struct mue_op *op = t->end; op > t->first && !err; op--)
		if (op[-1].reach == MUE_REACH_SHARED || calls_later(t, &op[-1]))
			err = check_step(t->w, t->p, &op[-1], &t->c->maps[op[-1].map]);
	return err;
}

static int load_part(const struct part *t)
{
	int err = maps_fit(t) ? walk(t) : -EINVAL;

	if (!err && has_reach(t, MUE_REACH_CALLBACK) && !t->w->jit)
		return -EINVAL; /* V9: nor has it callbacks */
	return err;
}

int model_load(const struct mue_world *w, const struct mue_case *c, const struct mue_phase *p,
	       const char **why)
{
	struct part t = {.w = w, .c = c, .p = p, .first = &c->ops[p->first]};
	const struct mue_op *end = t.first + p->count;
	int err;

	*why = program_beyond(w, p);
	if (*why)
		return 1;
	if (!program_fits(w, p))
		return -EINVAL;
	for (const struct mue_op *op = t.first; op < end; op++) {
		*why = beyond(w, c, p, op);
		if (*why)
			return 1;
	}
	for (t.end = t.first; t.end < end && t.end->reach != MUE_REACH_TAIL_CALL;)
		t.end++;
	t.jumps = t.end < end;
	err = load_part(&t);
	if (err || !t.jumps)
		return err;
	t.first = t.end;
	t.end = end;
	t.jumps = false;
	return load_part(&t);
}

int model_run(const struct mue_phase *p)
{
	uint32_t attach = attach_of(p);

	if (p->prog_type == MUE_PROG_XDP && mue_phase_test_run(p) && (attach == BPF_XDP_DEVMAP || attach == BPF_XDP_CPUMAP))
		return -EINVAL;
	return 0;
}
