#include "cases/attach.h"

#include <string.h>

#include "cases/lower.h"

static const struct mue_attach_row attach_types[MUE_ATTACH_TYPES] = {
#define MUE_ATTACH_TYPE(ID, number, name, since, PROG, why_not)                                    \
	[number] = {#ID, name, since, MUE_PROG_##PROG, why_not},
#include "cases/attach_types.def"
#undef MUE_ATTACH_TYPE
};

const char *const mue_via_names[MUE_VIAS] = {
#define MUE_VIA(ID, word) word,
#define MUE_TRIGGER(...)
#include "cases/triggers.def"
#undef MUE_VIA
#undef MUE_TRIGGER
};

const char *const mue_return_words[MUE_RETURNS] = {
#define MUE_RETURN(ID, word, number) word,
#include "cases/returns.def"
#undef MUE_RETURN
};

static const int32_t return_numbers[MUE_RETURNS] = {
#define MUE_RETURN(ID, word, number) number,
#include "cases/returns.def"
#undef MUE_RETURN
};

/* The attach type of programs that are loaded without one. */
#define MUE_ATTACH_ANY 0

const struct mue_trigger_row mue_trigger_rows[MUE_TRIGGERS + 1] = {
#define MUE_VIA(...)
#define MUE_TRIGGER(PROG, ATTACH, VIA, how, since, flags)                                          \
	{#how, MUE_PROG_##PROG, MUE_ATTACH_##ATTACH, MUE_VIA_##VIA, since, flags},
#include "cases/triggers.def"
#undef MUE_VIA
#undef MUE_TRIGGER
	{0},
};

const struct mue_attach_row *mue_attach_row(unsigned type)
{
	return type < MUE_ATTACH_TYPES && attach_types[type].id ? &attach_types[type] : NULL;
}

static const struct mue_hook hooks[] = {
#define MUE_HOOK(how, KIND, name) {#how, name, MUE_HOOK_##KIND},
#include "cases/hooks.def"
#undef MUE_HOOK
};

const struct mue_hook *mue_trigger_hook(const struct mue_trigger_row *row)
{
	for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++)
		if (!strcmp(hooks[i].how, row->how))
			return &hooks[i];
	return NULL;
}

uint32_t mue_phase_attach(const struct mue_phase *p)
{
	return p->attach_type ? p->attach_type : mue_prog_type_row(p->prog_type)->attach;
}

const struct mue_trigger_row *mue_phase_trigger(const struct mue_phase *p)
{
	uint32_t attach;

	if (!p->prog_type)
		return NULL;
	attach = mue_phase_attach(p);
	for (const struct mue_trigger_row *row = mue_trigger_rows; row->how; row++)
		if (row->prog_type == p->prog_type && row->via == p->trigger &&
		    row->attach_type == attach)
			return row;
	return NULL;
}

int32_t mue_phase_ret(const struct mue_phase *p)
{
	const struct mue_trigger_row *trigger = mue_phase_trigger(p);

	if (p->returns)
		return return_numbers[p->returns];
	return trigger && trigger->flags & MUE_TRIGGER_F_ONE ? 1
							      : mue_prog_type_row(p->prog_type)->ret;
}

bool mue_phase_test_run(const struct mue_phase *p)
{
	return mue_prog_type_row(p->prog_type)->test_run != MUE_TEST_RUN_NONE && !mue_phase_trigger(p);
}

uint32_t mue_phase_payload(const struct mue_phase *p)
{
	if (mue_phase_trigger(p))
		return MUE_EVENT_PAYLOAD;
	switch (mue_prog_type_row(p->prog_type)->packet) {
	case MUE_PACKET_SKB_L2:
	case MUE_PACKET_XDP:
		return MUE_PACKET_HEADER;
	default:
		return 0;
	}
}
