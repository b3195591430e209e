/* Programs and user space on two CPUs. */
#include "cases/families/story.h"

static const struct mue_crossing crossing = {
	.prefix = "cpus",
	.axes = {&mue_axis_kinds, &mue_axis_four_progs, &mue_axis_cpus},
	.fits = mue_story_fits,
	.build = mue_story_build,
};

void mue_each_cpus(struct mue_sink *s)
{
	mue_cross(s, &crossing);
}
