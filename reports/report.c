#include "reports/report.h"

const struct mue_format *const mue_formats[MUE_FORMATS] = {
#define MUE_FORMAT(name, help) [MUE_FORMAT_##name] = &mue_format_##name,
#include "reports/formats.def"
#undef MUE_FORMAT
};
