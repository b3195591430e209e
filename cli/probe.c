/* mue probe: what a target can do, and why not. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/text.h"
#include "cases/world_json.h"
#include "cli/command.h"
#include "cli/probe_check.h"
#include "cli/target.h"

#define MSG_MAX 1024
#define WHAT_MAX (MUE_WHY_MAX + 64)

struct options {
	struct mue_list on;
	const char *modules;
	bool check;
};

static const struct mue_option options[] = {
	MUE_OPTION_ON(struct options, on),
	MUE_OPTION_MODULES(struct options, modules),
	MUE_FLAG(struct options, check, "check",
		 "only hold the table of changes against the targets; exit 1 where it is wrong"),
	{NULL}};

struct probing {
	struct mue_target *target;
	struct mue_case c;
	struct mue_observation o;
};

static void add_step(struct mue_case *c, unsigned prog_type)
{
	struct mue_phase *p = mue_case_add_phase(c, prog_type);
	struct mue_op *op = mue_case_add_op(c, MUE_OP_UPDATE, 0);
	const struct mue_prog_type_row *row = mue_prog_type_row(prog_type);

	p->sleepable = row && row->flags & MUE_PROG_F_SLEEPABLE ? 1 : 0;
	op->value = mue_bytes_u32(1);
}

/* Asks the case in p->c. What came of its last phase, in words. */
static void ask(struct probing *p, char *what, size_t size)
{
	const struct mue_observation *o = &p->o;
	const struct mue_phase_result *phase = &o->phases[0];
	char ret[32], msg[WHAT_MAX];

	if (mue_case_check(&p->c, msg, sizeof(msg))) {
		snprintf(what, size, "cannot be asked: %.200s", msg);
		return;
	}
	p->target->session->ask(p->target->session, &p->c, &p->o);
	if (o->status != MUE_ANSWERED) {
		snprintf(what, size, "%s: %s", o->status == MUE_BROKEN ? "broken" : "unsupported",
			 o->why);
	} else if (o->maps[0].create) {
		mue_text_ret(ret, sizeof(ret), o->maps[0].create);
		snprintf(what, size, "creation refused: %s", ret);
	} else if (phase->load) {
		mue_text_ret(ret, sizeof(ret), phase->load);
		snprintf(what, size, "load refused: %s", ret);
	} else if (phase->run || !phase->invoked) {
		mue_text_ret(ret, sizeof(ret), phase->run);
		snprintf(what, size, "loads, does not run: %s", ret);
	} else {
		mue_text_ret(ret, sizeof(ret), o->ops[0].ret);
		snprintf(what, size, "runs%s%s", o->ops[0].ret ? ", update gives " : "",
			 o->ops[0].ret ? ret : "");
	}
}

static void probe_programs(struct probing *p)
{
	char what[WHAT_MAX];

	printf("program types (each updating an array):\n");
	for (unsigned type = 1; type < MUE_PROG_TYPES; type++) {
		const struct mue_prog_type_row *row = mue_prog_type_row(type);

		if (!row)
			continue;
		mue_case_init(&p->c, "probe");
		mue_case_add_map(&p->c, "m", MUE_MAP_ARRAY, 4, 8, 1, 0);
		add_step(&p->c, type);
		ask(p, what, sizeof(what));
		printf("  %-18s %s\n", row->name, what);
	}
}

/* What each kind of map needs to be created. */
static void add_map(struct mue_case *c, unsigned type, const struct mue_map_type_row *row)
{
	uint32_t key = type == MUE_MAP_LPM_TRIE ? 8 : 4;
	uint32_t value = row->class == MUE_CLASS_PLAIN ? 8 : 4;

	mue_case_add_map(c, "m", type, key, value, 4, mue_map_needs_flags(type));
}

static void probe_maps(struct probing *p)
{
	char what[WHAT_MAX];

	printf("map types (each updated by a socket filter):\n");
	for (unsigned type = 1; type < MUE_MAP_TYPES; type++) {
		const struct mue_map_type_row *row = mue_map_type_row(type);

		if (!row)
			continue;
		mue_case_init(&p->c, "probe");
		add_map(&p->c, type, row);
		add_step(&p->c, MUE_PROG_SOCKET_FILTER);
		ask(p, what, sizeof(what));
		printf("  %-22s %s\n", row->name, what);
	}
}

/* How a change's presence is known. */
static const char *evidence(const struct mue_target *t, enum mue_change change)
{
	static const char *const words[] = {
		[MUE_PROOF_PRESENT] = "seen",
		[MUE_PROOF_ABSENT] = "seen",
		[MUE_PROOF_UNANSWERED] = "by the table; its proof cannot be asked",
		[MUE_PROOF_SILENT] = "by the table; its proof shows nothing here",
		[MUE_PROOF_UNEXPLAINED] = "by the table; its proof gives neither answer",
	};

	return t->probed ? words[t->probed->proof[change]] : "by the table";
}

static void print_change(const struct mue_target *t, enum mue_change change)
{
	const struct mue_change_row *row = &mue_change_rows[change];
	bool present = mue_world_has(&t->world, change);
	bool expected = mue_change_expected(change, t->world.version);
	bool open = t->probed && (t->probed->proof[change] == MUE_PROOF_UNANSWERED ||
				  t->probed->proof[change] == MUE_PROOF_UNEXPLAINED);
	const char *why = open ? t->probed->why[change] : "";
	char since[MUE_VERSION_TEXT];

	mue_version_text(since, sizeof(since), row->since | UINT8_MAX);
	printf("  %-26s %-8s %s%s%s (since %s%s%s)\n", row->id, present ? "present" : "absent",
	       evidence(t, change), *why ? ": " : "", why, since, *row->stable ? ", " : "",
	       row->stable);
	if (present != expected)
		printf("  %-26s unlike the table, by which it is %s\n", "",
		       expected ? "present" : "absent");
}

static void print_changes(const struct mue_target *t)
{
	printf("changes:\n");
	for (unsigned i = 0; i < MUE_CHANGES; i++)
		print_change(t, i);
}

static void probe_target(struct probing *p, struct mue_target *t)
{
	char version[MUE_VERSION_TEXT];

	p->target = t;
	mue_version_text(version, sizeof(version), t->world.version);
	printf("%s: version %s, %u CPU%s, %s\n", t->name, version, t->world.cpus,
	       t->world.cpus == 1 ? "" : "s", t->world.jit ? "JIT" : "no JIT");
	print_changes(t);
	probe_programs(p);
	probe_maps(p);
}

static int probe(const void *opts, char *const *args, unsigned n_args)
{
	static const struct mue_list standard = {1, {"host"}};
	const struct options *o = opts;
	struct probing *p = calloc(1, sizeof(*p));
	struct mue_targets ts;
	char msg[MSG_MAX];
	int err, code = MUE_EXIT_OK;

	mue_targets_modules(o->modules);
	err = mue_targets_parse(&ts, o->on.n ? &o->on : &standard, msg, sizeof(msg));
	if (!err)
		err = mue_targets_survey(&ts, msg, sizeof(msg));
	if (err || !p)
		code = mue_fail(&mue_command_probe,
				err == -EINVAL ? MUE_EXIT_USAGE : MUE_EXIT_NOTHING, "%s", msg);
	if (!code && o->check)
		code = mue_probe_check(&ts) ? MUE_EXIT_OK : MUE_EXIT_DIVERGED;
	for (uint32_t i = 0; i < ts.n && !code && !o->check; i++)
		probe_target(p, &ts.t[i]);
	mue_targets_free(&ts);
	free(p);
	return code;
}

const struct mue_command mue_command_probe = {
	.name = "probe",
	.args = "",
	.sentence = "say what a target can do: changes, program types, map types, and why not",
	.about = "Which behaviour a kernel has is found by asking the case that proves each "
		 "change, not read\n"
		 "off its version: stable kernels carry backports.\n\n" MUE_TARGETS_ABOUT,
	.examples = "  mue probe\n"
		    "  mue probe --on emulator:6.1\n"
		    "  mue probe --check --on guest:5.10,guest:6.1,guest:6.12,guest:7.3\n",
	.options = options,
	.option_size = sizeof(struct options),
	.run = probe,
};
