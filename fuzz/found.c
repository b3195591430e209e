#include "fuzz/found.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/text.h"
#include "fuzz/corpus.h"
#include "fuzz/reduce.h"

const char *mue_found_dir(void)
{
	const char *dir = getenv("MUE_FUZZ_FOUND");

	return dir && *dir ? dir : NULL;
}

/* "update step ret -EEXIST, expected 0" is the file "update-step-ret--EEXIST--expected-0". */
static void name_of(char *to, size_t size, const char *kind)
{
	size_t n = 0;

	for (; *kind && n + 1 < size; kind++)
		to[n++] = isalnum((unsigned char)*kind) || *kind == '_' ? *kind : '-';
	to[n] = 0;
}

int mue_found_keep(const char *dir, const char *kind, struct mue_raw in)
{
	char name[201]; /* a file's name has 255 bytes at most */

	name_of(name, sizeof(name), kind);
	return mue_corpus_keep(dir, name, in);
}

void mue_found_kind(char *to, size_t size, const struct mue_case *c, const struct mue_verdict *v)
{
	if (v->outcome == MUE_DIVERGE)
		mue_divergence_kind(to, size, c, &v->difference);
	else
		snprintf(to, size, "%s %s", mue_outcome_names[v->outcome], v->why);
}

static void say(const struct mue_case *c, const struct mue_verdict *v)
{
	static const struct mue_observation nothing;

	if (v->outcome == MUE_DIVERGE)
		fprintf(stderr, "diverge: %s is %s, and elsewhere %s\n", v->difference.field,
			v->difference.a, v->difference.b);
	else
		fprintf(stderr, "%s: %s\n", mue_outcome_names[v->outcome], v->why);
	mue_text_print(stderr, c, &nothing, NULL);
}

void mue_found(const struct mue_case *c, const struct mue_verdict *v, struct mue_raw in)
{
	char kind[MUE_FOUND_KIND_MAX];
	int err;

	mue_found_kind(kind, sizeof(kind), c, v);
	if (mue_found_dir()) {
		err = mue_found_keep(mue_found_dir(), kind, in);
		if (err >= 0)
			return;
		fprintf(stderr, "%s: %s\n", mue_found_dir(), strerror(-err));
	}
	say(c, v);
	abort();
}
