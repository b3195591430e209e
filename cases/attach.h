/* Attach types, triggers and hooks (attach_types.def, triggers.def, hooks.def) as enums and rows.
 */
#ifndef MUE_CASES_ATTACH_H
#define MUE_CASES_ATTACH_H

#include "cases/case.h"
#include "cases/tables.h"

enum mue_attach_type {
#define MUE_ATTACH_TYPE(ID, number, ...) MUE_ATTACH_##ID = number,
#include "cases/attach_types.def"
#undef MUE_ATTACH_TYPE
	MUE_ATTACH_TYPES
};

struct mue_attach_row {
	const char *id, *name;
	uint32_t since;
	uint32_t prog_type;
	const char *why_not; /* the reason why no trigger uses it, or "" */
};
/* The row of an attach type, or NULL for a number without one. */
const struct mue_attach_row *mue_attach_row(unsigned type);

/* A phase's `trigger`. */
enum mue_via {
#define MUE_VIA(ID, word) MUE_VIA_##ID,
#define MUE_TRIGGER(...)
#include "cases/triggers.def"
#undef MUE_VIA
#undef MUE_TRIGGER
	MUE_VIAS
};
extern const char *const mue_via_names[MUE_VIAS];

/* A phase's `returns`. */
enum mue_return {
#define MUE_RETURN(ID, word, number) MUE_RETURN_##ID,
#include "cases/returns.def"
#undef MUE_RETURN
	MUE_RETURNS
};
extern const char *const mue_return_words[MUE_RETURNS];

#define MUE_TRIGGER_F_OTHERS 1u
#define MUE_TRIGGER_F_MANY 2u
#define MUE_TRIGGER_F_PAYLOAD 4u
#define MUE_TRIGGER_F_ONE 8u
#define MUE_TRIGGER_F_SLEEP 16u

/* Bytes in front of the payload of real packets: headers, and zeros behind them. */
#define MUE_EVENT_PAYLOAD 128

struct mue_trigger_row {
	const char *how;
	uint32_t prog_type, attach_type;
	enum mue_via via;
	uint32_t since;
	uint32_t flags; /* MUE_TRIGGER_F_* */
};
enum {
#define MUE_VIA(...)
#define MUE_TRIGGER(...) +1
	MUE_TRIGGERS = 0
#include "cases/triggers.def"
#undef MUE_VIA
#undef MUE_TRIGGER
};
/* All triggers, ending with one whose `how` is NULL. */
extern const struct mue_trigger_row mue_trigger_rows[MUE_TRIGGERS + 1];

/* What the program of a trigger names when it is loaded (hooks.def). */
enum mue_hook_kind { MUE_HOOK_FUNC, MUE_HOOK_TYPEDEF };
struct mue_hook {
	const char *how, *name;
	enum mue_hook_kind kind;
};
/* NULL: nothing, or what its runner finds. */
const struct mue_hook *mue_trigger_hook(const struct mue_trigger_row *row);

/* The expected attach type that a phase's program is loaded with. */
uint32_t mue_phase_attach(const struct mue_phase *p);
/* The trigger that runs a program phase; NULL: BPF_PROG_TEST_RUN does, or nothing
 * (mue_phase_test_run). */
const struct mue_trigger_row *mue_phase_trigger(const struct mue_phase *p);
/* What a phase's program returns; not of MUE_RETURN_RESULT, which has no number. */
int32_t mue_phase_ret(const struct mue_phase *p);
/* Whether BPF_PROG_TEST_RUN is what runs a program phase, and so shows the return value. */
bool mue_phase_test_run(const struct mue_phase *p);
/* How far behind the beginning of a phase's packet data the payload is; packet types only. */
uint32_t mue_phase_payload(const struct mue_phase *p);

#endif
