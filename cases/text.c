/* The text form: how it is printed, and the pieces that messages share. */
#include "cases/text.h"

#include <string.h>

#include "cases/socks.h"
#include "cases/text_rules.h"
#include "cases/words.h"

void mue_text_bytes(char *to, size_t size, const struct mue_bytes *b, size_t len)
{
	struct mue_out out = mue_out_to(to, size);

	if (len)
		mue_out_bytes(&out, b, len);
	else
		mue_out_add(&out, MUE_TEXT_NOTHING);
}

static void add_blob(struct mue_out *out, const struct mue_observation *o, const struct mue_blob *b)
{
	if (b->len || !mue_blob_whole(b))
		mue_out_blob(out, o, b);
	else
		mue_out_add(out, MUE_TEXT_NOTHING);
}

void mue_text_blob(char *to, size_t size, const struct mue_observation *o, const struct mue_blob *b)
{
	struct mue_out out = mue_out_to(to, size);

	add_blob(&out, o, b);
}

void mue_text_ret(char *to, size_t size, int64_t ret)
{
	struct mue_out out = mue_out_to(to, size);

	mue_out_ret(&out, ret);
}

void mue_text_update_flags(char *to, size_t size, uint64_t flags)
{
	struct mue_out out = mue_out_to(to, size);

	mue_out_flags(&out, mue_update_flag_rows, flags);
}

/* Enough for any op on one line: two struct mue_bytes in hex, and the words. */
#define OP_TEXT_MAX 512

static void add_bytes(struct mue_out *out, const struct mue_bytes *b, size_t len)
{
	char text[2 * (MUE_HEAD_MAX + MUE_TAIL_MAX) + 32];

	mue_text_bytes(text, sizeof(text), b, len);
	mue_out_add(out, " %s", text);
}

static void add_operands(struct mue_out *out, const struct mue_case *c, const struct mue_op *op)
{
	const struct mue_map *m = &c->maps[op->map];

	if (mue_op_is_sock(op->kind)) {
		mue_out_add(out, " %u", op->sock + 1);
		return;
	}
	if (op->kind != MUE_OP_REREAD)
		mue_out_add(out, " %s", m->name);
	else if (op->map != mue_text_reread_map(c, op))
		mue_out_add(out, " of %s", m->name);
	if (mue_op_has_key(op->kind))
		add_bytes(out, &op->key, m->key_size);
	if (mue_op_has_value(op->kind)) {
		mue_out_add(out, " =");
		add_bytes(out, &op->value, m->value_size);
	}
	if (op->flags) {
		mue_out_add(out, " ");
		mue_out_flags(out, mue_update_flag_rows, op->flags);
	}
}

void mue_text_op(char *to, size_t size, const struct mue_case *c, const struct mue_op *op)
{
	struct mue_out out = mue_out_to(to, size);

	mue_out_add(&out, "%s", mue_op_rows[op->kind].name);
	add_operands(&out, c, op);
	if (op->flags_const)
		mue_out_add(&out, " const");
	if (op->key_from)
		mue_out_add(&out, " key %s", mue_origin_rows[op->key_from].name);
	if (op->value_from)
		mue_out_add(&out, " value %s", mue_origin_rows[op->value_from].name);
	if (op->key_object)
		mue_out_add(&out, " key %s", mue_object_rows[op->key_object].name);
	if (op->value_object)
		mue_out_add(&out, " value %s", mue_object_rows[op->value_object].name);
	if (op->value_object == MUE_OBJECT_MAP)
		mue_out_add(&out, " %s", c->maps[op->map2].name);
	if (op->reach)
		mue_out_add(&out, " via %s", mue_reach_names[op->reach]);
	if (op->reach == MUE_REACH_SHARED)
		mue_out_add(&out, " %s", c->maps[op->map2].name);
	if (op->times != 1)
		mue_out_add(&out, " times %u", op->times);
}

static void print_ret(FILE *to, int64_t ret)
{
	char text[32];

	mue_text_ret(text, sizeof(text), ret);
	fprintf(to, " -> %s", text);
}

/* The lines of the note behind "# "; empty lines without trailing space. */
static void print_note(FILE *to, const char *note)
{
	while (*note) {
		size_t n = strcspn(note, "\n");

		fprintf(to, "#%s%.*s\n", n ? " " : "", (int)n, note);
		note += n + (note[n] == '\n');
	}
}

static void print_when(FILE *to, const struct mue_condition *when)
{
	if (!when || (!when->with && !when->without && !when->cpus))
		return;
	fprintf(to, "when");
	for (unsigned i = 0; i < mue_words_change.n; i++) {
		if (when->with >> i & 1)
			fprintf(to, " %s", mue_words_name(&mue_words_change, i));
		if (when->without >> i & 1)
			fprintf(to, " !%s", mue_words_name(&mue_words_change, i));
	}
	if (when->cpus)
		fprintf(to, " cpus %u", when->cpus);
	fprintf(to, "\n");
}

static void print_map(FILE *to, const struct mue_case *c, const struct mue_map *m,
		      const struct mue_map_result *r)
{
	const char *type = mue_words_name(&mue_words_map_type, m->type);

	fprintf(to, "map %s", m->name);
	if (type)
		fprintf(to, " %s", type);
	else
		fprintf(to, " type %u", m->type);
	fprintf(to, " key %u value %u max %u", m->key_size, m->value_size, m->max_entries);
	if (m->flags) {
		char text[256];
		struct mue_out out = mue_out_to(text, sizeof(text));

		mue_out_flags(&out, mue_map_flag_rows, m->flags);
		fprintf(to, " flags %s", text);
	}
	if (m->numa_node)
		fprintf(to, " numa %u", m->numa_node);
	if (m->special)
		fprintf(to, " special %s", mue_words_name(&mue_words_special, m->special));
	if (m->inner)
		fprintf(to, " inner %s", c->maps[m->inner - 1].name);
	if (r && r->known)
		print_ret(to, r->create);
	fprintf(to, "\n");
}

/* The bytes of a blob; of several CPUs, each CPU's `unit` bytes apart. */
static void print_blob(FILE *to, const struct mue_observation *o, const struct mue_blob *b,
		       uint32_t unit)
{
	char text[2 * MUE_BLOB_HEAD + 64];
	struct mue_blob part = {.len = unit, .at = b->at};

	if (!unit || b->len <= unit || b->len % unit || !mue_blob_whole(b)) {
		mue_text_blob(text, sizeof(text), o, b);
		fputs(text, to);
		return;
	}
	for (; part.at < b->at + b->len; part.at += unit) {
		mue_text_blob(text, sizeof(text), o, &part);
		fprintf(to, "%s%s", part.at == b->at ? "" : ", ", text);
	}
}

static void print_value(FILE *to, const struct mue_observation *o, const struct mue_result *r,
			uint32_t unit)
{
	fprintf(to, " -> ");
	print_blob(to, o, &r->value, unit);
}

static void print_result(FILE *to, const struct mue_case *c, const struct mue_phase *p,
			 const struct mue_op *op, const struct mue_observation *o)
{
	const struct mue_result *r = &o->ops[op - c->ops];
	struct mue_result plain = {.ret = r->ret};

	if (!r->known)
		return;
	mue_text_result_defaults(&plain, op);
	if (r->has_value)
		print_value(to, o, r,
			    mue_text_per_cpu(&c->maps[op->map]) && !p->prog_type
				    ? mue_text_value_unit(c, p, op)
				    : 0);
	else if (mue_text_reads(op->kind) && r->ret == mue_text_found(p))
		fprintf(to, " -> found");
	else if (mue_text_reads(op->kind) && p->prog_type && !r->ret)
		fprintf(to, " -> none");
	else
		print_ret(to, r->ret);
	if (r->times != plain.times)
		fprintf(to, " times %u", r->times);
	if (r->failed != plain.failed)
		fprintf(to, " failed %u", r->failed);
}

static void print_phase_result(FILE *to, const struct mue_phase *p,
			       const struct mue_phase_result *r)
{
	struct mue_phase_result plain = {.load = r->load};

	if (!r->known)
		return;
	mue_text_phase_defaults(&plain, p);
	print_ret(to, r->load);
	if (r->run) {
		char text[32];

		mue_text_ret(text, sizeof(text), r->run);
		fprintf(to, " run %s", text);
	}
	if (r->invoked != plain.invoked)
		fprintf(to, " invoked %u", r->invoked);
	if (r->retval)
		fprintf(to, " retval %u", r->retval);
}

static void print_phase(FILE *to, const struct mue_case *c, const struct mue_phase *p,
			const struct mue_observation *expect)
{
	fprintf(to, "%s",
		p->prog_type ? mue_words_name(&mue_words_prog_type, p->prog_type) : "user");
	if (p->cpu)
		fprintf(to, " cpu %u", p->cpu);
	if (p->attach_type)
		fprintf(to, " attach %u", p->attach_type);
	if (p->trigger)
		fprintf(to, " via %s", mue_words_name(&mue_words_via, p->trigger));
	if (p->returns)
		fprintf(to, " returns %s", mue_words_name(&mue_words_return, p->returns));
	fprintf(to, "%s%s%s", p->proprietary ? " proprietary" : "",
		p->sleepable ? " sleepable" : "", p->load_only ? " load_only" : "");
	if (expect)
		print_phase_result(to, p, &expect->phases[p - c->phases]);
	fprintf(to, "\n");
	for (const struct mue_op *op = c->ops + p->first; op < c->ops + p->first + p->count; op++) {
		char text[OP_TEXT_MAX];

		mue_text_op(text, sizeof(text), c, op);
		fprintf(to, "  %s", text);
		if (expect)
			print_result(to, c, p, op, expect);
		fprintf(to, "\n");
	}
}

static void print_state(FILE *to, const struct mue_map *m, const struct mue_observation *o,
			const struct mue_map_result *r)
{
	if (!r->state_known)
		return;
	fprintf(to, "state %s", m->name);
	if (!mue_text_state_whole(o, r))
		fprintf(to, " entries %u digest 0x%llx", r->n_entries,
			(unsigned long long)r->digest);
	fprintf(to, "\n");
	for (uint32_t i = r->first; i < r->first + r->shown; i++) {
		const struct mue_entry *e = &o->entries[i];

		fprintf(to, "  ");
		print_blob(to, o, &e->key, 0);
		fprintf(to, " = ");
		print_blob(to, o, &e->value, mue_text_per_cpu(m) ? m->value_size : 0);
		fprintf(to, "\n");
	}
}

void mue_text_print(FILE *to, const struct mue_case *c, const struct mue_observation *expect,
		    const struct mue_condition *when)
{
	print_note(to, c->note);
	if (c->name[0])
		fprintf(to, "name %s\n", c->name);
	print_when(to, when);
	for (uint32_t i = 0; i < c->n_maps; i++)
		print_map(to, c, &c->maps[i], expect ? &expect->maps[i] : NULL);
	mue_text_print_socks(to, c);
	mue_text_print_edits(to, c);
	for (uint32_t i = 0; i < c->n_phases; i++)
		print_phase(to, c, &c->phases[i], expect);
	for (uint32_t i = 0; expect && i < c->n_maps; i++)
		print_state(to, &c->maps[i], expect, &expect->maps[i]);
}
