/* The parser of the text form: expectations, which stand behind "->" and in state blocks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cases/text_parser.h"

static int ret32(struct mue_text_parser *p, int32_t *to)
{
	int64_t ret = 0;
	int err = mue_text_ret_word(p, &ret);

	*to = ret;
	if (!err && (ret > 0 || ret < -4095))
		return mue_text_fail(p, MUE_QUOTE "; expected 0 or -ENAME", MUE_QUOTED(p));
	return err;
}

int mue_text_create_result(struct mue_text_parser *p, struct mue_map_result *r)
{
	r->known = 1;
	return ret32(p, &r->create) ?: mue_text_end(p);
}

enum { PHASE_RUN, PHASE_INVOKED, PHASE_RETVAL, PHASE_OPTIONS };

static const char *phase_option_name(unsigned i)
{
	static const char *const names[] = {"run", "invoked", "retval"};

	return names[i];
}
static const struct mue_words phase_options = {"result", PHASE_OPTIONS, phase_option_name};

int mue_text_phase_result(struct mue_text_parser *p)
{
	unsigned i = p->c->n_phases - 1, seen = 0, option = 0;
	struct mue_phase_result *r = &p->expect->phases[i];
	int err = ret32(p, &r->load);

	r->known = 1;
	mue_text_phase_defaults(r, &p->c->phases[i]);
	while (!err && mue_text_next(p)) {
		err = mue_text_option(p, &phase_options, &seen, &option);
		if (err)
			return err;
		if (option == PHASE_RUN)
			err = ret32(p, &r->run);
		else
			err = mue_text_number32(p, phase_option_name(option),
						option == PHASE_INVOKED ? &r->invoked : &r->retval);
	}
	return err;
}

/*
 * The bytes of the current word behind those that scratch holds; they are `unit` long, and
 * all of them are no more than MUE_SPELT_MAX.
 */
static int spell(struct mue_text_parser *p, uint32_t unit, uint32_t *n)
{
	struct mue_spelling s;
	uint8_t *more;

	if (!p->word.n)
		return mue_text_fail(p, "the line ends; expected %u bytes", unit);
	if (mue_word_is(p->word, MUE_TEXT_NOTHING))
		p->word.n = 0;
	if (!mue_spelling_of(&s, p->word))
		return mue_text_fail(p,
				     MUE_QUOTE " is no bytes; expected hex as 0a00 or 01~00*500~ff",
				     MUE_QUOTED(p));
	if (s.size != unit)
		return mue_text_fail(p, "%llu bytes; expected %u", (unsigned long long)s.size,
				     unit);
	if (s.size > MUE_SPELT_MAX - *n)
		return mue_text_fail(p, "more than %u bytes; expected HEAD...LENGTH:DIGEST",
				     MUE_SPELT_MAX);
	more = realloc(p->scratch, *n + s.size + 1);
	if (!more)
		return mue_text_fail(p, "out of memory");
	p->scratch = more;
	mue_spelling_resolve(&s, p->scratch + *n);
	*n += s.size;
	return 0;
}

/*
 * Takes what stands from the current word on as observed bytes: one spelling of
 * `unit` bytes, several of them with commas between if `many`, or the digest form.
 * With `b` NULL that form is not taken, and the bytes are left in scratch. Goes to the
 * word behind.
 */
static int value(struct mue_text_parser *p, uint32_t unit, bool many, struct mue_blob *b,
		 uint32_t *n)
{
	int err;

	*n = 0;
	if (b && mue_word_blob(p->word, p->expect, b)) {
		mue_text_next(p);
		return 0;
	}
	for (;;) {
		err = spell(p, unit, n);
		if (err)
			return err;
		mue_text_next(p);
		if (!many || !mue_word_is(p->word, ","))
			break;
		mue_text_next(p);
	}
	if (b && !mue_observe_blob(p->expect, b, p->scratch, *n))
		return mue_text_fail(p, "more pinned bytes than an observation holds");
	return 0;
}

/* The answer of an op that reads: none, found, an error, or a value. Goes to the word behind. */
static int read_result(struct mue_text_parser *p, const struct mue_op *op, struct mue_result *r)
{
	const struct mue_phase *phase = &p->c->phases[p->c->n_phases - 1];
	const struct mue_map *m = &p->c->maps[op->map];
	uint32_t n;
	bool none;

	mue_text_next(p);
	none = phase->prog_type && mue_word_is(p->word, "none");
	r->ret = mue_text_found(phase);
	if (none || mue_word_is(p->word, "found")) {
		r->ret = none ? 0 : r->ret;
		mue_text_next(p);
		return 0;
	}
	if (p->word.n > 1 && p->word.p[0] == '-') {
		if (!mue_word_ret(p->word, &r->ret))
			return mue_text_fail(p, MUE_QUOTE " is no result; expected -ENAME",
					     MUE_QUOTED(p));
		mue_text_next(p);
		return 0;
	}
	r->has_value = 1;
	return value(p, mue_text_value_unit(p->c, phase, op),
		     !phase->prog_type && mue_text_per_cpu(m), &r->value, &n);
}

enum { RESULT_TIMES, RESULT_FAILED, RESULT_OPTIONS };

static const char *result_option_name(unsigned i)
{
	static const char *const names[] = {"times", "failed"};

	return names[i];
}
static const struct mue_words result_options = {"result", RESULT_OPTIONS, result_option_name};

int mue_text_op_result(struct mue_text_parser *p, const struct mue_op *op)
{
	struct mue_result *r = &p->expect->ops[op - p->c->ops];
	unsigned seen = 0, option = 0;
	int err;

	r->known = 1;
	if (mue_text_reads(op->kind)) {
		err = read_result(p, op, r);
	} else {
		err = mue_text_ret_word(p, &r->ret);
		if (!err)
			mue_text_next(p);
	}
	mue_text_result_defaults(r, op);
	for (; !err && p->word.n; mue_text_next(p)) {
		err = mue_text_option(p, &result_options, &seen, &option);
		if (!err)
			err = mue_text_number32(p, result_option_name(option),
						option == RESULT_TIMES ? &r->times : &r->failed);
	}
	return err;
}

/* The count and digest that a state's head may tell, for entries that do not say all. */
static int summary(struct mue_text_parser *p, struct mue_map_result *r)
{
	p->summed = mue_text_next(p);
	if (!p->summed)
		return 0;
	if (!mue_word_is(p->word, "entries"))
		return mue_text_fail(p, MUE_QUOTE "; expected entries N digest D", MUE_QUOTED(p));
	return mue_text_number32(p, "entries", &r->n_entries) ?: mue_text_literal(p, "digest") ?:
	       mue_text_number(p, "digest", UINT64_MAX, &r->digest) ?: mue_text_end(p);
}

int mue_text_state_head(struct mue_text_parser *p)
{
	struct mue_map_result *r;
	unsigned map = 0;
	int err = mue_text_map(p, &map);

	if (err)
		return err;
	r = &p->expect->maps[map];
	if (r->state_known)
		return mue_text_fail(p, "a second state of map %s; expected one",
				     p->c->maps[map].name);
	p->block = MUE_BLOCK_STATE;
	r->state_known = 1;
	/* Elements of arrays that are all zero may be written, but are not kept. */
	mue_state_begin(&p->state, p->expect, map,
			p->c->maps[map].type == MUE_MAP_ARRAY ||
				p->c->maps[map].type == MUE_MAP_PERCPU_ARRAY);
	return summary(p, r);
}

/* An entry that a head with a digest shows: it is kept as it is. */
static int shown_entry(struct mue_text_parser *p, const struct mue_map *m, struct mue_map_result *r)
{
	struct mue_entry *e = &p->expect->entries[p->expect->n_entries];
	uint32_t n;
	int err;

	mue_text_next(p);
	err = value(p, m->key_size, false, &e->key, &n);
	if (!err && !mue_word_is(p->word, "="))
		return mue_text_fail(p, MUE_QUOTE "; expected '='", MUE_QUOTED(p));
	mue_text_next(p);
	err = err ?: value(p, m->value_size, mue_text_per_cpu(m), &e->value, &n);
	p->expect->n_entries++;
	r->shown++;
	return err;
}

/* An entry in full. Its key is moved away before scratch takes the value. */
static int full_entry(struct mue_text_parser *p, const struct mue_map *m)
{
	uint32_t n_key, n_value;
	uint8_t *key;
	int err;

	mue_text_next(p);
	err = value(p, m->key_size, false, NULL, &n_key);
	if (err)
		return err;
	if (!mue_word_is(p->word, "="))
		return mue_text_fail(p, MUE_QUOTE "; expected '='", MUE_QUOTED(p));
	key = malloc(n_key + 1);
	if (!key)
		return mue_text_fail(p, "out of memory");
	memcpy(key, p->scratch, n_key);
	mue_text_next(p);
	err = value(p, m->value_size, mue_text_per_cpu(m), NULL, &n_value);
	if (!err)
		mue_state_entry(&p->state, key, n_key, p->scratch, n_value);
	free(key);
	return err;
}

int mue_text_state_line(struct mue_text_parser *p)
{
	const struct mue_map *m = &p->c->maps[p->state.map];
	int err;

	if (p->expect->n_entries == MUE_ENTRIES_MAX)
		return mue_text_fail(p, "too many entries; expected at most %d", MUE_ENTRIES_MAX);
	err = p->summed ? shown_entry(p, m, &p->expect->maps[p->state.map]) : full_entry(p, m);
	if (!err && p->word.n)
		return mue_text_fail(p, MUE_QUOTE " is too much; expected the end of the line",
				     MUE_QUOTED(p));
	return err;
}

int mue_text_state_end(struct mue_text_parser *p)
{
	struct mue_map_result *r = &p->expect->maps[p->state.map];
	const struct mue_entry *e = p->expect->entries + r->first;

	if (p->summed && r->shown > r->n_entries)
		return mue_text_fail(p, "%u entries shown of %u", r->shown, r->n_entries);
	if (p->summed)
		return 0;
	mue_state_end(&p->state);
	for (uint32_t i = 1; i < r->shown; i++)
		if (mue_blob_same(p->expect, &e[i - 1].key, p->expect, &e[i].key))
			return mue_text_fail(p, "a key of map %s stands twice; expected it once",
					     p->c->maps[p->state.map].name);
	return 0;
}
