/*
 * Prepared shapes: the maps and loaded programs of a case, kept for the next case of the same
 * shape. Loading is most of a case's cost.
 */
#ifndef MUE_EMULATOR_SHAPES_H
#define MUE_EMULATOR_SHAPES_H

#include "cases/lower.h"
#include "runners/emulator/maps/storage.h"
#include "runners/emulator/vm.h"

#define EMU_SHAPES 8 /* kept at a time */

/* A program phase, ready to run. Phases of one shape share it. */
struct emu_unit {
	uint32_t phase;		   /* the phase of shape.question that it was made for */
	int load;		   /* 0 or -errno */
	struct mue_layout *layout; /* cut off behind the steps that there are */
	struct emu_prog *parts[MUE_PARTS_MAX];
	struct emu_map *io, *rodata; /* rodata may be NULL */
};

struct emu_shape {
	struct mue_case *question; /* NULL: the slot is empty */
	uint64_t digest;
	struct emu_vm *vm;
	int create[MUE_MAPS_MAX];
	struct emu_map *maps[MUE_MAPS_MAX];
	struct emu_map *socks; /* the sockmap behind MUE_HANDLE_SOCKS, or NULL */
	uint32_t n_units;
	struct emu_unit units[MUE_PHASES_MAX];
	uint8_t unit_of[MUE_PHASES_MAX]; /* [n]: the n-th program phase's */
};

/* All of them, and room for making one. */
struct emu_shapes {
	struct mue_world world;
	struct emu_checker *checker; /* for all slots: what it needs is large */
	struct emu_spares spares;    /* memory of shapes that are gone */
	struct emu_shape slots[EMU_SHAPES];
	struct mue_program program;
	struct mue_layout layout;
	struct emu_socks socks; /* of the case in hand */
	char msg[EMU_MSG_MAX]; /* why the latest program was refused */
};

/* Empty, or NULL when memory is out. */
struct emu_shapes *emu_shapes_open(const struct mue_world *w);
void emu_shapes_close(struct emu_shapes *s); /* NULL is fine */

/*
 * The shape of case `c`: maps empty, programs loaded. NULL when it cannot be made, with
 * the reason in why (MUE_WHY_MAX bytes). It is valid until the next call.
 */
struct emu_shape *emu_shape_of(struct emu_shapes *s, const struct mue_case *c, char *why);

/* Binds what unit `u` calls by the handles of its own: parameter block, read-only data, tail. */
void emu_unit_bind(struct emu_shape *shape, const struct emu_unit *u);

#endif
