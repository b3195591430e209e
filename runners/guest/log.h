/* What in a kernel log is a splat: the rows of splats.def. */
#ifndef MUE_GUEST_LOG_H
#define MUE_GUEST_LOG_H

/* The row's words that `text` contains, or NULL. */
const char *mue_log_splat(const char *text);

#endif
