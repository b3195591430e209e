#include "cases/families/hooks.h"

#include "cases/attach.h"
#include "cases/families/ask.h"

#define HOOK(prog, attach) ((uint64_t)(prog) << 32 | (attach))

static const struct mue_point points[] = {
#define MUE_PROG_TYPE(ID, number, name, ...) {name, HOOK(number, 0)},
#include "cases/prog_types.def"
#undef MUE_PROG_TYPE
#define MUE_ATTACH_TYPE(ID, number, name, since, PROG, ...) \
	{"at-" name, HOOK(MUE_PROG_##PROG, number)},
#include "cases/attach_types.def"
#undef MUE_ATTACH_TYPE
	{0},
};

const struct mue_axis mue_axis_hooks = {points, NULL};

struct mue_phase *mue_ask_hook(struct mue_case *c, uint64_t point)
{
	struct mue_phase *p = mue_ask_prog(c, point >> 32, 0);

	p->attach_type = (uint32_t)point;
	p->load_only = p->attach_type || !mue_phase_test_run(p);
	return p;
}
