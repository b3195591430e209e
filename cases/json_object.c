/* The JSON forms: reading an object by the rows of its members. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/json_members.h"
#include "cases/socks.h"

int mue_json_fail(struct mue_json_reader *r, const char *name, const char *format, ...)
{
	struct mue_out out = mue_out_to(r->msg, r->size);
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	mue_out_add(&out, "%s%s%.40s%s%s", r->path, *r->path && *name ? "." : "", name,
		    *r->path || *name ? ": " : "", text);
	return -EINVAL;
}

void mue_json_enter(struct mue_json_reader *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->path, sizeof(r->path), format, args);
	va_end(args);
}

/* The words of a vocabulary, in what is left of a message. */
static int unknown_word(struct mue_json_reader *r, const char *name, const struct mue_words *words)
{
	char list[224];
	struct mue_out out = mue_out_to(list, sizeof(list));

	mue_words_list(&out, words);
	return mue_json_fail(r, name, "unknown %s; expected %s", words->what, list);
}

struct mue_word mue_json_word(const json_t *j)
{
	return (struct mue_word){json_string_value(j), json_string_length(j)};
}

static int read_text(struct mue_json_reader *r, const struct mue_member *m, const json_t *j,
		     void *base)
{
	if (!json_is_string(j) || json_string_length(j) >= m->limit ||
	    strlen(json_string_value(j)) != json_string_length(j))
		return mue_json_fail(r, m->name, "expected a string of at most %d bytes",
				     (int)m->limit - 1);
	strcpy((char *)base + m->at, json_string_value(j));
	return 0;
}

static int read_number(struct mue_json_reader *r, const struct mue_member *m, const json_t *j,
		       void *base)
{
	json_int_t n = json_integer_value(j);

	if (!json_is_integer(j) || n < 0 || (uint64_t)n > m->limit)
		return mue_json_fail(r, m->name, "expected an integer of 0 to %llu",
				     (unsigned long long)m->limit);
	mue_member_store(m, base, n);
	return 0;
}

static int read_bool(struct mue_json_reader *r, const struct mue_member *m, const json_t *j,
		     void *base)
{
	if (!json_is_boolean(j))
		return mue_json_fail(r, m->name, "expected true or false");
	mue_member_store(m, base, json_is_true(j));
	return 0;
}

static int read_word(struct mue_json_reader *r, const struct mue_member *m, const json_t *j,
		     void *base)
{
	int found = json_is_string(j) ? mue_words_find(m->words, mue_json_word(j)) : -1;
	json_int_t n = json_integer_value(j);

	if (m->kind == MUE_JSON_TYPE && json_is_integer(j) && n >= 0 && n <= UINT32_MAX) {
		mue_member_store(m, base, n);
		return 0;
	}
	if (found < 0)
		return unknown_word(r, m->name, m->words);
	mue_member_store(m, base, found);
	return 0;
}

/* One name, or "0x..": no other spelling, so that the schema can say it. */
static bool one_flag(const json_t *j, const struct mue_flag_row *rows, uint64_t *bits)
{
	struct mue_word w = mue_json_word(j);

	for (; json_is_string(j) && rows->name; rows++)
		if (mue_word_is(w, rows->name)) {
			*bits = rows->value;
			return true;
		}
	return json_is_string(j) && w.n > 2 && w.p[1] == 'x' && mue_word_number(w, bits);
}

static int read_flags(struct mue_json_reader *r, const struct mue_member *m, const json_t *j,
		      void *base)
{
	uint64_t all = 0, one;
	const json_t *element;
	size_t i;

	if (!json_is_array(j))
		return mue_json_fail(r, m->name, "expected an array of names and numbers in hex");
	json_array_foreach(j, i, element)
	{
		if (!one_flag(element, m->flags, &one) || one > m->limit)
			return mue_json_fail(r, m->name,
					     "[%zu] is no flag; expected a name or 0x1 to 0x%llx",
					     i, (unsigned long long)m->limit);
		all |= one;
	}
	mue_member_store(m, base, all);
	return 0;
}

bool mue_json_ret(const json_t *j, int64_t *ret)
{
	if (json_is_string(j))
		return mue_word_ret(mue_json_word(j), ret);
	*ret = json_integer_value(j);
	return json_is_integer(j);
}

static int read_ret(struct mue_json_reader *r, const struct mue_member *m, const json_t *j,
		    void *base)
{
	int64_t ret;

	if (!mue_json_ret(j, &ret))
		return mue_json_fail(r, m->name, "expected an integer, \"-ENAME\" or \"0x...\"");
	if (m->width == 4 && (ret > 0 || ret < -4095))
		return mue_json_fail(r, m->name, "expected 0 or a negative errno");
	mue_member_store(m, base, ret);
	return 0;
}

static int read_map_name(struct mue_json_reader *r, const struct mue_member *m, const json_t *j,
			 void *base)
{
	for (uint32_t i = 0; json_is_string(j) && i < r->c->n_maps; i++)
		if (mue_word_is(mue_json_word(j), r->c->maps[i].name)) {
			mue_member_store(m, base, m->kind == MUE_JSON_INNER ? 1 + i : i);
			return 0;
		}
	return mue_json_fail(r, m->name, "expected the name of a map of the case");
}

static int read_sock(struct mue_json_reader *r, const struct mue_member *m, const json_t *j,
		     void *base)
{
	json_int_t n = json_integer_value(j);

	if (!json_is_integer(j) || n < 1 || n > r->c->n_socks)
		return mue_json_fail(r, m->name, "expected the number of a socket of the case");
	mue_member_store(m, base, n - 1);
	return 0;
}

static int read_bytes(struct mue_json_reader *r, const struct mue_member *m, const json_t *j,
		      void *base)
{
	const struct mue_op *op = base;
	const struct mue_map *map = &r->c->maps[op->map];
	uint32_t size = m->kind == MUE_JSON_KEY ? map->key_size : map->value_size;
	struct mue_spelling s;

	if (!json_is_string(j) || !mue_spelling_of(&s, mue_json_word(j)))
		return mue_json_fail(r, m->name, "expected hex as \"0a00\" or \"01~00*500~ff\"");
	if (s.size != size)
		return mue_json_fail(r, m->name, "%llu bytes; expected %u",
				     (unsigned long long)s.size, size);
	if (!mue_spelling_bytes(&s, (struct mue_bytes *)((char *)base + m->at)))
		return mue_json_fail(r, m->name,
				     "bytes too varied; expected at most %d, one fill, at most %d",
				     MUE_HEAD_MAX, MUE_TAIL_MAX);
	return 0;
}

int mue_json_hex(struct mue_json_reader *r, const char *name, const json_t *j, uint8_t **p,
		 size_t *n)
{
	struct mue_spelling s;

	*p = NULL;
	if (!json_is_string(j) || !mue_spelling_of(&s, mue_json_word(j)) || s.count)
		return mue_json_fail(r, name, "expected bytes in hex");
	if (s.size > MUE_SPELT_MAX)
		return mue_json_fail(r, name, "expected at most %u bytes", MUE_SPELT_MAX);
	*n = s.size;
	*p = malloc(s.size + 1);
	if (!*p)
		return mue_json_fail(r, name, "out of memory");
	mue_spelling_resolve(&s, *p);
	return 0;
}

int mue_json_read_blob(struct mue_json_reader *r, const char *name, const json_t *j,
		       struct mue_blob *b)
{
	uint8_t *p;
	size_t n = 0;
	int err;

	if (json_is_string(j) && mue_word_blob(mue_json_word(j), r->o, b))
		return 0;
	err = mue_json_hex(r, name, j, &p, &n);
	if (!err)
		mue_observe_blob(r->o, b, p, n);
	free(p);
	return err;
}

static int read_member(struct mue_json_reader *r, const struct mue_member *m, const json_t *j,
		       void *base)
{
	switch (m->kind) {
	case MUE_JSON_TEXT:
		return read_text(r, m, j, base);
	case MUE_JSON_NUMBER:
		return read_number(r, m, j, base);
	case MUE_JSON_BOOL:
		return read_bool(r, m, j, base);
	case MUE_JSON_WORD:
	case MUE_JSON_TYPE:
		return read_word(r, m, j, base);
	case MUE_JSON_FLAGS:
		return read_flags(r, m, j, base);
	case MUE_JSON_RET:
		return read_ret(r, m, j, base);
	case MUE_JSON_MAP:
	case MUE_JSON_INNER:
		return read_map_name(r, m, j, base);
	case MUE_JSON_SOCK:
		return read_sock(r, m, j, base);
	case MUE_JSON_KEY:
	case MUE_JSON_VALUE:
		return read_bytes(r, m, j, base);
	case MUE_JSON_BLOB:
		((struct mue_result *)base)->has_value = 1;
		return mue_json_read_blob(r, m->name, j, &((struct mue_result *)base)->value);
	case MUE_JSON_OTHER:
		break;
	}
	return 0;
}

/* Whether a member must be there: as the table says, or as the kind of op does. */
static bool needed(const struct mue_member *m, const void *base)
{
	if (m->kind == MUE_JSON_KEY)
		return mue_op_has_key(((const struct mue_op *)base)->kind);
	if (m->kind == MUE_JSON_VALUE)
		return mue_op_has_value(((const struct mue_op *)base)->kind);
	if (m->kind == MUE_JSON_SOCK)
		return mue_op_is_sock(((const struct mue_op *)base)->kind);
	if (m->kind == MUE_JSON_MAP)
		return m->needed && !mue_op_is_sock(((const struct mue_op *)base)->kind);
	return m->needed;
}

int mue_json_check_names(struct mue_json_reader *r, const struct mue_member *members,
			 const json_t *j)
{
	const char *name;
	json_t *value;

	if (!json_is_object(j))
		return mue_json_fail(r, "", "expected an object");
	json_object_foreach((json_t *)j, name, value)
	{
		const struct mue_member *m = members;

		while (m->name && strcmp(m->name, name))
			m++;
		if (!m->name)
			return mue_json_fail(r, name, "unknown member");
	}
	return 0;
}

int mue_json_read_object(struct mue_json_reader *r, const struct mue_member *members,
			 const json_t *j, void *base)
{
	int err = mue_json_check_names(r, members, j);

	for (const struct mue_member *m = members; !err && m->name; m++) {
		const json_t *value = json_object_get(j, m->name);
		bool by_kind = m->kind == MUE_JSON_KEY || m->kind == MUE_JSON_VALUE ||
			       m->kind == MUE_JSON_SOCK || (m->kind == MUE_JSON_MAP && m->needed);

		if (!value && needed(m, base))
			return mue_json_fail(r, m->name, "missing");
		if (value && by_kind && !needed(m, base))
			return mue_json_fail(r, m->name, "unknown member of an op of this kind");
		if (value)
			err = read_member(r, m, value, base);
		else if (m->plain)
			mue_member_store(m, base, m->plain);
	}
	return err;
}

int mue_json_check_array(struct mue_json_reader *r, const char *name, const json_t *j, size_t min,
			 size_t max)
{
	size_t n = json_array_size(j);

	if (json_is_array(j) && n >= min && n <= max)
		return 0;
	if (min == max)
		return mue_json_fail(r, name, "expected an array of %zu, as the case has", min);
	return mue_json_fail(r, name, "expected an array of at most %zu", max);
}
