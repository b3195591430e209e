/* What a finding is called, and so which findings are the same. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cases/attach.h"
#include "cases/observation.h"
#include "cases/words.h"
#include "fuzz/finding.h"
#include "fuzz/reduce.h"

/* Words in the order in which they came, each once. */
struct words {
	char text[1024];
	size_t n;
};

static bool has(const struct words *w, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = w->text; (p = strstr(p, word)); p++)
		if ((p == w->text || p[-1] == '+') && (p[n] == '+' || !p[n]))
			return true;
	return false;
}

/* Adds a word; what stands in no file's name becomes '-'. */
static void add(struct words *w, const char *word)
{
	char clean[128];
	size_t n = 0;

	for (; *word && n < sizeof(clean) - 1; word++) {
		bool plain = isalnum((unsigned char)*word) || *word == '_';

		if (plain || (n && clean[n - 1] != '-'))
			clean[n++] = plain ? *word : '-';
	}
	clean[n] = 0;
	if (!n || has(w, clean) || w->n + n + 2 > sizeof(w->text))
		return;
	w->n += snprintf(w->text + w->n, sizeof(w->text) - w->n, "%s%s", w->n ? "+" : "", clean);
}

static void add_flags(struct words *w, const struct mue_flag_row *rows, uint64_t flags)
{
	char text[128];
	struct mue_out out = mue_out_to(text, sizeof(text));

	if (!flags)
		return;
	mue_out_flags(&out, rows, flags);
	add(w, text);
}

static void add_map(struct words *w, const struct mue_map *m)
{
	const struct mue_map_type_row *row = mue_map_type_row(m->type);

	add(w, row ? row->name : "unknown-type");
	add_flags(w, mue_map_flag_rows, m->flags);
	if (m->special)
		add(w, mue_words_name(&mue_words_special, m->special));
}

static void add_phase(struct words *w, const struct mue_phase *p)
{
	if (!p->prog_type)
		return;
	if (p->prog_type != MUE_PROG_SOCKET_FILTER)
		add(w, mue_prog_type_row(p->prog_type)->name);
	if (p->sleepable)
		add(w, "sleepable");
	if (p->trigger)
		add(w, mue_via_names[p->trigger]);
	if (p->returns) {
		add(w, "returns");
		add(w, mue_return_words[p->returns]);
	}
	if (p->proprietary)
		add(w, "proprietary");
	if (p->cpu)
		add(w, "cpu");
}

static void add_op(struct words *w, const struct mue_op *op)
{
	if (op->key_from)
		add(w, mue_origin_rows[op->key_from].name);
	if (op->value_from)
		add(w, mue_origin_rows[op->value_from].name);
	if (op->reach)
		add(w, mue_reach_names[op->reach]);
	if (op->key_object)
		add(w, mue_object_rows[op->key_object].name);
	if (op->value_object)
		add(w, mue_object_rows[op->value_object].name);
	if (op->flags_const)
		add(w, "const");
	add_flags(w, mue_update_flag_rows, op->flags);
}

void mue_finding_name(char *to, size_t size, const struct mue_case *c,
		      const struct mue_difference *d)
{
	struct words w = {.n = 0};
	char kind[MUE_KIND_MAX];

	for (uint32_t i = 0; i < c->n_maps; i++)
		add_map(&w, &c->maps[i]);
	for (uint32_t i = 0; i < c->n_phases; i++)
		add_phase(&w, &c->phases[i]);
	for (uint32_t i = 0; i < c->n_ops; i++)
		add_op(&w, &c->ops[i]);
	mue_divergence_kind(kind, sizeof(kind), c, d);
	add(&w, kind);
	if (w.n < size && w.n < MUE_NAME_MAX)
		snprintf(to, size, "%s", w.text);
	else /* the rest is in the digest */
		snprintf(to, size, "%.96s-%016llx", w.text,
			 (unsigned long long)mue_digest(w.text, w.n));
}
