/* The guest's memory: the kernel frees closed maps and programs late, on some kernels later than new ones are made. */
#ifndef MUE_GUEST_AGENT_MEMORY_H
#define MUE_GUEST_AGENT_MEMORY_H

/* To be called between answers. Where memory runs short, rests for a moment, so that the kernel comes to free some. */
void mue_agent_let_free(void);

#endif
