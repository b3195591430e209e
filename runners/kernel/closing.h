/* Closing many descriptors with few calls: those of a setup mostly stand in a row. */
#ifndef MUE_RUNNERS_KERNEL_CLOSING_H
#define MUE_RUNNERS_KERNEL_CLOSING_H

/* Descriptors first..last are to be closed. Begins as {-1, -1}: none. */
struct mue_closing {
	int first, last;
};

/* Closes fd, at the latest by mue_closing_end. A negative one is fine. */
void mue_closing_add(struct mue_closing *c, int fd);
void mue_closing_end(struct mue_closing *c);

#endif
