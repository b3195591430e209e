/*
 * The checker: whether the kernel's verifier would load a program, and with which errno it
 * refuses (semantics V*).
 */
#ifndef MUE_EMULATOR_CHECKER_H
#define MUE_EMULATOR_CHECKER_H

#include "runners/emulator/machine.h"

struct emu_checker;

/*
 * 0 and notes for the decoder (load->n of them, valid until the next check, or NULL), or -errno and
 * one line in msg. With load->unchecked it only asks that the program can be decoded.
 */
int emu_check(const uint8_t **notes, struct emu_vm *vm, const struct emu_load *load, char *msg);
void emu_checker_free(struct emu_checker *k); /* NULL is fine */

#endif
