/* What the checker knows of the stack, slot by slot. Only check*.c include this. */
#ifndef MUE_EMULATOR_CHECK_STACK_H
#define MUE_EMULATOR_CHECK_STACK_H

#include "runners/emulator/check.h"

/* *d = `size` bytes at p + off. */
int check_stack_load(struct emu_checker *k, struct check_reg *d, const struct check_reg *p,
		     int64_t off, unsigned size, bool sign);
int check_stack_store(struct emu_checker *k, const struct check_reg *p, int64_t off, unsigned size,
		      const struct check_reg *value);
/* Reads and writes. */
int check_stack_atomic(struct emu_checker *k, const struct check_reg *p, int64_t off,
		       unsigned size);
/* A helper reads. */
int check_stack_read(struct emu_checker *k, const struct check_reg *p, uint32_t size);

#endif
