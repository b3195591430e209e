/* Lowering without a kernel: layouts, blocks that are filled and read, limits, shapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cases/lower.h"
#include "cases/socks.h"

struct fixture {
	struct mue_case c, d;
	struct mue_layout l;
	struct mue_program p, q;
	struct mue_observation o;
	uint8_t io[1 << 16], packet[MUE_PACKET_MAX];
};

/* Map m, and one program phase. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	mue_case_init(&f->c, "test");
	mue_case_add_map(&f->c, "m", MUE_MAP_HASH, 5, 11, 4, 0);
	mue_case_add_phase(&f->c, MUE_PROG_XDP);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static struct mue_op *add(struct fixture *f, unsigned kind, unsigned key_from, unsigned value_from)
{
	struct mue_op *op = mue_case_add_op(&f->c, kind, 0);

	op->key = mue_bytes_u32(0x01020304);
	op->value = mue_bytes_u32(0x05060708);
	op->value.fill = 0xee;
	op->key_from = key_from;
	op->value_from = value_from;
	return op;
}

/* Takes [at, at + size) for the only time, 8-aligned and within the block. */
static void claim(const struct fixture *f, uint8_t *used, uint32_t at, uint32_t size)
{
	assert_int_equal(at % 8, 0);
	assert_true(at + size <= f->l.io_size);
	for (uint32_t i = at; i < at + size; i++)
		assert_int_equal(used[i]++, 0);
}

static void test_layout_overlaps_nothing(void **state)
{
	struct fixture *f = *state;
	uint8_t used[4096] = {0};

	for (unsigned origin = 0; origin < MUE_ORIGINS; origin++)
		add(f, MUE_OP_UPDATE, origin, MUE_ORIGINS - 1 - origin);
	add(f, MUE_OP_LOOKUP, MUE_ORIGIN_STACK, 0);
	add(f, MUE_OP_REREAD, 0, 0);
	mue_layout_phase(&f->l, &f->c, 0);
	assert_int_equal(f->l.io_size % 8, 0);
	claim(f, used, 0, sizeof(struct mue_io_head));
	for (unsigned i = 0; i < f->c.n_ops; i++) {
		const struct mue_step_layout *s = &f->l.steps[i];

		claim(f, used, s->io, sizeof(struct mue_io_step));
		if (f->c.ops[i].key_from == MUE_ORIGIN_MAP)
			claim(f, used, s->key, 5);
		if (f->c.ops[i].value_from == MUE_ORIGIN_STACK && i < MUE_ORIGINS)
			claim(f, used, s->value, 11);
		if (i < MUE_ORIGINS && mue_origin_is_sock(f->c.ops[i].value_from)) {
			claim(f, used, s->sock, 8);
			claim(f, used, s->tuple, sizeof(struct mue_sock_tuple));
		}
		if (i >= MUE_ORIGINS)
			claim(f, used, s->out, 11);
	}
	/* PACKET and SHORT_PACKET, each as key and as value. */
	assert_int_equal(f->l.packet_payload, 2 * 8 + 2 * 16);
}

static void test_handles_are_those_used(void **state)
{
	struct fixture *f = *state;

	add(f, MUE_OP_UPDATE, MUE_ORIGIN_STACK, MUE_ORIGIN_STACK);
	mue_layout_phase(&f->l, &f->c, 0);
	assert_int_equal(f->l.handles, UINT64_C(1) << MUE_HANDLE_IO | UINT64_C(1)
									      << MUE_HANDLE_MAP);
	f->c.ops[0].reach = MUE_REACH_INNER;
	f->c.ops[0].value_from = MUE_ORIGIN_RODATA;
	mue_layout_phase(&f->l, &f->c, 0);
	assert_int_equal(f->l.handles, UINT64_C(1) << MUE_HANDLE_IO |
					       UINT64_C(1) << MUE_HANDLE_OUTER |
					       UINT64_C(1) << MUE_HANDLE_RODATA);
}

/* Every handle that a program names is announced. */
static void test_programs_name_announced_handles(void **state)
{
	struct fixture *f = *state;

	for (unsigned origin = 0; origin < MUE_ORIGINS; origin++)
		if (mue_origin_is_sock(origin))
			add(f, MUE_OP_UPDATE, MUE_ORIGIN_STACK, origin);
		else
			add(f, MUE_OP_UPDATE, origin, MUE_ORIGIN_STACK);
	add(f, MUE_OP_UPDATE, 0, 0)->reach = MUE_REACH_INNER;
	add(f, MUE_OP_UPDATE, 0, 0)->reach = MUE_REACH_TAIL_CALL;
	mue_layout_phase(&f->l, &f->c, 0);
	assert_int_equal(mue_lower_parts(&f->c, 0), 2);
	for (unsigned part = 0; part < 2; part++) {
		assert_int_equal(mue_lower(&f->p, &f->l, &f->c, 0, part), 0);
		for (uint32_t i = 0; i < f->p.n; i++) {
			const struct bpf_insn *insn = &f->p.insns[i];

			if (insn->code != (BPF_LD | BPF_DW | BPF_IMM))
				continue;
			i++;
			if (insn->src_reg == BPF_PSEUDO_MAP_FD ||
			    insn->src_reg == BPF_PSEUDO_MAP_VALUE)
				assert_true(f->l.handles >> insn->imm & 1);
		}
	}
}

static void test_fill_then_read(void **state)
{
	struct fixture *f = *state;
	struct mue_io_head head = {.invoked = 2};
	struct mue_io_step step;
	uint8_t want[11];

	add(f, MUE_OP_UPDATE, MUE_ORIGIN_STACK, MUE_ORIGIN_PACKET)->flags = 0x123456789;
	add(f, MUE_OP_LOOKUP, MUE_ORIGIN_STACK, 0);
	mue_layout_phase(&f->l, &f->c, 0);
	memset(f->io, 0xaa, sizeof(f->io));
	mue_io_fill(f->io, &f->l, &f->c, 0);
	mue_packet_fill(f->packet, &f->l, &f->c, 0);
	memcpy(&step, f->io + f->l.steps[0].io, sizeof(step));
	assert_int_equal(step.flags, 0x123456789);
	assert_int_equal(step.ret | step.times | step.failed, 0);
	mue_bytes_resolve(&f->c.ops[0].key, want, 5);
	assert_memory_equal(f->io + f->l.steps[0].key, want, 5);
	mue_bytes_resolve(&f->c.ops[0].value, want, 11);
	assert_memory_equal(f->packet + f->l.steps[0].packet_value, want, 11);

	/* As a program leaves it. */
	memcpy(f->io, &head, sizeof(head));
	step = (struct mue_io_step){.ret = -ENOENT, .times = 3, .failed = 2};
	memcpy(f->io + f->l.steps[0].io, &step, sizeof(step));
	step = (struct mue_io_step){.ret = 1, .times = 1};
	memcpy(f->io + f->l.steps[1].io, &step, sizeof(step));
	memcpy(f->io + f->l.steps[1].out, want, 11);
	mue_observation_init(&f->o, &f->c);
	mue_io_read(&f->o, f->io, &f->l, &f->c, 0);
	assert_int_equal(f->o.phases[0].invoked, 2);
	assert_int_equal(f->o.ops[0].ret, -ENOENT);
	assert_int_equal(f->o.ops[0].times, 3);
	assert_int_equal(f->o.ops[0].failed, 2);
	assert_int_equal(f->o.ops[0].has_value, 0);
	assert_int_equal(f->o.ops[1].has_value, 1);
	assert_memory_equal(mue_blob_head(&f->o, &f->o.ops[1].value), want, 11);
}

static void test_no_invocation_makes_nothing_known(void **state)
{
	struct fixture *f = *state;

	add(f, MUE_OP_UPDATE, 0, 0);
	mue_layout_phase(&f->l, &f->c, 0);
	mue_io_fill(f->io, &f->l, &f->c, 0);
	mue_observation_init(&f->o, &f->c);
	mue_io_read(&f->o, f->io, &f->l, &f->c, 0);
	assert_int_equal(f->o.ops[0].known, 0);
}

/* Whatever does not fit says so and stays within the program. */
static void test_too_large_is_said(void **state)
{
	struct fixture *f = *state;

	f->c.maps[0].value_size = 30000;
	add(f, MUE_OP_UPDATE, MUE_ORIGIN_STACK, MUE_ORIGIN_RINGBUF);
	mue_layout_phase(&f->l, &f->c, 0);
	assert_int_equal(mue_lower(&f->p, &f->l, &f->c, 0, 0), 0);
	add(f, MUE_OP_UPDATE, MUE_ORIGIN_STACK, MUE_ORIGIN_RINGBUF);
	add(f, MUE_OP_UPDATE, MUE_ORIGIN_STACK, MUE_ORIGIN_RINGBUF);
	mue_layout_phase(&f->l, &f->c, 0);
	assert_int_equal(mue_lower(&f->p, &f->l, &f->c, 0, 0), -E2BIG);
	assert_true(f->p.n <= MUE_INSNS_MAX);

	f->c.maps[0].value_size = 8u << 20;
	for (unsigned i = 0; i < MUE_OPS_MAX - 3; i++)
		add(f, MUE_OP_UPDATE, MUE_ORIGIN_STACK, MUE_ORIGIN_MAP);
	mue_layout_phase(&f->l, &f->c, 0);
	assert_true(f->l.io_size > MUE_IO_SIZE_MAX);
	assert_int_equal(mue_lower(&f->p, &f->l, &f->c, 0, 0), -E2BIG);

	f->c.maps[0].value_size = 8;
	for (unsigned i = 0; i < MUE_OPS_MAX; i++) {
		f->c.ops[i].reach = MUE_REACH_SUBPROG;
		f->c.ops[i].value_from = MUE_ORIGIN_STACK;
	}
	mue_layout_phase(&f->l, &f->c, 0);
	assert_int_equal(mue_lower(&f->p, &f->l, &f->c, 0, 0), -E2BIG);
	assert_true(f->p.n_funcs <= MUE_FUNCS_MAX);
}

static bool same_program(struct fixture *f)
{
	mue_layout_phase(&f->l, &f->c, 0);
	assert_int_equal(mue_lower(&f->p, &f->l, &f->c, 0, 0), 0);
	mue_layout_phase(&f->l, &f->d, 0);
	assert_int_equal(mue_lower(&f->q, &f->l, &f->d, 0, 0), 0);
	return f->p.n == f->q.n && !memcmp(f->p.insns, f->q.insns, f->p.n * sizeof(*f->p.insns));
}

/* That two shapes are the same must mean that the programs are, and the digests. */
static void check_shapes(struct fixture *f, bool same)
{
	assert_int_equal(mue_shape_same(&f->c, &f->d), same);
	assert_int_equal(mue_shape_digest(&f->c) == mue_shape_digest(&f->d), same);
	if (same)
		assert_true(same_program(f));
}

static void test_shapes(void **state)
{
	struct fixture *f = *state;
	struct mue_op *op = add(f, MUE_OP_UPDATE, MUE_ORIGIN_STACK, MUE_ORIGIN_LITERAL), *other;

	mue_case_copy(&f->d, &f->c);
	other = f->d.ops;
	check_shapes(f, true);
	/* What comes from the block does not matter ... */
	other->key = mue_bytes_u32(99);
	other->flags = 2;
	strcpy(f->d.maps[0].name, "other");
	f->d.phases[0].cpu = 1;
	check_shapes(f, true);
	/* ... nor how a literal is spelt; what is in the program matters. */
	other->value.n_head = 11;
	memset(other->value.head + 4, other->value.fill, 7);
	other->value.fill = 0;
	check_shapes(f, true);
	other->value.head[5]++;
	check_shapes(f, false);
	other->value = op->value;
	op->flags_const = other->flags_const = 1;
	check_shapes(f, false);
	other->flags = op->flags;
	check_shapes(f, true);
	f->d.maps[0].max_entries++;
	check_shapes(f, false);
	f->d.maps[0].max_entries--;
	other->reach = MUE_REACH_LOOP;
	check_shapes(f, false);
}

static void test_user_phases_have_no_shape(void **state)
{
	struct fixture *f = *state;

	add(f, MUE_OP_UPDATE, 0, 0);
	mue_case_init(&f->d, "test");
	mue_case_add_map(&f->d, "m", MUE_MAP_HASH, 5, 11, 4, 0);
	mue_case_add_phase(&f->d, MUE_PROG_UNSPEC);
	mue_case_add_op(&f->d, MUE_OP_UPDATE, 0);
	assert_false(mue_shape_same(&f->c, &f->d));
	mue_case_add_phase(&f->d, MUE_PROG_XDP);
	mue_case_add_op(&f->d, MUE_OP_UPDATE, 0);
	assert_true(mue_shape_same(&f->c, &f->d));
	assert_true(mue_shape_digest(&f->c) == mue_shape_digest(&f->d));
	mue_case_add_phase(&f->d, MUE_PROG_XDP);
	assert_false(mue_shape_same(&f->c, &f->d));
	assert_false(mue_phase_shape_same(&f->d, 1, 2));
	mue_case_add_op(&f->d, MUE_OP_UPDATE, 0)->key = mue_bytes_u32(7);
	assert_true(mue_phase_shape_same(&f->d, 1, 2));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_layout_overlaps_nothing),
		TEST(test_handles_are_those_used),
		TEST(test_programs_name_announced_handles),
		TEST(test_fill_then_read),
		TEST(test_no_invocation_makes_nothing_known),
		TEST(test_too_large_is_said),
		TEST(test_shapes),
		TEST(test_user_phases_have_no_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
