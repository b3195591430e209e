#include "cases/attach.h"
#include "cases/export_c.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cases/asm.h"
#include "cases/btf.h"
#include "cases/print.h"
#include "cases/socks.h"

struct exporter {
	FILE *to;
	const struct mue_case *c;
	struct mue_layout *l;
	struct mue_program *p;
};

/* A string literal; labels are printable ASCII. */
static void put_string(FILE *to, const char *s)
{
	fputc('"', to);
	for (; *s; s++)
		fprintf(to, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
	fputc('"', to);
}

/* Comment lines; what would begin or end a comment is taken apart. */
static void put_note(FILE *to, const char *s)
{
	bool begins = true;

	for (; *s; s++) {
		if (begins)
			fprintf(to, " * ");
		begins = *s == '\n';
		fputc(*s, to);
		if ((*s == '*' && s[1] == '/') || (*s == '/' && s[1] == '*'))
			fputc(' ', to);
	}
	if (!begins)
		fputc('\n', to);
}

static void put_octets(FILE *to, const uint8_t *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		fprintf(to, "%s0x%02x", i ? ", " : "", p[i]);
}

static void put_bytes(FILE *to, const char *name, const struct mue_bytes *bytes, uint32_t size)
{
	struct mue_bytes b = *bytes;

	mue_bytes_canon(&b, size);
	fprintf(to, ", .%s = {0x%02x, %u, %u, {", name, b.fill, b.n_head, b.n_tail);
	put_octets(to, b.head, b.n_head ? b.n_head : 1);
	fprintf(to, "}, {");
	put_octets(to, b.tail, b.n_tail ? b.n_tail : 1);
	fprintf(to, "}}");
}

/* An array of the raw BTF, or nothing when there is none. Frees it. */
static void put_btf(FILE *to, const char *name, struct btf *btf)
{
	uint32_t n;
	const uint8_t *p = btf__raw_data(btf, &n);

	fprintf(to, "static const uint8_t %s[] = {", name);
	for (uint32_t at = 0; p && at < n; at += 16) {
		fprintf(to, "\n\t");
		put_octets(to, p + at, n - at < 16 ? n - at : 16);
		fputc(',', to);
	}
	fprintf(to, "\n};\n");
	btf__free(btf);
}

static int put_map_btfs(struct exporter *x, uint32_t *key, uint32_t *value)
{
	for (uint32_t i = 0; i < x->c->n_maps; i++) {
		const struct mue_map *m = &x->c->maps[i];
		struct btf *btf;
		char name[32];

		if (!m->special)
			continue;
		btf = mue_btf_map(m, &key[i], &value[i]);
		if (!btf)
			return -ENOMEM;
		snprintf(name, sizeof(name), "map_btf_%u", i);
		put_btf(x->to, name, btf);
	}
	return 0;
}

static void put_map(struct exporter *x, uint32_t i, uint32_t key, uint32_t value)
{
	const struct mue_map *m = &x->c->maps[i];
	const struct mue_map_type_row *row = mue_map_type_row(m->type);
	const struct mue_fd_place place = mue_value_fd_place(m);
	bool plain = row && row->class != MUE_CLASS_OTHER;

	fprintf(x->to, "\t{.name = \"%s\", .type = %u, /* %s */\n", m->name, m->type,
		row ? row->name : "unknown");
	fprintf(x->to, "\t .key_size = %u, .value_size = %u, .max_entries = %u, .flags = 0x%x",
		m->key_size, m->value_size, m->max_entries, m->flags);
	fprintf(x->to, ", .numa_node = %u,\n\t .per_cpu = %d, .is_array = %d, .is_trie = %d",
		m->numa_node, row && row->per_cpu,
		m->type == MUE_MAP_ARRAY || m->type == MUE_MAP_PERCPU_ARRAY,
		m->type == MUE_MAP_LPM_TRIE);
	fprintf(x->to, ", .is_sock = %d", mue_map_holds_socks(m->type));
	fprintf(x->to, ", .observed = %d, .is_outer = %d, .inner = %u",
		plain && mue_state_observed(m),
		m->type == MUE_MAP_ARRAY_OF_MAPS || m->type == MUE_MAP_HASH_OF_MAPS, m->inner);
	if (place.size)
		fprintf(x->to, ",\n\t .fd_at = %u, .fd_size = %u, .shows = %s", place.at,
			place.size, mue_export_ids_of(m) ?: "BYTES");
	if (m->special)
		fprintf(x->to,
			",\n\t .special = %u, .btf = {map_btf_%u, sizeof(map_btf_%u)}, "
			".btf_key = %u, .btf_value = %u",
			mue_special_size(m->special), i, i, key, value);
	fprintf(x->to, "},\n");
}

static int put_maps(struct exporter *x)
{
	uint32_t key[MUE_MAPS_MAX] = {0}, value[MUE_MAPS_MAX] = {0};
	int err = put_map_btfs(x, key, value);

	if (err)
		return err;
	fprintf(x->to, "static const struct map maps[] = {\n");
	for (uint32_t i = 0; i < x->c->n_maps; i++)
		put_map(x, i, key[i], value[i]);
	fprintf(x->to, "};\n\n");
	return 0;
}

static void put_insns(struct exporter *x, uint32_t phase, uint32_t part)
{
	char line[MUE_ASM_MAX];

	fprintf(x->to, "static const struct bpf_insn insns_%u_%u[] = {\n", phase, part);
	for (uint32_t i = 0, slots; i < x->p->n; i += slots) {
		const struct bpf_insn *insn = &x->p->insns[i];

		slots = mue_asm_insn(line, sizeof(line), insn, x->c);
		fprintf(x->to, "\t{0x%02x, %u, %u, %d, %d}, /* %u: %s */\n", insn->code,
			insn->dst_reg, insn->src_reg, insn->off, insn->imm, i,
			line + strlen("(xx) "));
		if (slots == 2)
			fprintf(x->to, "\t{0, 0, 0, 0, %d},\n", insn[1].imm);
	}
	fprintf(x->to, "};\n");
}

/* Functions at these instructions, of which one is replaced or replaces (MUE_BTF_NONE: none). */
static int put_infos(struct exporter *x, const char *suffix, const uint32_t *at, uint32_t n,
		     uint32_t replaced)
{
	struct bpf_func_info *infos;
	struct btf *btf = mue_btf_funcs(at, n, replaced, &infos);
	char name[32];

	if (!btf)
		return -ENOMEM;
	snprintf(name, sizeof(name), "btf_%s", suffix);
	put_btf(x->to, name, btf);
	fprintf(x->to, "static const struct bpf_func_info infos_%s[] = {", suffix);
	for (uint32_t i = 0; i < n; i++)
		fprintf(x->to, "{%u, %u}, ", infos[i].insn_off, infos[i].type_id);
	fprintf(x->to, "};\n");
	free(infos);
	return 0;
}

/* What extensions extend: a program of XDP that calls its second function, and passes. */
static int put_target(struct exporter *x)
{
	static const uint32_t funcs[] = {0, 3};
	bool wanted = false;

	for (uint32_t i = 0; i < x->c->n_phases; i++)
		wanted |= x->c->phases[i].prog_type == MUE_PROG_EXT;
	if (!wanted)
		return 0;
	fprintf(x->to, "static const struct bpf_insn insns_target[] = {\n"
		       "\t{.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_CALL, .imm = 2},\n"
		       "\t{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS},\n"
		       "\t{.code = BPF_JMP | BPF_EXIT},\n"
		       "\t{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS},\n"
		       "\t{.code = BPF_JMP | BPF_EXIT},\n};\n");
	return put_infos(x, "target", funcs, 2, 1);
}

/* Instructions and BTF of every part; a bit of *callbacks for each part that has them. */
static int put_parts(struct exporter *x, uint32_t phase, uint32_t *callbacks)
{
	const bool extends = x->c->phases[phase].prog_type == MUE_PROG_EXT;
	char suffix[16];
	int err = 0;

	*callbacks = 0;
	for (uint32_t part = 0; part < mue_lower_parts(x->c, phase) && !err; part++) {
		err = mue_lower(x->p, x->l, x->c, phase, part);
		if (err)
			return err;
		put_insns(x, phase, part);
		if (!x->p->has_callback && !extends)
			continue;
		snprintf(suffix, sizeof(suffix), "%u_%u", phase, part);
		err = put_infos(x, suffix, x->p->funcs, x->p->n_funcs, extends ? 0 : MUE_BTF_NONE);
		*callbacks |= 1u << part;
	}
	return err;
}

/* Runs of the same 64-bit word, zeros left out, ended by an empty one. Gives how many. */
static uint32_t put_words(struct exporter *x, const char *name, uint32_t phase, const uint64_t *p,
			  uint32_t size)
{
	uint32_t n = 0, last = size / 8;

	fprintf(x->to, "static const struct words %s_%u[] = {", name, phase);
	for (uint32_t i = 0, end; i < last; i = end) {
		for (end = i + 1; end < last && p[end] == p[i]; end++)
			;
		if (p[i]) {
			fprintf(x->to, "\n\t{%u, %u, 0x%" PRIx64 "},", i * 8, end - i, p[i]);
			n++;
		}
	}
	fprintf(x->to, "\n\t{0},\n};\n");
	return n;
}

static int put_images(struct exporter *x, uint32_t phase, uint32_t *n_io, uint32_t *n_packet)
{
	uint64_t *io = calloc(1, x->l->io_size), *packet = calloc(1, x->l->packet_payload + 8);
	int err = io && packet ? 0 : -ENOMEM;

	if (!err) {
		mue_io_fill(io, x->l, x->c, phase);
		mue_packet_fill(packet, x->l, x->c, phase);
		*n_io = put_words(x, "io", phase, io, x->l->io_size);
		*n_packet = put_words(x, "packet", phase, packet, x->l->packet_payload);
	}
	free(packet);
	free(io);
	return err;
}

static void put_objects(FILE *rows, const struct mue_op *o)
{
	if (o->key_object)
		fprintf(rows, ", .key_object = %u /* %s */", o->key_object,
			mue_object_rows[o->key_object].name);
	if (o->value_object)
		fprintf(rows, ", .value_object = %u /* %s */, .object_map = %u", o->value_object,
			mue_object_rows[o->value_object].name, o->map2);
}

/* One op as a row of ops[]. Layouts are of the op's own phase. */
static void put_op(struct exporter *x, FILE *rows, uint32_t phase, uint32_t op)
{
	static const char *const kinds[MUE_OP_KINDS] = {
		[MUE_OP_UPDATE] = "UPDATE",
		[MUE_OP_DELETE] = "DELETE",
		[MUE_OP_LOOKUP] = "LOOKUP",
		[MUE_OP_REREAD] = "REREAD",
		[MUE_OP_BATCH] = "BATCH",
		[MUE_OP_FREEZE] = "FREEZE",
		[MUE_OP_DIGEST] = "DIGEST",
		[MUE_OP_CONTAINS] = "CONTAINS",
		[MUE_OP_LOOKUP_AND_DELETE] = "LOOKUP_AND_DELETE",
		[MUE_OP_CLOSE] = "CLOSE",
		[MUE_OP_SHUTDOWN] = "SHUTDOWN",
		[MUE_OP_DISCONNECT] = "DISCONNECT",
		[MUE_OP_HANGUP] = "HANGUP",
	};
	const struct mue_phase *p = &x->c->phases[phase];
	const struct mue_op *o = &x->c->ops[op];
	const struct mue_map *m = &x->c->maps[o->map], *looked_up;
	char label[MUE_LABEL_MAX];

	mue_print_op_label(label, sizeof(label), x->c, phase, op);
	fprintf(rows, "\t{.label = ");
	put_string(rows, label);
	fprintf(rows, ",\n\t .kind = %s, .map = %u, .times = %u, .flags = 0x%" PRIx64,
		kinds[o->kind], o->map, o->times, o->flags);
	if (p->prog_type) {
		const struct mue_step_layout *s = &x->l->steps[op - p->first];

		fprintf(rows, ", .io = %u, .out = %u, .out_size = %u", s->io, s->out,
			mue_step_out(x->c, p, op, &looked_up));
		if (mue_origin_is_sock(o->value_from))
			fprintf(rows, ", .number = %" PRIu64 ", .tuple = %u",
				mue_sock_number(&o->value, m->value_size), s->tuple);
	} else if (mue_op_is_sock(o->kind)) {
		fprintf(rows, ", .sock = %u", o->sock);
	} else {
		put_objects(rows, o);
		put_bytes(rows, "key", &o->key, mue_op_has_key(o->kind) ? m->key_size : 0);
		put_bytes(rows, "value", &o->value, mue_op_has_value(o->kind) ? m->value_size : 0);
	}
	fprintf(rows, "},\n");
}

static const char *trigger_of(const struct mue_phase *p)
{
	if (!mue_phase_test_run(p))
		return "EVENT";
	switch (mue_prog_type_row(p->prog_type)->test_run) {
	case MUE_TEST_RUN_SK_LOOKUP:
		return "SK_LOOKUP";
	case MUE_TEST_RUN_RAW_TP:
		return "RAW_TP";
	case MUE_TEST_RUN_SYSCALL:
		return "CONTEXT";
	default:
		return "PACKET";
	}
}

static void put_part_row(FILE *rows, uint32_t phase, uint32_t part, bool callbacks)
{
	fprintf(rows,
		"\n\t\t{.insns = insns_%u_%u, .n_insns = sizeof(insns_%u_%u) / "
		"sizeof(*insns_%u_%u)",
		phase, part, phase, part, phase, part);
	if (callbacks)
		fprintf(rows,
			",\n\t\t .infos = infos_%u_%u, .n_infos = sizeof(infos_%u_%u) / "
			"sizeof(*infos_%u_%u), .btf = {btf_%u_%u, sizeof(btf_%u_%u)}",
			phase, part, phase, part, phase, part, phase, part, phase, part);
	fprintf(rows, "},");
}

/* What a program phase is made of, to the program; its row, to `rows`. */
static int put_program(struct exporter *x, FILE *rows, uint32_t phase)
{
	const struct mue_phase *p = &x->c->phases[phase];
	const struct mue_prog_type_row *row = mue_prog_type_row(p->prog_type);
	bool sleepable = p->sleepable || row->flags & MUE_PROG_F_SLEEPABLE;
	uint32_t callbacks, n_io, n_packet, parts = mue_lower_parts(x->c, phase);
	uint32_t packet = MUE_PACKET_HEADER + x->l->packet_payload;
	int err = put_parts(x, phase, &callbacks);

	if (!err)
		err = put_images(x, phase, &n_io, &n_packet);
	if (err)
		return err;
	fprintf(rows, ", .type = %u, .attach = %u, .flags = %s, .load_only = %u,\n", p->prog_type,
		p->attach_type ? p->attach_type : row->attach, sleepable ? "BPF_F_SLEEPABLE" : "0",
		p->load_only);
	fprintf(rows, "\t .license = \"%s\",\n", p->proprietary ? "Proprietary" : "GPL");
	fprintf(rows, "\t .trigger = %s, .io_size = %u, .io = io_%u, .n_io = %u,\n", trigger_of(p),
		x->l->io_size, phase, n_io);
	fprintf(rows, "\t .packet_size = %u, .packet = packet_%u, .n_packet = %u,\n",
		packet < MUE_PACKET_MIN ? MUE_PACKET_MIN : packet, phase, n_packet);
	mue_export_put_event(rows, p, x->l);
	fprintf(rows, "\t .context_size = %u,\n", mue_context_size(x->c, phase));
	fprintf(rows, "\t .n_parts = %u, .parts = {", parts);
	for (uint32_t part = 0; part < parts; part++)
		put_part_row(rows, phase, part, callbacks >> part & 1);
	fprintf(rows, "\n\t }");
	return 0;
}

static int put_phase(struct exporter *x, FILE *phases, FILE *ops, uint32_t phase)
{
	const struct mue_phase *p = &x->c->phases[phase];
	char label[64];
	int err = 0;

	mue_print_phase_label(label, sizeof(label), x->c, phase);
	fprintf(phases, "\t{.label = \"%s\", .cpu = %u, .first = %u, .count = %u", label, p->cpu,
		p->first, p->count);
	if (p->prog_type) {
		mue_layout_phase(x->l, x->c, phase);
		err = put_program(x, phases, phase);
	}
	fprintf(phases, "},\n");
	for (uint32_t i = 0; i < p->count && !err; i++)
		put_op(x, ops, phase, p->first + i);
	return err;
}

/* The rows of phases[] and ops[] come behind what they point to: they are kept back in memory. */
static int put_phases(struct exporter *x)
{
	char *phases = NULL, *ops = NULL;
	size_t n_phases, n_ops;
	FILE *to_phases = open_memstream(&phases, &n_phases),
	     *to_ops = open_memstream(&ops, &n_ops);
	int err = to_phases && to_ops ? 0 : -ENOMEM;

	for (uint32_t i = 0; i < x->c->n_phases && !err; i++)
		err = put_phase(x, to_phases, to_ops, i);
	if (to_phases)
		fclose(to_phases);
	if (to_ops)
		fclose(to_ops);
	if (!err) {
		fprintf(x->to, "\nstatic const struct op ops[] = {\n%s};\n", ops);
		fprintf(x->to, "\nstatic const struct phase phases[] = {\n%s};\n", phases);
		fprintf(x->to, "static const uint32_t n_maps = %u, n_phases = %u;\n\n",
			x->c->n_maps, x->c->n_phases);
	}
	free(phases);
	free(ops);
	return err;
}

/* The lines that are expected, as string literals. */
static int put_expected(struct exporter *x, const struct mue_observation *expect)
{
	char *text = NULL, *line, *rest;
	size_t n;
	FILE *lines = open_memstream(&text, &n);

	if (!lines)
		return -ENOMEM;
	if (expect)
		mue_observation_print(lines, x->c, expect);
	if (fclose(lines)) {
		free(text);
		return -ENOMEM;
	}
	fprintf(x->to, "static const char *const expected[] = {\n");
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		fputc('\t', x->to);
		put_string(x->to, line);
		fprintf(x->to, ",\n");
	}
	fprintf(x->to, "\tNULL};\n\n");
	free(text);
	return 0;
}

static int put_all(struct exporter *x, const struct mue_observation *expect)
{
	const bool objects = mue_export_has_objects(x->c), events = mue_export_has_events(x->c);
	char why_not[MUE_NOTE_MAX];
	int err;

	if (!mue_case_exports(x->c, why_not, sizeof(why_not)))
		return -ENOTSUP;

	fprintf(x->to, "/*\n");
	put_note(x->to, x->c->name);
	put_note(x->to, x->c->note);
	fprintf(x->to, " */\n%s", mue_export_head);
	err = put_maps(x);
	mue_export_put_socks(x->to, x->c);
	if (objects)
		mue_export_put_objects(x->to);
	if (!err)
		err = put_target(x) ?: put_phases(x);
	if (!err)
		err = put_expected(x, expect);
	if (!err) {
		fprintf(x->to, "%s%s%s%s%s", mue_export_maps,
			x->c->n_socks || objects || events ? mue_export_places : "",
			x->c->n_socks ? mue_export_socks : mue_export_no_socks,
			objects ? mue_export_objects : mue_export_no_objects, mue_export_calls);
		mue_export_put_events(x->to, events);
		fprintf(x->to, "%s%s", mue_export_programs, mue_export_main);
	}
	return err;
}

int mue_case_export_c(FILE *to, const struct mue_case *c, const struct mue_observation *expect)
{
	struct exporter x = {.to = to, .c = c};
	int err = -ENOMEM;

	x.l = malloc(sizeof(*x.l));
	x.p = malloc(sizeof(*x.p));
	if (x.l && x.p)
		err = put_all(&x, expect);
	free(x.p);
	free(x.l);
	return err;
}
