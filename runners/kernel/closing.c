#include "runners/kernel/closing.h"

#include <unistd.h>

void mue_closing_end(struct mue_closing *c)
{
	if (c->first >= 0)
		close_range(c->first, c->last, 0); /* since 5.9 */
	c->first = c->last = -1;
}

void mue_closing_add(struct mue_closing *c, int fd)
{
	if (fd < 0)
		return;
	if (c->first >= 0 && fd == c->last + 1) {
		c->last = fd;
	} else if (c->first >= 0 && fd == c->first - 1) {
		c->first = fd;
	} else {
		mue_closing_end(c);
		c->first = c->last = fd;
	}
}
