#include "cases/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cases/attach.h"
#include "cases/case.h"
#include "cases/socks.h"
#include "cases/world.h"

struct mue_word mue_word_of(const char *s)
{
	return (struct mue_word){s, strlen(s)};
}

bool mue_word_is(struct mue_word w, const char *s)
{
	return w.n == strlen(s) && !memcmp(w.p, s, w.n);
}

struct mue_out mue_out_to(char *to, size_t size)
{
	if (size)
		to[0] = 0;
	return (struct mue_out){to, size, 0};
}

void mue_out_add(struct mue_out *out, const char *format, ...)
{
	va_list args;
	int n;

	if (out->n >= out->size)
		return;
	va_start(args, format);
	n = vsnprintf(out->to + out->n, out->size - out->n, format, args);
	va_end(args);
	out->n += n;
}

static const char *map_type_name(unsigned i)
{
	const struct mue_map_type_row *row = mue_map_type_row(i);

	return row ? row->name : NULL;
}

static const char *prog_type_name(unsigned i)
{
	const struct mue_prog_type_row *row = mue_prog_type_row(i);

	return row ? row->name : NULL;
}

static const char *op_name(unsigned i)
{
	return mue_op_rows[i].name;
}

static const char *origin_name(unsigned i)
{
	return mue_origin_rows[i].name;
}

static const char *object_name(unsigned i)
{
	return mue_object_rows[i].name;
}

static const char *reach_name(unsigned i)
{
	return mue_reach_names[i];
}

static const char *sock_name(unsigned i)
{
	return mue_sock_rows[i].name;
}

static const char *via_name(unsigned i)
{
	return mue_via_names[i];
}

static const char *return_name(unsigned i)
{
	return mue_return_words[i];
}

static const char *special_name(unsigned i)
{
	return mue_special_rows[i].name;
}

static const char *change_name(unsigned i)
{
	return mue_change_rows[i].id;
}

static const char *status_name(unsigned i)
{
	static const char *const names[] = {"answered", "unsupported", "broken", "crashed"};

	return names[i];
}

static const char *update_flag_name(unsigned i)
{
	return mue_update_flag_rows[i].name;
}

static const char *map_flag_name(unsigned i)
{
	return mue_map_flag_rows[i].name;
}

#define COUNT_ROW(...) +1
enum {
#define MUE_UPDATE_FLAG COUNT_ROW
	N_UPDATE_FLAGS =
#include "cases/update_flags.def"
		,
#undef MUE_UPDATE_FLAG
#define MUE_MAP_FLAG COUNT_ROW
	N_MAP_FLAGS =
#include "cases/map_flags.def"
#undef MUE_MAP_FLAG
};

const struct mue_words mue_words_map_type = {"map type", MUE_MAP_TYPES, map_type_name};
const struct mue_words mue_words_prog_type = {"program type", MUE_PROG_TYPES, prog_type_name};
const struct mue_words mue_words_op = {"op", MUE_OP_KINDS, op_name};
const struct mue_words mue_words_origin = {"origin", MUE_ORIGINS, origin_name};
const struct mue_words mue_words_object = {"object", MUE_OBJECTS, object_name};
const struct mue_words mue_words_reach = {"reach", MUE_REACHES, reach_name};
const struct mue_words mue_words_sock = {"socket kind", MUE_SOCKS, sock_name};
const struct mue_words mue_words_via = {"trigger", MUE_VIAS, via_name};
const struct mue_words mue_words_return = {"return value", MUE_RETURNS, return_name};
const struct mue_words mue_words_special = {"special field", MUE_SPECIALS, special_name};
const struct mue_words mue_words_change = {"change", MUE_CHANGES, change_name};
const struct mue_words mue_words_status = {"status", MUE_STATUSES, status_name};
const struct mue_words mue_words_update_flag = {"update flag", N_UPDATE_FLAGS, update_flag_name};
const struct mue_words mue_words_map_flag = {"map flag", N_MAP_FLAGS, map_flag_name};

const char *mue_words_name(const struct mue_words *words, unsigned i)
{
	return i < words->n ? words->name(i) : NULL;
}

int mue_words_find(const struct mue_words *words, struct mue_word w)
{
	for (unsigned i = 0; i < words->n; i++)
		if (words->name(i) && mue_word_is(w, words->name(i)))
			return i;
	return -1;
}

void mue_words_list(struct mue_out *out, const struct mue_words *words)
{
	const char *comma = "";

	for (unsigned i = 0; i < words->n; i++) {
		if (!words->name(i))
			continue;
		mue_out_add(out, "%s%s", comma, words->name(i));
		comma = ", ";
	}
}

/* The value of a digit in a base up to 16, or -1. */
static int digit(char c, unsigned base)
{
	unsigned v = base;

	if (c >= '0' && c <= '9')
		v = c - '0';
	else if (c >= 'a' && c <= 'f')
		v = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		v = c - 'A' + 10;
	return v < base ? (int)v : -1;
}

static bool number(struct mue_word w, unsigned base, uint64_t *n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < w.n; i++) {
		int d = digit(w.p[i], base);

		if (d < 0 || __builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, d, &v))
			return false;
	}
	*n = v;
	return w.n;
}

bool mue_word_number(struct mue_word w, uint64_t *n)
{
	if (w.n > 2 && w.p[0] == '0' && w.p[1] == 'x')
		return number((struct mue_word){w.p + 2, w.n - 2}, 16, n);
	return number(w, 10, n);
}

#define ERRNO_MAX 4095

bool mue_word_ret(struct mue_word w, int64_t *ret)
{
	struct mue_word rest;
	char name[24];
	uint64_t n;

	if (!w.n || w.p[0] != '-') {
		if (!mue_word_number(w, &n))
			return false;
		*ret = (int64_t)n;
		return true;
	}
	rest = (struct mue_word){w.p + 1, w.n - 1};
	if (mue_word_number(rest, &n)) {
		*ret = -(int64_t)n;
		return n <= ERRNO_MAX;
	}
	if (rest.n >= sizeof(name))
		return false;
	memcpy(name, rest.p, rest.n);
	name[rest.n] = 0;
	*ret = -mue_errno_of_name(name);
	return *ret;
}

void mue_out_ret(struct mue_out *out, int64_t ret)
{
	const char *name = ret < 0 && ret >= -ERRNO_MAX ? mue_errno_name(ret) : NULL;

	if (name)
		mue_out_add(out, "-%s", name);
	else if (ret >= -ERRNO_MAX && ret <= ERRNO_MAX)
		mue_out_add(out, "%d", (int)ret);
	else
		mue_out_add(out, "0x%llx", (unsigned long long)ret);
}

static bool one_flag(struct mue_word w, const struct mue_flag_row *rows, uint64_t *flags)
{
	uint64_t n;

	for (; rows->name; rows++)
		if (mue_word_is(w, rows->name)) {
			*flags |= rows->value;
			return true;
		}
	if (!mue_word_number(w, &n))
		return false;
	*flags |= n;
	return true;
}

bool mue_word_flags(struct mue_word w, const struct mue_flag_row *rows, uint64_t *flags)
{
	*flags = 0;
	if (mue_word_is(w, "any"))
		return true;
	for (;;) {
		const char *bar = memchr(w.p, '|', w.n);
		size_t n = bar ? (size_t)(bar - w.p) : w.n;

		if (!one_flag((struct mue_word){w.p, n}, rows, flags))
			return false;
		if (!bar)
			return true;
		w.p += n + 1;
		w.n -= n + 1;
	}
}

void mue_out_flags(struct mue_out *out, const struct mue_flag_row *rows, uint64_t flags)
{
	const char *bar = "";
	uint64_t named = 0;

	for (const struct mue_flag_row *r = rows; r->name; r++)
		named |= r->value;
	if (!flags)
		mue_out_add(out, "any");
	else if (flags & ~named)
		mue_out_add(out, "0x%llx", (unsigned long long)flags);
	else
		for (const struct mue_flag_row *r = rows; r->name; r++)
			if (flags & r->value) {
				mue_out_add(out, "%s%s", bar, r->name);
				bar = "|";
			}
}

/* Takes the hex digits that `w` begins with, in pairs. */
static struct mue_word take_hex(struct mue_word *w)
{
	struct mue_word hex = {w->p, 0};

	while (hex.n + 1 < w->n && digit(w->p[hex.n], 16) >= 0 && digit(w->p[hex.n + 1], 16) >= 0)
		hex.n += 2;
	w->p += hex.n;
	w->n -= hex.n;
	return hex;
}

static uint8_t hex_byte(const char *p)
{
	return digit(p[0], 16) << 4 | digit(p[1], 16);
}

/* FILL*COUNT[~TAIL], what follows the first '~'. */
static bool spelt_fill(struct mue_spelling *s, struct mue_word w)
{
	const char *end;
	size_t n;

	if (w.n < 4 || digit(w.p[0], 16) < 0 || digit(w.p[1], 16) < 0 || w.p[2] != '*')
		return false;
	s->fill = hex_byte(w.p);
	w.p += 3;
	w.n -= 3;
	end = memchr(w.p, '~', w.n);
	n = end ? (size_t)(end - w.p) : w.n;
	if (!number((struct mue_word){w.p, n}, 10, &s->count) || s->count > UINT32_MAX)
		return false;
	if (!end)
		return true;
	w.p += n + 1;
	w.n -= n + 1;
	s->tail = take_hex(&w);
	return s->tail.n && !w.n;
}

bool mue_spelling_of(struct mue_spelling *s, struct mue_word w)
{
	*s = (struct mue_spelling){.head = take_hex(&w)};
	if (w.n) {
		if (w.p[0] != '~' || !spelt_fill(s, (struct mue_word){w.p + 1, w.n - 1}))
			return false;
	}
	s->size = s->head.n / 2 + s->count + s->tail.n / 2;
	return true;
}

static uint8_t spelt_byte(const struct mue_spelling *s, uint64_t i)
{
	if (i < s->head.n / 2)
		return hex_byte(s->head.p + 2 * i);
	i -= s->head.n / 2;
	if (i < s->count)
		return s->fill;
	return hex_byte(s->tail.p + 2 * (i - s->count));
}

void mue_spelling_resolve(const struct mue_spelling *s, uint8_t *to)
{
	size_t head = s->head.n / 2;

	for (size_t i = 0; i < head; i++)
		to[i] = spelt_byte(s, i);
	memset(to + head, s->fill, s->count);
	for (uint64_t i = head + s->count; i < s->size; i++)
		to[i] = spelt_byte(s, i);
}

/* Whether all bytes of [from, to) are `fill`; looks at a run of fill bytes once. */
static bool spelt_only(const struct mue_spelling *s, uint8_t fill, uint64_t from, uint64_t to)
{
	uint64_t run = s->head.n / 2;

	for (uint64_t i = from; i < to; i++) {
		if (spelt_byte(s, i) != fill)
			return false;
		if (i >= run && i < run + s->count)
			i = run + s->count - 1;
	}
	return true;
}

bool mue_spelling_bytes(const struct mue_spelling *s, struct mue_bytes *b)
{
	*b = (struct mue_bytes){0};
	b->n_head = s->size < MUE_HEAD_MAX ? s->size : MUE_HEAD_MAX;
	b->n_tail = s->size - b->n_head < MUE_TAIL_MAX ? s->size - b->n_head : MUE_TAIL_MAX;
	for (unsigned i = 0; i < b->n_head; i++)
		b->head[i] = spelt_byte(s, i);
	for (unsigned i = 0; i < b->n_tail; i++)
		b->tail[i] = spelt_byte(s, s->size - b->n_tail + i);
	if (s->size > MUE_HEAD_MAX + MUE_TAIL_MAX) {
		b->fill = spelt_byte(s, MUE_HEAD_MAX);
		if (!spelt_only(s, b->fill, MUE_HEAD_MAX, s->size - MUE_TAIL_MAX))
			return false;
	}
	mue_bytes_canon(b, s->size);
	return true;
}

static void add_hex(struct mue_out *out, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mue_out_add(out, "%02x", p[i]);
}

void mue_out_bytes(struct mue_out *out, const struct mue_bytes *b, size_t len)
{
	struct mue_bytes canon = *b;

	mue_bytes_canon(&canon, len);
	add_hex(out, canon.head, canon.n_head);
	if (len > MUE_HEAD_MAX + MUE_TAIL_MAX)
		mue_out_add(out, "~%02x*%zu%s", canon.fill, len - canon.n_head - canon.n_tail,
			    canon.n_tail ? "~" : "");
	add_hex(out, canon.tail, canon.n_tail);
}

bool mue_blob_whole(const struct mue_blob *b)
{
	return b->len <= MUE_BLOB_HEAD && b->at != UINT32_MAX;
}

/* Keeps the head bytes of a blob whose length and digest are set. */
static bool keep_head(struct mue_observation *o, struct mue_blob *b, struct mue_word hex)
{
	size_t n = hex.n / 2;

	if (!n) {
		b->at = UINT32_MAX;
		return true;
	}
	if (n != MUE_BLOB_HEAD || b->len <= MUE_BLOB_HEAD || n > MUE_ARENA_MAX - o->arena_used)
		return false;
	b->at = o->arena_used;
	for (size_t i = 0; i < n; i++)
		o->arena[o->arena_used++] = hex_byte(hex.p + 2 * i);
	return true;
}

bool mue_word_blob(struct mue_word w, struct mue_observation *o, struct mue_blob *b)
{
	struct mue_word head = take_hex(&w);
	const char *colon;
	uint64_t len;

	if (w.n < 3 || memcmp(w.p, "...", 3))
		return false;
	w.p += 3;
	w.n -= 3;
	colon = memchr(w.p, ':', w.n);
	if (!colon || !number((struct mue_word){w.p, colon - w.p}, 10, &len) || len > UINT32_MAX)
		return false;
	b->len = len;
	if (w.p + w.n - colon != 17)
		return false;
	return number((struct mue_word){colon + 1, 16}, 16, &b->digest) && keep_head(o, b, head);
}

void mue_out_blob(struct mue_out *out, const struct mue_observation *o, const struct mue_blob *b)
{
	const uint8_t *head = mue_blob_head(o, b);

	if (head)
		add_hex(out, head, b->len < MUE_BLOB_HEAD ? b->len : MUE_BLOB_HEAD);
	if (!mue_blob_whole(b))
		mue_out_add(out, "...%u:%016llx", b->len, (unsigned long long)b->digest);
}
