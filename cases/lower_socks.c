/* Values that are sockets: where a program gets them from, and how it gives them back. */
#include <stddef.h>

#include "cases/lower_emit.h"
#include "cases/socks.h"

#define CURRENT_NETNS (-1)

static bool has_socks(const struct lowering *w)
{
	for (uint32_t i = w->phase->first; i < w->phase->first + w->phase->count; i++)
		if (mue_map_holds_socks(w->c->maps[w->c->ops[i].map].type) ||
		    mue_origin_is_sock(w->c->ops[i].value_from))
			return true;
	return false;
}

void emit_socks_begin(struct lowering *w)
{
	if (has_socks(w))
		emit_zero(w, SLOT_SOCK);
}

/* R0 = the socket that the tuple leads to, or NULL. */
static void emit_lookup(struct lowering *w, const struct arg *a, int helper)
{
	struct place tuple = emit_io(w, BPF_REG_2, a->tuple, sizeof(struct mue_sock_tuple));

	emit(w, MUE_MOV64_REG(BPF_REG_1, BPF_REG_6));
	if (tuple.reg != BPF_REG_2)
		emit(w, MUE_MOV64_REG(BPF_REG_2, tuple.reg));
	emit(w, MUE_ALU64_IMM(BPF_ADD, BPF_REG_2, tuple.off));
	emit(w, MUE_MOV64_IMM(BPF_REG_3, sizeof(struct mue_sock_tuple)));
	emit(w, MUE_MOV64_IMM(BPF_REG_4, CURRENT_NETNS));
	emit(w, MUE_MOV64_IMM(BPF_REG_5, 0));
	emit(w, MUE_CALL(helper));
}

/* R0 = the socket of the number, which begins at 1, in another sockmap. */
static void emit_map_lookup(struct lowering *w, const struct arg *a)
{
	struct place number = emit_io(w, BPF_REG_1, a->sock, 8);

	emit(w, MUE_LDX(BPF_W, BPF_REG_1, number.reg, number.off));
	emit(w, MUE_ALU64_IMM(BPF_ADD, BPF_REG_1, -1));
	emit(w, MUE_STX(BPF_W, BPF_REG_10, SLOT_INDEX, BPF_REG_1));
	emit_stack(w, BPF_REG_2, SLOT_INDEX);
	emit_map(w, BPF_REG_1, MUE_HANDLE_SOCKS);
	emit(w, MUE_CALL(HELPER_LOOKUP));
}

static void emit_release(struct lowering *w)
{
	emit(w, MUE_LDX(BPF_DW, BPF_REG_1, BPF_REG_10, SLOT_SOCK));
	emit(w, MUE_CALL(HELPER_SK_RELEASE));
}

/* Where a context without the field has it. */
#define NO_FIELD (-8)

static void emit_ctx_sk(struct lowering *w, const struct arg *a)
{
	int at = mue_ctx_sk(w->phase->prog_type, w->phase->trigger);

	emit(w, MUE_LDX(BPF_DW, a->reg, BPF_REG_6, at < 0 ? NO_FIELD : at));
}

/* The second view of a socket; NULL where it has none: a path that the verifier walks after the other (V8). */
static void emit_tcp_sock(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	struct jumps none = {0}, has = {0};

	emit(w, MUE_MOV64_REG(BPF_REG_1, BPF_REG_0));
	emit(w, MUE_CALL(HELPER_TCP_SOCK));
	emit_jump(w, &none, MUE_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 0));
	emit(w, MUE_MOV64_REG(a->reg, BPF_REG_0));
	emit_jump(w, &has, MUE_JA(0));
	emit_land(w, &none);
	emit_release(w);
	emit_jump(w, fail, MUE_JA(0));
	emit_land(w, &has);
}

/* A socket that is held until emit_sock_release. */
static void emit_held(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	emit_jump(w, fail, MUE_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 0));
	emit(w, MUE_STX(BPF_DW, BPF_REG_10, SLOT_SOCK, BPF_REG_0));
	if (a->from == MUE_ORIGIN_TCP_SOCK)
		emit_tcp_sock(w, a, fail);
	else
		emit(w, MUE_MOV64_REG(a->reg, BPF_REG_0));
	if (a->from == MUE_ORIGIN_SK_RELEASED)
		emit_release(w);
}

void emit_sock(struct lowering *w, const struct arg *a, struct jumps *fail)
{
	switch (a->from) {
	case MUE_ORIGIN_CTX_SK:
	case MUE_ORIGIN_CTX_SK_OR_NULL:
		emit_ctx_sk(w, a);
		if (a->from == MUE_ORIGIN_CTX_SK)
			emit_jump(w, fail, MUE_JMP_IMM(BPF_JEQ, a->reg, 0, 0));
		return;
	case MUE_ORIGIN_SOCKMAP:
		emit_map_lookup(w, a);
		break;
	case MUE_ORIGIN_SK_LOOKUP_UDP:
		emit_lookup(w, a, HELPER_SK_LOOKUP_UDP);
		break;
	case MUE_ORIGIN_SKC_LOOKUP_TCP:
		emit_lookup(w, a, HELPER_SKC_LOOKUP_TCP);
		break;
	default:
		emit_lookup(w, a, HELPER_SK_LOOKUP_TCP);
	}
	if (a->from == MUE_ORIGIN_SK_OR_NULL)
		emit(w, MUE_MOV64_REG(a->reg, BPF_REG_0));
	else
		emit_held(w, a, fail);
}

void emit_sock_release(struct lowering *w, const struct arg *a)
{
	switch (a->from) {
	case MUE_ORIGIN_SOCKMAP:
	case MUE_ORIGIN_SK_LOOKUP_TCP:
	case MUE_ORIGIN_SK_LOOKUP_UDP:
	case MUE_ORIGIN_SKC_LOOKUP_TCP:
	case MUE_ORIGIN_TCP_SOCK:
		emit_release(w);
	}
}

/* A runner marks its sockets with their numbers (SO_MARK). */
void emit_sock_number(struct lowering *w)
{
	emit(w, MUE_MOV64_REG(BPF_REG_1, BPF_REG_0));
	emit(w, MUE_LDX(BPF_W, BPF_REG_0, BPF_REG_1, offsetof(struct bpf_sock, mark)));
	emit(w, MUE_STX(BPF_DW, BPF_REG_10, SLOT_SOCK, BPF_REG_0));
	emit(w, MUE_CALL(HELPER_SK_RELEASE));
	emit(w, MUE_LDX(BPF_DW, BPF_REG_3, BPF_REG_10, SLOT_SOCK));
}
