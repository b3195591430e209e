/* Short histories: what a sequence of calls leaves behind. */
#include "cases/families/story.h"

static const struct mue_crossing crossing = {
	.prefix = "history",
	.axes = {&mue_axis_kinds, &mue_axis_test_run, &mue_axis_history},
	.fits = mue_story_fits,
	.build = mue_story_build,
};

void mue_each_history(struct mue_sink *s)
{
	mue_cross(s, &crossing);
}
