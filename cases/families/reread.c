/* What a pointer that a lookup gave shows after updates. */
#include "cases/families/story.h"

static const struct mue_crossing crossing = {
	.prefix = "reread",
	.axes = {&mue_axis_kinds, &mue_axis_four_progs, &mue_axis_reread},
	.fits = mue_story_fits,
	.build = mue_story_build,
};

void mue_each_reread(struct mue_sink *s)
{
	mue_cross(s, &crossing);
}
