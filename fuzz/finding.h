/*
 * A finding: a divergence, reduced, as files that other people can use. A folder DIR/NAME holds
 *   NAME.case  the case, with what is expected pinned
 *   NAME.c     the same as a stand-alone program, which exits with 1 on a kernel that answers
 * otherwise README.md  what differs, both answers, the programs, the kernel: fit for a mailing list
 * NAME says what differs and all of the case that is not plain, so that it is the same for what is
 * found twice.
 */
#ifndef MUE_FUZZ_FINDING_H
#define MUE_FUZZ_FINDING_H

#include "cases/case.h"
#include "oracle/judge.h"

struct mue_finding {
	const struct mue_case *c;	     /* reduced */
	const struct mue_verdict *verdict;   /* DIVERGE, over these answers to it: */
	const struct mue_testimony *answers; /* one a target */
	const char *const *identities;	     /* one a target (mue_session.identify), or "" */
	uint32_t n;
	const char *other;   /* whom the witness differs from, when it is no testimony */
	const char *command; /* that asks again: "mue exec NAME.case --on .." */
};

/*
 * The key: the kind of divergence (fuzz/reduce.h), the map types and map flags, update flags,
 * program types, origins and reaches that are left in a reduced case. Sizes, bytes and counts are
 * none of it. Words of letters, digits, '_' and '-', joined by '+'; at most MUE_NAME_MAX - 1 bytes.
 */
void mue_finding_name(char *to, size_t size, const struct mue_case *c,
		      const struct mue_difference *d);

/*
 * Writes the folder, whole or not at all; `path` becomes its name. 0; -EEXIST when it is there
 * already: this has been found before; or -errno.
 */
int mue_finding_write(const struct mue_finding *f, const char *dir, char *path, size_t path_size);

#endif
