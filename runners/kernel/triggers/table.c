#include "runners/kernel/triggers/trigger.h"

#define MUE_VIA(...)
#define MUE_TRIGGER(PROG, ATTACH, VIA, how, ...) extern const struct mue_trigger mue_trigger_##how;
#include "cases/triggers.def"
#undef MUE_TRIGGER

const struct mue_trigger *const mue_triggers[] = {
#define MUE_TRIGGER(PROG, ATTACH, VIA, how, ...) &mue_trigger_##how,
#include "cases/triggers.def"
#undef MUE_TRIGGER
};
