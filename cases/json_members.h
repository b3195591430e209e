/* The members of the JSON objects, one row a member, from which they are written and read. */
#ifndef MUE_CASES_JSON_MEMBERS_H
#define MUE_CASES_JSON_MEMBERS_H

#include "cases/json.h"
#include "cases/words.h"

enum mue_member_kind {
	MUE_JSON_TEXT,	 /* a string; `limit` is the size of the array that takes it */
	MUE_JSON_NUMBER, /* 0 to `limit` */
	MUE_JSON_BOOL,
	MUE_JSON_WORD,	/* a word of `words`, kept as its index */
	MUE_JSON_TYPE,	/* the same, or the number where there is no word */
	MUE_JSON_FLAGS, /* an array of the names in `flags`, and a string of hex for bits without */
	MUE_JSON_RET,	/* an integer, or a string as mue_word_ret takes it */
	MUE_JSON_MAP,	/* the name of a map of the case, kept as its index */
	MUE_JSON_INNER, /* the same, kept as 1 and its index */
	MUE_JSON_SOCK,	/* the number of a socket of the case, kept as its index; for ops on one */
	MUE_JSON_KEY,	/* struct mue_bytes of the size that the op's map says, */
	MUE_JSON_VALUE, /* present where the kind of op has one */
	MUE_JSON_BLOB,	/* struct mue_blob of a struct mue_result, which then has_value */
	MUE_JSON_OTHER, /* read and written by hand */
};

struct mue_member {
	const char *name;
	enum mue_member_kind kind;
	size_t at, width; /* where in the struct it stands */
	bool needed;	  /* must be there; else it is left out when it is `plain` */
	uint64_t plain;
	uint64_t limit;
	const struct mue_words *words;
	const struct mue_flag_row *flags;
};

/* All end with a row without a name. */
extern const struct mue_member mue_json_case[], mue_json_map[], mue_json_edit[], mue_json_phase[],
	mue_json_op[], mue_json_observation[], mue_json_map_result[], mue_json_phase_result[],
	mue_json_result[], mue_json_state[], mue_json_entry[];

/* The number that a struct holds for a member, and the other way round. RETs are sign-extended. */
uint64_t mue_member_load(const struct mue_member *m, const void *base);
void mue_member_store(const struct mue_member *m, void *base, uint64_t n);

#define MUE_JSON_PATH_MAX 64

/* What is being read. The path of the current object is for messages. */
struct mue_json_reader {
	struct mue_case *c;	   /* the case that is read, */
	struct mue_observation *o; /* or the observation of `asked` */
	const struct mue_case *asked;
	char path[MUE_JSON_PATH_MAX];
	char *msg;
	size_t size;
};

/* Fills msg with "PATH.NAME: " and the rest; gives -EINVAL. `name` may come from outside. */
__attribute__((format(printf, 3, 4))) int mue_json_fail(struct mue_json_reader *r, const char *name,
							const char *format, ...);
/* Sets the path: "phases[0].ops[2]". */
__attribute__((format(printf, 2, 3))) void mue_json_enter(struct mue_json_reader *r,
							  const char *format, ...);

/*
 * Reads the members of an object into a struct, but for those that are OTHER. Gives 0, or -EINVAL
 * and a message, also for a member that is unknown or missing.
 */
int mue_json_read_object(struct mue_json_reader *r, const struct mue_member *members,
			 const json_t *j, void *base);
/* Only looks for unknown members. */
int mue_json_check_names(struct mue_json_reader *r, const struct mue_member *members,
			 const json_t *j);
int mue_json_check_array(struct mue_json_reader *r, const char *name, const json_t *j, size_t min,
			 size_t max);

struct mue_word mue_json_word(const json_t *j);
bool mue_json_ret(const json_t *j, int64_t *ret);
/* All bytes in hex: the caller frees *p, which is NULL after a failure. */
int mue_json_hex(struct mue_json_reader *r, const char *name, const json_t *j, uint8_t **p,
		 size_t *n);
/* HEAD...LENGTH:DIGEST, or all bytes. When the arena is full, the blob does without its head. */
int mue_json_read_blob(struct mue_json_reader *r, const char *name, const json_t *j,
		       struct mue_blob *b);

#endif
