/*
 * Long turns on the CPU. Emulated machines lose their caches and translations whenever another runs
 * in between: five that change every millisecond do half of what they do at a time.
 */
#ifndef MUE_RUNNERS_GUEST_TURNS_H
#define MUE_RUNNERS_GUEST_TURNS_H

/*
 * Has the calling process, and what it execs, keep a CPU for as long as the kernel allows (100 ms
 * from Linux 6.12 on, see sched_attr.sched_runtime in sched_setattr(2)), and wake up without
 * taking the CPU from another. Needs no privilege; where it is refused, nothing changes.
 */
void mue_turns_long(void);

/*
 * Has the calling thread, and those it begins, wake up without taking the CPU from another: whoever looks often
 * for answers would end every long turn.
 */
void mue_turns_polite(void);

#endif
