/* The parser of the text form: lines, heads and ops. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cases/socks.h"
#include "cases/text_parser.h"

/* The check runs after every line, so that its message comes with the line that is to blame. */
static int check(struct mue_text_parser *p)
{
	char msg[MUE_MSG_MAX];

	if (!mue_case_check(p->c, msg, sizeof(msg)))
		return 0;
	return mue_text_fail(p, "%s", msg);
}

/* Copies the word where a name of at most size - 1 characters goes. */
static int copy_name(struct mue_text_parser *p, char *to, size_t size, const char *what)
{
	if (!p->word.n || p->word.n >= size)
		return mue_text_fail(p, "%s " MUE_QUOTE "; expected 1 to %zu characters", what,
				     MUE_QUOTED(p), size - 1);
	memcpy(to, p->word.p, p->word.n);
	to[p->word.n] = 0;
	return 0;
}

/* A name may hold any mark but space. */
static int name_line(struct mue_text_parser *p)
{
	size_t n = 0;

	if (p->named)
		return mue_text_fail(p, "a second name; expected at most one");
	p->named = true;
	mue_text_skip_space(&p->rest);
	while (n < p->rest.n && !mue_text_space(p->rest.p[n]))
		n++;
	mue_text_take(p, n);
	for (size_t i = 0; i < n; i++)
		if (!isascii(p->word.p[i]) || !isgraph(p->word.p[i]) || p->word.p[0] == '#')
			return mue_text_fail(p, "name; expected printable characters");
	return copy_name(p, p->c->name, sizeof(p->c->name), "name") ?: mue_text_end(p);
}

static int when_change(struct mue_text_parser *p)
{
	bool not = p->word.p[0] == '!';
	uint64_t *to = not ? &p->when->without : &p->when->with;
	int found;

	p->word.p += not ;
	p->word.n -= not ;
	found = mue_words_find(&mue_words_change, p->word);
	if (found < 0)
		return mue_text_unknown(p, &mue_words_change);
	*to |= UINT64_C(1) << found;
	return 0;
}

static int when_line(struct mue_text_parser *p)
{
	int err = 0;

	if (p->conditioned)
		return mue_text_fail(p, "a second when; expected at most one");
	p->conditioned = true;
	while (!err && mue_text_next(p))
		err = mue_word_is(p->word, "cpus") ? mue_text_number32(p, "cpus", &p->when->cpus)
						   : when_change(p);
	return err;
}

/* A name of the vocabulary, or "type" and a number. */
static int map_type(struct mue_text_parser *p, uint32_t *type)
{
	int found;

	mue_text_next(p);
	if (mue_word_is(p->word, "type"))
		return mue_text_number32(p, "type", type);
	found = mue_words_find(&mue_words_map_type, p->word);
	if (found < 0)
		return mue_text_unknown(p, &mue_words_map_type);
	*type = found;
	return 0;
}

enum { MAP_KEY, MAP_VALUE, MAP_MAX, MAP_FLAGS, MAP_NUMA, MAP_SPECIAL, MAP_INNER, MAP_ARROW, MAP_OPTIONS };
#define MAP_NEEDED (1u << MAP_KEY | 1u << MAP_VALUE | 1u << MAP_MAX)

static const char *map_option_name(unsigned i)
{
	static const char *const names[] = {"key",  "value",   "max",	"flags",
					    "numa", "special", "inner", "->"};

	return names[i];
}
static const struct mue_words map_options = {"option", MAP_OPTIONS, map_option_name};

static int map_flags(struct mue_text_parser *p, uint32_t *flags)
{
	uint64_t n;

	mue_text_next(p);
	if (!mue_word_flags(p->word, mue_map_flag_rows, &n) || n > UINT32_MAX)
		return mue_text_unknown(p, &mue_words_map_flag);
	*flags = n;
	return 0;
}

/* The template of a map of maps, which stands above. */
static int inner(struct mue_text_parser *p, struct mue_map *m)
{
	unsigned map = 0;
	int err = mue_text_map(p, &map);

	m->inner = 1 + map;
	return err;
}

static int map_option(struct mue_text_parser *p, unsigned option, struct mue_map *m)
{
	uint32_t *const numbers[MAP_OPTIONS] = {
		[MAP_KEY] = &m->key_size,
		[MAP_VALUE] = &m->value_size,
		[MAP_MAX] = &m->max_entries,
		[MAP_NUMA] = &m->numa_node,
	};

	if (numbers[option])
		return mue_text_number32(p, map_option_name(option), numbers[option]);
	if (option == MAP_FLAGS)
		return map_flags(p, &m->flags);
	if (option == MAP_SPECIAL)
		return mue_text_choose(p, &mue_words_special, &m->special);
	if (option == MAP_INNER)
		return inner(p, m);
	return mue_text_create_result(p, &p->expect->maps[m - p->c->maps]);
}

static int map_line(struct mue_text_parser *p)
{
	struct mue_map *m = mue_case_add_map(p->c, "", 0, 0, 0, 0, 0);
	unsigned seen = 0, option = 0;
	int err;

	if (!m)
		return mue_text_fail(p, "too many maps; expected at most %d", MUE_MAPS_MAX);
	p->expect->maps[p->expect->n_maps++] = (struct mue_map_result){0};
	mue_text_next(p);
	err = copy_name(p, m->name, sizeof(m->name), "map name") ?: map_type(p, &m->type);
	while (!err && mue_text_next(p))
		err = mue_text_option(p, &map_options, &seen, &option) ?: map_option(p, option, m);
	if (!err && (seen & MAP_NEEDED) != MAP_NEEDED)
		return mue_text_fail(p, "map %s is incomplete; expected key, value and max",
				     m->name);
	return err ?: check(p);
}

enum {
	PHASE_CPU,
	PHASE_ATTACH,
	PHASE_VIA,
	PHASE_RETURNS,
	PHASE_PROPRIETARY,
	PHASE_SLEEPABLE,
	PHASE_LOAD_ONLY,
	PHASE_ARROW,
	PHASE_OPTIONS
};

static const char *phase_option_name(unsigned i)
{
	static const char *const names[] = {"cpu",	   "attach",	"via",	     "returns",
					    "proprietary", "sleepable", "load_only", "->"};

	return names[i];
}
static const struct mue_words phase_options = {"option", PHASE_OPTIONS, phase_option_name};

static int phase_option(struct mue_text_parser *p, unsigned option, struct mue_phase *phase)
{
	uint64_t cpu = 0;
	int err;

	switch (option) {
	case PHASE_CPU:
		err = mue_text_number(p, "cpu", UINT16_MAX, &cpu);
		phase->cpu = cpu;
		return err;
	case PHASE_ATTACH:
		return mue_text_number32(p, "attach", &phase->attach_type);
	case PHASE_VIA:
		return mue_text_choose(p, &mue_words_via, &phase->trigger);
	case PHASE_RETURNS:
		return mue_text_choose(p, &mue_words_return, &phase->returns);
	case PHASE_PROPRIETARY:
		phase->proprietary = 1;
		return 0;
	case PHASE_SLEEPABLE:
		phase->sleepable = 1;
		return 0;
	case PHASE_LOAD_ONLY:
		phase->load_only = 1;
		return 0;
	default:
		return mue_text_phase_result(p);
	}
}

static int phase_line(struct mue_text_parser *p, unsigned prog_type)
{
	struct mue_phase *phase = mue_case_add_phase(p->c, prog_type);
	unsigned seen = 0, option = 0;
	int err = 0;

	if (!phase)
		return mue_text_fail(p, "too many phases; expected at most %d", MUE_PHASES_MAX);
	p->expect->phases[p->expect->n_phases++] = (struct mue_phase_result){0};
	p->block = MUE_BLOCK_PHASE;
	while (!err && mue_text_next(p))
		err = mue_text_option(p, &phase_options, &seen, &option)
			      ?: phase_option(p, option, phase);
	return err ?: check(p);
}

/* The next word as bytes of the size that the map says. */
static int bytes(struct mue_text_parser *p, size_t size, struct mue_bytes *b)
{
	struct mue_spelling s;

	mue_text_next(p);
	if (mue_word_is(p->word, MUE_TEXT_NOTHING))
		p->word.n = 0;
	else if (!p->word.n)
		return mue_text_fail(p, "the line ends; expected %zu bytes", size);
	if (!mue_spelling_of(&s, p->word))
		return mue_text_fail(p,
				     MUE_QUOTE " is no bytes; expected hex as 0a00 or 01~00*500~ff",
				     MUE_QUOTED(p));
	if (s.size != size)
		return mue_text_fail(p, "%llu bytes; expected %zu", (unsigned long long)s.size,
				     size);
	if (!mue_spelling_bytes(&s, b))
		return mue_text_fail(p,
				     "bytes too varied; expected at most %d, one fill, at most %d",
				     MUE_HEAD_MAX, MUE_TAIL_MAX);
	return 0;
}

enum { OP_CONST, OP_KEY, OP_VALUE, OP_VIA, OP_TIMES, OP_OF, OP_ARROW, OP_OPTIONS };

static const char *op_option_name(unsigned i)
{
	static const char *const names[] = {"const", "key", "value", "via", "times", "of", "->"};

	return names[i];
}
static const struct mue_words op_options = {"option or flags", OP_OPTIONS, op_option_name};

/* A choice that the case keeps in a byte. */
static int choose8(struct mue_text_parser *p, const struct mue_words *words, uint8_t *to)
{
	unsigned i = 0;
	int err = mue_text_choose(p, words, &i);

	*to = i;
	return err;
}

static int second_map(struct mue_text_parser *p, struct mue_op *op)
{
	unsigned map2 = 0;
	int err = mue_text_map(p, &map2);

	op->map2 = map2;
	return err;
}

static int via(struct mue_text_parser *p, struct mue_op *op)
{
	int err = choose8(p, &mue_words_reach, &op->reach);

	return !err && op->reach == MUE_REACH_SHARED ? second_map(p, op) : err;
}

/* A step's argument points to memory; a call from user space can name an object by it. */
static int source(struct mue_text_parser *p, struct mue_op *op, uint8_t *origin, uint8_t *object)
{
	int err;

	if (p->c->phases[p->c->n_phases - 1].prog_type)
		return choose8(p, &mue_words_origin, origin);
	err = choose8(p, &mue_words_object, object);
	return !err && *object == MUE_OBJECT_MAP ? second_map(p, op) : err;
}

/* The map of a reread, where it is not the latest lookup's. */
static int of(struct mue_text_parser *p, struct mue_op *op)
{
	unsigned map = 0;
	int err;

	if (op->kind != MUE_OP_REREAD)
		return mue_text_fail(p, "'of' goes with reread only");
	err = mue_text_map(p, &map);
	op->map = map;
	return err;
}

static int op_option(struct mue_text_parser *p, unsigned option, struct mue_op *op)
{
	uint64_t times = 0;
	int err;

	switch (option) {
	case OP_CONST:
		op->flags_const = 1;
		return 0;
	case OP_KEY:
		return source(p, op, &op->key_from, &op->key_object);
	case OP_VALUE:
		return source(p, op, &op->value_from, &op->value_object);
	case OP_VIA:
		return via(p, op);
	case OP_TIMES:
		err = mue_text_number(p, "times", MUE_TIMES_MAX, &times);
		op->times = times;
		return err;
	case OP_OF:
		return of(p, op);
	default:
		return mue_text_op_result(p, op);
	}
}

static int operands(struct mue_text_parser *p, struct mue_op *op)
{
	const struct mue_map *m;
	unsigned map = 0;
	int err = 0;

	if (mue_op_is_sock(op->kind))
		return mue_text_sock(p, op);
	if (op->kind == MUE_OP_REREAD)
		map = mue_text_reread_map(p->c, op);
	else
		err = mue_text_map(p, &map);
	if (err)
		return err;
	op->map = map;
	m = &p->c->maps[map];
	if (mue_op_has_key(op->kind))
		err = bytes(p, m->key_size, &op->key);
	if (!err && mue_op_has_value(op->kind))
		err = mue_text_literal(p, "=") ?: bytes(p, m->value_size, &op->value);
	return err;
}

/* Whether the word behind the operands is flags: what is no option is tried as such. */
static bool flags_word(struct mue_text_parser *p, struct mue_op *op)
{
	if (mue_words_find(&op_options, p->word) >= 0)
		return false;
	return mue_word_flags(p->word, mue_update_flag_rows, &op->flags);
}

static int op_line(struct mue_text_parser *p)
{
	struct mue_op *op;
	unsigned kind = 0, seen = 0, option = 0;
	int err = mue_text_choose(p, &mue_words_op, &kind);

	if (err)
		return err;
	op = mue_case_add_op(p->c, kind, 0);
	if (!op)
		return mue_text_fail(p, "too many ops; expected at most %d", MUE_OPS_MAX);
	p->expect->ops[p->expect->n_ops++] = (struct mue_result){0};
	err = operands(p, op);
	if (!err && mue_text_next(p) && flags_word(p, op))
		mue_text_next(p);
	for (; !err && p->word.n; mue_text_next(p))
		err = mue_text_option(p, &op_options, &seen, &option) ?: op_option(p, option, op);
	return err ?: check(p);
}

/* What a line at the margin may begin with: these, "user", and the program types. */
enum { HEAD_NAME, HEAD_WHEN, HEAD_MAP, HEAD_SOCK, HEAD_EDIT, HEAD_STATE, HEAD_USER };

static const char *head_name(unsigned i)
{
	static const char *const names[] = {"name", "when", "map", "sock", "edit", "state", "user"};

	return i <= HEAD_USER ? names[i] : mue_words_prog_type.name(i - HEAD_USER);
}
static const struct mue_words heads = {"line", HEAD_USER + MUE_PROG_TYPES, head_name};

static int head_line(struct mue_text_parser *p)
{
	unsigned head = 0;
	int err = mue_text_choose(p, &heads, &head);

	if (err)
		return err;
	switch (head) {
	case HEAD_NAME:
		return name_line(p);
	case HEAD_WHEN:
		return when_line(p);
	case HEAD_MAP:
		return map_line(p);
	case HEAD_SOCK:
		return mue_text_sock_line(p);
	case HEAD_EDIT:
		return mue_text_edit_line(p);
	case HEAD_STATE:
		return mue_text_state_head(p);
	default:
		return phase_line(p, head - HEAD_USER);
	}
}

/* Ends the block above, if any. */
static int end_block(struct mue_text_parser *p)
{
	int err = p->block == MUE_BLOCK_STATE ? mue_text_state_end(p) : 0;

	p->block = MUE_BLOCK_NONE;
	return err;
}

/* A line that holds more than a comment. */
static int full_line(struct mue_text_parser *p)
{
	if (!mue_text_space(p->rest.p[0]))
		return end_block(p) ?: head_line(p);
	if (p->block == MUE_BLOCK_PHASE)
		return op_line(p);
	if (p->block == MUE_BLOCK_STATE)
		return mue_text_state_line(p);
	return mue_text_fail(p, "nothing to indent below; expected a phase or a state above");
}

/* Adds a comment line to the note, without '#' and the one space behind it. */
static int note_line(struct mue_text_parser *p, struct mue_word line)
{
	char *note = p->c->note;
	size_t used = strlen(note);

	mue_text_skip_space(&line);
	line.p++;
	line.n--;
	if (line.n && line.p[0] == ' ') {
		line.p++;
		line.n--;
	}
	if (line.n >= MUE_NOTE_MAX - used)
		return mue_text_fail(p, "the note is too long; expected at most %d characters",
				     MUE_NOTE_MAX - 1);
	memcpy(note + used, line.p, line.n);
	/* The end of the last line of a note that is as long as can be is dropped. */
	used += line.n;
	note[used] = 0;
	if (used + 1 < MUE_NOTE_MAX)
		strcpy(note + used, "\n");
	return 0;
}

/* The comment lines before anything else, up to the first other line, are the note. */
static int lines(struct mue_text_parser *p, struct mue_word text)
{
	bool noting = true;
	int err = 0;

	while (!err && text.n) {
		p->rest = mue_text_cut_line(&text);
		p->line++;
		err = mue_text_check_characters(p, p->rest);
		if (err)
			return err;
		if (!mue_text_is_comment(p->rest)) {
			noting = noting && mue_text_is_blank(p->rest) && !p->c->note[0];
			err = mue_text_is_blank(p->rest) ? 0 : full_line(p);
		} else if (noting) {
			err = note_line(p, p->rest);
		}
	}
	return err ?: end_block(p) ?: check(p);
}

/* The name of a case that does not tell it: its file's, without ".case", as one word. */
static void default_name(struct mue_case *c, const char *file)
{
	size_t n = strlen(file);

	if (n >= 5 && !strcmp(file + n - 5, ".case"))
		n -= 5;
	if (n >= MUE_NAME_MAX)
		n = MUE_NAME_MAX - 1;
	for (size_t i = 0; i < n; i++) {
		bool plain = isascii(file[i]) && isgraph(file[i]) && file[i] != '#';

		c->name[i] = plain ? file[i] : '_';
	}
	c->name[n] = 0;
}

int mue_text_parse(struct mue_case *c, struct mue_observation *expect, struct mue_condition *when,
		   const char *text, size_t n, const char *file, char *msg, size_t msg_size)
{
	struct mue_text_parser p = {
		.c = c,
		.expect = expect,
		.when = when,
		.file = file,
		.msg = msg,
		.msg_size = msg_size,
	};
	int err;

	mue_case_init(c, "");
	default_name(c, file);
	mue_observation_init(expect, c);
	*when = (struct mue_condition){0};
	err = lines(&p, (struct mue_word){text, n});
	free(p.scratch);
	return err;
}
