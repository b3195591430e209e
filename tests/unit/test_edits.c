/* Edits of programs: what they do to instructions, their forms, and how their answers are judged.
 */
#include "tests/unit/judging.h"

#include <stdlib.h>

#include "cases/json.h"
#include "cases/lower.h"
#include "cases/text.h"
#include "fuzz/input.h"
#include "fuzz/mutate.h"
#include "runners/runner.h"
#include "tests/random_case.h"

/* Loops, calls and callbacks: everything that jumps, and a map that is named. */
static const char question[] = "map m hash key 4 value 8 max 4\n"
			       "user\n"
			       "	update m 01000000 = 0a00000000000000\n"
			       "tc\n"
			       "	update m 02000000 = 0b00000000000000 via loop times 3\n"
			       "	update m 03000000 = 0c00000000000000 via subprog\n"
			       "	lookup m 01000000\n"
			       "	update m 01000000 = 0d00000000000000 via callback\n"
			       "	delete m 02000000\n";

static const struct mue_edit nothing = {.insert = 1, .code = BPF_JMP | BPF_JA};

static struct mue_session *emulator(void)
{
	static struct mue_session *s;
	struct mue_world w = world_of("6.18");
	char msg[MUE_WHY_MAX];

	if (!s)
		assert_int_equal(mue_runner_emulator.open(&s, "", &w, msg, sizeof(msg)), 0);
	return s;
}

static uint32_t length_of(const struct mue_case *of, uint32_t phase)
{
	static struct mue_program program;
	static struct mue_layout layout;

	mue_layout_phase(&layout, of, phase);
	return mue_lower(&program, &layout, of, phase, 0) ? 0 : program.n;
}

static void test_nothing_anywhere_changes_nothing(void **state)
{
	struct mue_difference d;
	uint32_t n;

	read_case(question);
	n = length_of(&c, 1);
	assert_true(n > 60);
	emulator()->ask(emulator(), &c, &a);
	assert_int_equal(a.phases[1].load, 0);
	for (uint32_t at = 0; at < n; at++) {
		c.edits[0] = nothing;
		c.edits[0].at = at;
		c.n_edits = 1;
		assert_int_equal(length_of(&c, 1), n + 1);
		emulator()->ask(emulator(), &c, &b);
		if (!mue_observation_same(&c, &a, &b, &d))
			fail_msg("nothing at %u: %s is %s, was %s", at, d.field, d.b, d.a);
	}
}

static void test_replacing_changes_what_runs(void **state)
{
	read_case("map m array key 4 value 8 max 2\n"
		  "edit 0 insert 0xb7 0x00 0 5\n" /* r0 = 5 */
		  "edit 1 insert 0x95 0x00 0 0\n" /* exit */
		  "xdp\n"
		  "	update m 00000000 = 0a00000000000000\n"
		  "xdp\n"
		  "	update m 01000000 = 0a00000000000000\n");
	c.phases[1].load_only = 0;
	/* What stands behind is never reached. */
	emulator()->ask(emulator(), &c, &a);
	assert_int_not_equal(a.phases[0].load, 0);
	/* So it is jumped to, when there is a packet: never. */
	c.edits[1] = (struct mue_edit){
		.at = 1, .insert = 1, .code = BPF_JMP | BPF_JNE | BPF_K, .imm = 5, .off = 1};
	c.edits[2] = (struct mue_edit){.at = 2, .insert = 1, .code = BPF_JMP | BPF_EXIT};
	c.n_edits = 3;
	emulator()->ask(emulator(), &c, &a);
	if (a.phases[0].load) { /* the branch is known not to be taken: dead code */
		assert_int_equal(a.phases[0].load, -EINVAL);
		return;
	}
	assert_int_equal(a.phases[0].retval, 5);
	assert_int_equal(a.phases[0].invoked, 0);
	/* Only the first program is edited. */
	assert_int_equal(a.phases[1].invoked, 1);
	assert_false(mue_phase_shape_same(&c, 0, 1));
}

static void random_edits(struct mue_case *to, uint64_t *seed)
{
	for (to->n_edits = 0; to->n_edits < MUE_EDITS_MAX && !random_once_in(seed, 5);
	     to->n_edits++)
		to->edits[to->n_edits] = (struct mue_edit){.at = random_next(seed),
							   .insert = random_once_in(seed, 2),
							   .imm = random_next(seed),
							   .off = random_next(seed),
							   .code = random_next(seed),
							   .regs = random_next(seed)};
}

static void same_by_text(const struct mue_case *from, struct mue_case *back)
{
	char *text = NULL, msg[MUE_NOTE_MAX];
	size_t n;
	FILE *to = open_memstream(&text, &n);

	mue_text_print(to, from, NULL, NULL);
	fclose(to);
	if (mue_text_parse(back, &a, &when, text, n, "text", msg, sizeof(msg)))
		fail_msg("%s", msg);
	free(text);
	assert_true(mue_case_same(from, back));
}

static void test_all_forms_keep_edits(void **state)
{
	static struct mue_case from, back;
	static struct mue_input in, decoded;
	static uint8_t bytes[MUE_INPUT_MAX];
	char msg[MUE_NOTE_MAX];
	uint64_t seed = 3;
	json_t *j;
	size_t n;

	for (unsigned i = 0; i < 300; i++) {
		random_case(&from, i);
		mue_case_bound(&from); /* as inputs are */
		random_edits(&from, &seed);
		same_by_text(&from, &back);
		j = mue_case_to_json(&from);
		if (mue_case_of_json(&back, j, msg, sizeof(msg)))
			fail_msg("%s", msg);
		json_decref(j);
		assert_true(mue_case_same(&from, &back));
		mue_case_copy(&in.c, &from);
		n = mue_input_encode(&in, bytes, sizeof(bytes));
		mue_input_decode_edited(&decoded, bytes, n);
		assert_true(mue_case_same(&from, &decoded.c));
		/* Who did not ask for edits gets none. */
		mue_input_decode(&decoded, bytes, n);
		assert_int_equal(decoded.c.n_edits, 0);
		assert_int_equal(mue_case_same(&from, &decoded.c), !from.n_edits);
		if (from.n_edits)
			back.edits[from.n_edits - 1].imm ^= 1;
		assert_int_equal(mue_case_same(&from, &back), !from.n_edits);
	}
}

/* Any edits: what the emulator takes it runs to an end, twice the same, whatever it is. */
static void test_the_emulator_survives_edits(void **state)
{
	static struct mue_input in;
	static uint8_t bytes[MUE_INPUT_MAX];
	struct mue_difference d;
	unsigned ran = 0;
	size_t n;

	read_case(question);
	mue_mutate_edit(&c);
	mue_case_copy(&in.c, &c);
	for (uint64_t seed = 1; seed < 4000; seed++) {
		n = mue_input_encode(&in, bytes, sizeof(bytes));
		n = mue_input_mutate((struct mue_raw){bytes, n}, NULL, false, seed, bytes, 300);
		mue_input_decode_edited(&in, bytes, n);
		assert_true(in.c.n_edits > 0);
		emulator()->ask(emulator(), &in.c, &a);
		emulator()->ask(emulator(), &in.c, &b);
		assert_int_not_equal(a.status, MUE_BROKEN);
		assert_true(mue_observation_same(&in.c, &a, &b, &d));
		for (uint32_t i = 0; a.status == MUE_ANSWERED && i < in.c.n_phases; i++)
			ran += mue_phase_edited(&in.c, i) && a.phases[i].known && !a.phases[i].load;
		if (seed % 20 == 0)
			mue_case_copy(&in.c, &c);
	}
	assert_true(ran > 100);
}

static enum mue_outcome judged(struct mue_verdict *v)
{
	struct mue_world w = world_of("6.18");
	struct mue_testimony t[] = {{"one", &w, &a}, {"two", &w, &b}};

	mue_judge(v, &c, t, 2);
	return v->outcome;
}

static void test_judgement_needs_both_to_take_it(void **state)
{
	struct mue_verdict v;

	read_case(question);
	c.edits[0] = nothing;
	c.n_edits = 1;
	emulator()->ask(emulator(), &c, &a);
	emulator()->ask(emulator(), &c, &b);
	assert_int_equal(judged(&v), MUE_AGREE);
	b.phases[1].retval++;
	assert_int_equal(judged(&v), MUE_DIVERGE);
	b.phases[1].load = -EACCES;
	assert_int_equal(judged(&v), MUE_SKIP);
	assert_string_equal(v.why, "two refuses the edited program");
	a.phases[1].load = -EACCES;
	assert_int_equal(judged(&v), MUE_SKIP);
	/* Maps that are not made, so that no program is: that is no agreement either. */
	a.phases[1] = b.phases[1] = (struct mue_phase_result){0};
	assert_int_equal(judged(&v), MUE_SKIP);
	assert_string_equal(v.why, "no edited program runs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_anywhere_changes_nothing),
		cmocka_unit_test(test_replacing_changes_what_runs),
		cmocka_unit_test(test_all_forms_keep_edits),
		cmocka_unit_test(test_the_emulator_survives_edits),
		cmocka_unit_test(test_judgement_needs_both_to_take_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
