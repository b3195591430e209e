/* Load verdicts that have to do with sockets: 0 or -errno, in the order in which the verifier comes to them. */
#ifndef MUE_ORACLE_MODEL_LOAD_SOCK_H
#define MUE_ORACLE_MODEL_LOAD_SOCK_H

#include "cases/case.h"
#include "cases/world.h"

/* V10: getting a value from this origin; 0 for those that are no sockets. */
int model_load_source(const struct mue_world *w, const struct mue_phase *p, unsigned origin);
/* V7, V11: the value and the map of an update of SOCKMAP or SOCKHASH, and the socket's release. */
int model_load_sock_update(const struct mue_world *w, const struct mue_phase *p, unsigned origin);
/* V12: a lookup, and the socket's release; a delete. */
int model_load_sock_lookup(const struct mue_phase *p);
int model_load_sock_delete(const struct mue_world *w, const struct mue_phase *p);

#endif
