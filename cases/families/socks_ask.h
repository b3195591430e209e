/* The words in which the family socks asks; all ops are about the case's first map. */
#ifndef MUE_CASES_FAMILIES_SOCKS_ASK_H
#define MUE_CASES_FAMILIES_SOCKS_ASK_H

#include "cases/families/cross.h"
#include "cases/socks.h"

/* SOCKMAP and SOCKHASH. */
extern const struct mue_axis mue_axis_sock_maps;

/* The first map, with keys of 4 bytes. */
void mue_ask_sock_map(struct mue_case *c, uint64_t type, uint32_t value_size, uint32_t max_entries);
/* An update with the socket of that number; by a program, with where it gets it from. */
struct mue_op *mue_ask_sock_update(struct mue_case *c, uint32_t key, uint32_t number,
				   uint64_t flags);
struct mue_op *mue_ask_sock_step(struct mue_case *c, uint32_t key, uint32_t number, uint64_t flags,
				 unsigned origin);

/* socks_load.c: the part of the family that is load verdicts. */
void mue_each_socks_load(struct mue_sink *s);

#endif
